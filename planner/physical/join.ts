// Builds joins. Candidates: a hash join of either side, a nested loop that looks the inner side up
// (its conjuncts pushed down with the outer columns as slots), a nested loop over a kept inner side;
// for semi joins also the inner side made unique and joined from the other end. The cheapest wins.

import { collationOfType, TypeOid, type ColumnId, type Expression, type SqlType } from '#common';
import { functionRegistry } from '#functions';
import type { JoinNode, LogicalPlan } from '../logical-plan.ts';
import type { PhysicalHashJoin, PhysicalNestedLoop } from '../physical-plan.ts';
import { asComparison, hasSubquery, isVolatile } from '../optimize/expression-facts.ts';
import { conjunctsOf, visitExpression } from '../optimize/expression-tree.ts';
import { orderJoins } from '../optimize/passes/order-joins.ts';
import { push } from '../optimize/passes/push-predicates.ts';
import { columnsOf, freeColumns, inputsOf } from '../optimize/plan-tree.ts';
import { isUniqueBy } from '../optimize/unique-columns.ts';
import { columnTypes, countedRows, type PlanBuilder } from './builder.ts';
import { penaltyOf, unordered, type Built, type Scope, type Wanted } from './built.ts';
import { costs } from './cost.ts';
import { hashJoinCost } from './hash-join-cost.ts';
import { Candidates, type Compared } from './join-candidates.ts';

interface Join {
  readonly plan: JoinNode;
  readonly type: Exclude<JoinNode['type'], 'cross'>;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly conjuncts: readonly Expression[];
  readonly rows: number;
  readonly scope: Scope;
  readonly wanted: Wanted | undefined;
}

export function buildJoin(
  builder: PlanBuilder,
  plan: JoinNode,
  scope: Scope,
  wanted: Wanted | undefined,
): Built {
  const join: Join = {
    plan,
    type: plan.type === 'cross' ? 'inner' : plan.type,
    left: plan.left,
    right: plan.right,
    conjuncts: conjunctsOf(plan.condition),
    rows: builder.cardinality.rows(plan),
    scope,
    wanted,
  };
  if (plan.lateral) return buildLateral(builder, join);
  const candidates = new Candidates(builder, wanted);
  const left = builder.build(join.left, scope, wanted);
  const right = builder.build(join.right, scope, join.type === 'inner' ? wanted : undefined);
  const keys = hashKeys(join);
  addHashJoins(builder, { join, left, right, keys, candidates });
  if (join.type !== 'right' && join.type !== 'full') {
    addNestedLoops(builder, { join, left, right, candidates });
  }
  if (join.type === 'semi') addUniqueInner(builder, { join, right, keys, candidates });
  return candidates.best!;
}

/** The right side depends on the left: it is run for each left row. */
function buildLateral(builder: PlanBuilder, join: Join): Built {
  const left = builder.build(join.left, join.scope, join.wanted);
  const free = [...freeColumns(join.right)];
  const types = columnTypes(join.right);
  const inner = builder.bindSlots(free, types, { ordinals: left.ordinals, scope: join.scope });
  const right = builder.build(join.right, inner.scope);
  return nestedLoop(builder, {
    join,
    left,
    right,
    bindings: inner.bindings,
    conjuncts: join.conjuncts,
  });
}

interface HashKeys {
  readonly left: Expression[];
  readonly right: Expression[];
  readonly equalityOids: number[];
  readonly others: Expression[];
}

/** Splits the conjuncts into equalities between the two sides and the rest. */
function hashKeys({ left, right, conjuncts }: Join): HashKeys {
  const leftColumns = new Set(left.outputs.map((column) => column.id));
  const rightColumns = new Set(right.outputs.map((column) => column.id));
  const keys: HashKeys = { left: [], right: [], equalityOids: [], others: [] };
  for (const conjunct of conjuncts) {
    const pair = hashablePair(conjunct);
    const first = pair === undefined ? undefined : sideOf(pair.left, leftColumns, rightColumns);
    const second = pair === undefined ? undefined : sideOf(pair.right, leftColumns, rightColumns);
    if (pair === undefined || first === undefined || second === undefined || first === second) {
      keys.others.push(conjunct);
      continue;
    }
    keys.left.push(first === 'left' ? pair.left : pair.right);
    keys.right.push(first === 'left' ? pair.right : pair.left);
    keys.equalityOids.push(pair.equalityOid);
  }
  return keys;
}

function sideOf(
  expression: Expression,
  left: ReadonlySet<ColumnId>,
  right: ReadonlySet<ColumnId>,
): 'left' | 'right' | undefined {
  if (isVolatile(expression) || hasSubquery(expression)) return undefined;
  let side: 'left' | 'right' | undefined;
  for (const column of columnsOf(expression)) {
    const of = left.has(column) ? 'left' : right.has(column) ? 'right' : undefined;
    if (of === undefined) continue;
    if (side !== undefined && side !== of) return undefined;
    side = of;
  }
  return side;
}

const integerWidths = new Map<number, number>([
  [TypeOid.int2, 2],
  [TypeOid.int4, 4],
  [TypeOid.int8, 8],
]);

/** Both sides of an equality in one type whose values can be hashed; integers are widened. */
function hashablePair(
  conjunct: Expression,
):
  | { readonly left: Expression; readonly right: Expression; readonly equalityOid: number }
  | undefined {
  const comparison = asComparison(conjunct);
  if (comparison === undefined || comparison.operator !== '=') return undefined;
  if (functionRegistry.operatorByOid(comparison.operatorOid)?.canHash !== true) return undefined;
  let { left, right } = comparison;
  const leftWidth = integerWidths.get(left.type.oid);
  const rightWidth = integerWidths.get(right.type.oid);
  if (leftWidth !== undefined && rightWidth !== undefined && leftWidth !== rightWidth) {
    const widerLeft = leftWidth < rightWidth ? widen(left, right.type) : left;
    const widerRight = rightWidth < leftWidth ? widen(right, left.type) : right;
    if (widerLeft === undefined || widerRight === undefined) return undefined;
    left = widerLeft;
    right = widerRight;
  } else if (left.type.oid !== right.type.oid) {
    return undefined;
  }
  const ordering = functionRegistry.ordering(left.type.oid);
  const equalityOid = ordering?.equalityOid;
  if (equalityOid === undefined) return undefined;
  if (collationOfType(left.type.oid) !== 0 && equalityOid === comparison.functionOid)
    return { left, right, equalityOid };
  const sameOperator = ordering?.equalityOperatorOid === comparison.operatorOid;
  const isInteger = integerWidths.has(left.type.oid);
  return sameOperator || isInteger ? { left, right, equalityOid } : undefined;
}

function widen(expression: Expression, type: SqlType): Expression | undefined {
  const cast = functionRegistry.castBetween(expression.type.oid, type.oid);
  if (cast === undefined || cast.method !== 'function') return undefined;
  return {
    kind: 'call',
    type: { oid: type.oid, typmod: -1 },
    functionOid: cast.functionOid,
    arguments: [expression],
  };
}

interface HashParts {
  readonly join: Join;
  readonly left: Built;
  readonly right: Built;
  readonly keys: HashKeys;
  readonly candidates: Candidates;
}

function addHashJoins(
  builder: PlanBuilder,
  { join, left, right, keys, candidates }: HashParts,
): void {
  const required = join.type === 'right' || join.type === 'full';
  if (keys.left.length === 0 && !required) return;
  const filled = keys.left.length === 0 ? constantKeys(join) : keys;
  const straight = {
    join,
    keys: filled,
    probe: left,
    build: right,
    type: join.type,
    swapped: false,
  } as const;
  candidates.add(hashJoin(builder, straight));
  // Build the other side: inner joins are symmetric, an outer join changes its name.
  const turned = {
    inner: 'inner',
    left: 'right',
    right: 'left',
    full: 'full',
    semi: undefined,
    anti: undefined,
  } as const;
  const type = turned[join.type];
  if (type !== undefined)
    candidates.add(
      hashJoin(builder, { join, keys: filled, probe: right, build: left, type, swapped: true }),
    );
}

/** Full joins on other conditions than equality: all pairs meet under one key. */
function constantKeys({ conjuncts }: Join): HashKeys {
  const one: Expression = { kind: 'constant', type: { oid: TypeOid.int4, typmod: -1 }, value: 1 };
  const equalityOid = functionRegistry.ordering(TypeOid.int4)?.equalityOid ?? 0;
  return { left: [one], right: [one], equalityOids: [equalityOid], others: [...conjuncts] };
}

function hashJoin(
  builder: PlanBuilder,
  parts: {
    readonly join: Join;
    readonly keys: HashKeys;
    readonly probe: Built;
    readonly build: Built;
    readonly type: PhysicalHashJoin['type'];
    readonly swapped: boolean;
  },
): Built {
  const { join, keys, probe, build, type, swapped } = parts;
  const probeKeys = swapped ? keys.right : keys.left;
  const buildKeys = swapped ? keys.left : keys.right;
  const pair = pairOrdinals(probe, build);
  const leftOnly = type === 'semi' || type === 'anti';
  const leftKeys = probeKeys.map((key) => builder.lower(key, probe.ordinals, join.scope));
  const { startup, total } = hashJoinCost({
    type,
    left: probe.node,
    right: build.node,
    leftKeys,
    rows: join.rows,
  });
  return {
    node: {
      ...builder.frame(leftOnly ? probe.node.types : [...probe.node.types, ...build.node.types], {
        rows: join.rows,
        startup,
        total,
      }),
      kind: 'hashJoin',
      type,
      left: probe.node,
      right: build.node,
      leftKeys,
      rightKeys: buildKeys.map((key) => builder.lower(key, build.ordinals, join.scope)),
      equalityOids: keys.equalityOids,
      condition: builder.lowerCondition(keys.others, { ordinals: pair, scope: join.scope }),
    },
    ordinals: leftOnly ? probe.ordinals : pair,
    ordering: unordered,
    ...penaltyOf(builder.penalty('hashjoin'), probe, build),
  };
}

/** Ordinals in rows of left columns, then right ones. */
function pairOrdinals(left: Built, right: Built): ReadonlyMap<ColumnId, number> {
  const ordinals = new Map(left.ordinals);
  for (const [column, ordinal] of right.ordinals)
    ordinals.set(column, left.node.types.length + ordinal);
  return ordinals;
}

interface LoopParts {
  readonly join: Join;
  readonly left: Built;
  readonly right: Built;
  readonly candidates: Candidates;
}

function addNestedLoops(builder: PlanBuilder, { join, left, right, candidates }: LoopParts): void {
  candidates.add(
    nestedLoop(builder, { join, left, right, bindings: [], conjuncts: join.conjuncts }),
  );
  addLookupLoop(builder, { join, outer: left, inner: join.right, candidates });
  if (join.type !== 'inner') return;
  candidates.add(
    nestedLoop(builder, {
      join,
      left: right,
      right: left,
      bindings: [],
      conjuncts: join.conjuncts,
    }),
  );
  addLookupLoop(builder, { join, outer: right, inner: join.left, candidates });
}

/** A loop whose inner side is looked up with values of the outer row. */
function addLookupLoop(
  builder: PlanBuilder,
  parts: {
    readonly join: Join;
    readonly outer: Built;
    readonly inner: LogicalPlan;
    readonly candidates: Candidates;
  },
): void {
  const { join, outer, inner, candidates } = parts;
  // Most loops cost too much however cheap a look-up is, and planning the inner side takes its time.
  if (!candidates.isPromising(loopWithout(outer, join.rows))) return;
  if (!canLookUp(inner, outer.node.estimatedRows)) return;
  const innerColumns = new Set(inner.outputs.map((column) => column.id));
  const pushed: Expression[] = [];
  const kept: Expression[] = [];
  for (const conjunct of join.conjuncts) {
    const reads = columnsOf(conjunct);
    const movable =
      !isVolatile(conjunct) &&
      !hasSubquery(conjunct) &&
      [...reads].some((column) => innerColumns.has(column));
    (movable ? pushed : kept).push(conjunct);
  }
  const free = new Set<ColumnId>();
  const types = new Map<ColumnId, SqlType>();
  for (const conjunct of pushed) {
    for (const column of columnsOf(conjunct)) if (outer.ordinals.has(column)) free.add(column);
    collectTypes(conjunct, types);
  }
  if (free.size === 0) return;
  const bound = builder.bindSlots(free, types, { ordinals: outer.ordinals, scope: join.scope });
  const looked = push(inner, pushed);
  // With the key known, another order of joins may be best.
  const ordered = isGrouped(inner) ? orderJoins(looked, builder.cardinality) : looked;
  const right = builder.build(ordered, bound.scope);
  candidates.add(
    nestedLoop(builder, { join, left: outer, right, bindings: bound.bindings, conjuncts: kept }),
  );
}

/** A loop over the outer rows whose inner side costs nothing. */
function loopWithout({ node, ordering }: Built, rows: number): Compared {
  const { startupCost, estimatedRows } = node;
  const totalCost = node.totalCost + estimatedRows * costs.loop + rows * costs.tuple;
  return { node: { estimatedRows: countedRows(rows), startupCost, totalCost }, ordering };
}

function collectTypes(expression: Expression, types: Map<ColumnId, SqlType>): void {
  for (const column of columnsOf(expression)) {
    if (types.has(column)) continue;
    types.set(column, typeOfColumn(expression, column));
  }
}

function typeOfColumn(expression: Expression, column: ColumnId): SqlType {
  let type: SqlType = { oid: 0, typmod: -1 };
  visitExpression(expression, (node) => {
    if (node.kind === 'column' && node.column === column) type = node.type;
  });
  return type;
}

/** Joins in the inner side of a lookup: it is planned once more, so not many … */
const lookupJoinsMax = 2;
/** … but more of them below groups, for few outer rows: a correlated subquery of a small statement. */
const groupedLookupJoinsMax = 6;
const groupedLookupRowsMax = 200;

/** Scans under filters, projections and the like, and a few joins of them (views). */
function canLookUp(plan: LogicalPlan, outerRows: number): boolean {
  let joins = 0;
  let scans = 0;
  const enter = (node: LogicalPlan): boolean => {
    if (node.kind === 'join') joins++;
    if (node.kind === 'scan') scans++;
    if (node.kind === 'with' || node.kind === 'cteScan') return false;
    return inputsOf(node).every(enter);
  };
  const isFew = outerRows <= groupedLookupRowsMax;
  const joinsMax = isFew && isGrouped(plan) ? groupedLookupJoinsMax : lookupJoinsMax;
  return enter(plan) && scans > 0 && joins <= joinsMax;
}

/** What correlated subqueries become: all groups at once, or those of one key. */
function isGrouped(plan: LogicalPlan): boolean {
  if (plan.kind === 'project' || plan.kind === 'filter') return isGrouped(plan.input);
  return plan.kind === 'aggregate';
}

function nestedLoop(
  builder: PlanBuilder,
  parts: {
    readonly join: Join;
    readonly left: Built;
    readonly right: Built;
    readonly bindings: PhysicalNestedLoop['bindings'];
    readonly conjuncts: readonly Expression[];
  },
): Built {
  const { join, left, right, bindings, conjuncts } = parts;
  const leftOnly = join.type === 'semi' || join.type === 'anti';
  const type = join.type === 'right' || join.type === 'full' ? 'inner' : join.type;
  const pair = pairOrdinals(left, right);
  const outerRows = left.node.estimatedRows;
  // Without bindings the inner rows are kept, better the fewer, and every pair is tested; with them the
  // inner side runs each time.
  const inner =
    bindings.length === 0
      ? right.node.totalCost +
        right.node.estimatedRows * costs.hashBuild +
        outerRows *
          right.node.estimatedRows *
          (costs.tuple * 0.5 + costs.operator * conjuncts.length)
      : outerRows * (right.node.totalCost + costs.loop);
  const total = left.node.totalCost + inner + join.rows * costs.tuple;
  const startup = left.node.startupCost + (bindings.length === 0 ? right.node.totalCost : 0);
  return {
    node: {
      ...builder.frame(leftOnly ? left.node.types : [...left.node.types, ...right.node.types], {
        rows: join.rows,
        startup,
        total,
      }),
      kind: 'nestedLoop',
      type,
      left: left.node,
      right: right.node,
      bindings,
      condition: builder.lowerCondition(conjuncts, { ordinals: pair, scope: join.scope }),
    },
    ordinals: leftOnly ? left.ordinals : pair,
    ordering: left.ordering,
    ...penaltyOf(builder.penalty('nestloop'), left, right),
  };
}

/** x IN (small set): look each distinct value of the set up in the other side. */
function addUniqueInner(
  builder: PlanBuilder,
  parts: {
    readonly join: Join;
    readonly right: Built;
    readonly keys: HashKeys;
    readonly candidates: Candidates;
  },
): void {
  const { join, right, keys, candidates } = parts;
  if (keys.others.length > 0 || keys.right.length === 0) return;
  if (!keys.right.every((key) => key.kind === 'column')) return;
  const columns = keys.right.flatMap((key) =>
    key.kind === 'column' ? [{ id: key.column, type: key.type }] : [],
  );
  const node = builder.exact(right, columns);
  const total = node.totalCost + node.estimatedRows * costs.hashBuild;
  const isUnique = isUniqueBy(join.right, new Set(columns.map(({ id }) => id)));
  const unique: Built = {
    node: isUnique
      ? node
      : {
          ...builder.frame(node.types, { rows: node.estimatedRows, total }),
          kind: 'distinct',
          input: node,
          strategy: 'hash',
          on: undefined,
        },
    ordinals: new Map(columns.map((column, at) => [column.id, at])),
    ordering: unordered,
  };
  addLookupLoop(builder, {
    join: { ...join, type: 'inner' },
    outer: unique,
    inner: join.left,
    candidates,
  });
}
