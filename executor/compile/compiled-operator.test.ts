// Goal: compiled pipelines put out the same rows as the interpreted operators, whatever representation
// the blocks have. Method: generated plans (filters, projections, joins of every type, aggregates with
// grouping sets, DISTINCT and FILTER) over generated rows with nulls, extreme numbers, NaN and negative
// zero; the compiled side reads the rows in blocks of random length whose vectors are typed, from
// dictionaries or plain datums at random, with random selections. Errors must be the same, too.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import fc from 'fast-check';

import {
  type AggregateExpression,
  type Datum,
  type Expression,
  Numeric,
  type SqlType,
  TypeOid,
  type Vector,
  sqlType,
} from '#common';
import { functionRegistry } from '#functions';
import type { PhysicalHashJoin, PhysicalNode, PhysicalValues } from '#planner';
import { buildOperator } from '../operators/build-operator.ts';
import {
  bool,
  constant,
  input,
  int4,
  multiset,
  nodeFields,
  runNode,
  testContext,
  text,
  valuesNode,
} from '../testing/plans.ts';
import type { BlockSource, SourceBlock } from './block-source.ts';
import { CompiledOperator } from './compiled-operator.ts';
import { vectorOf } from './datum-vector.ts';

const int8 = sqlType(TypeOid.int8);
const numeric = sqlType(TypeOid.numeric);
const float8 = sqlType(TypeOid.float8);
const date = sqlType(TypeOid.date);

/** A function by name and argument types. */
function call(name: string, type: SqlType, ...args: Expression[]): Expression {
  const types = args.map((argument) => argument.type.oid).join(',');
  const found = functionRegistry
    .functionsNamed(name)
    .find((signature) => signature.argumentTypes.join(',') === types);
  if (found === undefined) throw new Error(`no ${name}(${types})`);
  return { kind: 'call', functionOid: found.oid, arguments: args, type };
}

function aggregate(
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

// ---------------------------------------------------------------- rows in blocks

/** The rows of VALUES nodes as blocks of random shape. */
class RandomBlocks implements BlockSource {
  private readonly rows: readonly (readonly Datum[])[];
  private readonly types: readonly SqlType[];
  private readonly random: () => number;
  private readonly seed: number;
  private state: number;
  private position = 0;

  constructor(node: PhysicalValues, seed: number) {
    this.rows = node.rows.map((row) =>
      row.map((cell) => (cell as { readonly value: Datum }).value),
    );
    this.types = node.types;
    this.seed = seed;
    this.state = seed;
    this.random = () => {
      this.state = (Math.imul(this.state, 1103515245) + 12345) >>> 0;
      return (this.state >>> 8) / 2 ** 24;
    };
  }
  open(): void {
    this.position = 0;
    this.state = this.seed;
  }
  close(): void {}
  next(): SourceBlock | undefined {
    if (this.position >= this.rows.length) return undefined;
    const start = this.position;
    const length = Math.min(this.rows.length - start, 1 + Math.floor(this.random() * 9));
    this.position += length;
    const rows: (readonly Datum[])[] = [];
    const selection: number[] = [];
    const sparse = this.random() < 0.3;
    for (const row of this.rows.slice(start, start + length)) {
      if (sparse && this.random() < 0.5) rows.push(row);
      selection.push(rows.length);
      rows.push(row);
    }
    const vectors = this.types.map((type, i) =>
      this.vector(
        type,
        rows.map((row) => row[i]),
      ),
    );
    const isSelected = sparse || this.random() < 0.2;
    return {
      length: rows.length,
      selection: isSelected ? Int32Array.from(selection) : undefined,
      selected: isSelected ? selection.length : rows.length,
      vector: (column) => vectors[column],
    };
  }
  private vector(type: SqlType, values: Datum[]): Vector {
    const choice = this.random();
    if (choice < 0.2) return { kind: 'datum', values };
    if (choice < 0.45) return dictionaryOf(values);
    const vector = vectorOf(type.oid, values);
    if (vector.kind === 'integer' && this.random() < 0.5 && fitsNarrow(type.oid))
      return { ...vector, values: Int32Array.from(vector.values) };
    return vector.kind === 'datum' ? dictionaryOf(values) : vector;
  }
}

function fitsNarrow(oid: number): boolean {
  return oid === TypeOid.int4 || oid === TypeOid.date;
}

function dictionaryOf(values: readonly Datum[]): Vector {
  // A Set would make -0 and 0 one.
  const dictionary = values.filter(
    (value, i) => value !== null && values.findIndex((other) => Object.is(other, value)) === i,
  );
  if (dictionary.length === 0) dictionary.push('');
  const codes = Uint8Array.from(values, (value) =>
    value === null ? 0 : dictionary.findIndex((entry) => Object.is(entry, value)),
  );
  const nulls = values.includes(null)
    ? Uint8Array.from(values, (value) => (value === null ? 1 : 0))
    : undefined;
  return { kind: 'dictionary', codes, dictionary: { values: dictionary }, nulls };
}

// ---------------------------------------------------------------- both ways

function outcome(run: () => Datum[][], ordered = false): unknown {
  try {
    const rows = run();
    return ordered ? rows.map((row) => JSON.stringify(row)) : multiset(rows.map(comparable));
  } catch (error) {
    return (error as Error).message;
  }
}

/** Floats to 12 digits; NaN, infinities and -0 by name. */
function comparable(row: readonly Datum[]): Datum[] {
  return row.map((value) => {
    if (typeof value !== 'number' || Number.isSafeInteger(value))
      return Object.is(value, -0) ? '-0' : value;
    return Number.isFinite(value) ? value.toPrecision(12) : String(value);
  });
}

function agree(node: PhysicalNode, seed: number): void {
  const context = testContext();
  const interpreted = outcome(() => runNode(node, buildOperator, context));
  let operator: CompiledOperator | undefined;
  // The last two rounds go to disk: with the first rows, and when there are some.
  for (const bytesMax of [undefined, undefined, 1, 20_000]) {
    const compiled = outcome(() =>
      runNode(
        node,
        (root, runtime) => {
          operator = new CompiledOperator(root, runtime, {
            fallback: () => buildOperator(root, runtime),
            interpret: (inner) => buildOperator(inner, runtime),
            sourceOf: (inner) =>
              inner.kind === 'values' ? new RandomBlocks(inner, seed + inner.id) : undefined,
            ...(bytesMax === undefined ? {} : { bytesMax }),
          });
          return operator;
        },
        testContext({ sliceEvery: 5 }),
      ),
    );
    // The interpreter does not compute what a null before it makes irrelevant, conditions may run in
    // another order: so an error may show up on one side only, as PostgreSQL's documentation allows.
    if (typeof compiled === 'string' || typeof interpreted === 'string') return;
    assert.deepEqual(compiled, interpreted);
  }
}

// ---------------------------------------------------------------- generated rows and expressions

const types = [int4, int8, numeric, float8, text, bool, date] as const;

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

function rowsOf(length: number): fc.Arbitrary<Datum[][]> {
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

const column = (type: SqlType): Expression => input(types.indexOf(type), type);

/** An expression of a type over the columns above; `shift` moves them to a join's right side. */
function expressionOf(type: SqlType, depth: number): fc.Arbitrary<Expression> {
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

// ---------------------------------------------------------------- plans

function scanOf(rows: readonly (readonly Datum[])[]): PhysicalValues {
  return valuesNode(types, rows);
}

function filterOf(node: PhysicalNode, condition: Expression): PhysicalNode {
  return { kind: 'filter', input: node, condition, ...nodeFields(node.types) };
}

test('a nullable CASE with branches of different scales shows the scale of the branch taken', () => {
  const product = call('numeric_mul', numeric, column(numeric), column(numeric));
  const expression: Expression = {
    kind: 'case',
    branches: [{ when: column(bool), then: product }],
    otherwise: constant(new Numeric(0, 2), numeric),
    type: numeric,
  };
  const rows = [true, false, null].map((when): Datum[] => [
    0,
    0,
    new Numeric(0, 2),
    0,
    '',
    when,
    0,
  ]);
  rows.push([0, 0, null, 0, '', true, 0]);
  for (let seed = 1; seed < 20; seed++) {
    agree(
      {
        kind: 'project',
        input: scanOf(rows),
        expressions: [expression, column(int4)],
        ...nodeFields([numeric, int4]),
      },
      seed,
    );
  }
});

test('filters and projections agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(40),
      expressionOf(bool, 3),
      fc.constantFrom(...types).chain((type) => expressionOf(type, 3)),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, condition, expression, seed) => {
        agree(
          {
            kind: 'project',
            input: filterOf(scanOf(rows), condition),
            expressions: [expression, column(int4)],
            ...nodeFields([expression.type, int4]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});

const joinTypes = ['inner', 'left', 'right', 'full', 'semi', 'anti'] as const;

test('joins of every type agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(25),
      rowsOf(25),
      fc.constantFrom(...joinTypes),
      fc.subarray([...types], { minLength: 1, maxLength: 2 }),
      fc.option(expressionOf(bool, 2), { nil: undefined }),
      fc.integer({ min: 1, max: 1e9 }),
      (leftRows, rightRows, type, keyTypes, condition, seed) => {
        const left = scanOf(leftRows);
        // A right side that is estimated larger makes semi and anti joins build their left.
        const right = { ...scanOf(rightRows), estimatedRows: seed % 2 === 0 ? 1 : 100 };
        const leftOnly = type === 'semi' || type === 'anti';
        const join: PhysicalHashJoin = {
          kind: 'hashJoin',
          type,
          left,
          right,
          leftKeys: keyTypes.map((key) => column(key)),
          rightKeys: keyTypes.map((key) => column(key)),
          equalityOids: keyTypes.map((key) => functionRegistry.ordering(key.oid)!.equalityOid),
          condition:
            condition === undefined
              ? undefined
              : {
                  kind: 'and',
                  type: bool,
                  arguments: [
                    condition,
                    call('int4le', bool, column(int4), input(types.length, int4)),
                  ],
                },
          ...nodeFields(leftOnly ? types : [...types, ...types]),
        };
        agree(join, seed);
      },
    ),
    { numRuns: 300 },
  );
});

const aggregates: readonly AggregateExpression[] = [
  aggregate('count', int8, []),
  aggregate('count', int8, [column(text)]),
  aggregate('sum', int8, [column(int4)]),
  aggregate('sum', numeric, [column(int8)]),
  aggregate('sum', numeric, [column(numeric)]),
  aggregate('avg', numeric, [column(numeric)]),
  aggregate('avg', numeric, [column(int4)]),
  aggregate('min', date, [column(date)]),
  aggregate('max', numeric, [column(numeric)]),
  aggregate('min', int8, [column(int8)]),
  aggregate('max', text, [column(text)]),
  aggregate('max', float8, [column(float8)]),
  aggregate('count', int8, [column(int4)], { distinct: true }),
  aggregate('sum', int8, [column(int4)], { filter: column(bool) }),
  aggregate('count', int8, [], { filter: column(bool) }),
  aggregate('sum', numeric, [
    {
      kind: 'case',
      branches: [{ when: column(bool), then: column(numeric) }],
      otherwise: constant(Numeric.zero, numeric),
      type: numeric,
    },
  ]),
];

test('aggregates agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      fc.subarray([...types], { maxLength: 3 }),
      fc.subarray([...aggregates], { minLength: 1, maxLength: 6 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 1e9 }),
      (rows, keys, calls, asSets, seed) => {
        const sets = asSets && keys.length > 1 ? [[0], [1, 0], []] : undefined;
        agree(
          {
            kind: 'aggregate',
            strategy: keys.length === 0 ? 'plain' : 'hash',
            input: scanOf(rows),
            groupKeys: keys.map((key) => column(key)),
            aggregates: calls,
            groupingSets: sets,
            ...nodeFields([
              ...keys,
              ...calls.map((aggregateCall) => aggregateCall.type),
              ...(sets === undefined ? [] : keys.map(() => int4)),
            ]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});

test('aggregates that read only rows with a partner agree with the interpreter', () => {
  fc.assert(
    fc.property(
      rowsOf(60),
      rowsOf(10),
      fc.constantFrom(...joinTypes),
      fc.subarray([...types], { minLength: 1, maxLength: 3 }),
      fc.subarray([...aggregates], { minLength: 1, maxLength: 3 }),
      fc.integer({ min: 1, max: 1e9 }),
      (leftRows, rightRows, type, keys, calls, seed) => {
        const groups: PhysicalNode = {
          kind: 'aggregate',
          strategy: 'hash',
          input: scanOf(leftRows),
          groupKeys: keys.map((key) => column(key)),
          aggregates: calls,
          groupingSets: undefined,
          ...nodeFields([...keys, ...calls.map((aggregateCall) => aggregateCall.type)]),
          estimatedRows: 1000,
        };
        const joined = keys.slice(0, 1 + (seed % keys.length));
        const leftOnly = type === 'semi' || type === 'anti';
        agree(
          {
            kind: 'hashJoin',
            type,
            left: groups,
            right: { ...scanOf(rightRows), estimatedRows: 1 },
            leftKeys: joined.map((key, i) => input(i, key)),
            rightKeys: joined.map((key) => column(key)),
            equalityOids: joined.map((key) => functionRegistry.ordering(key.oid)!.equalityOid),
            condition: undefined,
            ...nodeFields(leftOnly ? groups.types : [...groups.types, ...types]),
          },
          seed,
        );
      },
    ),
    { numRuns: 300 },
  );
});
