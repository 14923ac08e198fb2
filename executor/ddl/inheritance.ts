// Tables that inherit: what a new table takes from its parents (columns, checks, and from a partitioned
// parent its indexes and foreign keys), and the links between the descriptors.

import {
  type ColumnDescriptor,
  databaseError,
  type IndexDescriptor,
  type SqlType,
  type TableDescriptor,
} from '#common';
import { generatedName } from '#planner';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import { addConstraintElement } from './alter-constraints.ts';
import type { AlterWork } from './alter-table.ts';
import type { UtilityStep } from './contract.ts';
import { adoptForeignKey } from './partition-foreign-keys.ts';
import { indexDescriptor, liveColumn } from './index-definition.ts';
import type { DdlStatement } from './statement.ts';
import type { ColumnElement, ConstraintElement, TableElements } from './table-elements.ts';
import { fillIndex } from './table-rewrite.ts';

/** What a new table takes its columns from: a parent, or the type of a typed table. */
export type TableShape = Pick<TableDescriptor, 'columns' | 'constraints'>;

/** The parents' columns and checks, then the table's own; columns of one name are merged. 42804. */
export function mergedElements(
  ddl: DdlStatement,
  parents: readonly TableShape[],
  own: TableElements,
  isPartition: boolean,
): TableElements {
  const columns: ColumnElement[] = [];
  for (const parent of parents) {
    for (const column of parent.columns) {
      if (column.dropped) continue;
      const at = columns.findIndex((each) => each.name === column.name);
      if (at < 0) columns.push(inheritedColumn(column));
      else {
        ddl.notice(`merging multiple inherited definitions of column "${column.name}"`);
        requireSameType(ddl, `inherited column "${column.name}"`, columns[at].type, column.type);
        columns[at] = {
          ...columns[at],
          notNull: columns[at].notNull || column.notNull,
          inheritCount: (columns[at].inheritCount ?? 0) + 1,
        };
      }
    }
  }
  for (const element of own.columns) {
    const at = columns.findIndex((each) => each.name === element.name);
    if (at < 0) {
      columns.push(element);
      continue;
    }
    if (!isPartition) {
      ddl.notice(`merging column "${element.name}" with inherited definition`);
      requireSameType(ddl, `column "${element.name}"`, columns[at].type, element.type);
    }
    columns[at] = mergedColumn(columns[at], element, isPartition);
  }
  return {
    columns,
    constraints: [...inheritedChecks(parents, own), ...own.constraints],
    ...(own.indexes === undefined ? {} : { indexes: own.indexes }),
  };
}

function inheritedColumn(column: ColumnDescriptor): ColumnElement {
  const { name, type, notNull, generated } = column;
  return {
    name,
    type,
    notNull,
    serial: false,
    isLocal: false,
    inheritCount: 1,
    ...(column.default === undefined ? {} : { copiedDefault: column.default.sql }),
    ...(generated === undefined ? {} : { copiedGenerated: generated.sql }),
  };
}

function mergedColumn(
  inherited: ColumnElement,
  own: ColumnElement,
  isPartition: boolean,
): ColumnElement {
  const { copiedDefault, ...rest } = inherited;
  const hasOwnDefault = own.defaultNode !== undefined || own.copiedDefault !== undefined;
  return {
    ...rest,
    ...(hasOwnDefault || copiedDefault === undefined ? {} : { copiedDefault }),
    ...(own.defaultNode === undefined ? {} : { defaultNode: own.defaultNode }),
    ...(own.copiedDefault === undefined ? {} : { copiedDefault: own.copiedDefault }),
    notNull: inherited.notNull || own.notNull,
    isLocal: !isPartition,
  };
}

function requireSameType(ddl: DdlStatement, what: string, left: SqlType, right: SqlType): void {
  if (left.oid === right.oid && left.typmod === right.typmod) return;
  throw databaseError('datatypeMismatch', `${what} has a type conflict`, {
    detail: `${ddl.typeText(left)} versus ${ddl.typeText(right)}`,
  });
}

function inheritedChecks(parents: readonly TableShape[], own: TableElements): ConstraintElement[] {
  const checks: ConstraintElement[] = [];
  for (const parent of parents) {
    for (const constraint of parent.constraints) {
      if (constraint.type !== 'check' || constraint.noInherit) continue;
      const { name } = constraint;
      const isKnown = [...checks, ...own.constraints].some((each) => each.name === name);
      if (isKnown) continue;
      checks.push({
        type: 'check',
        name,
        deferrable: false,
        initiallyDeferred: false,
        validated: constraint.validated,
        copied: constraint.expression.sql,
        noInherit: false,
        isLocal: false,
        inheritCount: 1,
      });
    }
  }
  return checks;
}

// ---- what a partition gets of its parent --------------------------------------------------------

/** Gives a partition its part of the parent's indexes and foreign keys; those it has are taken. */
export function* adoptParentParts(
  ddl: DdlStatement,
  parentOid: number,
  childOid: number,
  isEmpty: boolean,
): AlterWork {
  for (const index of ddl.table(parentOid).indexes) yield* adoptIndex(ddl, index, childOid);
  for (const constraint of ddl.table(parentOid).constraints) {
    if (constraint.type === 'foreign')
      yield* adoptForeignKey(ddl, { parentOid, constraint, childOid, isEmpty });
  }
}

/** The partition's part of one index of its parent, made where there is none; and so on below. */
export function* adoptIndex(
  ddl: DdlStatement,
  index: IndexDescriptor,
  childOid: number,
): AlterWork {
  const parent = ddl.table(index.tableOid);
  const child = ddl.table(childOid);
  const columns = index.columns.map((column) => ({
    ...column,
    attributeNumber: attributeIn(parent, child, column.attributeNumber),
  }));
  const included = index.included.map((attribute) => attributeIn(parent, child, attribute));
  const constraint = parent.constraints.find(
    (each) => 'indexOid' in each && each.indexOid === index.oid,
  );
  const known = child.indexes.find(
    (each) =>
      each.parentOid === undefined &&
      each.unique === index.unique &&
      each.method === index.method &&
      each.predicate?.sql === index.predicate?.sql &&
      JSON.stringify(each.columns) === JSON.stringify(columns) &&
      (constraint === undefined ||
        child.constraints.some((own) => 'indexOid' in own && own.indexOid === each.oid)),
  );
  const oid = known?.oid ?? (yield* makeIndex(ddl, index, { child, columns, included }));
  linkIndex(ddl, childOid, oid, index.oid);
  const part = ddl.table(childOid).indexes.find((each) => each.oid === oid)!;
  for (const grandchild of ddl.table(childOid).children ?? []) {
    if (!ddl.table(grandchild).indexes.some((each) => each.parentOid === oid))
      yield* adoptIndex(ddl, part, grandchild);
  }
}

interface IndexPart {
  readonly child: TableDescriptor;
  readonly columns: IndexDescriptor['columns'];
  readonly included: readonly number[];
}

/** Makes the partition's part, as a constraint where the parent's index is one. Its oid. */
function* makeIndex(
  ddl: DdlStatement,
  index: IndexDescriptor,
  { child, columns, included }: IndexPart,
): Generator<Exclude<UtilityStep, undefined>, number> {
  const parent = ddl.table(index.tableOid);
  const before = new Set(child.indexes.map(({ oid }) => oid));
  const constraint = parent.constraints.find(
    (each) => 'indexOid' in each && each.indexOid === index.oid,
  );
  if (constraint?.type === 'primary' || constraint?.type === 'unique') {
    const nameOf = (attribute: number): string => child.columns[attribute - 1].name;
    yield* addConstraintElement(ddl, child.oid, {
      type: constraint.type,
      name: undefined,
      deferrable: constraint.deferrable,
      initiallyDeferred: constraint.initiallyDeferred,
      validated: true,
      columns: columns.map(({ attributeNumber }) => nameOf(attributeNumber)),
      included: included.map(nameOf),
      nullsNotDistinct: index.nullsNotDistinct,
      indexName: undefined,
    });
  } else {
    const schema = ddl.schemaByOid(child.schemaOid);
    const names = indexColumnNames(child, columns, included).join('_');
    const name = ddl.freeName(schema, (label) => generatedName(child.name, names, label), 'idx');
    const part = indexDescriptor(ddl, child, { ...index, name, columns, included });
    const extended = { ...child, indexes: [...child.indexes, part] };
    ddl.put(extended);
    if (child.partitioning === undefined && part.unstored !== true)
      yield* fillIndex(ddl, extended, part);
  }
  return ddl.table(child.oid).indexes.find(({ oid }) => !before.has(oid))!.oid;
}

/** Notes that an index of a partition is a part of its parent's, and the same of their constraints. */
export function linkIndex(
  ddl: DdlStatement,
  childOid: number,
  indexOid: number,
  parentIndexOid: number | undefined,
): void {
  const child = ddl.table(childOid);
  const parentIndex =
    parentIndexOid === undefined ? undefined : ddl.catalog.indexByOid(parentIndexOid);
  const above = parentIndex === undefined ? undefined : ddl.table(parentIndex.tableOid);
  const constraintAbove = above?.constraints.find(
    (each) => 'indexOid' in each && each.indexOid === parentIndexOid,
  );
  ddl.put({
    ...child,
    indexes: child.indexes.map((index) =>
      index.oid === indexOid ? withParent(index, parentIndexOid) : index,
    ),
    constraints: child.constraints.map((constraint) =>
      'indexOid' in constraint && constraint.indexOid === indexOid
        ? withParent(constraint, constraintAbove?.oid)
        : constraint,
    ),
  });
}

function withParent<Part extends { readonly parentOid?: number }>(
  part: Part,
  parentOid: number | undefined,
): Part {
  const { parentOid: _parent, ...rest } = part;
  return (parentOid === undefined ? rest : { ...rest, parentOid }) as Part;
}

function attributeIn(parent: TableDescriptor, child: TableDescriptor, attribute: number): number {
  if (attribute === 0) return 0;
  return liveColumn(child, parent.columns[attribute - 1].name)?.attributeNumber ?? 0;
}
