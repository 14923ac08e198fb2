// WITH definitions that are read once (or that must be: NOT MATERIALIZED, or correlated ones) take
// the place of their scan, so that predicates reach into them. PostgreSQL's rule: not recursive, no
// side effects or volatile functions, read once and not MATERIALIZED.

import type { CteDefinition, CteScanNode, LogicalPlan } from '../../logical-plan.ts';
import { columnExpression, visitExpression } from '../expression-tree.ts';
import { planIsVolatile } from '../expression-facts.ts';
import type { Pass, PassContext } from '../pass.ts';
import {
  copyWithFreshColumns,
  freeColumns,
  inputsOf,
  rewritePlan,
  visitExpressions,
} from '../plan-tree.ts';

export const inlineCtesPass: Pass = {
  name: 'inline CTEs',
  rewrite(plan, context) {
    return rewritePlan(plan, (node) =>
      node.kind === 'with' ? inlineDefinitions(node, context) : node,
    );
  },
};

function inlineDefinitions(
  plan: Extract<LogicalPlan, { kind: 'with' }>,
  context: PassContext,
): LogicalPlan {
  let { definitions, body } = plan;
  // Later definitions read earlier ones: from the last to the first, each inlining can free another.
  for (let position = definitions.length - 1; position >= 0; position--) {
    const definition = definitions[position];
    const others = definitions.filter((other) => other !== definition);
    const readers: LogicalPlan[] = [body];
    for (const other of others) {
      readers.push(other.plan);
      if (other.recursive !== undefined) readers.push(other.recursive.step);
    }
    const references = readers.reduce(
      (count, reader) => count + countScans(reader, definition.cteId),
      0,
    );
    if (
      references === 0 &&
      definition.recursive === undefined &&
      !planIsVolatile(definition.plan)
    ) {
      definitions = others;
    } else if (mayInline(definition, references)) {
      const inline = (reader: LogicalPlan) => replaceScans(reader, definition, context);
      body = inline(body);
      definitions = others.map((other) => ({
        ...other,
        plan: inline(other.plan),
        recursive:
          other.recursive === undefined
            ? undefined
            : { ...other.recursive, step: inline(other.recursive.step) },
      }));
    }
  }
  return definitions.length === 0 ? body : { ...plan, definitions, body };
}

function mayInline(definition: CteDefinition, references: number): boolean {
  if (definition.recursive !== undefined || planIsVolatile(definition.plan)) return false;
  if (freeColumns(definition.plan).size > 0) return true;
  if (definition.materialized === 'always') return false;
  return references === 1 || definition.materialized === 'never';
}

function countScans(plan: LogicalPlan, cteId: number): number {
  let count = plan.kind === 'cteScan' && plan.cteId === cteId ? 1 : 0;
  visitExpressions(plan, (expression) =>
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') count += countScans(node.plan as LogicalPlan, cteId);
    }),
  );
  for (const input of inputsOf(plan)) count += countScans(input, cteId);
  return count;
}

function replaceScans(
  plan: LogicalPlan,
  definition: CteDefinition,
  context: PassContext,
): LogicalPlan {
  return rewritePlan(plan, (node) =>
    node.kind === 'cteScan' && node.cteId === definition.cteId
      ? expand(node, definition, context)
      : node,
  );
}

function expand(scan: CteScanNode, definition: CteDefinition, context: PassContext): LogicalPlan {
  const { plan } = copyWithFreshColumns(definition.plan, context);
  return {
    kind: 'project',
    input: plan,
    expressions: scan.columns.map((ordinal) => columnExpression(plan.outputs[ordinal])),
    outputs: scan.outputs,
  };
}
