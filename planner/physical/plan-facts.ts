// Walks physical plans: the subplans that are really used, and whether a plan only reads.

import type { AggregateExpression, Expression } from '#common';
import type { PhysicalCheck, PhysicalCte, PhysicalNode } from '../physical-plan.ts';
import { hasSideEffects } from '../optimize/expression-facts.ts';
import { mapChildren, mapOptional, mapOrderKeys } from '../optimize/expression-tree.ts';

type MapExpression = (expression: Expression) => Expression;

/** Rebuilds a node and everything below it with its expressions mapped. */
export function mapNode(node: PhysicalNode, map: MapExpression): PhysicalNode {
  const list = (items: readonly Expression[]) => items.map(map);
  const below = (input: PhysicalNode) => mapNode(input, map);
  switch (node.kind) {
    case 'scan':
      return {
        ...node,
        filter: mapOptional(node.filter, map),
        access: mapAccess(node.access, map),
      };
    case 'systemScan':
      return {
        ...node,
        filter: mapOptional(node.filter, map),
        lookups: node.lookups.map((lookup) => ({ ...lookup, value: map(lookup.value) })),
      };
    case 'feed':
      return node;
    case 'values':
      return { ...node, rows: node.rows.map(list) };
    case 'functionScan':
      return {
        ...node,
        calls: node.calls.map((call) => ({ ...call, call: map(call.call) })),
        filter: mapOptional(node.filter, map),
      };
    case 'result':
      return { ...node, condition: mapOptional(node.condition, map) };
    case 'filter':
      return { ...node, input: below(node.input), condition: map(node.condition) };
    case 'project':
    case 'projectSet':
      return { ...node, input: below(node.input), expressions: list(node.expressions) };
    case 'nestedLoop':
      return {
        ...node,
        left: below(node.left),
        right: below(node.right),
        bindings: node.bindings.map((binding) => ({
          ...binding,
          expression: map(binding.expression),
        })),
        condition: mapOptional(node.condition, map),
      };
    case 'hashJoin':
      return {
        ...node,
        left: below(node.left),
        right: below(node.right),
        leftKeys: list(node.leftKeys),
        rightKeys: list(node.rightKeys),
        condition: mapOptional(node.condition, map),
      };
    case 'aggregate':
      return {
        ...node,
        input: below(node.input),
        groupKeys: list(node.groupKeys),
        aggregates: node.aggregates.map((aggregate) => map(aggregate) as AggregateExpression),
      };
    case 'window':
      return {
        ...node,
        input: below(node.input),
        partitionBy: list(node.partitionBy),
        orderBy: mapOrderKeys(node.orderBy, map),
        calls: node.calls.map((call) => ({
          ...call,
          arguments: list(call.arguments),
          filter: mapOptional(call.filter, map),
        })),
        frame: {
          ...node.frame,
          start: { ...node.frame.start, offset: mapOptional(node.frame.start.offset, map) },
          end: { ...node.frame.end, offset: mapOptional(node.frame.end.offset, map) },
        },
      };
    case 'sort':
      return {
        ...node,
        input: below(node.input),
        keys: mapOrderKeys(node.keys, map),
        limit: mapOptional(node.limit, map),
      };
    case 'limit':
      return {
        ...node,
        input: below(node.input),
        count: mapOptional(node.count, map),
        offset: mapOptional(node.offset, map),
        tieKeys: mapOrderKeys(node.tieKeys, map),
      };
    case 'distinct':
      return { ...node, input: below(node.input), on: node.on?.map(map) };
    case 'append':
      return { ...node, inputs: node.inputs.map(below) };
    case 'setOperation':
      return { ...node, left: below(node.left), right: below(node.right) };
    case 'cteScan':
      return node;
    case 'received':
      return node;
    case 'partitioned':
      return { ...node, input: below(node.input), whole: below(node.whole) };
    case 'gather':
      return { ...node, input: below(node.input), handed: node.handed.map(below) };
    case 'lockRows':
      return { ...node, input: below(node.input), limit: mapOptional(node.limit, map) };
    case 'insert': {
      const onConflict =
        node.onConflict === undefined
          ? undefined
          : {
              ...node.onConflict,
              assignments: mapAssignments(node.onConflict.assignments, map),
              where: mapOptional(node.onConflict.where, map),
            };
      return {
        ...node,
        source: below(node.source),
        assignments: mapAssignments(node.assignments, map),
        onConflict,
        checks: mapChecks(node.checks, map),
        returning: mapReturning(node.returning, map),
      };
    }
    case 'update':
      return {
        ...node,
        source: below(node.source),
        assignments: mapAssignments(node.assignments, map),
        checks: mapChecks(node.checks, map),
        returning: mapReturning(node.returning, map),
      };
    case 'delete':
      return { ...node, source: below(node.source), returning: mapReturning(node.returning, map) };
    case 'sequence':
      return { ...node, steps: node.steps.map(below) };
    case 'merge':
      return {
        ...node,
        source: below(node.source),
        checks: mapChecks(node.checks, map),
        clauses: node.clauses.map((clause) => ({
          ...clause,
          condition: mapOptional(clause.condition, map),
          assignments: mapAssignments(clause.assignments, map),
        })),
      };
  }
}

function mapChecks(checks: readonly PhysicalCheck[], map: MapExpression): readonly PhysicalCheck[] {
  return checks.map((check) => ({ ...check, condition: map(check.condition) }));
}

function mapAccess(
  access: Extract<PhysicalNode, { kind: 'scan' }>['access'],
  map: MapExpression,
): typeof access {
  if (access.kind === 'full') return access;
  if (access.kind === 'current') return { ...access, cursor: map(access.cursor) };
  if (access.kind === 'inverted') {
    const conditions = access.conditions.map((each) => ({
      ...each,
      query: map(each.query),
      condition: map(each.condition),
    }));
    return { ...access, conditions };
  }
  const { range } = access;
  const bound = (value: typeof range.lower) =>
    value === undefined ? undefined : { ...value, value: map(value.value) };
  return {
    ...access,
    range: {
      equal: range.equal.map(map),
      anyOf: mapOptional(range.anyOf, map),
      lower: bound(range.lower),
      upper: bound(range.upper),
    },
  };
}

function mapAssignments<Item extends { readonly value: Expression }>(
  items: readonly Item[],
  map: MapExpression,
): Item[] {
  return items.map((item) => ({ ...item, value: map(item.value) }));
}

function mapReturning<
  Returning extends { readonly expressions: readonly Expression[] } | undefined,
>(returning: Returning, map: MapExpression): Returning {
  return returning === undefined
    ? returning
    : { ...returning, expressions: returning.expressions.map(map) };
}

interface Parts {
  readonly root: PhysicalNode;
  readonly ctes: readonly PhysicalCte[];
  readonly subplans: readonly PhysicalNode[];
}

/** Drops the subplans of candidates that were not taken and numbers the others anew. */
export function withUsedSubplans(parts: Parts): Parts {
  if (parts.subplans.length === 0) return parts;
  const numbers = new Map<number, number>();
  const kept: PhysicalNode[] = [];
  const renumber: MapExpression = (expression) => {
    const mapped = mapSubplanParts(expression, renumber);
    if (mapped.kind !== 'subplan') return mapped;
    let number = numbers.get(mapped.subplan);
    if (number === undefined) {
      number = kept.length;
      numbers.set(mapped.subplan, number);
      // The place is taken first: subplans nest, and the inner ones come after it.
      kept.push(parts.subplans[mapped.subplan]);
      kept[number] = mapNode(parts.subplans[mapped.subplan], renumber);
    }
    return { ...mapped, subplan: number };
  };
  const ctes = parts.ctes.map((cte) => ({
    ...cte,
    plan: mapNode(cte.plan, renumber),
    step: cte.step === undefined ? undefined : mapNode(cte.step, renumber),
  }));
  return { root: mapNode(parts.root, renumber), ctes, subplans: kept };
}

/** mapChildren enters a subplan's expressions as well. */
function mapSubplanParts(expression: Expression, map: MapExpression): Expression {
  if (expression.kind !== 'subplan') return mapChildren(expression, map);
  return {
    ...expression,
    bindings: expression.bindings.map((binding) => ({
      ...binding,
      expression: map(binding.expression),
    })),
    test: mapOptional(expression.test, map),
    hashedKeys: expression.hashedKeys?.map(map),
  };
}

/** No writes, no row locks, no function with side effects. */
export function onlyReads({ root, ctes, subplans }: Parts): boolean {
  let reads = true;
  const check = (node: PhysicalNode): void => {
    mapNode(node, (expression) => {
      reads &&= !hasSideEffects(expression);
      return expression;
    });
    reads &&= !writes(node);
  };
  check(root);
  subplans.forEach(check);
  for (const cte of ctes) {
    check(cte.plan);
    if (cte.step !== undefined) check(cte.step);
  }
  return reads;
}

/** Rows are written or locked somewhere in it, which a read-only transaction does not allow. */
export function writesRows({ root, ctes, subplans }: Parts): boolean {
  return writes(root) || subplans.some(writes) || ctes.some(({ plan }) => writes(plan));
}

function writes(node: PhysicalNode): boolean {
  if (
    node.kind === 'insert' ||
    node.kind === 'update' ||
    node.kind === 'delete' ||
    node.kind === 'merge' ||
    node.kind === 'lockRows'
  )
    return true;
  return nodeInputs(node).some(writes);
}

/** The operators right below a node. */
export function nodeInputs(node: PhysicalNode): readonly PhysicalNode[] {
  switch (node.kind) {
    case 'nestedLoop':
    case 'hashJoin':
    case 'setOperation':
      return [node.left, node.right];
    case 'append':
      return node.inputs;
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return [node.source];
    case 'sequence':
      return node.steps;
    case 'filter':
    case 'project':
    case 'projectSet':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lockRows':
    case 'partitioned':
      return [node.input];
    case 'gather':
      return [node.input, ...node.handed];
    default:
      return [];
  }
}
