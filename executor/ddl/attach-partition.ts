// ATTACH and DETACH PARTITION, INHERIT and NO INHERIT, and the rows that a default partition may have no
// more once another takes them.

import type { AlterTableCmd, RangeVar } from '@pgsql/types';
import {
  columnValue,
  type ConstraintDescriptor,
  databaseError,
  type PartitionBound,
  type TableDescriptor,
} from '#common';
import { bodyOf } from '#planner';
import { TableLock, tableAccess } from '#storage';
import { again } from '../contract.ts';
import { InheritedAccess } from '../write/inherited-access.ts';
import { partitionRouter, type PartitionRouter } from '../write/partition-routing.ts';
import type { AlterWork } from './alter-table.ts';
import { wrongRelationKind } from './errors.ts';
import { adoptParentParts, linkIndex } from './inheritance.ts';
import { keysOverParents } from './incoming-keys.ts';
import { requireUnreferenced } from './partition-foreign-keys.ts';
import { familyOf, linkChild, unlinkChild } from './table-family.ts';
import { liveColumn } from './index-definition.ts';
import { readBound, requireFreeBound } from './partitions.ts';
import type { DdlStatement } from './statement.ts';
import { plainEnvironment } from './row-expression.ts';

const rowsPerStep = 1024;

export function* attachPartition(
  ddl: DdlStatement,
  parent: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  if (parent.partitioning === undefined) {
    throw databaseError('wrongObjectType', `table "${parent.name}" is not partitioned`);
  }
  const { name: range, bound: spec } = bodyOf(command.def, 'PartitionCmd')!;
  const child = requireTable(ddl, range!);
  requireAttachable(ddl, parent, child);
  const bound = readBound(ddl, parent, spec!, child.name);
  requireFreeBound(ddl, parent, bound, child.name, spec);
  ddl.put(asChild(parent, child, { partitionBound: bound }));
  yield* checkDefaultPartition(ddl, parent.oid, bound);
  linkChild(ddl, parent.oid, child.oid);
  for (const table of familyOf(ddl, child.oid)) {
    if (table.partitioning === undefined) yield* checkRowsBelong(ddl, parent.oid, child, table);
  }
  yield* adoptParentParts(ddl, parent.oid, child.oid, false);
}

function requireTable(ddl: DdlStatement, range: RangeVar): TableDescriptor {
  const found = ddl.requireRelation(range, TableLock.accessExclusive);
  if (found.kind !== 'table') throw wrongRelationKind(found.name, 'a table');
  ddl.requireOwner('table', found);
  return found;
}

/** 42809, 42P16, 42804. */
function requireAttachable(
  ddl: DdlStatement,
  parent: TableDescriptor,
  child: TableDescriptor,
): void {
  if (child.partitionBound !== undefined) {
    throw databaseError('wrongObjectType', `"${child.name}" is already a partition`);
  }
  if ((child.parents ?? []).length > 0) {
    throw databaseError('wrongObjectType', 'cannot attach inheritance child as partition');
  }
  if ((child.children ?? []).length > 0 && child.partitioning === undefined) {
    throw databaseError('wrongObjectType', 'cannot attach inheritance parent as partition');
  }
  if (familyOf(ddl, child.oid).some(({ oid }) => oid === parent.oid)) {
    throw databaseError('duplicateTable', 'circular inheritance not allowed', {
      detail: `"${parent.name}" is already a child of "${child.name}".`,
    });
  }
  if ((parent.persistence === 'temporary') !== (child.persistence === 'temporary')) {
    throw databaseError(
      'wrongObjectType',
      parent.persistence === 'temporary'
        ? `cannot attach a permanent relation as partition of temporary relation "${parent.name}"`
        : `cannot attach a temporary relation as partition of permanent relation "${parent.name}"`,
    );
  }
  for (const column of child.columns) {
    if (column.dropped || liveColumn(parent, column.name) !== undefined) continue;
    throw databaseError(
      'datatypeMismatch',
      `table "${child.name}" contains column "${column.name}" not found in parent "${parent.name}"`,
      { detail: 'The new partition may contain only the columns present in parent.' },
    );
  }
  requireMatching(parent, child);
}

/** The child has the parent's columns and checks. 42804. */
function requireMatching(parent: TableDescriptor, child: TableDescriptor): void {
  for (const column of parent.columns) {
    if (column.dropped) continue;
    const own = liveColumn(child, column.name);
    if (own === undefined) {
      throw databaseError('datatypeMismatch', `child table is missing column "${column.name}"`);
    }
    if (own.type.oid !== column.type.oid || own.type.typmod !== column.type.typmod) {
      throw databaseError(
        'datatypeMismatch',
        `child table "${child.name}" has different type for column "${column.name}"`,
      );
    }
    if (column.notNull && !own.notNull) {
      throw databaseError(
        'datatypeMismatch',
        `column "${column.name}" in child table must be marked NOT NULL`,
      );
    }
    if ((column.generated === undefined) !== (own.generated === undefined)) {
      throw databaseError(
        'datatypeMismatch',
        column.generated === undefined
          ? `column "${column.name}" in child table must not be a generated column`
          : `column "${column.name}" in child table must be a generated column`,
      );
    }
  }
  for (const constraint of parent.constraints) {
    if (constraint.type !== 'check' || constraint.noInherit) continue;
    const own = child.constraints.find(({ name }) => name === constraint.name);
    if (own === undefined) {
      throw databaseError(
        'datatypeMismatch',
        `child table is missing constraint "${constraint.name}"`,
      );
    }
    if (own.type !== 'check' || own.expression.sql !== constraint.expression.sql) {
      throw databaseError(
        'datatypeMismatch',
        `child table "${child.name}" has different definition for check constraint "${constraint.name}"`,
      );
    }
  }
}

/** The table as the child of another: what it shares is inherited. */
function asChild(
  parent: TableDescriptor,
  child: TableDescriptor,
  changes: Partial<TableDescriptor>,
  by: 1 | -1 = 1,
): TableDescriptor {
  const isPartition = child.partitionBound !== undefined || changes.partitionBound !== undefined;
  const counted = <Part extends { readonly isLocal?: boolean; readonly inheritCount?: number }>(
    part: Part,
  ): Part => {
    const inheritCount = Math.max((part.inheritCount ?? 0) + by, 0);
    const { isLocal: _local, inheritCount: _count, ...rest } = part;
    if (inheritCount === 0) return rest as Part;
    return { ...rest, inheritCount, ...(isPartition ? { isLocal: false } : {}) } as Part;
  };
  const shared = (constraint: ConstraintDescriptor): boolean =>
    constraint.type === 'check' &&
    parent.constraints.some((each) => each.type === 'check' && each.name === constraint.name);
  const parents =
    by === 1
      ? [...(child.parents ?? []), parent.oid]
      : (child.parents ?? []).filter((oid) => oid !== parent.oid);
  const { parents: _parents, ...rest } = child;
  return {
    ...rest,
    ...(parents.length === 0 ? {} : { parents }),
    columns: child.columns.map((column) =>
      !column.dropped && liveColumn(parent, column.name) !== undefined ? counted(column) : column,
    ),
    constraints: child.constraints.map((each) => (shared(each) ? counted(each) : each)),
    ...changes,
  };
}

/** 23514 when the default partition holds a row that the new partition would take. */
export function* checkDefaultPartition(
  ddl: DdlStatement,
  parentOid: number,
  bound: PartitionBound,
): AlterWork {
  const parent = ddl.table(parentOid);
  const fallback = (parent.children ?? [])
    .map((oid) => ddl.table(oid))
    .find(({ partitionBound }) => partitionBound?.kind === 'default');
  if (fallback === undefined || bound.kind === 'default') return;
  const probe: TableDescriptor = { ...fallback, oid: 0, partitionBound: bound };
  const catalog = {
    tableByOid: (oid: number) => (oid === 0 ? probe : ddl.catalog.tableByOid(oid)),
  };
  const router = partitionRouter(
    { ...parent, children: [0] },
    {
      catalog: Object.assign(Object.create(ddl.catalog) as typeof ddl.catalog, catalog),
      functions: ddl.context.functions,
    },
    plainEnvironment(ddl.context.functions),
  );
  for (const table of familyOf(ddl, fallback.oid)) {
    if (table.partitioning !== undefined) continue;
    yield* eachRow(ddl, parent, table, router, (oid) => {
      if (oid !== 0) return;
      throw databaseError(
        'checkViolation',
        `updated partition constraint for default partition "${fallback.name}" would be violated by some row`,
        { table: fallback.name, schema: ddl.schemaByOid(fallback.schemaOid).name },
      );
    });
  }
}

function* checkRowsBelong(
  ddl: DdlStatement,
  parentOid: number,
  partition: TableDescriptor,
  table: TableDescriptor,
): AlterWork {
  const parent = ddl.table(parentOid);
  const router = partitionRouter(
    parent,
    { catalog: ddl.catalog, functions: ddl.context.functions },
    plainEnvironment(ddl.context.functions),
  );
  yield* eachRow(ddl, parent, table, router, (oid) => {
    if (oid === partition.oid) return;
    throw databaseError(
      'checkViolation',
      `partition constraint of relation "${table.name}" is violated by some row`,
      { table: table.name, schema: ddl.schemaByOid(table.schemaOid).name },
    );
  });
}

function* eachRow(
  ddl: DdlStatement,
  parent: TableDescriptor,
  table: TableDescriptor,
  router: PartitionRouter,
  found: (oid: number | undefined) => void,
): AlterWork {
  const { transaction, interrupt } = ddl.context;
  const member = new InheritedAccess(parent, () => ddl.catalog).member(table.oid);
  const access = tableAccess(table);
  const attributes = table.columns.map(({ attributeNumber }) => attributeNumber);
  const scan = access.openScan(transaction, {
    access: { kind: 'full' },
    sources: attributes.map((attributeNumber) => ({ kind: 'attribute', attributeNumber })),
    view: { kind: 'latest' },
  });
  try {
    for (;;) {
      const batch = scan.nextBatch(rowsPerStep);
      if (batch === undefined) return;
      for (let row = 0; row < batch.length; row++) {
        const values = batch.columns.map((column) => columnValue(column, row));
        found(router.find(member.fromMember(values)));
      }
      interrupt.check();
      yield again;
    }
  } finally {
    scan.close();
  }
}

export function* detachPartition(
  ddl: DdlStatement,
  parent: TableDescriptor,
  command: AlterTableCmd,
): AlterWork {
  const partition = bodyOf(command.def, 'PartitionCmd')!;
  if (partition.concurrent === true && ddl.context.inTransactionBlock) {
    throw databaseError(
      'activeSqlTransaction',
      'ALTER TABLE ... DETACH CONCURRENTLY cannot run inside a transaction block',
    );
  }
  const child = requireTable(ddl, partition.name!);
  if (child.partitionBound === undefined || child.parents?.[0] !== parent.oid) {
    throw databaseError(
      'undefinedTable',
      `relation "${child.name}" is not a partition of relation "${parent.name}"`,
    );
  }
  const keys = keysOverParents(ddl, child);
  unlinkChild(ddl, parent.oid, child.oid);
  yield* requireUnreferenced(ddl, child, keys);
  for (const index of child.indexes) {
    if (index.parentOid !== undefined) linkIndex(ddl, child.oid, index.oid, undefined);
  }
  const { partitionBound: _bound, ...detached } = asChild(parent, ddl.table(child.oid), {}, -1);
  ddl.put({
    ...detached,
    constraints: detached.constraints.map((constraint) => {
      if (constraint.type !== 'foreign' || constraint.parentOid === undefined) return constraint;
      const { parentOid: _parent, isLocal: _local, inheritCount: _count, ...rest } = constraint;
      return rest;
    }),
  });
}

/** ALTER TABLE child INHERIT parent. */
export function inherit(ddl: DdlStatement, child: TableDescriptor, command: AlterTableCmd): void {
  const parent = requireTable(ddl, bodyOf(command.def, 'RangeVar')!);
  if (child.partitionBound !== undefined) {
    throw databaseError('wrongObjectType', 'cannot change inheritance of a partition');
  }
  if (child.partitioning !== undefined) {
    throw databaseError('wrongObjectType', 'cannot change inheritance of partitioned table');
  }
  if (parent.partitioning !== undefined) {
    throw databaseError(
      'wrongObjectType',
      `cannot inherit from partitioned table "${parent.name}"`,
    );
  }
  if ((child.parents ?? []).includes(parent.oid)) {
    throw databaseError(
      'duplicateTable',
      `relation "${parent.name}" would be inherited from more than once`,
    );
  }
  if (familyOf(ddl, child.oid).some(({ oid }) => oid === parent.oid)) {
    throw databaseError('duplicateTable', 'circular inheritance not allowed', {
      detail: `"${parent.name}" is already a child of "${child.name}".`,
    });
  }
  requireMatching(parent, child);
  ddl.put(asChild(parent, child, {}));
  linkChild(ddl, parent.oid, child.oid);
}

/** ALTER TABLE child NO INHERIT parent. */
export function noInherit(ddl: DdlStatement, child: TableDescriptor, command: AlterTableCmd): void {
  const parent = requireTable(ddl, bodyOf(command.def, 'RangeVar')!);
  if (child.partitionBound !== undefined) {
    throw databaseError('wrongObjectType', 'cannot change inheritance of a partition');
  }
  if (!(child.parents ?? []).includes(parent.oid)) {
    throw databaseError(
      'undefinedTable',
      `relation "${parent.name}" is not a parent of relation "${child.name}"`,
    );
  }
  unlinkChild(ddl, parent.oid, child.oid);
  ddl.put(asChild(parent, ddl.table(child.oid), {}, -1));
}
