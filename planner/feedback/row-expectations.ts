// Which joins and groupings of a plan are to teach about themselves, and what is expected of them; kept beside the plan in
// the thread that made it.

import type { Expression, TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import { deparseExpression } from '../deparse/deparse.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { tableRows } from '../optimize/estimate/table-rows.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { nodeInputs } from '../physical/plan-facts.ts';
import { groupingKey, joinKey, partsOf, type RowKey } from './row-key.ts';
import type { RowFeedback } from './row-feedback.ts';
import { feedbackRowsMin } from './table-feedback.ts';

/** A node and the logical one that it runs. */
export interface TeachingNode {
  readonly node: PhysicalNode;
  readonly logical: LogicalPlan;
}

const expectations = new WeakMap<PhysicalPlan, readonly TeachingNode[]>();

export function rememberTeaching(plan: PhysicalPlan, nodes: readonly TeachingNode[]): void {
  expectations.set(plan, nodes);
}

export function teachingNodes(plan: PhysicalPlan): readonly TeachingNode[] {
  return expectations.get(plan) ?? [];
}

/** The joins and groupings of the plan that are run once, over tables that are worth thinking about. */
export function findTeaching(
  roots: readonly PhysicalNode[],
  places: ReadonlyMap<number, { readonly plan: LogicalPlan }>,
  catalog: Catalog,
): TeachingNode[] {
  const found: TeachingNode[] = [];
  const enter = (node: PhysicalNode): boolean => {
    const below = nodeInputs(node).map(enter);
    const isLarge =
      node.kind === 'scan'
        ? tableRows(catalog, node.table) >= feedbackRowsMin
        : below.includes(true);
    const place = places.get(node.id);
    const logical = place === undefined ? undefined : withoutNames(place.plan);
    if (isLarge && logical !== undefined && teaches(node, logical)) found.push({ node, logical });
    return isLarge;
  };
  roots.forEach(enter);
  return found;
}

/** What stands above without work of its own: new names for columns, an order that is there already. */
function withoutNames(plan: LogicalPlan): LogicalPlan {
  return plan.kind === 'project' || plan.kind === 'sort' ? withoutNames(plan.input) : plan;
}

function teaches(node: PhysicalNode, logical: LogicalPlan): boolean {
  if (node.kind === 'aggregate') return logical.kind === 'aggregate' && node.groupKeys.length > 0;
  if (node.kind !== 'hashJoin' && node.kind !== 'nestedLoop') return false;
  return logical.kind === 'join' || logical.kind === 'filter';
}

export interface DescribedNode {
  readonly kind: RowFeedback['kind'];
  readonly key: RowKey;
  readonly condition: string;
}

/** undefined: it has no name. */
export function describeTeaching(
  { logical }: TeachingNode,
  parameters: Parameters<typeof joinKey>[2],
): DescribedNode | undefined {
  if (logical.kind === 'aggregate') {
    const key = groupingKey(logical, parameters);
    return key && { kind: 'grouping', key, condition: groupingText(logical) };
  }
  const joined = partsOf(logical);
  const key = joined && joinKey(joined.parts, joined.conjuncts, parameters);
  return key && { kind: 'join', key, condition: joinText(logical) };
}

function groupingText(plan: Extract<LogicalPlan, { kind: 'aggregate' }>): string {
  const names = columnNames(plan.input);
  const keys = plan.groupKeys.map((key) => expressionText(key, names));
  return `${joinText(plan.input)} GROUP BY ${keys.join(', ')}`;
}

function joinText(plan: LogicalPlan): string {
  const from = plan.kind === 'project' ? plan.input : plan;
  const joined = partsOf(from);
  if (joined === undefined) return '';
  const names = columnNames(from);
  const conditions: string[] = [];
  let text = '';
  for (const { plan: part, dependence } of joined.parts) {
    const scan = part.kind === 'filter' ? part.input : part;
    if (scan.kind !== 'scan') continue;
    const name = tableText(scan.table, scan.alias);
    if (part.kind === 'filter') conditions.push(expressionText(part.condition, names));
    if (text === '') text = name;
    else if (dependence === undefined) text += `, ${name}`;
    else {
      const on = dependence.conjuncts.map((each) => expressionText(each, names)).join(' AND ');
      text += ` ${dependence.type.toUpperCase()} JOIN ${name} ON ${on}`;
    }
  }
  conditions.push(...joined.conjuncts.map((each) => expressionText(each, names)));
  return conditions.length === 0 ? text : `${text} WHERE ${conditions.join(' AND ')}`;
}

function tableText({ name }: TableDescriptor, alias: string): string {
  return alias === name ? name : `${name} ${alias}`;
}

function columnNames(plan: LogicalPlan): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  const from = plan.kind === 'project' ? plan.input : plan;
  for (const { plan: part } of partsOf(from)?.parts ?? []) {
    const scan = part.kind === 'filter' ? part.input : part;
    if (scan.kind === 'scan')
      for (const { id, name } of scan.outputs) names.set(id, `${scan.alias}.${name}`);
  }
  if (plan.kind === 'project')
    for (const [at, { id }] of plan.outputs.entries())
      if (!names.has(id)) names.set(id, expressionText(plan.expressions[at], names));
  return names;
}

function expressionText(expression: Expression, names: ReadonlyMap<number, string>): string {
  return deparseExpression(expression, {
    column: (id) => names.get(id) ?? '?',
    input: () => '?',
    slot: (slot) => `$${slot}`,
    subplan: () => '?',
  });
}
