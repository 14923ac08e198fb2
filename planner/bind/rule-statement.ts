// The rows that a statement with rules means: what it would insert (new), change (old and new) or delete
// (old), whole rows of the table or view that it names.

import type { DeleteStmt, InsertStmt, UpdateStmt } from '@pgsql/types';
import {
  type Expression,
  type RelationDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import type { Assignment, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { viewAsTable } from '../view-table.ts';
import { extend } from './bound-select.ts';
import { coerceToBoolean } from './coercion.ts';
import { openDelete } from './delete.ts';
import { andAll, booleanType } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { openInsert } from './insert.ts';
import { liveColumns, type WriteCommand } from './modified-table.ts';
import { bodyOf } from './node.ts';
import { ruleItems, type RuleRows, type RuleSide } from './rule-rows.ts';
import { columnReference, Scope, type NamespaceItem } from './scope.ts';
import { noSource } from './stored-expression.ts';
import { openUpdate } from './update.ts';
import { parseStored } from './view.ts';

export interface StatementRows extends RuleRows {
  readonly table: TableDescriptor;
  /** A row of the table as the statement sees it, which may name it through a view. */
  readonly present: (item: NamespaceItem) => NamespaceItem;
  /** No FROM and no WHERE: an action that reads no row of it is carried out once. */
  readonly isBare: boolean;
  /** The statement for the rows for which none of the conditions (stored texts) is true. */
  without(conditions: readonly string[]): LogicalPlan;
}

interface Opened {
  readonly relation: TableDescriptor | ViewDescriptor;
  readonly statement: InsertStmt | UpdateStmt | DeleteStmt;
  readonly command: WriteCommand;
}

/** Binds the statement in the scope, where its WITH stays. */
export function openStatement(opened: Opened, scope: Scope): StatementRows {
  const { relation, command } = opened;
  const { binder } = scope;
  const table = relation.kind === 'view' ? viewAsTable(relation) : relation;
  const { ruledView } = binder;
  binder.ruledView = relation.kind === 'view' ? relation.oid : undefined;
  try {
    switch (command) {
      case 'INSERT':
        return insertedRows(opened.statement, table, scope);
      case 'UPDATE':
        return updatedRows(opened.statement, table, scope);
      case 'DELETE':
        return deletedRows(opened.statement, table, scope);
    }
  } finally {
    binder.ruledView = ruledView;
  }
}

function insertedRows(statement: InsertStmt, table: TableDescriptor, scope: Scope): StatementRows {
  const { node, target } = openInsert(statement, scope);
  const written = newColumns(table, node.assignments, undefined, scope);
  const plan: LogicalPlan = {
    kind: 'project',
    input: node.source,
    expressions: written.map(({ expression }) => expression),
    outputs: written.map(({ column }) => column),
  };
  const rows: RuleRows = { plan, old: undefined, new: plan.outputs };
  return {
    ...rows,
    table,
    present: (item) => target.present(item),
    isBare: false,
    without: (conditions) => ({
      ...node,
      source: unlessAny(conditions, table, rows, scope),
      assignments: assignmentsFrom(table, plan.outputs, node.assignments),
    }),
  };
}

function updatedRows(statement: UpdateStmt, table: TableDescriptor, scope: Scope): StatementRows {
  const { node, row, target } = openUpdate(statement, scope, true);
  const old = sideOf(table, row);
  const written = newColumns(table, node.assignments, row, scope);
  const plan = extend(node.source, written);
  const rows: RuleRows = { plan, old, new: written.map(({ column }) => column) };
  return {
    ...rows,
    table,
    present: (item) => target.present(item),
    isBare: statement.fromClause === undefined && statement.whereClause === undefined,
    without: (conditions) => ({
      ...node,
      source: unlessAny(conditions, table, rows, scope),
      assignments: assignmentsFrom(table, rows.new!, node.assignments),
    }),
  };
}

function deletedRows(statement: DeleteStmt, table: TableDescriptor, scope: Scope): StatementRows {
  const { node, row, target } = openDelete(statement, scope, true);
  const rows: RuleRows = { plan: node.source, old: sideOf(table, row), new: undefined };
  return {
    ...rows,
    table,
    present: (item) => target.present(item),
    isBare: statement.usingClause === undefined && statement.whereClause === undefined,
    without: (conditions) => ({ ...node, source: unlessAny(conditions, table, rows, scope) }),
  };
}

function sideOf(table: TableDescriptor, row: NamespaceItem): RuleSide {
  return liveColumns(table).map(({ name }, index): PlanColumn => {
    const expression = row.columns[index].expression();
    const id = expression.kind === 'column' ? expression.column : 0;
    return { id, name, type: expression.type };
  });
}

/** A column for each value of the new row: what is assigned, otherwise what was there. */
function newColumns(
  table: TableDescriptor,
  assignments: readonly Assignment[],
  row: NamespaceItem | undefined,
  scope: Scope,
): { readonly column: PlanColumn; readonly expression: Expression }[] {
  return liveColumns(table).map(({ attributeNumber, name, type }, index) => {
    const expression: Expression = assignments.find(
      (each) => each.attributeNumber === attributeNumber,
    )?.value ??
      row?.columns[index].expression() ?? { kind: 'constant', value: null, type };
    return { column: scope.newColumn(name, type), expression };
  });
}

function assignmentsFrom(
  table: TableDescriptor,
  side: RuleSide,
  before: readonly Assignment[],
): readonly Assignment[] {
  const columns = liveColumns(table);
  return before.map(({ attributeNumber }) => {
    const at = columns.findIndex((column) => column.attributeNumber === attributeNumber);
    return { attributeNumber, value: columnReference(side[at].id, side[at].type) };
  });
}

function unlessAny(
  conditions: readonly string[],
  table: TableDescriptor,
  rows: RuleRows,
  scope: Scope,
): LogicalPlan {
  const refused = conditions.map((sql): Expression => ({
    kind: 'booleanTest',
    test: 'true',
    negated: true,
    argument: bindRuleCondition(sql, table, rows, scope),
    type: booleanType,
  }));
  return {
    kind: 'filter',
    input: rows.plan,
    condition: andAll(refused),
    barrier: false,
    outputs: rows.plan.outputs,
  };
}

function bindRuleCondition(
  sql: string,
  table: TableDescriptor,
  rows: RuleRows,
  { binder }: Scope,
): Expression {
  const { statement } = parseStored(`SELECT ${sql}`);
  const target = bodyOf(bodyOf(statement, 'SelectStmt')?.targetList?.[0], 'ResTarget');
  const scope = new Scope(binder, undefined);
  scope.items.push(...ruleItems(table, rows, true));
  return binder.asOwner(table.owner, () =>
    binder.withSource(noSource, () =>
      coerceToBoolean(scope.bindAs(ExpressionKinds.where, target!.val!), 'WHERE', binder),
    ),
  );
}

/** The rows that meet the condition of a rule. */
export function rowsMeeting<Rows extends RuleRows>(
  rows: Rows,
  sql: string | undefined,
  table: TableDescriptor,
  scope: Scope,
): Rows {
  if (sql === undefined) return rows;
  const condition = bindRuleCondition(sql, table, rows, scope);
  const { outputs } = rows.plan;
  const plan: LogicalPlan = {
    kind: 'filter',
    input: rows.plan,
    condition,
    barrier: false,
    outputs,
  };
  return { ...rows, plan };
}

/** A relation as rules see its rows. */
export function ruleTable(relation: RelationDescriptor): TableDescriptor | undefined {
  if (relation.kind === 'view') return viewAsTable(relation);
  return relation.kind === 'table' ? relation : undefined;
}
