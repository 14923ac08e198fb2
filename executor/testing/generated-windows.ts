// Generated windows for tests: partitions, orders with ties and nulls, frames of all kinds, and calls of all functions
// over columns of all types. Float values are multiples of 1/4, so that their sums do not depend on the order of
// addition.

import fc from 'fast-check';

import { type Datum, type Expression, Numeric, type OrderKey, type SqlType } from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalNode, PhysicalWindow, WindowFrameBound } from '#planner';
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
} from './generated-plans.ts';
import { bool, constant, int4, nodeFields, text } from './plans.ts';

type Call = PhysicalWindow['calls'][number];
type Frame = PhysicalWindow['frame'];

export function windowCall(
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
export const ranking = fc.oneof(
  fc.constantFrom('rank', 'dense_rank').map((name) => windowCall(name, int8, [])),
  fc.constantFrom('percent_rank', 'cume_dist').map((name) => windowCall(name, float8, [])),
);

export const shifting = fc
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

export const picking = anyType.chain((type) =>
  fc
    .tuple(fc.constantFrom('first_value', 'last_value', 'nth_value'), argument(type), small)
    .map(([name, value, n]) => windowCall(name, type, name === 'nth_value' ? [value, n] : [value])),
);

export const numbering = fc.oneof(
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

export const aggregating = fc.oneof(
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

export function frameOf(modes: readonly Frame['mode'][], hasOffsets: boolean): fc.Arbitrary<Frame> {
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
export function shapeOf(parts: {
  readonly frame: fc.Arbitrary<Frame>;
  readonly call: fc.Arbitrary<Call>;
  readonly orders: boolean;
  readonly rowsMax?: number;
}): fc.Arbitrary<Shape> {
  return fc.record({
    rows: rowsOf(parts.rowsMax ?? 60).map((rows) => rows.map((row, i) => tame(row, i))),
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
export function alike(rows: readonly (readonly Datum[])[]): Datum[][] {
  return rows.map((row) =>
    row.map((value) => {
      if (value instanceof Numeric && value.scale === 0)
        return Numeric.of(BigInt(value.coefficient) * 100n, 2);
      return Object.is(value, -0) ? 0 : value;
    }),
  );
}

export function windowOf({ rows, partitionBy, orderBy, frame, calls }: Shape): PhysicalWindow {
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
