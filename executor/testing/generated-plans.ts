// Generated rows with nulls, extreme numbers, NaN and negative zero, and expressions over them, for tests
// that hold one way of running a plan against another.

import fc from 'fast-check';

import {
  type AggregateExpression,
  type Datum,
  type Expression,
  Numeric,
  type SqlType,
  TypeOid,
  sqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalNode, PhysicalValues } from '#planner';
import { bool, constant, input, int4, nodeFields, text, valuesNode } from './plans.ts';

export const int8 = sqlType(TypeOid.int8);
export const numeric = sqlType(TypeOid.numeric);
export const float8 = sqlType(TypeOid.float8);
export const date = sqlType(TypeOid.date);

/** A function by name and argument types. */
export function call(name: string, type: SqlType, ...args: Expression[]): Expression {
  const types = args.map((argument) => argument.type.oid).join(',');
  const found = functionRegistry
    .functionsNamed(name)
    .find((signature) => signature.argumentTypes.join(',') === types);
  if (found === undefined) throw new Error(`no ${name}(${types})`);
  return { kind: 'call', functionOid: found.oid, arguments: args, type };
}

export function aggregate(
  name: string,
  type: SqlType,
  args: readonly Expression[],
  extra: Partial<AggregateExpression> = {},
): AggregateExpression {
  const types = args.map((argument) => argument.type.oid).join(',');
  const signature = functionRegistry
    .functionsNamed(name)
    .find(
      (candidate) =>
        candidate.argumentTypes.join(',') === types ||
        (name === 'percentile_disc' && candidate.argumentTypes[0] === float8.oid) ||
        name === 'mode' ||
        (name === 'count' && candidate.argumentTypes.length === args.length),
    )!;
  return {
    kind: 'aggregate',
    functionOid: signature.oid,
    arguments: args,
    distinct: false,
    orderBy: [],
    filter: undefined,
    star: args.length === 0,
    type,
    ...extra,
  };
}

export const types = [int4, int8, numeric, float8, text, bool, date] as const;

const values: readonly fc.Arbitrary<Datum>[] = [
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom(2147483647, -2147483648, 65536, 100000),
  ),
  fc.oneof(
    fc.integer({ min: -3, max: 3 }),
    fc.constantFrom<Datum>(
      9007199254740991,
      -9007199254740991,
      9007199254740993n,
      9223372036854775807n,
    ),
  ),
  fc.oneof(
    fc.integer({ min: -300, max: 300 }).map((value) => new Numeric(value, 2)),
    fc.integer({ min: -3, max: 3 }).map((value) => new Numeric(value, 0)),
    fc.constantFrom(
      Numeric.nan,
      new Numeric(9007199254740991, 2),
      Numeric.parse('123456789012345678901.5'),
    ),
  ),
  fc.oneof(
    fc.double({ min: -10, max: 10, noNaN: true }),
    fc.constantFrom(NaN, Infinity, -0, 0, 1e308, 1),
  ),
  fc.constantFrom('', 'a', 'ab', 'abc', 'b', 'Zürich'),
  fc.boolean(),
  fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constantFrom(8000, -8000)),
];

/** Mostly plain values, so that the kernels get work; sometimes anything. */
const tame: readonly fc.Arbitrary<Datum>[] = [
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -3, max: 3 }),
  fc.integer({ min: -300, max: 300 }).map((value) => new Numeric(value, 2)),
  fc.double({ min: -10, max: 10, noNaN: true }),
  fc.constantFrom('', 'a', 'ab', 'abc', 'b'),
  fc.boolean(),
  fc.integer({ min: 0, max: 5 }),
];

export function rowsOf(length: number): fc.Arbitrary<Datum[][]> {
  return fc
    .tuple(fc.boolean(), fc.boolean())
    .chain(([isTame, hasNulls]) =>
      fc.array(
        fc.tuple(
          ...(isTame ? tame : values).map((value) =>
            hasNulls ? fc.option(value, { nil: null, freq: 4 }) : value,
          ),
        ),
        { maxLength: length },
      ),
    );
}

export const column = (type: SqlType): Expression => input(types.indexOf(type), type);

/** An expression of a type over the columns above; `shift` moves them to a join's right side. */
export function expressionOf(type: SqlType, depth: number): fc.Arbitrary<Expression> {
  const index = types.indexOf(type);
  const leaf = fc.oneof(
    { weight: 3, arbitrary: fc.constant(column(type)) },
    { weight: 2, arbitrary: tame[index].map((value) => constant(value, type)) },
    { weight: 1, arbitrary: fc.constant(constant(null, type)) },
  );
  if (depth === 0) return leaf;
  const below = (inner: SqlType): fc.Arbitrary<Expression> => expressionOf(inner, depth - 1);
  const two = (name: string, argument: SqlType, other = argument): fc.Arbitrary<Expression> =>
    fc.tuple(below(argument), below(other)).map(([left, right]) => call(name, type, left, right));
  const choices: fc.Arbitrary<Expression>[] = [
    leaf,
    fc.tuple(below(bool), below(type), below(type)).map(([when, then, otherwise]): Expression => ({
      kind: 'case',
      branches: [{ when, then }],
      otherwise,
      type,
    })),
    fc
      .tuple(below(type), below(type))
      .map(([left, right]): Expression => ({ kind: 'coalesce', arguments: [left, right], type })),
  ];
  choices.push(...operatorsOf(type, below, two));
  return fc.oneof(...choices);
}

type Below = (type: SqlType) => fc.Arbitrary<Expression>;
type Two = (name: string, argument: SqlType, other?: SqlType) => fc.Arbitrary<Expression>;

function operatorsOf(type: SqlType, below: Below, two: Two): fc.Arbitrary<Expression>[] {
  switch (type) {
    case int4:
      return [
        two('int4pl', int4),
        two('int4mi', int4),
        two('int4mul', int4),
        two('int4div', int4),
        two('int4mod', int4),
        below(int4).map((argument) => call('int4um', int4, argument)),
        below(text).map((argument) => call('length', int4, argument)),
        two('date_mi', date),
      ];
    case int8:
      return [
        two('int8pl', int8),
        two('int8mul', int8),
        two('int84pl', int8, int4),
        below(int4).map((argument) => call('int8', int8, argument)),
      ];
    case numeric:
      return [
        two('numeric_add', numeric),
        two('numeric_sub', numeric),
        two('numeric_mul', numeric),
        below(int4).map((argument) => call('numeric', numeric, argument)),
        below(numeric).map((argument) => call('numeric_uminus', numeric, argument)),
        below(date).map((argument) => call('extract', numeric, constant('year', text), argument)),
      ];
    case float8:
      return [
        two('float8pl', float8),
        two('float8mul', float8),
        below(int4).map((argument) => call('float8', float8, argument)),
        below(numeric).map((argument) => call('float8', float8, argument)),
      ];
    case text:
      return [below(text).map((argument) => call('upper', text, argument))];
    case date:
      return [two('date_pli', date, int4)];
    default:
      return booleans(below, two);
  }
}

function booleans(below: Below, two: Two): fc.Arbitrary<Expression>[] {
  const comparisons = ['eq', 'ne', 'lt', 'le', 'gt', 'ge'];
  const compared: readonly (readonly [string, SqlType])[] = [
    ['int4', int4],
    ['int8', int8],
    ['numeric_', numeric],
    ['float8', float8],
    ['text_', text],
    ['date_', date],
  ];
  const logic = (kind: 'and' | 'or'): fc.Arbitrary<Expression> =>
    fc
      .array(below(bool), { minLength: 2, maxLength: 3 })
      .map((parts): Expression => ({ kind, arguments: parts, type: bool }));
  return [
    logic('and'),
    logic('or'),
    below(bool).map((argument): Expression => ({ kind: 'not', argument, type: bool })),
    fc.tuple(fc.constantFrom(...types), fc.boolean()).chain(([inner, negated]) =>
      below(inner).map((argument): Expression => ({
        kind: 'isNull',
        argument,
        negated,
        rowwise: false,
        type: bool,
      })),
    ),
    ...compared.flatMap(([prefix, type]) =>
      comparisons
        .map((suffix) =>
          prefix === 'text_' && suffix === 'eq'
            ? 'texteq'
            : prefix === 'text_' && suffix === 'ne'
              ? 'textne'
              : prefix + suffix,
        )
        .map((name) => two(name, type)),
    ),
    below(text).map((argument) => call('like', bool, argument, constant('%b%', text))),
  ];
}

export function scanOf(rows: readonly (readonly Datum[])[]): PhysicalValues {
  return valuesNode(types, rows);
}

export function filterOf(node: PhysicalNode, condition: Expression): PhysicalNode {
  return { kind: 'filter', input: node, condition, ...nodeFields(node.types) };
}
