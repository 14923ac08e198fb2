// Predicate push-down: each conjunct goes as far down as it can without changing which rows it is
// asked about. It stops at security barriers, limits, row locks, the nullable side of an outer join, and
// window functions (unless it reads partition keys only). Volatile conjuncts go through joins alone, to
// the side that they read, as in PostgreSQL.

import { sqlType, TypeOid, type ColumnId, type Expression } from '#common';
import type { JoinNode, LogicalPlan } from '../../logical-plan.ts';
import { conjunction, conjunctsOf } from '../expression-tree.ts';
import { hasSubquery, isLeakproof, isVolatile } from '../expression-facts.ts';
import type { Pass } from '../pass.ts';
import {
  columnsOf,
  mapExpressions,
  mapInputs,
  rewriteSubqueries,
  substituteColumns,
} from '../plan-tree.ts';
import { withImpliedConstants } from '../equivalence.ts';

export const pushPredicatesPass: Pass = {
  name: 'push predicates',
  rewrite: (plan) => push(plan, []),
};

/** The plan with the conjuncts applied as far down as possible. Columns it does not make are constants to it. */
export function push(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  if (plan.kind !== 'join' && plan.kind !== 'filter' && conjuncts.some(isVolatile)) {
    const movable = conjuncts.filter((conjunct) => !isVolatile(conjunct));
    return above(push(plan, movable), conjuncts.filter(isVolatile));
  }
  const node = mapExpressions(plan, (expression) =>
    rewriteSubqueries(expression, (query) => push(query, [])),
  );
  switch (node.kind) {
    case 'filter': {
      if (node.barrier) return pushBehindBarrier(node, conjuncts);
      const all = [...conjunctsOf(node.condition), ...conjuncts];
      if (node.input.kind === 'join') return push(node.input, all);
      const movable = all.filter((conjunct) => !isVolatile(conjunct));
      return above(push(node.input, movable), all.filter(isVolatile));
    }
    case 'project': {
      const [down, stay] = divide(conjuncts, (conjunct) => throughProjection(node, conjunct));
      return above({ ...node, input: push(node.input, down) }, stay);
    }
    case 'join':
      return pushIntoJoin(node, conjuncts);
    case 'aggregate': {
      const [down, stay] = divide(conjuncts, (conjunct) => throughGrouping(node, conjunct));
      return above({ ...node, input: push(node.input, down) }, stay);
    }
    case 'window': {
      const keys = node.partitionBy.flatMap((key) => (key.kind === 'column' ? [key.column] : []));
      const [down, stay] = divide(conjuncts, (conjunct) => ifReadsOnly(node, conjunct, keys));
      return above({ ...node, input: push(node.input, down) }, stay);
    }
    case 'sort':
      return { ...node, input: push(node.input, conjuncts) };
    case 'distinct': {
      const keys = node.on?.flatMap((key) => (key.kind === 'column' ? [key.column] : []));
      const [down, stay] = divide(conjuncts, (conjunct) =>
        keys === undefined ? conjunct : ifReadsOnly(node, conjunct, keys),
      );
      return above({ ...node, input: push(node.input, down) }, stay);
    }
    case 'setOperation':
      return {
        ...node,
        inputs: node.inputs.map((input) => {
          const column = new Map(node.outputs.map((output, at) => [output.id, input.outputs[at]]));
          return push(
            input,
            conjuncts.map((conjunct) =>
              substituteColumns(conjunct, (id) => {
                const target = column.get(id);
                return target === undefined
                  ? undefined
                  : { kind: 'column', column: target.id, type: target.type };
              }),
            ),
          );
        }),
      };
    case 'with':
      return {
        ...node,
        definitions: node.definitions.map((definition) => ({
          ...definition,
          plan: push(definition.plan, []),
          recursive:
            definition.recursive === undefined
              ? undefined
              : { ...definition.recursive, step: push(definition.recursive.step, []) },
        })),
        body: push(node.body, conjuncts),
      };
    default:
      return above(
        mapInputs(node, (input) => push(input, [])),
        conjuncts,
      );
  }
}

/**
 * Leakproof conjuncts join the barrier's own, the others stay above. It stays a barrier as long as
 * something below tells rows apart: conditions of joins may still be pushed down later.
 */
function pushBehindBarrier(
  node: Extract<LogicalPlan, { kind: 'filter' }>,
  conjuncts: readonly Expression[],
): LogicalPlan {
  const own = conjunctsOf(node.condition).filter((each) => each.kind !== 'constant');
  const movable = [...own, ...conjuncts.filter(isLeakproof)].filter((each) => !isVolatile(each));
  const stay = conjuncts.filter((each) => !isLeakproof(each) || isVolatile(each));
  const inner = above(push(node.input, movable), own.filter(isVolatile));
  return above(fenced(inner), stay);
}

function fenced(plan: LogicalPlan): LogicalPlan {
  if (plan.kind === 'scan') return plan;
  if (plan.kind === 'filter') return plan.barrier ? plan : { ...plan, barrier: true };
  const condition: Expression = { kind: 'constant', value: true, type: sqlType(TypeOid.bool) };
  return { kind: 'filter', input: plan, condition, barrier: true, outputs: plan.outputs };
}

function above(plan: LogicalPlan, conjuncts: readonly Expression[]): LogicalPlan {
  const condition = conjunction(conjuncts);
  if (condition === undefined) return plan;
  // Another filter takes the conjuncts in, but a barrier keeps what is above it apart.
  if (plan.kind === 'filter' && !plan.barrier) {
    const all = conjunction([...conjunctsOf(plan.condition), ...conjuncts])!;
    return { ...plan, condition: all };
  }
  return { kind: 'filter', input: plan, condition, barrier: false, outputs: plan.outputs };
}

/** Splits into what `rewrite` can move (rewritten) and the rest. */
function divide(
  conjuncts: readonly Expression[],
  rewrite: (conjunct: Expression) => Expression | undefined,
): [Expression[], Expression[]] {
  const down: Expression[] = [];
  const stay: Expression[] = [];
  for (const conjunct of conjuncts) {
    const moved = rewrite(conjunct);
    if (moved === undefined) stay.push(conjunct);
    else down.push(moved);
  }
  return [down, stay];
}

function throughProjection(
  node: Extract<LogicalPlan, { kind: 'project' }>,
  conjunct: Expression,
): Expression | undefined {
  const made = new Map(node.outputs.map((output, at) => [output.id, node.expressions[at]]));
  for (const column of columnsOf(conjunct)) {
    const expression = made.get(column);
    if (expression !== undefined && (isVolatile(expression) || hasSubquery(expression)))
      return undefined;
  }
  return substituteColumns(conjunct, (column) => made.get(column));
}

function throughGrouping(
  node: Extract<LogicalPlan, { kind: 'aggregate' }>,
  conjunct: Expression,
): Expression | undefined {
  if (node.groupingSets !== undefined || node.groupKeys.length === 0) return undefined;
  const made = new Map(node.outputs.map((output, at) => [output.id, at]));
  let readsKey = false;
  for (const column of columnsOf(conjunct)) {
    const ordinal = made.get(column);
    if (ordinal === undefined) continue;
    const key = node.groupKeys[ordinal];
    if (key === undefined || isVolatile(key) || hasSubquery(key)) return undefined;
    readsKey = true;
  }
  if (!readsKey) return undefined;
  return substituteColumns(conjunct, (column) => {
    const ordinal = made.get(column);
    return ordinal === undefined ? undefined : node.groupKeys[ordinal];
  });
}

function ifReadsOnly(
  node: LogicalPlan,
  conjunct: Expression,
  allowed: readonly ColumnId[],
): Expression | undefined {
  const made = new Set(node.outputs.map((output) => output.id));
  const reads = [...columnsOf(conjunct)].filter((column) => made.has(column));
  return reads.length > 0 && reads.every((column) => allowed.includes(column))
    ? conjunct
    : undefined;
}

function pushIntoJoin(node: JoinNode, conjuncts: readonly Expression[]): LogicalPlan {
  const own = conjunctsOf(node.condition);
  const left = new Set(node.left.outputs.map((column) => column.id));
  const right = new Set(node.right.outputs.map((column) => column.id));
  const sides: Sides = { left: [], right: [], join: [], above: [] };
  switch (node.type) {
    case 'inner':
    case 'cross':
      for (const conjunct of withImpliedConstants([...own, ...conjuncts])) {
        sides[sideOf(conjunct, left, right, 'join')].push(conjunct);
      }
      break;
    case 'semi':
      for (const conjunct of conjuncts) sides.left.push(conjunct);
      for (const conjunct of withImpliedConstants(own))
        sides[sideOf(conjunct, left, right, 'join')].push(conjunct);
      sides.right.push(...impliedAtRight(own, sides.left, right));
      break;
    case 'anti':
      for (const conjunct of conjuncts) sides.left.push(conjunct);
      for (const conjunct of own)
        sides[sideOf(conjunct, left, right, 'join') === 'right' ? 'right' : 'join'].push(conjunct);
      sides.right.push(...impliedAtRight(own, sides.left, right));
      break;
    case 'left':
      for (const conjunct of conjuncts)
        sides[sideOf(conjunct, left, right, 'above') === 'left' ? 'left' : 'above'].push(conjunct);
      for (const conjunct of own)
        sides[sideOf(conjunct, left, right, 'join') === 'right' ? 'right' : 'join'].push(conjunct);
      sides.right.push(...impliedAtRight(own, sides.left, right));
      break;
    default:
      sides.above.push(...conjuncts);
      sides.join.push(...own);
  }
  const condition = conjunction(sides.join);
  const type =
    node.type === 'inner' || node.type === 'cross'
      ? condition === undefined
        ? 'cross'
        : 'inner'
      : node.type;
  // More conjuncts make fewer rows than were expected before.
  const { estimatedRows: _, ...unestimated } = node;
  const join: JoinNode = {
    ...(conjuncts.length === 0 ? node : unestimated),
    type,
    left: push(node.left, sides.left),
    right: push(node.right, sides.right),
    condition,
  };
  return above(join, sides.above);
}

/** Partners of left rows with a known value have it too: what follows for the right side alone. */
function impliedAtRight(
  own: readonly Expression[],
  asked: readonly Expression[],
  right: ReadonlySet<ColumnId>,
): readonly Expression[] {
  if (asked.length === 0) return [];
  const given = [...own, ...asked];
  return withImpliedConstants(given)
    .slice(given.length)
    .filter((conjunct) => {
      const columns = [...columnsOf(conjunct)];
      return columns.length > 0 && columns.every((column) => right.has(column));
    });
}

interface Sides {
  readonly left: Expression[];
  readonly right: Expression[];
  readonly join: Expression[];
  readonly above: Expression[];
}

/** Which side alone makes the columns that a conjunct reads. */
function sideOf<Other extends 'join' | 'above'>(
  conjunct: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
  otherwise: Other,
): 'left' | 'right' | Other {
  let readsLeft = false;
  let readsRight = false;
  for (const column of columnsOf(conjunct)) {
    readsLeft ||= left.has(column);
    readsRight ||= right.has(column);
  }
  if (readsLeft && !readsRight) return 'left';
  if (readsRight && !readsLeft) return 'right';
  return otherwise;
}
