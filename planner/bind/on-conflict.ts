// ON CONFLICT: the unique indexes that arbitrate, and DO UPDATE over the existing row (under the
// target's name) and the proposed one ("excluded").

import type { IndexElem, InferClause, OnConflictClause } from '@pgsql/types';
import {
  type ColumnId,
  databaseError,
  notSupported,
  type Expression,
  type IndexDescriptor,
  type TableDescriptor,
} from '#common';
import { at } from '../errors.ts';
import type { Assignment, LogicalPlan, OnConflict } from '../logical-plan.ts';
import { isVolatile } from '../optimize/expression-facts.ts';
import { conjunctsOf } from '../optimize/expression-tree.ts';
import { followsFrom } from '../optimize/predicate-implication.ts';
import { copyWithFreshColumns, substituteColumns } from '../optimize/plan-tree.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { notedItem } from './access.ts';
import { coerceToBoolean } from './coercion.ts';
import type { Binder } from './context.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { existingValue, writtenRow } from './modification.ts';
import { assignedColumn, liveColumns, type ModifiedTable } from './modified-table.ts';
import { bodyOf } from './node.ts';
import { ScanColumns, tableNamespace, visibleItem } from './relation-item.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { assignedNames, bindSetClause, type SetClause } from './set-clause.ts';
import { bindStoredText, bindTableNode, generatedValue } from './stored-expression.ts';

export function bindOnConflict(
  clause: OnConflictClause,
  target: ModifiedTable,
  scope: Scope,
): OnConflict {
  const { table } = target;
  const update = clause.action === 'ONCONFLICT_UPDATE';
  if (update && clause.infer === undefined) {
    throw databaseError(
      'syntaxError',
      'ON CONFLICT DO UPDATE requires inference specification or constraint name',
      { ...at(scope.position(clause.location)), hint: 'For example, ON CONFLICT (column_name).' },
    );
  }
  const arbiterIndexes =
    clause.infer === undefined ? [] : inferIndexes(clause.infer, target, scope);
  // Whoever arbitrates learns what rows there are.
  if (clause.infer !== undefined) {
    target.tableAccess.selects = true;
    for (const oid of arbiterIndexes) noteKeys(oid, target);
  }
  const existing = writtenRow(target, scope);
  const excluded = excludedRow(table, scope);
  const inner = scope.child();
  inner.items.push(target.present(existing.item), excludedItem(target, excluded.item));
  if (!update) {
    return {
      arbiterIndexes,
      action: 'nothing',
      assignments: [],
      where: undefined,
      existing: [],
      existingSources: [],
      excluded: [],
      excludedAttributes: [],
    };
  }
  target.noteWrite('UPDATE', assignedNames(clause.targetList));
  const set = bindSetClause(clause.targetList, target, inner, (column) =>
    existingValue(table, existing.item, column),
  );
  const assigned = withRecords(set, scope.binder);
  const where =
    clause.whereClause === undefined
      ? undefined
      : coerceToBoolean(
          inner.bindAs(ExpressionKinds.where, clause.whereClause),
          'WHERE',
          scope.binder,
        );
  const columns = liveColumns(table);
  const generated = columns
    .filter((column) => column.generated !== undefined)
    .map((column) => ({
      attributeNumber: column.attributeNumber,
      value: generatedValue(
        table,
        column,
        (attributeNumber) =>
          assigned.find((each) => each.attributeNumber === attributeNumber)?.value ??
          existing.item.columns[
            columns.findIndex((c) => c.attributeNumber === attributeNumber)
          ].expression(),
        scope.binder,
      ),
    }));
  return {
    arbiterIndexes,
    action: 'update',
    assignments: [
      ...assigned.filter(
        (each) => !generated.some((column) => column.attributeNumber === each.attributeNumber),
      ),
      ...generated,
    ],
    where,
    existing: existing.scan.outputs,
    existingSources: existing.scan.sources,
    excluded: excluded.scan.outputs,
    excludedAttributes: excluded.scan.sources.map((source) =>
      source.kind === 'attribute' ? source.attributeNumber : 0,
    ),
  };
}

/** Subqueries of several columns stand in each assignment that takes a field of their record. */
function withRecords({ assignments, records }: SetClause, binder: Binder): readonly Assignment[] {
  if (records.length === 0) return assignments;
  if (records.some(({ expression }) => isVolatile(expression)))
    throw notSupported('a volatile subquery of several columns in ON CONFLICT DO UPDATE');
  const ids = { fresh: () => binder.newColumnId(undefined) };
  const record = (id: ColumnId): Expression | undefined => {
    const { expression } = records.find(({ column }) => column.id === id) ?? {};
    if (expression?.kind !== 'subquery') return undefined;
    const copy = copyWithFreshColumns(expression.plan as LogicalPlan, ids);
    return {
      ...expression,
      plan: copy.plan,
      outputs: expression.outputs.map((output) => copy.columns.get(output) ?? output),
    };
  };
  return assignments.map((each) => ({ ...each, value: substituteColumns(each.value, record) }));
}

/** The proposed row under the columns of the view that the statement names. */
function excludedItem(target: ModifiedTable, item: NamespaceItem): NamespaceItem {
  const presented = target.present(item);
  return target.isView
    ? { ...presented, name: 'excluded', relation: undefined }
    : notedItem(item, target.tableAccess);
}

function noteKeys(indexOid: number, { table, tableAccess }: ModifiedTable): void {
  const index = table.indexes.find(({ oid }) => oid === indexOid);
  for (const { attributeNumber } of index?.columns ?? [])
    if (attributeNumber !== 0) tableAccess.selected.add(attributeNumber);
}

/** The proposed row; it has no system columns. */
function excludedRow(
  table: TableDescriptor,
  scope: Scope,
): { readonly item: NamespaceItem; readonly scan: ScanColumns } {
  const alias = { name: 'excluded', columns: [], explicit: true };
  const scan = new ScanColumns(table, alias, scope);
  const item: NamespaceItem = {
    ...visibleItem,
    ...tableNamespace(table, alias, scan),
    pseudoColumn: () => undefined,
    name: 'excluded',
    relation: undefined,
    table,
    rowKey: () => undefined,
  };
  return { item, scan };
}

/** infer_arbiter_indexes(): unique indexes over exactly the named columns and expressions. */
function inferIndexes(infer: InferClause, target: ModifiedTable, scope: Scope): number[] {
  const { table } = target;
  if (infer.conname !== undefined) return [indexOfConstraint(infer.conname, table)];
  // Known by its alias.
  const named = { ...table, name: target.alias.name };
  const keys: InferredKeys = { attributes: new Set<number>(), expressions: [] };
  for (const node of infer.indexElems ?? []) {
    const element: IndexElem = bodyOf(node, 'IndexElem')!;
    if (element.name === undefined) {
      const request = { place: 'indexExpression', table: named } as const;
      keys.expressions.push(bindTableNode(scope.binder, element.expr!, request));
      continue;
    }
    const position = scope.position(infer.location);
    const column = assignedColumn(target, element.name, 'insert into', position);
    keys.attributes.add(column.attributeNumber);
  }
  const given =
    infer.whereClause === undefined
      ? []
      : conjunctsOf(
          bindTableNode(scope.binder, infer.whereClause, { place: 'indexPredicate', table: named }),
        );
  const matching = table.indexes.filter(
    (index) =>
      index.unique &&
      index.valid &&
      hasKeys(index, keys, table, scope.binder) &&
      followsFrom(predicateOf(index, table, scope.binder), given),
  );
  if (matching.some((index) => index.deferrable === true)) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
    );
  }
  if (matching.length > 0) return matching.map((index) => index.oid);
  throw databaseError(
    'invalidColumnReference',
    'there is no unique or exclusion constraint matching the ON CONFLICT specification',
  );
}

function predicateOf(
  { predicate }: IndexDescriptor,
  table: TableDescriptor,
  binder: Binder,
): readonly Expression[] {
  if (predicate === undefined) return [];
  return conjunctsOf(bindStoredText(binder, predicate.sql, { place: 'indexPredicate', table }));
}

interface InferredKeys {
  readonly attributes: Set<number>;
  readonly expressions: Expression[];
}

function hasKeys(
  index: IndexDescriptor,
  keys: InferredKeys,
  table: TableDescriptor,
  binder: Binder,
): boolean {
  const numbers = index.columns.map((column) => column.attributeNumber);
  const plain = new Set(numbers.filter((number) => number !== 0));
  if (plain.size !== keys.attributes.size || [...plain].some((key) => !keys.attributes.has(key))) {
    return false;
  }
  const computed = index.columns.flatMap(({ expression }) =>
    expression === undefined
      ? []
      : [bindStoredText(binder, expression.sql, { place: 'indexExpression', table })],
  );
  const covers = (some: readonly Expression[], others: readonly Expression[]): boolean =>
    some.every((each) => others.some((other) => sameExpression(each, other)));
  return covers(computed, keys.expressions) && covers(keys.expressions, computed);
}

function indexOfConstraint(name: string, table: TableDescriptor): number {
  const constraint = table.constraints.find((each) => each.name === name);
  if (constraint === undefined) {
    throw databaseError(
      'undefinedObject',
      `constraint "${name}" for table "${table.name}" does not exist`,
    );
  }
  if (constraint.type !== 'primary' && constraint.type !== 'unique') {
    throw databaseError(
      'wrongObjectType',
      'constraint in ON CONFLICT clause has no associated index',
    );
  }
  if (constraint.deferrable) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters',
    );
  }
  return constraint.indexOid;
}
