// Builds scans with the filter that stands on them: tables by their cheapest access path, system
// relations with lookup hints.

import type { ColumnId, Expression, IndexDescriptor } from '#common';
import type { LogicalPlan, ScanNode, SystemScanNode } from '../logical-plan.ts';
import type { KeyRange, PhysicalSystemScan, ScanAccess } from '../physical-plan.ts';
import {
  asComparison,
  isConstantLike,
  mirror,
  withoutRelabel,
} from '../optimize/expression-facts.ts';
import { mapOptional } from '../optimize/expression-tree.ts';
import { accessPaths, type AccessPath } from './access-path.ts';
import type { PlanBuilder } from './builder.ts';
import {
  matchOrder,
  ordinalsOf,
  typesOf,
  unordered,
  wantedSortCost,
  type Built,
  type Ordering,
  type Scope,
  type Wanted,
} from './built.ts';
import { foreignTableError } from '../foreign-table.ts';
import { isLookupColumn, systemRelationRows } from '../system-relation-size.ts';
import { bulkCost, costs } from './cost.ts';

const pathKinds = {
  full: 'seqscan',
  key: 'indexscan',
  index: 'indexscan',
  inverted: 'bitmapscan',
  // There is no other way.
  current: 'indexscan',
} as const;

function pathKind(access: ScanAccess): (typeof pathKinds)[keyof typeof pathKinds] {
  return access.kind === 'index' && access.inRowOrder === true
    ? 'bitmapscan'
    : pathKinds[access.kind];
}

const noOrdinals: ReadonlyMap<ColumnId, number> = new Map();

/** A table scan with the conjuncts of the filter above it. */
export function buildScan(
  builder: PlanBuilder,
  parts: {
    readonly scan: ScanNode;
    readonly conjuncts: readonly Expression[];
    readonly scope: Scope;
    readonly wanted: Wanted | undefined;
  },
): Built {
  const { scan, conjuncts, scope, wanted } = parts;
  const { cardinality } = builder;
  if (scan.table.foreign !== undefined) throw foreignTableError(builder.catalog, scan.table);
  const expected = cardinality.expectation(scan, conjuncts);
  const fraction = expected?.corrected ?? cardinality.scanSelectivity(scan, conjuncts);
  const selected = Math.max(1, cardinality.tableRows(scan.table) * fraction);
  let best:
    | {
        readonly path: AccessPath;
        readonly cost: number;
        readonly penalty: number;
        readonly backward: boolean;
        readonly rows: number;
      }
    | undefined;
  for (const known of accessPaths(scan, conjuncts, cardinality)) {
    const sized = expected?.corrected === undefined ? known : withRows(known, selected);
    const order = wanted === undefined ? undefined : matchOrder(sized.ordering, wanted.keys);
    const isFree = wanted?.keys.length === 0 && wanted.limitRows === undefined;
    const path =
      order === undefined || isFree ? inRowOrder(builder, sized, { scan, scope }) : sized;
    const rest = conjuncts.length - path.implied.size;
    const rows = Math.min(selected, path.rows);
    const filtering = rest * costs.operator;
    const penalty = builder.penalty(pathKind(path.access));
    let cost =
      path.cost +
      (path.access.kind === 'full' ? bulkCost(path.rows, filtering) : path.rows * filtering);
    // Reading in the wanted order saves the sort, and with a limit most of the reading.
    if (wanted !== undefined && order === undefined)
      cost +=
        wantedSortCost(rows, wanted) + (wanted.keys.length === 0 ? 0 : builder.penalty('sort'));
    else if (wanted?.limitRows !== undefined) cost *= Math.min(1, wanted.limitRows / rows);
    cost += penalty;
    if (best === undefined || cost < best.cost)
      best = { path, cost, penalty, backward: order === 'backward', rows };
  }
  const { path, penalty, backward, rows } = best!;
  const ordinals = ordinalsOf(scan.outputs);
  const lowerKnown = (expression: Expression) => builder.lower(expression, noOrdinals, scope);
  const lowerOwn = (expression: Expression) => builder.lower(expression, ordinals, scope);
  const rest = conjuncts.filter((conjunct) => !path.implied.has(conjunct));
  return {
    node: {
      ...builder.frame(typesOf(scan.outputs), { rows, total: path.cost }),
      kind: 'scan',
      table: scan.table,
      alias: scan.alias,
      sources: scan.sources,
      access: lowerAccess(path.access, lowerKnown, lowerOwn),
      backward,
      filter: builder.lowerCondition(rest, { ordinals, scope }),
      temporal: lowerTemporal(scan, lowerKnown),
      ...(expected !== undefined && teaches(path.access) ? { feedback: expected.feedback } : {}),
    },
    ordinals,
    ordering: backward ? reversed(path.ordering) : path.ordering,
    ...(penalty === 0 ? {} : { penalty }),
  };
}

/** Expected rows of an index from which on they are fetched as they lie in the table. */
const rowOrderRowsMin = 3;

/**
 * Where nobody asks for the order of an index, nor stops early, rows are fetched in their own order, as
 * PostgreSQL's bitmap scans do: neighbours lie on one page. Not on the inner side of a loop, whose few
 * rows are not worth it, and not where the entries alone answer.
 */
function inRowOrder(
  builder: PlanBuilder,
  path: AccessPath,
  { scan, scope }: { readonly scan: ScanNode; readonly scope: Scope },
): AccessPath {
  const { access } = path;
  if (access.kind !== 'index' || access.unique || builder.isDisabled('bitmapscan')) return path;
  if (path.rows < rowOrderRowsMin && !builder.isDisabled('indexscan')) return path;
  if (scope.slots.size > 0 || scope.stopsEarly === true) return path;
  const index = scan.table.indexes.find(({ oid }) => oid === access.indexOid);
  const entry = new Set(index?.columns.map(({ attributeNumber }) => attributeNumber));
  index?.included.forEach((attribute) => entry.add(attribute));
  const isAnswered = scan.sources.every(
    (source) => source.kind !== 'attribute' || entry.has(source.attributeNumber),
  );
  if (isAnswered || !isNarrowed(access.range, index)) return path;
  return {
    ...path,
    access: { ...access, inRowOrder: true },
    ordering: { columns: [], fixed: path.ordering.fixed },
  };
}

/** Does the index leave any rows out? */
function isNarrowed({ equal, anyOf, lower, upper }: KeyRange, index?: IndexDescriptor): boolean {
  const isBounded = anyOf !== undefined || lower !== undefined || upper !== undefined;
  return equal.length > 0 || isBounded || index?.predicate !== undefined;
}

/** A part of the conjuncts leaves no fewer rows than all of them, of which executions have told. */
function withRows(path: AccessPath, rows: number): AccessPath {
  if (path.rows >= rows || path.access.kind === 'full') return path;
  return { ...path, rows, cost: path.cost * (rows / path.rows) };
}

/** Does a whole scan tell which of the table's rows meet the conditions? */
function teaches(access: ScanAccess): boolean {
  return (
    access.kind === 'full' || ((access.kind === 'key' || access.kind === 'index') && !access.unique)
  );
}

function lowerAccess(
  access: ScanAccess,
  lower: (expression: Expression) => Expression,
  lowerOwn: (expression: Expression) => Expression,
): ScanAccess {
  if (access.kind === 'full') return access;
  if (access.kind === 'current') return { ...access, cursor: lower(access.cursor) };
  if (access.kind === 'inverted') {
    const conditions = access.conditions.map((each) => ({
      ...each,
      query: lower(each.query),
      condition: lowerOwn(each.condition),
    }));
    return { ...access, conditions };
  }
  return { ...access, range: lowerRange(access.range, lower) };
}

function lowerRange(range: KeyRange, lower: (expression: Expression) => Expression): KeyRange {
  const bound = (value: KeyRange['lower']) =>
    value === undefined ? undefined : { ...value, value: lower(value.value) };
  return {
    equal: range.equal.map(lower),
    anyOf: mapOptional(range.anyOf, lower),
    lower: bound(range.lower),
    upper: bound(range.upper),
  };
}

function lowerTemporal(
  scan: ScanNode,
  lower: (expression: Expression) => Expression,
): ScanNode['temporal'] {
  const { system, valid } = scan.temporal;
  if (system.kind === 'current' && valid.kind === 'all') return scan.temporal;
  return {
    system:
      system.kind === 'asOf'
        ? { ...system, at: lower(system.at) }
        : system.kind === 'range'
          ? { ...system, from: lower(system.from), to: lower(system.to) }
          : system,
    valid: valid.kind === 'asOf' ? { ...valid, at: lower(valid.at) } : valid,
  };
}

function reversed(ordering: Ordering): Ordering {
  return {
    fixed: ordering.fixed,
    columns: ordering.columns.map((column) => ({
      ...column,
      descending: !column.descending,
      nullsFirst: !column.nullsFirst,
    })),
  };
}

/** Of a computed row. */
const rowCost = 0.05;

/** A system relation: equalities with known values are hints, the filter stays whole. */
export function buildSystemScan(
  builder: PlanBuilder,
  scan: SystemScanNode,
  place: { readonly conjuncts: readonly Expression[]; readonly scope: Scope },
): Built {
  const { conjuncts, scope } = place;
  const ordinals = ordinalsOf(scan.outputs);
  const lookups: PhysicalSystemScan['lookups'][number][] = [];
  for (const conjunct of conjuncts) {
    const comparison = asComparison(conjunct);
    if (comparison?.operator !== '=') continue;
    const turned = mirror(comparison);
    for (const side of turned === undefined ? [comparison] : [comparison, turned]) {
      const column = withoutRelabel(side.left);
      if (column.kind !== 'column') continue;
      const ordinal = ordinals.get(column.column);
      if (ordinal === undefined || !isKnown(side.right, ordinals)) continue;
      lookups.push({
        column: scan.columns[ordinal],
        value: builder.lower(side.right, noOrdinals, scope),
      });
    }
  }
  const size = systemRelationRows(scan.relation.name);
  const rows = size * builder.cardinality.selectivity(conjuncts);
  const isFound = lookups.some(({ column }) => isLookupColumn(scan.relation.columns[column].name));
  return {
    node: {
      ...builder.frame(typesOf(scan.outputs), { rows, total: isFound ? 1 : size * rowCost }),
      kind: 'systemScan',
      relationOid: scan.relation.oid,
      relationName: scan.relation.name,
      alias: scan.alias,
      columns: scan.columns,
      columnNames: scan.outputs.map((column) => column.name),
      filter: builder.lowerCondition(conjuncts, { ordinals, scope }),
      lookups,
    },
    ordinals,
    ordering: unordered,
  };
}

/** Known before the scan: constants, and columns of enclosing queries only. */
function isKnown(value: Expression, own: ReadonlyMap<ColumnId, number>): boolean {
  if (isConstantLike(value)) return true;
  const inner = withoutRelabel(value);
  return inner.kind === 'column' && !own.has(inner.column);
}

/** FROM function(…) with the filter above it. */
export function buildFunctionScan(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'functionScan' }>,
  place: { readonly conjuncts: readonly Expression[]; readonly scope: Scope },
): Built {
  const ordinals = ordinalsOf(plan.outputs);
  const rows = 1000 * builder.cardinality.selectivity(place.conjuncts);
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), { rows, total: 1000 * costs.tuple }),
      kind: 'functionScan',
      alias: plan.alias,
      calls: plan.calls.map((call) => ({
        ...call,
        call: builder.lower(call.call, noOrdinals, place.scope),
      })),
      ordinality: plan.ordinality,
      filter: builder.lowerCondition(place.conjuncts, { ordinals, scope: place.scope }),
    },
    ordinals,
    ordering: unordered,
  };
}
