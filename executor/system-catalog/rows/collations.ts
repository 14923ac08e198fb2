// pg_collation: the built-in collations, and those that users have made.

import { builtinCollations, type CollationDescriptor } from '#common';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';

const providers = { default: 'd', libc: 'c', icu: 'i' } as const;

/** Of the library that compares, which is part of the process. */
const icuVersion = process.versions['icu'] ?? null;

function collationRow(collation: CollationDescriptor): CatalogRow {
  return {
    oid: collation.oid,
    collname: collation.name,
    collnamespace: collation.schemaOid,
    collowner: collation.owner,
    collprovider: providers[collation.provider],
    collisdeterministic: collation.deterministic,
    collencoding: collation.encoding,
    collcollate: collation.collate ?? null,
    collctype: collation.characterType ?? null,
    colliculocale: collation.icuLocale ?? null,
    collversion: collation.provider === 'icu' ? icuVersion : null,
  };
}

let builtin: readonly CatalogRow[] | undefined;

function* collationRows({ catalog }: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const oid = lookups.get('oid');
  if (typeof oid === 'number') {
    const collation = catalog.collationByOid(oid);
    if (collation !== undefined) yield collationRow(collation);
    return;
  }
  builtin ??= builtinCollations.map(collationRow);
  yield* builtin;
  for (const collation of catalog.userCollations()) yield collationRow(collation);
}

export const collationSources: RowSources = { pg_collation: collationRows };
