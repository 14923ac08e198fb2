// ALTER TABLE ADD, DROP, ALTER and VALIDATE CONSTRAINT. The rows that are there: constraint-rows.ts.

import type { ATAlterConstraint, AlterTableCmd, Constraint } from '@pgsql/types';
import { refuseKeysOnForeign } from './foreign-tables.ts';
import {
  type ConstraintDescriptor,
  databaseError,
  type IndexDescriptor,
  notSupported,
  quoteIdentifier,
  type TableDescriptor,
  typeOutput,
} from '#common';
import { bodyOf } from '#planner';
import type { AlterWork } from './alter-table.ts';
import {
  requireNoNulls,
  checkRows,
  checkReferences,
  qualified,
  verifyExclusion,
} from './constraint-rows.ts';
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
