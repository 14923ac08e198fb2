// Whether the rows that are there keep to a constraint that is added or validated. What fails is raised as a write of
// the row would raise it.

import {
  columnValue,
  type ConstraintDescriptor,
  databaseError,
  quoteIdentifier,
  type TableDescriptor,
  typeOutput,
} from '#common';
import { tableAccess } from '#storage';
import { again } from '../contract.ts';
import { ExclusionKeys } from '../write/exclusion-keys.ts';
import type { AlterWork } from './alter-table.ts';
import type { UtilityStep } from './contract.ts';
import { firstRow } from './inner-query.ts';
import type { DdlStatement } from './statement.ts';

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

/** 23P01 when two rows that are there exclude each other. */
export function* verifyExclusion(
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

/** Tables that inherit have constraints of their own, and are asked by themselves; partitions share theirs. */
function ownRows(ddl: DdlStatement, table: TableDescriptor): string {
  const name = qualified(ddl, table);
  return table.partitioning === undefined ? `ONLY ${name}` : name;
}

/** The table's name as SQL takes it, whatever the search path is. */
export function qualified(ddl: DdlStatement, table: TableDescriptor): string {
  return `${quoteIdentifier(ddl.schemaByOid(table.schemaOid).name)}.${quoteIdentifier(table.name)}`;
}
