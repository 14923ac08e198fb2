// ALTER TABLE ADD, DROP, ALTER and VALIDATE CONSTRAINT, with the checks of the rows that are there.

import type { ATAlterConstraint, AlterTableCmd, Constraint } from '@pgsql/types';
import { refuseKeysOnForeign } from './foreign-tables.ts';
import {
  columnValue,
  type ConstraintDescriptor,
  databaseError,
  type IndexDescriptor,
  notSupported,
  quoteIdentifier,
  type TableDescriptor,
  typeOutput,
} from '#common';
import { bodyOf } from '#planner';
import { tableAccess } from '#storage';
import { again } from '../contract.ts';
import { ExclusionKeys } from '../write/exclusion-keys.ts';
import type { AlterWork } from './alter-table.ts';
import type { UtilityStep } from './contract.ts';
import { dropTargets } from './drop-targets.ts';
import { constraintDoesNotExist } from './errors.ts';
import { addExclusionConstraint } from './exclusion-constraints.ts';
import { addForeignKey } from './foreign-keys.ts';
import { hasPlainKeys } from './index-definition.ts';
import { firstRow } from './inner-query.ts';
import {
  addCheckConstraint,
  addKeyConstraint,
  multiplePrimaryKeys,
  withKeyConstraint,
} from './key-constraints.ts';
import type { DdlStatement } from './statement.ts';
import {
  type CheckConstraintElement,
  type ConstraintElement,
  type KeyConstraintElement,
  readConstraint,
} from './table-elements.ts';
import { fillIndex, rewriteTable } from './table-rewrite.ts';
import { withNewTrees } from './table-trees.ts';

export function* addConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const elements: ConstraintElement[] = [];
  readConstraint(ddl, bodyOf(command.def, 'Constraint') as Constraint, elements);
  if (table.foreign !== undefined) refuseKeysOnForeign(elements);
  for (const element of elements) yield* addConstraintElement(ddl, table.oid, element);
}

export function* addConstraintElement(
  ddl: DdlStatement,
  tableOid: number,
  element: ConstraintElement,
): AlterWork {
  switch (element.type) {
    case 'primary':
    case 'unique':
      yield* element.indexName === undefined
        ? addKey(ddl, ddl.table(tableOid), element)
        : adoptIndex(ddl, ddl.table(tableOid), element, element.indexName);
      return;
    case 'check':
      yield* addCheck(ddl, ddl.table(tableOid), element);
      return;
    case 'exclude': {
      const table = addExclusionConstraint(ddl, ddl.table(tableOid), element);
      ddl.put(table);
      yield* verifyExclusion(ddl, table, table.constraints.at(-1)!);
      return;
    }
    case 'foreign': {
      const constraint = addForeignKey(ddl, tableOid, element);
      if (element.validated) yield* checkReferences(ddl, ddl.table(tableOid), constraint);
    }
  }
}

function* addKey(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: KeyConstraintElement,
): AlterWork {
  const added = addKeyConstraint(ddl, table, element);
  if (element.deferrable) {
    yield* requireDistinct(ddl, table, added.index);
    if (element.type === 'primary') {
      for (const name of element.columns) yield* requireNoNulls(ddl, table, name);
    }
    ddl.put(added.table);
    yield* fillIndex(ddl, added.table, added.index);
    return;
  }
  if (element.type === 'unique') {
    ddl.put(added.table);
    yield* fillIndex(ddl, added.table, added.index);
    return;
  }
  for (const name of element.columns) yield* requireNoNulls(ddl, table, name);
  yield* rekey(ddl, table, added.table);
}

/** 23505 when two rows that are there have the same key: the index itself would not say. */
function* requireDistinct(
  ddl: DdlStatement,
  table: TableDescriptor,
  index: IndexDescriptor,
): AlterWork {
  const columns = index.columns.map(({ attributeNumber }) => table.columns[attributeNumber - 1]);
  const names = columns.map(({ name }) => quoteIdentifier(name));
  const present = index.nullsNotDistinct
    ? 'true'
    : names.map((name) => `${name} IS NOT NULL`).join(' AND ');
  const row = yield* firstRow(
    ddl,
    `SELECT ${names.join(', ')} FROM ONLY ${qualified(ddl, table)} WHERE ${present} ` +
      `GROUP BY ${names.join(', ')} HAVING count(*) > 1 LIMIT 1`,
  );
  if (row === undefined) return;
  const values = row.map((value, at) =>
    value === null ? 'null' : typeOutput(columns[at].type.oid)(value, ddl.context.functions),
  );
  throw databaseError('uniqueViolation', `could not create unique index "${index.name}"`, {
    detail: `Key (${columns.map(({ name }) => name).join(', ')})=(${values.join(', ')}) is duplicated.`,
    schema: ddl.schemaByOid(table.schemaOid).name,
    table: table.name,
    constraint: index.name,
  });
}

/** A primary key orders the rows: they are copied into new trees in its order. */
function* rekey(ddl: DdlStatement, from: TableDescriptor, to: TableDescriptor): AlterWork {
  const target = withNewTrees(ddl, to);
  yield* rewriteTable(ddl, { from, to: target });
  ddl.put(target);
}

/** ADD PRIMARY KEY or UNIQUE USING INDEX. */
function* adoptIndex(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: KeyConstraintElement,
  indexName: string,
): AlterWork {
  const index = table.indexes.find((candidate) => candidate.name === indexName);
  if (index === undefined)
    throw databaseError('undefinedObject', `index "${indexName}" does not exist`);
  checkAdoptable(table, index, element);
  const name = element.name ?? indexName;
  if (name !== indexName) {
    ddl.notice(
      `ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index "${indexName}" to "${name}"`,
    );
    ddl.requireFreeName({ schema: ddl.schemaByOid(table.schemaOid), name });
  }
  const without = { ...table, indexes: table.indexes.filter((candidate) => candidate !== index) };
  if (element.type === 'unique') {
    ddl.put(withKeyConstraint(ddl, without, element, { ...index, name }));
    return;
  }
  const columns = index.columns.map(
    ({ attributeNumber }) => table.columns[attributeNumber - 1].name,
  );
  for (const column of columns) yield* requireNoNulls(ddl, table, column);
  const clustered = hasPlainKeys(table, index.columns);
  const key: IndexDescriptor = { ...index, name, primary: true, clustered };
  yield* rekey(ddl, table, withKeyConstraint(ddl, without, element, key));
}

function checkAdoptable(
  table: TableDescriptor,
  index: IndexDescriptor,
  element: KeyConstraintElement,
): void {
  const wrong = (message: string): Error =>
    databaseError('wrongObjectType', message, {
      detail: 'Cannot create a primary key or unique constraint using such an index.',
    });
  if (
    table.constraints.some(
      (constraint) => 'indexOid' in constraint && constraint.indexOid === index.oid,
    )
  ) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      `index "${index.name}" is already associated with a constraint`,
    );
  }
  if (!index.unique) throw wrong(`"${index.name}" is not a unique index`);
  if (index.predicate !== undefined) throw wrong(`"${index.name}" is a partial index`);
  if (index.columns.some((column) => column.attributeNumber === 0)) {
    throw wrong(`index "${index.name}" contains expressions`);
  }
  if (index.columns.some((column) => column.descending || column.nullsFirst)) {
    throw wrong(`index "${index.name}" column number 1 does not have default sorting behavior`);
  }
  if (
    element.type === 'primary' &&
    table.constraints.some((constraint) => constraint.type === 'primary')
  ) {
    throw multiplePrimaryKeys(table.name);
  }
}

function* addCheck(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: CheckConstraintElement,
): AlterWork {
  const added = addCheckConstraint(ddl, table, element);
  ddl.put(added.table);
  if (element.validated) yield* checkRows(ddl, added.table, added.constraint);
}

function qualified(ddl: DdlStatement, table: TableDescriptor): string {
  return `${quoteIdentifier(ddl.schemaByOid(table.schemaOid).name)}.${quoteIdentifier(table.name)}`;
}

/** 23502 when a row has a null in the column. */
export function* requireNoNulls(
  ddl: DdlStatement,
  table: TableDescriptor,
  column: string,
): AlterWork {
  const name = quoteIdentifier(column);
  const found = yield* firstRow(
    ddl,
    `SELECT 1 FROM ${ownRows(ddl, table)} WHERE ${name} IS NULL LIMIT 1`,
  );
  if (found === undefined) return;
  throw databaseError(
    'notNullViolation',
    `column "${column}" of relation "${table.name}" contains null values`,
    {
      schema: ddl.schemaByOid(table.schemaOid).name,
      table: table.name,
      column,
    },
  );
}

/** 23514 when a row fails a check. */
export function* checkRows(
  ddl: DdlStatement,
  table: TableDescriptor,
  constraint: ConstraintDescriptor,
): AlterWork {
  if (constraint.type !== 'check') return;
  const found = yield* firstRow(
    ddl,
    `SELECT 1 FROM ${ownRows(ddl, table)} WHERE NOT (${constraint.expression.sql}) LIMIT 1`,
  );
  if (found === undefined) return;
  throw databaseError(
    'checkViolation',
    `check constraint "${constraint.name}" of relation "${table.name}" is violated by some row`,
    {
      schema: ddl.schemaByOid(table.schemaOid).name,
      table: table.name,
      constraint: constraint.name,
    },
  );
}

/** 23503 when a row points at nothing. */
export function* checkReferences(
  ddl: DdlStatement,
  table: TableDescriptor,
  constraint: Extract<ConstraintDescriptor, { readonly type: 'foreign' }>,
): AlterWork {
  const referenced = ddl.table(constraint.referencedTable);
  const columns = constraint.columns.map((attribute) => table.columns[attribute - 1]);
  const { own, theirs, match } = joinOf(table, referenced, constraint);
  const present = own.map((column) => `${column} IS NOT NULL`);
  const subject = constraint.match === 'full' ? `(${present.join(' OR ')})` : present.join(' AND ');
  const sql =
    `SELECT ${own.join(', ')} FROM ${ownRows(ddl, table)} f LEFT JOIN ${ownRows(ddl, referenced)} k ` +
    `ON ${match} WHERE ${theirs[0]} IS NULL AND ${subject} LIMIT 1`;
  const row = yield* firstRow(ddl, sql);
  if (row === undefined) return;
  const fields = {
    schema: ddl.schemaByOid(table.schemaOid).name,
    table: table.name,
    constraint: constraint.name,
  };
  const message = `insert or update on table "${table.name}" violates foreign key constraint "${constraint.name}"`;
  if (row.includes(null)) {
    throw databaseError('foreignKeyViolation', message, {
      ...fields,
      detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
    });
  }
  const values = row.map((value, position) =>
    typeOutput(columns[position].type.oid)(value, ddl.context.functions),
  );
  throw databaseError('foreignKeyViolation', message, {
    ...fields,
    detail: `Key (${columns.map(({ name }) => name).join(', ')})=(${values.join(', ')}) is not present in table "${referenced.name}".`,
  });
}

/** Tables that inherit have constraints of their own, and are asked by themselves; partitions share theirs. */
/** Columns of the table as f and of the referenced one as k, and what joins them. */
function joinOf(
  table: TableDescriptor,
  referenced: TableDescriptor,
  constraint: Extract<ConstraintDescriptor, { readonly type: 'foreign' }>,
): { readonly own: string[]; readonly theirs: string[]; readonly match: string } {
  const columns = constraint.columns.map((attribute) => table.columns[attribute - 1]);
  const keys = constraint.referencedColumns.map((attribute) => referenced.columns[attribute - 1]);
  const own = columns.map(({ name }) => `f.${quoteIdentifier(name)}`);
  const theirs = keys.map(({ name }) => `k.${quoteIdentifier(name)}`);
  // Keys are told apart by their bytes, whatever the collations of both sides.
  const byBytes = (position: number): string =>
    keys[position].type.collation === columns[position].type.collation
      ? ''
      : ' COLLATE pg_catalog."C"';
  const match = own
    .map((column, position) => `${column} = ${theirs[position]}${byBytes(position)}`)
    .join(' AND ');
  return { own, theirs, match };
}

/** A key that points at a row of this partition of the referenced table, as (a)=(1). */
export function* referencingRow(
  ddl: DdlStatement,
  constraint: Extract<ConstraintDescriptor, { readonly type: 'foreign' }>,
  partition: TableDescriptor,
): Generator<Exclude<UtilityStep, undefined>, string | undefined> {
  const table = ddl.table(constraint.tableOid);
  const referenced = ddl.table(constraint.referencedTable);
  const { own, match } = joinOf(table, referenced, constraint);
  const row = yield* firstRow(
    ddl,
    `SELECT ${own.join(', ')} FROM ${ownRows(ddl, table)} f JOIN ${ownRows(ddl, partition)} k ON ${match} LIMIT 1`,
  );
  if (row === undefined) return undefined;
  const columns = constraint.columns.map((attribute) => table.columns[attribute - 1]);
  const keys = constraint.referencedColumns.map((attribute) => referenced.columns[attribute - 1]);
  const values = row.map((value, position) =>
    value === null ? 'null' : typeOutput(columns[position].type.oid)(value, ddl.context.functions),
  );
  return `(${keys.map(({ name }) => name).join(', ')})=(${values.join(', ')})`;
}

function ownRows(ddl: DdlStatement, table: TableDescriptor): string {
  const name = qualified(ddl, table);
  return table.partitioning === undefined ? `ONLY ${name}` : name;
}

function constraintNamed(table: TableDescriptor, name: string): ConstraintDescriptor | undefined {
  return table.constraints.find((constraint) => constraint.name === name);
}

export function* dropConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const name = command.name ?? '';
  const constraint = constraintNamed(table, name);
  if (constraint === undefined) {
    if (command.missing_ok !== true) throw constraintDoesNotExist(name, table.name);
    ddl.notice(`constraint "${name}" of relation "${table.name}" does not exist, skipping`);
    return;
  }
  const cascade = command.behavior === 'DROP_CASCADE';
  if (constraint.type !== 'primary') {
    dropTargets(ddl, [{ kind: 'constraint', tableOid: table.oid, oid: constraint.oid }], {
      cascade,
    });
    return;
  }
  yield* dropPrimaryKey(ddl, table, constraint, cascade);
}

/** Rows that lose their key get hidden ones: they are copied into new trees. */
function* dropPrimaryKey(
  ddl: DdlStatement,
  table: TableDescriptor,
  constraint: ConstraintDescriptor,
  cascade: boolean,
): AlterWork {
  dropTargets(ddl, [{ kind: 'constraint', tableOid: table.oid, oid: constraint.oid }], { cascade });
  const from = { ...table, referencedBy: ddl.table(table.oid).referencedBy };
  yield* rekey(ddl, from, { ...ddl.table(table.oid), keyColumns: [] });
}

export function* validateConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const name = command.name ?? '';
  const constraint = constraintNamed(table, name);
  if (constraint === undefined) throw constraintDoesNotExist(name, table.name);
  if (constraint.type !== 'check' && constraint.type !== 'foreign') {
    throw databaseError(
      'wrongObjectType',
      `constraint "${name}" of relation "${table.name}" is not a foreign key or check constraint`,
    );
  }
  if (constraint.validated) return;
  if (constraint.type === 'check') yield* checkRows(ddl, table, constraint);
  else yield* checkReferences(ddl, table, constraint);
  replaceConstraint(ddl, table.oid, { ...constraint, validated: true });
}

export function replaceConstraint(
  ddl: DdlStatement,
  tableOid: number,
  changed: ConstraintDescriptor,
): void {
  const table = ddl.table(tableOid);
  ddl.put({
    ...table,
    constraints: table.constraints.map((constraint) =>
      constraint.oid === changed.oid ? changed : constraint,
    ),
  });
}

/** ALTER CONSTRAINT … DEFERRABLE. */
export function alterConstraint(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const change = bodyOf(command.def, 'ATAlterConstraint') as ATAlterConstraint;
  const name = change.conname ?? '';
  const constraint = constraintNamed(table, name);
  if (constraint === undefined) throw constraintDoesNotExist(name, table.name);
  if (constraint.type !== 'foreign') {
    throw databaseError(
      'wrongObjectType',
      `constraint "${name}" of relation "${table.name}" is not a foreign key constraint`,
    );
  }
  if (change.alterEnforceability === true) throw notSupported('a constraint that is not enforced');
  replaceConstraint(ddl, table.oid, {
    ...constraint,
    deferrable: change.deferrable ?? false,
    initiallyDeferred: change.initdeferred ?? false,
  });
}

/** 23P01 when two rows that are there exclude each other. */
function* verifyExclusion(
  ddl: DdlStatement,
  table: TableDescriptor,
  constraint: ConstraintDescriptor,
): AlterWork {
  const { transaction, interrupt } = ddl.context;
  const access = tableAccess(table);
  const runtime = {
    context: ddl.executionContext,
    functions: ddl.context.functions,
    statementEndChecks: [] as (() => void)[],
  };
  const keys = ExclusionKeys.of(table, access, runtime, constraint.oid);
  const scan = access.openScan(transaction, {
    access: { kind: 'full' },
    sources: [
      { kind: 'rowKey' },
      ...table.columns.map(({ attributeNumber }) => ({
        kind: 'attribute' as const,
        attributeNumber,
      })),
    ],
    view: { kind: 'latest' },
  });
  try {
    for (;;) {
      const batch = scan.nextBatch(256);
      if (batch === undefined) return;
      for (let row = 0; row < batch.length; row++) {
        const [key, ...values] = batch.columns.map((column) => columnValue(column, row));
        keys?.verify(values, key as string, 'could not create');
      }
      interrupt.check();
      yield again;
    }
  } finally {
    scan.close();
  }
}
