// Indexes: CREATE INDEX, and the indexes behind PRIMARY KEY and UNIQUE constraints.

import type { IndexStmt, Node } from '@pgsql/types';
import {
  databaseError,
  type IndexDescriptor,
  notSupported,
  type StoredExpression,
  type TableDescriptor,
} from '#common';
import { bodyOf, definitionElements, elementBoolean, elementText, generatedName } from '#planner';
import { TableLock } from '#storage';
import type { UtilityWork } from './contract.ts';
import { notInTransactionBlock, relationExists, wrongRelationKind } from './errors.ts';
import { includedColumn, indexColumn } from './index-elements.ts';
import { adoptIndex } from './inheritance.ts';
import { requirePartitionKey } from './key-constraints.ts';
import { indexDescriptor } from './index-definition.ts';
import { bindStored } from './stored-expression.ts';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import type { DdlStatement } from './statement.ts';
import { fillIndex } from './table-rewrite.ts';
import { requireImmutable } from './volatility.ts';

/** Index columns past this many are refused, as in PostgreSQL. */
const indexColumnsMax = 32;

export function* createIndex(ddl: DdlStatement, statement: IndexStmt): UtilityWork {
  if (statement.concurrent === true && ddl.context.inTransactionBlock) {
    throw notInTransactionBlock('CREATE INDEX CONCURRENTLY');
  }
  const found = ddl.requireRelation(statement.relation!, TableLock.share);
  if (found.kind !== 'table') {
    throw wrongRelationKind(found.name, 'a table', {
      detail: 'This operation is not supported for this relation.',
    });
  }
  ddl.requireOwner('table', found);
  const method = methodOf(statement.accessMethod);
  const schema = ddl.schemaByOid(found.schemaOid);
  const columns = (statement.indexParams ?? []).map((node) =>
    indexColumn(ddl, found, bodyOf(node, 'IndexElem')!),
  );
  const included = (statement.indexIncludingParams ?? []).map((node) =>
    includedColumn(found, bodyOf(node, 'IndexElem')!),
  );
  if (columns.length + included.length > indexColumnsMax) {
    throw databaseError(
      'tooManyColumns',
      `cannot use more than ${indexColumnsMax} columns in an index`,
    );
  }
  const options = indexOptions(statement);
  let name = statement.idxname;
  if (name === undefined) {
    const parts = indexColumnNames(found, columns, included).join('_');
    name = ddl.freeName(schema, (label) => generatedName(found.name, parts, label), 'idx');
  } else if (!ddl.claimName({ schema, name })) {
    if (statement.if_not_exists !== true) throw relationExists(name);
    ddl.notice(`relation "${name}" already exists, skipping`, '42P07');
    return 'CREATE INDEX';
  }
  const predicate =
    statement.whereClause === undefined
      ? undefined
      : indexPredicate(ddl, statement.whereClause, found);
  const index: IndexDescriptor = {
    ...indexDescriptor(ddl, found, {
      name,
      unique: statement.unique ?? false,
      nullsNotDistinct: statement.nulls_not_distinct ?? false,
      primary: false,
      columns,
      included,
      ...(predicate === undefined ? {} : { predicate }),
    }),
    method,
    ...(Object.keys(options).length === 0 ? {} : { options }),
  };
  const recurses = statement.relation?.inh === true;
  if (found.partitioning !== undefined && statement.concurrent === true) {
    throw databaseError(
      'featureNotSupported',
      `cannot create index on partitioned table "${found.name}" concurrently`,
    );
  }
  if (index.unique) {
    requirePartitionKey(
      found,
      columns.map(({ attributeNumber }) => attributeNumber),
      'UNIQUE',
    );
  }
  const isWhole =
    found.partitioning === undefined || recurses || (found.children ?? []).length === 0;
  const made = { ...index, valid: isWhole };
  const table = { ...ddl.table(found.oid), indexes: [...found.indexes, made] };
  ddl.put(table);
  if (found.partitioning === undefined) yield* fillIndex(ddl, table, made);
  else if (recurses) {
    for (const child of found.children ?? []) {
      ddl.lockTable(child, TableLock.share);
      yield* adoptIndex(ddl, made, child);
    }
  }
  return 'CREATE INDEX';
}

function indexPredicate(ddl: DdlStatement, node: Node, table: TableDescriptor): StoredExpression {
  const { stored, expression } = bindStored(ddl, node, { place: 'indexPredicate', table });
  requireImmutable(expression, 'indexPredicate');
  return stored;
}

/** hash and brin indexes are kept as btree ones and answer at least what they would. */
function methodOf(method: string | undefined): string {
  if (method === undefined || method === 'btree') return 'btree';
  if (method === 'hash' || method === 'brin') return method;
  if (['gin', 'gist', 'spgist'].includes(method)) {
    throw notSupported(`access method "${method}"`, {
      detail: 'Indexes keep rows in the order of their values: btree, hash and brin do with that.',
    });
  }
  throw databaseError('undefinedObject', `access method "${method}" does not exist`);
}

function indexOptions(statement: IndexStmt): Record<string, string> {
  const options: Record<string, string> = {};
  for (const element of definitionElements(statement.options)) {
    const name = element.defname ?? '';
    if (name === 'deduplicate_items') elementBoolean(element);
    else if (name !== 'fillfactor') {
      throw databaseError('invalidParameterValue', `unrecognized parameter "${name}"`);
    }
    options[name] = elementText(element) ?? 'true';
  }
  return options;
}
