// Goal: aggregates give PostgreSQL 15's results. Method: each aggregate over each type it takes is run
// over columns of sample values (with nulls, one row, no rows), in one pass and as two combined parts,
// and compared with a real server.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Datum, DatabaseError, typeByName, typeInput, TypeOid, typeOutput } from '#common';
import type { FunctionSignature } from './contract.ts';
import { comparisonOf } from './ordering.ts';
import { functionRegistry } from './registry.ts';
import { testContext } from './testing/context.ts';
import { postgresMissing, testClient } from './testing/postgres.ts';

const columns: Readonly<Record<string, readonly (readonly (string | null)[])[]>> = {
  bool: [['t', null, 'f'], ['t', 't'], []],
  int2: [['1', null, '7', '-3', '7'], ['5'], []],
  int4: [['1', null, '2147483647', '-3', '7', '2147483647'], ['5'], [null]],
  int8: [['1', '9223372036854775807', '9223372036854775807', '4'], ['5', '9007199254740993'], []],
  numeric: [['1.5', '2', null, '0.001', '12345678901234567890'], ['NaN', '1'], ['3.14'], []],
  float4: [['1.5', '2.25', null, '-7'], ['3'], []],
  float8: [['1.5', '2.25', null, '-7', '0.1'], ['3'], ['NaN', '1'], []],
  text: [['b', null, 'a', 'ä', 'Z'], ['x'], []],
  date: [['2020-01-01', null, '1999-12-31', 'infinity'], []],
  timestamp: [['2020-01-01 10:00', null, '1999-12-31'], []],
  timestamptz: [['2020-01-01 10:00+01', '1999-12-31 00:00+00'], []],
  interval: [['1 day', null, '3:00', '1 mon -2 days'], ['1 year'], []],
  _int4: [['{1,2}', '{3,4}'], ['{5}'], []],
  jsonb: [['{"a": [1, null]}', null, '3'], []],
};

/** Aggregates with one aggregated argument; what stands in front of it and behind it in the call. */
const shapes: Readonly<Record<string, { before?: string; after?: string; within?: boolean }>> = {
  string_agg: { after: "', '::text" },
  percentile_disc: { before: '0.4::float8', within: true },
  percentile_cont: { before: '0.3::float8', within: true },
  mode: { within: true },
};

const names =
  'count sum avg min max bool_and bool_or every bit_and bit_or bit_xor array_agg string_agg ' +
  'stddev stddev_pop stddev_samp variance var_pop var_samp json_agg jsonb_agg ' +
  'percentile_disc percentile_cont mode';

const client = await testClient();

const polymorphic = new Map<number, (type: string) => number>([
  [TypeOid.anyelement, (type) => typeByName(type)!.oid],
  [TypeOid.anyarray, (type) => (type.startsWith('_') ? typeByName(type)!.oid : -1)],
  [TypeOid.anynonarray, (type) => (type.startsWith('_') ? -1 : typeByName(type)!.oid)],
  [TypeOid.any, (type) => typeByName(type)!.oid],
]);

/** The signature of an aggregate whose aggregated argument takes the type, and its result type. */
function signatureFor(
  name: string,
  type: string,
): { signature: FunctionSignature; result: number } | undefined {
  const place = shapes[name]?.before === undefined ? 0 : 1;
  const oid = typeByName(type)!.oid;
  for (const signature of functionRegistry.functionsNamed(name)) {
    if (signature.argumentTypes[0] === 1022) continue;
    const declared = signature.argumentTypes[place] ?? 0;
    if (declared !== oid && polymorphic.get(declared)?.(type) !== oid) continue;
    const isArray = signature.resultType === TypeOid.anyarray;
    const result = isArray
      ? type.startsWith('_')
        ? oid
        : typeByName(type)!.arrayOid
      : signature.resultType === TypeOid.anyelement
        ? oid
        : signature.resultType;
    return { signature, result };
  }
  return undefined;
}

function ours(
  aggregate: { signature: FunctionSignature; result: number; name: string; type: string },
  values: readonly Datum[],
  parts: number,
): { text: string; number: number } {
  const { signature, result, name, type } = aggregate;
  const oid = typeByName(type)!.oid;
  const shape = shapes[name];
  const types = [...(shape?.before === undefined ? [] : [701]), oid];
  const implementation = functionRegistry.aggregate(signature.oid, {
    argumentTypes: types,
    resultType: result,
  })!;
  try {
    const compare = comparisonOf(oid);
    const fed = shape?.within === true ? sorted(values, compare) : values;
    const states = Array.from({ length: parts }, () => implementation.create(testContext));
    fed.forEach((value, i) => {
      const part = Math.floor((i * parts) / fed.length);
      const args: Datum[] = [value];
      if (shape?.before !== undefined) args.unshift(Number.parseFloat(shape.before));
      if (shape?.after !== undefined) args.push(', ');
      if (implementation.strict && args.includes(null)) return;
      states[part] = implementation.step(states[part], testContext, ...args);
    });
    const state = states.reduce((left, right) => implementation.combine!(left, right, testContext));
    const value = implementation.finish(state, testContext);
    if (value === null) return { text: 'NULL', number: Number.NaN };
    return { text: typeOutput(result)(value, testContext), number: Number(value) };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    return { text: `${error.sqlState} ${error.message}`, number: Number.NaN };
  }
}

function sorted(values: readonly Datum[], compare: (a: Datum, b: Datum) => number): Datum[] {
  const known = values.filter((value) => value !== null);
  const nulls = values.filter((value) => value === null);
  return [...known.sort(compare), ...nulls];
}

async function theirs(
  name: string,
  type: string,
  texts: readonly (string | null)[],
): Promise<string> {
  const shape = shapes[name];
  const rows = texts.map((text, i) => `(${i}, ${text === null ? 'NULL' : `'${text}'`}::"${type}")`);
  const source =
    rows.length === 0 ? `(SELECT 0, NULL::"${type}" WHERE false)` : `(VALUES ${rows.join(', ')})`;
  const call =
    shape?.within === true
      ? `${name}(${shape.before ?? ''}) WITHIN GROUP (ORDER BY v)`
      : `${name}(v${shape?.after === undefined ? '' : `, ${shape.after}`} ORDER BY i)`;
  try {
    const text = `SELECT ${call} FROM ${source} s(i, v)`;
    const result = await client.query({ text, rowMode: 'array' });
    return (result.rows[0] as (string | null)[])[0] ?? 'NULL';
  } catch (error) {
    return `${(error as { code?: string }).code} ${(error as Error).message}`;
  }
}

test('aggregates agree with PostgreSQL', { skip: postgresMissing }, async (context) => {
  const differences: string[] = [];
  let calls = 0;
  for (const name of names.split(' ')) {
    for (const [type, samples] of Object.entries(columns)) {
      const found = signatureFor(name, type);
      if (found === undefined || functionRegistry.aggregate(found.signature.oid) === undefined)
        continue;
      const aggregate = { ...found, name, type };
      for (const texts of samples) {
        const input = typeInput(typeByName(type)!.oid);
        const values = texts.map((text) => (text === null ? null : input(text, -1, testContext)));
        const expected = await theirs(name, type, texts);
        const canCombine = functionRegistry.aggregate(found.signature.oid)!.combine !== undefined;
        for (const parts of canCombine ? [1, 2] : [1]) {
          calls++;
          const { text, number } = ours(aggregate, values, parts);
          const close = Math.abs(number - Number(expected)) <= Math.abs(number) * 1e-12;
          const isFloat = found.result === TypeOid.float8 || found.result === TypeOid.float4;
          if (text !== expected && !(isFloat && close)) {
            differences.push(`${name}(${type}) of ${texts.join(' | ')}: ${text} <> ${expected}`);
          }
        }
      }
    }
  }
  context.diagnostic(`${calls} calls`);
  assert.equal(differences.length, 0, `\n${differences.join('\n')}`);
});
