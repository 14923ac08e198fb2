// Goal: every implemented scalar function over ordinary types gives PostgreSQL 15's value or its error.
// Method: each signature is called with combinations of sample values here and on a real server, and
// the texts of the results (or SQLSTATE and message) are compared. Functions whose answer depends on
// the session, or may differ in the last digit of a double, are left out or compared loosely.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Datum, DatabaseError, typeByOid, typeInput, TypeOid, typeOutput } from '#common';
import type { FunctionSignature, ScalarImplementation } from './contract.ts';
import { functionFacts } from './facts/facts.ts';
import { catalogQuestions } from './families/catalog-questions.ts';
import { functionRegistry } from './registry.ts';
import { testContext } from './testing/context.ts';
import { postgresMissing, testClient } from './testing/postgres.ts';
import { samples } from './testing/samples.ts';

const callsPerFunction = 12;
const concrete = new Map<number, readonly string[]>([
  [TypeOid.anyelement, ['int4']],
  [TypeOid.anynonarray, ['int4']],
  [TypeOid.anyarray, ['_int4']],
  [TypeOid.anycompatible, ['int4']],
  [TypeOid.anycompatiblearray, ['_int4']],
  [TypeOid.anycompatiblenonarray, ['int4']],
]);

/** Left out: they ask the session, the clock or the catalog, or use PostgreSQL's own hash or digits. */
const leftOut =
  /^(?:pg_|current_|session_user|version|now|random|setseed|nextval|currval|lastval|setval|txid_|to_reg|gen_random|inet_|statement_timestamp|timeofday|regclass|getdatabaseencoding|set_config|getpgusername|row_security|has_|col_description|obj_desc|format_type|num_n|timestamptz_time|age$|query_to|table_to|schema_to|cursor_to|database_to|make_interval$)/;

/** Where the two differ on purpose. */
const knownDifferences: readonly (readonly [call: RegExp, reason: string])[] = [
  [/^bpchar\(.*2147483647/, 'PostgreSQL fails to allocate memory (XX000)'],
  [/^interval\(interval .*int4 \d+\)/, 'no such interval type modifier exists (XX000)'],
  [/^timestamp(tz)?\(.*int4 -2147483648\)/, 'no negative precision gets past the parser'],
  [/^make_date\(int4 -2147483648/, 'the year in the message of the smallest integer'],
  [/^right\(.*int4 -2147483648\)/, 'the smallest integer has no negative in C'],
  [/^to_char\(interval .*IYYY/, 'ISO years of intervals: PostgreSQL computes one before year 0'],
  [/^(length|convert(_from|_to)?)\(.*name /, 'only UTF8, LATIN1 … are supported'],
  [/^polygon\((int4 \d+, )?circle/, 'sines and cosines differ in the last digit'],
  [/^ts_rewrite\(/, 'operands of one chain come in the order of checksums there'],
  [/^bit\(.*2147483647/, 'a bit string of that length wraps around to none'],
  [/^jsonb?_(to|populate)_record\(/, 'wordings for calls that the binder refuses earlier'],
];

interface Outcome {
  readonly text: string;
  readonly number: number | undefined;
}

const client = await testClient();

function argumentType(oid: number): string | undefined {
  const name = concrete.get(oid)?.[0] ?? typeByOid(oid)?.name;
  return name !== undefined && name in samples ? name : undefined;
}

const units =
  'microseconds milliseconds second minute hour day week month quarter year decade century millennium ' +
  'isoyear dow isodow doy julian epoch timezone timezone_hour timezone_minute HOURS';

/** Arguments that select what a function does. */
const firstArguments: Readonly<Record<string, readonly string[]>> = {
  date_part: units.split(' '),
  extract: units.split(' '),
  date_trunc: units.split(' '),
  timezone: ['UTC', 'America/New_York', 'CET', 'pst', 'Europe/Berlin', '+03:30', 'nowhere'],
};

const dateTemplates = [
  'YYYY-MM-DD HH24:MI:SS.US',
  'FMDay, DD FMMonth YYYY',
  'Dy Mon DDth YYYY BC',
  'HH12:MI:SS am MS FF3 SSSS',
  'DDD IDDD D ID W WW IW CC J Q RM rm',
  'IYYY IYY IY I YYY YY Y Y,YYY',
  'FMHH FMMI FMSS P.M. A.D. "quoted Y" DAY month MON',
  'TZ tz TZH TZM OF',
  'Day|DY|FMDD|FMMM|Month|YYYYth',
];
const numberTemplates = [
  '999',
  '9,999.99',
  '0000',
  'FM999.990',
  'S999',
  '999S',
  '999MI',
  'PL999',
  'SG99',
  '99.9PR',
  'L9999',
  'RN',
  'FMrn',
  '9.99EEEE',
  '99V99',
  '999th',
  'FM9999',
  '0.9',
  '9G999D99',
  'FM0.99',
  'text 99',
  '999999999999999999.99',
  'FM990.00',
  '00.00',
  '.99',
  'FM.99',
];

/** The last argument of to_char, by the type of the first. */
const templates: Readonly<Record<string, readonly string[]>> = {
  timestamp: dateTemplates,
  timestamptz: dateTemplates,
  interval: dateTemplates,
  numeric: numberTemplates,
  int4: numberTemplates,
  int8: numberTemplates,
  float4: numberTemplates,
  float8: numberTemplates,
};

/** Combinations that walk through every value of every argument, the same ones in each run. */
function combinations(name: string, types: readonly string[]): string[][] {
  const rows: string[][] = [];
  const special = firstArguments[name];
  const shapes = name === 'to_char' ? templates[types[0]] : undefined;
  const count =
    special === undefined ? (shapes?.length ?? 0) * 7 || callsPerFunction : special.length * 3;
  for (let i = 0; i < count; i++) {
    rows.push(
      types.map((type, k) => {
        const chosen = k === 0 ? special : shapes;
        const values = chosen ?? samples[type];
        if (chosen === shapes && shapes !== undefined) return values[Math.floor(i / 7)];
        return values[(i * (k * 2 + 1) + k) % values.length];
      }),
    );
  }
  return [...new Map(rows.map((row) => [JSON.stringify(row), row])).values()];
}

function typeOid(name: string): number {
  const found = [...Object.entries(TypeOid)].find(([key]) => key === name);
  if (found !== undefined) return found[1];
  return name.startsWith('_') ? typeByOid(typeOid(name.slice(1)))!.arrayOid : 0;
}

function resultType(signature: FunctionSignature): number {
  const [sample] = concrete.get(signature.resultType) ?? [];
  return sample === undefined ? signature.resultType : typeOid(sample);
}

function ours(signature: FunctionSignature, types: readonly string[], row: string[]): Outcome {
  const oids = types.map(typeOid);
  const result = resultType(signature);
  try {
    const args = row.map((text, i) => typeInput(oids[i])(text, -1, testContext));
    const implementation = functionRegistry.scalar(signature.oid, {
      argumentTypes: oids,
      resultType: result,
    }) as unknown as ScalarImplementation as (...all: unknown[]) => Datum;
    const value = implementation(testContext, ...args);
    if (value === null) return { text: 'NULL', number: undefined };
    const isFloat = result === TypeOid.float8 || result === TypeOid.float4;
    const text = typeOutput(result)(value, testContext);
    return { text, number: isFloat ? (value as number) : undefined };
  } catch (error) {
    if (!(error instanceof DatabaseError))
      return { text: `CRASH ${String(error)}`, number: undefined };
    return { text: `${error.sqlState} ${error.message}`, number: undefined };
  }
}

async function theirs(
  signature: FunctionSignature,
  types: readonly string[],
  row: string[],
): Promise<string> {
  const args = row.map((text, i) => `${quote(text)}::pg_catalog."${types[i]}"`);
  try {
    const call = `pg_catalog."${signature.name}"(${args.join(', ')})`;
    const result = await client.query({ text: `SELECT ${call}`, rowMode: 'array' });
    return (result.rows[0] as (string | null)[])[0] ?? 'NULL';
  } catch (error) {
    return `${(error as { code?: string }).code} ${(error as Error).message}`;
  }
}

function quote(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}

/** Doubles may differ in the last digits: libm and V8 do not round alike. */
function agree(name: string, here: Outcome, there: string): boolean {
  if (here.text === there) return true;
  // What PostgreSQL reports as internal is an ordinary error here.
  if (there.startsWith('XX000 ')) return /^[0-9A-Z]{5} (?!internal)/.test(here.text);
  if (name.includes('cmp')) return Math.sign(Number(here.text)) === Math.sign(Number(there));
  if (here.number === undefined) return false;
  const other = Number(there);
  return Math.abs(here.number - other) <= Math.abs(other) * 1e-13;
}

const candidates = functionFacts().all.filter(
  (signature) =>
    signature.oid < 9_000_000 &&
    signature.kind === 'function' &&
    !signature.returnsSet &&
    signature.volatility !== 'volatile' &&
    signature.variadic === 0 &&
    signature.argumentTypes.length > 0 &&
    !leftOut.test(signature.name) &&
    !catalogQuestions.has(signature.name) &&
    // Those of information_schema.
    !signature.name.startsWith('_pg_') &&
    signature.argumentTypes.every((type) => argumentType(type) !== undefined) &&
    functionRegistry.scalar(signature.oid) !== undefined,
);

test('scalar functions agree with PostgreSQL', { skip: postgresMissing }, async (context) => {
  const differences: string[] = [];
  let calls = 0;
  for (const signature of candidates) {
    const types = signature.argumentTypes.map((type) => argumentType(type)!);
    for (const row of combinations(signature.name, types)) {
      calls++;
      const here = ours(signature, types, row);
      const there = await theirs(signature, types, row);
      if (!agree(signature.name, here, there)) {
        const call = `${signature.name}(${row.map((text, i) => `${types[i]} ${text}`).join(', ')})`;
        if (knownDifferences.some(([pattern]) => pattern.test(call))) continue;
        differences.push(`${call}: ${here.text} <> ${there}`);
        if (signature.name !== 'to_char') break;
      }
    }
  }
  context.diagnostic(`${candidates.length} functions, ${calls} calls`);
  assert.equal(differences.length, 0, `\n${differences.join('\n')}`);
});
