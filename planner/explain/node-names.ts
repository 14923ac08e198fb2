// What the columns of physical nodes are called in EXPLAIN: the text of the expression that makes
// each, resolved down to the columns of tables.

import { type Expression, registeredRoutine } from '#common';
import { deparseExpression, type NameResolver } from '../deparse/deparse.ts';
import { quoteIdentifier } from '../deparse/identifier.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { nodeInputs } from '../physical/plan-facts.ts';

export class NodeNames {
  private readonly plan: PhysicalPlan;
  private readonly slots = new Map<number, string>();
  private readonly qualified: boolean;

  constructor(plan: PhysicalPlan) {
    this.plan = plan;
    const roots = [plan.root, ...plan.subplans, ...plan.ctes.map((cte) => cte.plan)];
    this.qualified = roots.reduce((count, root) => count + countScans(root), 0) > 1;
  }

  /** Texts of a node's output columns. */
  outputs(node: PhysicalNode): readonly string[] {
    switch (node.kind) {
      case 'scan':
        return node.sources.map((source) => {
          if (source.kind === 'attribute') {
            const column = node.table.columns.find(
              (candidate) => candidate.attributeNumber === source.attributeNumber,
            );
            return this.qualify(node.alias, column?.name ?? `column${source.attributeNumber}`);
          }
          return this.qualify(node.alias, source.kind === 'pseudo' ? source.name : 'ctid');
        });
      case 'systemScan':
        return node.types.map((_, at) =>
          this.qualify(node.alias, node.columnNames?.[at] ?? `column${node.columns[at] + 1}`),
        );
      case 'values':
        return node.types.map((_, at) => `"*VALUES*".column${at + 1}`);
      case 'functionScan':
        return node.types.map(() => quoteIdentifier(node.alias));
      case 'cteScan': {
        const cte = this.plan.ctes.find((candidate) => candidate.cteId === node.cteId);
        const names = cte === undefined ? [] : this.outputs(cte.plan);
        return node.columns.map((ordinal) =>
          this.qualify(node.alias, (names[ordinal] ?? `column${ordinal + 1}`).replace(/^.*\./, '')),
        );
      }
      case 'project':
      case 'projectSet': {
        const names = this.resolver(this.outputs(node.input));
        return node.expressions.map((expression) => this.computed(expression, names));
      }
      case 'nestedLoop':
      case 'hashJoin': {
        const left = this.outputs(node.left);
        return node.type === 'semi' || node.type === 'anti'
          ? left
          : [...left, ...this.outputs(node.right)];
      }
      case 'aggregate': {
        const names = this.resolver(this.outputs(node.input));
        const keys = node.groupKeys.map((key) => this.computed(key, names));
        return [
          ...keys,
          ...node.aggregates.map((aggregate) => `(${deparseExpression(aggregate, names)})`),
        ];
      }
      case 'window':
        return [...this.outputs(node.input), ...node.calls.map((_, at) => `(window ${at + 1})`)];
      case 'filter':
      case 'sort':
      case 'limit':
      case 'distinct':
      case 'lockRows':
        return this.outputs(node.input);
      case 'append':
        return node.inputs[0] === undefined ? [] : this.outputs(node.inputs[0]);
      case 'setOperation':
        return this.outputs(node.left);
      default:
        return node.types.map((_, at) => `column${at + 1}`);
    }
  }

  /** Texts of the columns that a node's expressions read. */
  inputs(node: PhysicalNode): readonly string[] {
    if (node.kind === 'scan' || node.kind === 'systemScan' || node.kind === 'functionScan')
      return this.outputs(node);
    return nodeInputs(node).flatMap((input) => this.outputs(input));
  }

  private qualify(alias: string, column: string): string {
    return this.qualified
      ? `${quoteIdentifier(alias)}.${quoteIdentifier(column)}`
      : quoteIdentifier(column);
  }

  private computed(expression: Expression, names: NameResolver): string {
    const text = deparseExpression(expression, names);
    return expression.kind === 'input' || text.startsWith('(') ? text : `(${text})`;
  }

  /** Notes what the slots of a nested loop or a subplan stand for. */
  bind(
    bindings: readonly { readonly slot: number; readonly expression: Expression }[],
    inputs: readonly string[],
  ): void {
    const names = this.resolver(inputs);
    for (const { slot, expression } of bindings)
      this.slots.set(slot, deparseExpression(expression, names));
  }

  resolver(inputs: readonly string[]): NameResolver {
    return {
      column: (id) => `column_${id}`,
      routine(oid) {
        const name = registeredRoutine(oid)?.name;
        return name === undefined ? undefined : quoteIdentifier(name);
      },
      input: (ordinal) => inputs[ordinal] ?? `column${ordinal + 1}`,
      slot: (slot) => this.slots.get(slot) ?? `$${slot}`,
      subplan: (expression) => {
        this.bind(expression.bindings, inputs);
        if (expression.mode === 'scalar' && expression.bindings.length === 0)
          return `$${expression.subplan}`;
        const name = `SubPlan ${expression.subplan + 1}`;
        return expression.hashedKeys === undefined ? `(${name})` : `(hashed ${name})`;
      },
    };
  }

  text(expression: Expression, inputs: readonly string[]): string {
    return deparseExpression(expression, this.resolver(inputs));
  }

  /** A condition, always in parentheses. */
  condition(expression: Expression, inputs: readonly string[]): string {
    const text = this.text(expression, inputs);
    return text.startsWith('(') ? text : `(${text})`;
  }
}

function countScans(node: PhysicalNode): number {
  const own = node.kind === 'scan' || node.kind === 'systemScan' || node.kind === 'cteScan' ? 1 : 0;
  return nodeInputs(node).reduce((count, input) => count + countScans(input), own);
}
