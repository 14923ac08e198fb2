/**
 * Goal: a search of an inverted index misses no row for which its operator is true.
 * Method: random values and queries of each operator class; wherever the operator holds, the terms of the
 * value satisfy what the class asks the index for. Ranges of terms are compared as the index has them.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ArrayValue, type Datum, Jsonb, TypeOid, typeInput } from '#common';
import { functionRegistry } from '../registry.ts';
import { testContext } from '../testing/context.ts';
import { invertedClass } from './inverted-class.ts';
import type { TermQuery } from './term-query.ts';

function selects(query: TermQuery, terms: ReadonlySet<string>): boolean {
  switch (query.kind) {
    case 'all':
      return true;
    case 'none':
      return false;
    case 'term':
      return [...terms].some((term) => term.startsWith(query.term));
    case 'between':
      return [...terms].some((term) => {
        const { lower, upper } = query;
        const isAbove =
          lower === undefined ||
          term > lower.term ||
          (lower.inclusive && term.startsWith(lower.term));
        const isBelow =
          upper === undefined ||
          term < upper.term ||
          (upper.inclusive && term.startsWith(upper.term));
        return isAbove && isBelow;
      });
    case 'and':
      return query.parts.every((part) => selects(part, terms));
    case 'or':
      return query.parts.some((part) => selects(part, terms));
  }
}

interface Operands {
  readonly name: string;
  readonly className: string;
  readonly type: number;
  readonly queryType: number;
  readonly value: fc.Arbitrary<Datum>;
  readonly query: fc.Arbitrary<Datum>;
}

const word = fc.constantFrom('a', 'b', 'ab', 'abc', 'ü', '');
const scalar = fc.oneof(word, fc.integer({ min: 0, max: 3 }), fc.boolean(), fc.constant(null));
const document = fc
  .letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 3 },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(word, tie('value'), { maxKeys: 3 }),
    ),
  }))
  .value.map((value) => Jsonb.parse(JSON.stringify(value)));
const texts = fc
  .array(fc.option(word), { maxLength: 3 })
  .map((words) => array(TypeOid.text, words));
const numbers = fc
  .array(fc.option(fc.integer({ min: 0, max: 4 })), { maxLength: 3 })
  .map((values) => array(TypeOid.int4, values));
const paths = fc.constantFrom(
  '$.a',
  '$.a.b == 1',
  '$.a ? (@ == "ab")',
  '$.a[*] ? (@ > 1 || @ == "b").b',
  '$.* ? (@.a == null)',
  '$.a.size() == 1',
  '$.** == 2',
  'exists($.a ? (@.b == true)) && !($.b == 1)',
  '$ ? (@.a == 1 || @.b == "a")',
  '$.a + 1 == 2',
  '$.ab starts with "a"',
  '$ == "a"',
);
const vectors = fc
  .array(fc.constantFrom('cat:1', 'cats:2A', 'dog:3', 'do:4B', 'fish'), { maxLength: 4 })
  .map((words) => typeInput(TypeOid.tsvector)(words.join(' '), -1, testContext));
const searches = fc
  .constantFrom('cat', 'cat:*', 'cat & !dog', 'do:*B | fish', 'cat <-> cats', '!cat', '')
  .map((text) => typeInput(TypeOid.tsquery)(text, -1, testContext));

function array(type: number, elements: readonly Datum[]): ArrayValue {
  const dimensions = elements.length === 0 ? [] : [{ lowerBound: 1, length: elements.length }];
  return new ArrayValue(type, dimensions, elements);
}

const { jsonb, jsonpath, text, tsvector, tsquery } = TypeOid;
const intArray = 1007;
const textArray = 1009;

const cases: readonly Operands[] = [
  ...['@>', '<@', '&&', '='].map((name) => ({
    name,
    className: 'array_ops',
    type: intArray,
    queryType: intArray,
    value: numbers,
    query: numbers,
  })),
  ...['jsonb_ops', 'jsonb_path_ops'].flatMap((className) => [
    { name: '@>', className, type: jsonb, queryType: jsonb, value: document, query: document },
    { name: '@?', className, type: jsonb, queryType: jsonpath, value: document, query: paths },
    { name: '@@', className, type: jsonb, queryType: jsonpath, value: document, query: paths },
  ]),
  ...['?|', '?&'].map((name) => ({
    name,
    className: 'jsonb_ops',
    type: jsonb,
    queryType: textArray,
    value: document,
    query: texts,
  })),
  {
    name: '?',
    className: 'jsonb_ops',
    type: jsonb,
    queryType: text,
    value: document,
    query: word,
  },
  ...['=', '<', '<=', '>', '>='].map((name) => ({
    name,
    className: 'scalar_ops',
    type: TypeOid.int4,
    queryType: TypeOid.int4,
    value: fc.integer({ min: -2, max: 2 }),
    query: fc.integer({ min: -2, max: 2 }),
  })),
  ...['~~', '~~*'].map((name) => ({
    name,
    className: 'gin_trgm_ops',
    type: text,
    queryType: text,
    value: fc.constantFrom('foo bar', 'FOO_bar', 'foob', 'a', 'üb foo', ''),
    query: fc.constantFrom('%foo%', 'foo%', '%o b_r', 'foo bar', '%\\_bar', 'Foo%', '_oo%', '%'),
  })),
  {
    name: '@@',
    className: 'tsvector_ops',
    type: tsvector,
    queryType: tsquery,
    value: vectors,
    query: searches,
  },
];

function holds({ name, type, queryType }: Operands): (value: Datum, query: Datum) => boolean {
  const polymorphic: number = TypeOid.anyarray;
  const operator = functionRegistry
    .operatorsNamed(name)
    .find(
      ({ left, right }) =>
        (left === type && right === queryType) || (left === polymorphic && type === intArray),
    );
  assert(operator !== undefined, name);
  const implementation = functionRegistry.scalar(operator.functionOid, {
    argumentTypes: [type, queryType],
    resultType: TypeOid.bool,
  }) as (...args: unknown[]) => Datum;
  return (value, query) => implementation(testContext, value, query) === true;
}

for (const operands of cases) {
  test(`${operands.className} ${operands.name}`, () => {
    const found = invertedClass(operands.className, operands.type)!;
    const isTrue = holds(operands);
    fc.assert(
      fc.property(operands.value, operands.query, (value, query) => {
        if (!isTrue(value, query)) return;
        const terms = new Set(found.terms(value));
        assert(
          selects(
            found.queries[operands.name](query, () => undefined),
            terms,
          ),
        );
      }),
      { numRuns: 3000 },
    );
  });
}
