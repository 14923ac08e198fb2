// Indexes: CREATE INDEX, and the indexes behind PRIMARY KEY and UNIQUE constraints.

import type { IndexStmt, Node } from '@pgsql/types';
import { databaseError, type StoredExpression, type TableDescriptor } from '#common';
import { bodyOf, definitionElements, generatedName } from '#planner';
import { TableLock } from '#storage';
import type { UtilityWork } from './contract.ts';
import { notSupportedFor } from './alter-targets.ts';
import { notInTransactionBlock, relationExists } from './errors.ts';
import { notOnForeign, refuseForeignPartitions } from './foreign-tables.ts';
import { checkKeyCollation, includedColumn, indexColumn } from './index-elements.ts';
import { adoptIndex } from './inheritance.ts';
import { requirePartitionKey } from './key-constraints.ts';
import { indexMethod, keepsEntries, requireAbilities } from './operator-classes.ts';
import { indexDescriptor } from './index-definition.ts';
import { bindStored } from './stored-expression.ts';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import type { DdlStatement } from './statement.ts';
import { tablespacePart } from './relation-tablespace.ts';
import { parametersOfIndex, readStorageParameters } from './storage-parameters.ts';
import { fillIndex } from './table-rewrite.ts';
import { requireImmutable } from '../expression/volatility.ts';

/** Index columns past this many are refused, as in PostgreSQL. */
const indexColumnsMax = 32;

export function* createIndex(ddl: DdlStatement, statement: IndexStmt): UtilityWork {
  if (statement.concurrent === true && ddl.context.inTransactionBlock) {
    throw notInTransactionBlock('CREATE INDEX CONCURRENTLY');
  }
  const found = ddl.requireRelation(statement.relation!, TableLock.share);
  if (found.kind !== 'table') {
    throw databaseError('wrongObjectType', `cannot create index on relation "${found.name}"`, {
      detail: notSupportedFor(found),
    });
  }
  ddl.requireOwner('table', found);
  if (found.foreign !== undefined) throw notOnForeign(found, 'create index on');
  if (statement.unique === true) refuseForeignPartitions(ddl, found);
  const method = indexMethod(ddl, statement.accessMethod);
  requireAbilities(method, {
    unique: statement.unique ?? false,
    columnCount: statement.indexParams?.length ?? 0,
    includedCount: statement.indexIncludingParams?.length ?? 0,
  });
  const schema = ddl.schemaByOid(found.schemaOid);
  const keys = (statement.indexParams ?? []).map((node) =>
    indexColumn(ddl, found, method, bodyOf(node, 'IndexElem')!),
  );
  for (const { column, type } of keys) checkKeyCollation(ddl, column, type);
  const columns = keys.map(({ column }) => column);
  const included = (statement.indexIncludingParams ?? []).map((node) =>
    includedColumn(found, bodyOf(node, 'IndexElem')!),
  );
  if (columns.length + included.length > indexColumnsMax) {
    throw databaseError(
      'tooManyColumns',
      `cannot use more than ${indexColumnsMax} columns in an index`,
    );
  }
  const options = readStorageParameters(
    definitionElements(statement.options),
    parametersOfIndex(method),
  );
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
  const isStored = keepsEntries(
    method,
    keys.map(({ type }) => type),
  );
  const index = indexDescriptor(ddl, found, {
    name,
    unique: statement.unique ?? false,
    nullsNotDistinct: statement.nulls_not_distinct ?? false,
    primary: false,
    columns,
    included,
    method,
    unstored: !isStored,
    ...tablespacePart(ddl, statement.tableSpace, {
      isTemporary: found.persistence === 'temporary',
      isPartitioned: found.partitioning !== undefined,
    }),
    ...(predicate === undefined ? {} : { predicate }),
    ...(Object.keys(options).length === 0 ? {} : { options }),
  });
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
  if (found.partitioning === undefined) {
    if (isStored) yield* fillIndex(ddl, table, made);
  } else if (recurses) {
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
