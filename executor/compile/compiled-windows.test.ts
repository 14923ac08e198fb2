// Goal: compiled windows put out the same rows as the interpreted operator, in the same order where the order
// tells all rows apart. Method: as in compiled-expressions.test.ts; generated partitions, orders with ties and
// nulls, frames of all kinds, and calls of all functions over columns of all types, in memory and on disk.
// Float values are multiples of 1/4 here, so that their sums do not depend on the order of addition.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import { type Datum, type Expression, Numeric, type OrderKey, type SqlType } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalNode, PhysicalWindow, WindowFrameBound } from '#planner';
import { buildOperator } from '../operators/build-operator.ts';
import { agree } from '../testing/agreement.ts';
import {
  column,
  date,
  expressionOf,
  float8,
  int8,
  numeric,
  rowsOf,
  scanOf,
  types,
} from '../testing/generated-plans.ts';
import {
  type Build,
  bool,
  constant,
  int4,
  nodeFields,
  runNode,
  testContext,
  text,
} from '../testing/plans.ts';
import { RandomBlocks } from '../testing/random-blocks.ts';
import { CompiledOperator } from './compiled-operator.ts';

type Call = PhysicalWindow['calls'][number];
type Frame = PhysicalWindow['frame'];

function windowCall(
  name: string,
  type: SqlType,
  args: readonly Expression[],
  filter?: Expression,
): Call {
  const own = args.map((argument) => argument.type.oid).join(',');
  const named = functionRegistry.functionsNamed(name);
  const signature =
    named.find(({ argumentTypes }) => argumentTypes.join(',') === own) ??
    named.find(({ argumentTypes }) => argumentTypes.length === args.length);
  const isAggregate = signature!.kind === 'aggregate';
  return { functionOid: signature!.oid, isAggregate, arguments: args, filter, type };
}

const anyType = fc.constantFrom(...types);
const argument = (type: SqlType): fc.Arbitrary<Expression> =>
  fc.oneof({ weight: 4, arbitrary: fc.constant(column(type)) }, expressionOf(type, 1));
const small = fc.oneof(
  fc.integer({ min: 0, max: 4 }).map((value) => constant(value, int4)),
  fc.constant(column(int4)),
);

/** Those that see only peers and places. */
const ranking = fc.oneof(
  fc.constantFrom('rank', 'dense_rank').map((name) => windowCall(name, int8, [])),
  fc.constantFrom('percent_rank', 'cume_dist').map((name) => windowCall(name, float8, [])),
);

const shifting = fc
  .constantFrom('lag', 'lead')
  .chain((name) =>
    anyType.chain((type) =>
      fc
        .tuple(argument(type), small, argument(type), fc.integer({ min: 1, max: 3 }))
        .map(([value, by, other, count]) =>
          windowCall(name, type, [value, by, other].slice(0, count)),
        ),
    ),
  );

const picking = anyType.chain((type) =>
  fc
    .tuple(fc.constantFrom('first_value', 'last_value', 'nth_value'), argument(type), small)
    .map(([name, value, n]) => windowCall(name, type, name === 'nth_value' ? [value, n] : [value])),
);

const numbering = fc.oneof(
  fc.constant(windowCall('row_number', int8, [])),
  small.map((buckets) => windowCall('ntile', int4, [buckets])),
);

const aggregates: readonly (readonly [string, SqlType, SqlType])[] = [
  ['sum', int8, int4],
  ['sum', numeric, int8],
  ['sum', numeric, numeric],
  ['sum', float8, float8],
  ['avg', numeric, int4],
  ['avg', numeric, numeric],
  ['avg', float8, float8],
  ['bool_and', bool, bool],
  ...[int4, int8, numeric, float8, text, date].flatMap((type): [string, SqlType, SqlType][] => [
    ['min', type, type],
    ['max', type, type],
  ]),
];

const filter = fc.option(expressionOf(bool, 1), { nil: undefined, freq: 3 });

const aggregating = fc.oneof(
  { weight: 1, arbitrary: filter.map((condition) => windowCall('count', int8, [], condition)) },
  {
    weight: 1,
    arbitrary: fc
      .tuple(anyType.chain(argument), filter)
      .map(([value, condition]) => windowCall('count', int8, [value], condition)),
  },
  {
    weight: 6,
    arbitrary: fc
      .constantFrom(...aggregates)
      .chain(([name, result, type]) =>
        fc
          .tuple(argument(type), filter)
          .map(([value, condition]) => windowCall(name, result, [value], condition)),
      ),
  },
);

const boundKinds = [
  'unboundedPreceding',
  'preceding',
  'currentRow',
  'following',
  'unboundedFollowing',
] as const;

function frameOf(modes: readonly Frame['mode'][], hasOffsets: boolean): fc.Arbitrary<Frame> {
  const bound = (without: (typeof boundKinds)[number]): fc.Arbitrary<WindowFrameBound> =>
    fc
      .tuple(
        fc.constantFrom(...boundKinds.filter((kind) => kind !== without)),
        fc.integer({ min: 0, max: 3 }),
      )
      .map(([kind, offset]) =>
        kind === 'preceding' || kind === 'following'
          ? {
              kind: hasOffsets ? kind : 'currentRow',
              ...(hasOffsets && { offset: constant(offset, int8) }),
            }
          : { kind },
      );
  return fc.record({
    mode: fc.constantFrom(...modes),
    start: bound('unboundedFollowing'),
    end: bound('unboundedPreceding'),
    exclude: fc.oneof(
      { weight: 5, arbitrary: fc.constant('none' as const) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('currentRow' as const, 'group' as const, 'ties' as const),
      },
    ),
  });
}

const orderKey: fc.Arbitrary<OrderKey> = fc.record({
  expression: anyType.map((type) => column(type)),
  descending: fc.boolean(),
  nullsFirst: fc.boolean(),
});

const unique: OrderKey = { expression: column(int8), descending: false, nullsFirst: false };

interface Shape {
  readonly rows: readonly (readonly Datum[])[];
  readonly partitionBy: readonly SqlType[];
  readonly orderBy: readonly OrderKey[];
  readonly frame: Frame;
  readonly calls: readonly Call[];
}

/** The last key is different in all rows when `orders` says so. */
function shapeOf(parts: {
  readonly frame: fc.Arbitrary<Frame>;
  readonly call: fc.Arbitrary<Call>;
  readonly orders: boolean;
}): fc.Arbitrary<Shape> {
  return fc.record({
    rows: rowsOf(60).map((rows) => rows.map((row, i) => tame(row, i))),
    partitionBy: fc.array(anyType, { maxLength: 2 }),
    orderBy: fc
      .array(orderKey, { maxLength: 2 })
      .map((keys) => (parts.orders ? [...keys, unique] : keys)),
    frame: parts.frame,
    calls: fc.array(parts.call, { minLength: 1, maxLength: 3 }),
  });
}

function tame(row: readonly Datum[], i: number): readonly Datum[] {
  const [number, float] = [types.indexOf(int8), types.indexOf(float8)];
  const value = row[float];
  const isLarge = typeof value === 'number' && Number.isFinite(value) && Math.abs(value) > 100;
  const rounded = isLarge ? 100 : Object.is(value, -0) ? -0 : Math.round(Number(value) * 4) / 4;
  return row.with(number, (i * 7919) % 10_007).with(float, value === null ? null : rounded);
}

/** Rows in which equal values look the same: which of them is a minimum depends on the order of ties. */
function alike(rows: readonly (readonly Datum[])[]): Datum[][] {
  return rows.map((row) =>
    row.map((value) => {
      if (value instanceof Numeric && value.scale === 0)
        return Numeric.of(BigInt(value.coefficient) * 100n, 2);
      return Object.is(value, -0) ? 0 : value;
    }),
  );
}

function windowOf({ rows, partitionBy, orderBy, frame, calls }: Shape): PhysicalWindow {
  const keys = [
    ...partitionBy.map((type) => {
      return { expression: column(type), descending: false, nullsFirst: false };
    }),
    ...orderBy,
  ];
  const scan = { ...scanOf(rows), estimatedRows: 10_000 };
  const sorted: PhysicalNode =
    keys.length === 0
      ? scan
      : {
          kind: 'sort',
          input: scan,
          keys,
          limit: undefined,
          ...nodeFields(types),
          estimatedRows: 10_000,
        };
  return {
    kind: 'window',
    input: sorted,
    partitionBy: partitionBy.map((type) => column(type)),
    orderBy,
    frame,
    calls,
    ...nodeFields([...types, ...calls.map((call) => call.type)]),
  };
}

const seed = fc.integer({ min: 1, max: 1e9 });

test('windows over an order that tells all rows apart agree with the interpreter', () => {
  const call = fc.oneof(ranking, shifting, picking, numbering, aggregating, aggregating);
  const frame = fc.oneof(
    { weight: 3, arbitrary: frameOf(['rows'], true) },
    { weight: 1, arbitrary: frameOf(['groups'], true) },
    { weight: 1, arbitrary: frameOf(['range'], false) },
  );
  fc.assert(
    fc.property(shapeOf({ frame, call, orders: true }), seed, (shape, random) =>
      agree(windowOf(shape), random, { ordered: true }),
    ),
    { numRuns: 300 },
  );
});

test('windows over an order with ties agree with the interpreter', () => {
  const frame = frameOf(['range', 'groups'], false);
  const call = fc.oneof(ranking, aggregating, aggregating);
  fc.assert(
    fc.property(shapeOf({ frame, call, orders: false }), seed, (shape, random) =>
      agree(windowOf({ ...shape, rows: alike(shape.rows) }), random),
    ),
    { numRuns: 300 },
  );
});

test('RANGE with an offset agrees with the interpreter', () => {
  const frame = fc.tuple(frameOf(['range'], true), fc.boolean());
  fc.assert(
    fc.property(
      shapeOf({ frame: frame.map(([one]) => one), call: aggregating, orders: false }),
      fc.boolean(),
      seed,
      (shape, descending, random) => {
        const orderBy = [{ expression: column(int8), descending, nullsFirst: false }];
        agree(windowOf({ ...shape, rows: alike(shape.rows), orderBy }), random);
      },
    ),
    { numRuns: 100 },
  );
});

test('a window above a window, and what is read of it below other steps', () => {
  fc.assert(
    fc.property(
      shapeOf({ frame: frameOf(['rows'], true), call: aggregating, orders: true }),
      shapeOf({ frame: frameOf(['range'], false), call: aggregating, orders: true }),
      seed,
      (shape, above, random) => {
        const inner = { ...windowOf(shape), estimatedRows: 10_000 };
        const node = windowOf({ ...above, orderBy: shape.orderBy });
        const { calls } = node;
        const outer: PhysicalWindow = {
          ...node,
          partitionBy: inner.partitionBy,
          input: inner,
          ...nodeFields([...inner.types, ...calls.map((call) => call.type)]),
        };
        const last = outer.types.length - 1;
        const result: Expression = { kind: 'input', ordinal: last, type: outer.types[last] };
        const expressions = [column(text), result, column(int8)];
        const fields = nodeFields(expressions.map((expression) => expression.type));
        agree({ kind: 'project', input: outer, expressions, ...fields }, random);
      },
    ),
    { numRuns: 100 },
  );
});

test('a cancelled window stops at its next poll', () => {
  const rows = Array.from({ length: 3000 }, (_value, i): Datum[] => {
    return [i % 7, (i * 7919) % 10_007, null, i / 4, `t${i % 50}`, null, 0];
  });
  const average = windowCall('avg', numeric, [column(int4)]);
  const node = windowOf({
    rows,
    partitionBy: [int4],
    orderBy: [{ expression: column(float8), descending: true, nullsFirst: true }],
    frame: {
      mode: 'range',
      start: { kind: 'unboundedPreceding' },
      end: { kind: 'currentRow' },
      exclude: 'none',
    },
    calls: [average, windowCall('rank', int8, [])],
  });
  for (const bytesMax of [1 << 30, 20_000]) {
    const checks = checksOf(node, bytesMax, Infinity);
    assert.ok(checks > 100, `${checks} polls`);
    for (let i = 1; i < 20; i++) {
      const last = Math.floor((checks * i) / 20);
      assert.equal(checksOf(node, bytesMax, last), last);
    }
  }
});

/** Runs the node; the poll of that number cancels. How often it polled. */
function checksOf(node: PhysicalNode, bytesMax: number, last: number): number {
  let checks = 0;
  const check = (): void => {
    if (++checks === last) throw new Error('cancelled');
  };
  const context = { ...testContext(), interrupt: { check, sliceOver: () => false } };
  const build: Build = (root, runtime) =>
    new CompiledOperator(root, runtime, {
      fallback: () => buildOperator(root, runtime),
      interpret: (inner) => buildOperator(inner, runtime),
      sourceOf: (inner) => (inner.kind === 'values' ? new RandomBlocks(inner, 1) : undefined),
      bytesMax,
    });
  if (last === Infinity) runNode(node, build, context);
  else assert.throws(() => runNode(node, build, context), /cancelled/);
  return checks;
}
