// The rows that a rule is applied to, old and new, as an element of FROM: it joins the tables of the rule's
// action, and its columns go by the names old and new.

import type { Node } from '@pgsql/types';
import { type Expression, sqlType, type TableDescriptor, TypeOid } from '#common';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import type { FromElement } from './from-element.ts';
import { visibleItem } from './relation-item.ts';
import { columnReference, type NamespaceItem } from './scope.ts';

/** What stands in the FROM clause of an action; made anew for each place. */
interface RuleRowsNode {
  ruleRows(): FromElement;
}

/** One side of the rows: a column for each of the relation's. */
export type RuleSide = readonly PlanColumn[];

export interface RuleRows {
  readonly plan: LogicalPlan;
  readonly old: RuleSide | undefined;
  readonly new: RuleSide | undefined;
}

export function ruleRowsNode(table: TableDescriptor, rows: RuleRows): Node {
  const node: RuleRowsNode = { ruleRows: () => ruleElement(table, rows) };
  return node as unknown as Node;
}

export function isRuleRows(node: Node): node is Node & RuleRowsNode {
  return 'ruleRows' in node;
}

function ruleElement(table: TableDescriptor, rows: RuleRows): FromElement {
  const items = ruleItems(table, rows);
  return { row: items[0], items, lateral: new Set(), build: () => rows.plan };
}

/** old and new as far as there are such; in an action only qualified names mean their columns. */
export function ruleItems(
  table: TableDescriptor,
  rows: RuleRows,
  columnsVisible = false,
): NamespaceItem[] {
  const names = table.columns.filter(({ dropped }) => !dropped).map(({ name }) => name);
  const item = (name: string, side: RuleSide): NamespaceItem => ({
    ...visibleItem,
    name,
    relation: undefined,
    table: undefined,
    columns: side.map((column, index) => ({
      name: names[index],
      type: column.type,
      expression: (): Expression => columnReference(column.id, column.type),
    })),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(table.rowTypeOid === 0 ? TypeOid.record : table.rowTypeOid),
    columnsVisible,
  });
  const items = [
    ...(rows.new === undefined ? [] : [item('new', rows.new)]),
    ...(rows.old === undefined ? [] : [item('old', rows.old)]),
  ];
  // A statement whose rows do not matter still is one element.
  return items.length > 0 ? items : [{ ...item('', []), relationVisible: false }];
}
