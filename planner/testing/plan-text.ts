// Logical plans as indented text, for golden files: one node a line, columns as name#id.

import type { Expression } from '#common';
import { deparseExpression, directionText, type NameResolver } from '../deparse/deparse.ts';
import { visitExpression } from '../optimize/expression-tree.ts';
import { inputsOf, visitExpressions } from '../optimize/plan-tree.ts';
import type { LogicalPlan } from '../logical-plan.ts';

export function planText(plan: LogicalPlan): string {
  const names = new Map<number, string>();
  learnNames(plan, names);
  const lines: string[] = [];
  addLines(plan, { names, lines, indent: '' });
  return lines.join('\n');
}

function learnNames(plan: LogicalPlan, names: Map<number, string>): void {
  for (const column of plan.outputs) names.set(column.id, `${column.name}#${column.id}`);
  visitExpressions(plan, (expression) =>
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') learnNames(node.plan as LogicalPlan, names);
    }),
  );
  inputsOf(plan).forEach((input) => learnNames(input, names));
}

interface Place {
  readonly names: ReadonlyMap<number, string>;
  readonly lines: string[];
  readonly indent: string;
}

function addLines(plan: LogicalPlan, place: Place): void {
  const { names, lines, indent } = place;
  const resolver: NameResolver = {
    column: (id) => names.get(id) ?? `#${id}`,
    input: (ordinal) => `input ${ordinal}`,
    slot: (slot) => `slot ${slot}`,
    subplan: () => 'subplan',
  };
  const text = (expression: Expression) => deparseExpression(expression, resolver);
  lines.push(`${indent}${title(plan, text)}`);
  visitExpressions(plan, (expression) =>
    visitExpression(expression, (node) => {
      if (node.kind !== 'subquery') return;
      lines.push(
        `${indent}  subquery ${node.mode}${node.test === undefined ? '' : `: ${text(node.test)}`}`,
      );
      addLines(node.plan as LogicalPlan, { ...place, indent: `${indent}    ` });
    }),
  );
  for (const input of inputsOf(plan)) addLines(input, { ...place, indent: `${indent}  ` });
}

function title(plan: LogicalPlan, text: (expression: Expression) => string): string {
  const list = (items: readonly Expression[]) => items.map(text).join(', ');
  const columns = plan.outputs.map((column) => `${column.name}#${column.id}`).join(', ');
  switch (plan.kind) {
    case 'scan':
      return `scan ${plan.table.name} ${plan.alias} (${columns})`;
    case 'filter':
      return `filter ${text(plan.condition)}${plan.barrier ? ' barrier' : ''}`;
    case 'project':
    case 'projectSet':
      return `${plan.kind} ${list(plan.expressions)} (${columns})`;
    case 'join':
      return `${plan.type} join${plan.lateral ? ' lateral' : ''}${plan.condition === undefined ? '' : ` on ${text(plan.condition)}`}`;
    case 'aggregate':
      return `aggregate [${list(plan.groupKeys)}] ${list(plan.aggregates)} (${columns})`;
    case 'sort':
      return `sort ${plan.keys.map((key) => text(key.expression) + directionText(key)).join(', ')}`;
    case 'limit':
      return `limit ${plan.count === undefined ? 'all' : text(plan.count)}`;
    case 'cteScan':
      return `cteScan ${plan.cteId} (${columns})`;
    default:
      return `${plan.kind} (${columns})`;
  }
}
