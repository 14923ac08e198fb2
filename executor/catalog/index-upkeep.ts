// Functions that have PostgreSQL bring an index up to date. BRIN indexes are declarations and GIN indexes
// have no pending list, so there is never anything to do; the arguments are checked all the same.

import { databaseError, type Datum } from '#common';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunctions } from './catalog-functions.ts';

const blockMax = 4294967295;

function requireIndex(
  { catalog }: CatalogQuestion,
  oid: Datum | undefined,
  method: 'brin' | 'gin',
): void {
  const relation = catalog.relationByOid(Number(oid));
  if (relation === undefined) {
    throw databaseError('undefinedTable', `could not open relation with OID ${Number(oid)}`);
  }
  if (relation.kind !== 'index') {
    throw databaseError('wrongObjectType', `"${relation.name}" is not an index`);
  }
  if (relation.method !== method) {
    const kind = method.toUpperCase();
    throw databaseError('wrongObjectType', `"${relation.name}" is not a ${kind} index`);
  }
}

function requireBlock(block: Datum | undefined): void {
  const number = Number(block);
  if (number >= 0 && number <= blockMax) return;
  throw databaseError('numericValueOutOfRange', `block number out of range: ${number}`);
}

export const indexUpkeepFunctions: CatalogFunctions = {
  brin_summarize_new_values(question, [oid]) {
    requireIndex(question, oid, 'brin');
    return 0;
  },
  brin_summarize_range(question, [oid, block]) {
    requireBlock(block);
    requireIndex(question, oid, 'brin');
    return 0;
  },
  brin_desummarize_range(question, [oid, block]) {
    requireBlock(block);
    requireIndex(question, oid, 'brin');
    return '';
  },
  gin_clean_pending_list(question, [oid]) {
    requireIndex(question, oid, 'gin');
    return 0;
  },
};
