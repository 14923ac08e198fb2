// Goal: functions answer as PostgreSQL 15 does, errors included. Method: golden/*.tsv were recorded
// from a PostgreSQL 15 server; each line has the function's oid, the argument types, the result type,
// the arguments as text (null: SQL's null), the expected text (a row set as a JSON array, an error as
// "E sqlstate message D detail H hint") and the name the function was called by.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  DatabaseError,
  defaultFormatSettings,
  typeByName,
  typeInput,
  typeOutput,
  type Datum,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { functionRegistry } from '../registry.ts';

const directory = new URL('golden/', import.meta.url);
/** The settings of an execution; the functions under test ask for nothing else. */
const context = { ...defaultFormatSettings, checkCancel: () => {} } as unknown as FunctionContext;

interface GoldenCase {
  readonly oid: number;
  readonly argumentTypes: readonly number[];
  readonly resultType: number;
  readonly arguments: readonly (string | null)[];
  readonly expected: string;
}

function parseCase(line: string): GoldenCase {
  const [oid, types, result, values, expected] = line.split('\t');
  const oidOf = (name: string): number => typeByName(name)!.oid;
  return {
    oid: Number(oid),
    argumentTypes: types === '' ? [] : types.split(',').map(oidOf),
    resultType: oidOf(result),
    arguments: JSON.parse(values) as (string | null)[],
    expected: JSON.parse(expected) as string,
  };
}

function argumentsOf(golden: GoldenCase): Datum[] {
  const values = golden.arguments.map((text, index) =>
    text === null ? null : typeInput(golden.argumentTypes[index])(text, -1, defaultFormatSettings),
  );
  const signature = functionRegistry.functionByOid(golden.oid)!;
  const { argumentTypes, defaults } = signature;
  // Operators' functions have no defaults; a variadic function has fewer declared arguments.
  for (let index = values.length; index < argumentTypes.length && defaults.length > 0; index++) {
    const text = defaults[index - (argumentTypes.length - defaults.length)];
    values.push(typeInput(argumentTypes[index])(text, -1, defaultFormatSettings));
  }
  return values;
}

function evaluate(golden: GoldenCase): string {
  const { oid, argumentTypes, resultType } = golden;
  const signature = functionRegistry.functionByOid(oid)!;
  const values = argumentsOf(golden) as never[];
  const output = typeOutput(resultType);
  const show = (value: Datum): string =>
    value === null ? 'null' : output(value, defaultFormatSettings);
  if (signature.strict && values.includes(null as never))
    return signature.returnsSet ? '[]' : 'null';
  if (signature.returnsSet) {
    const rows = [...functionRegistry.set(oid, { argumentTypes, resultType })!(context, ...values)];
    const texts = rows.map((row) => {
      if (Array.isArray(row)) return `(${(row as Datum[]).map(String).join(',')})`;
      return row === null ? null : show(row as Datum);
    });
    return texts.length === 1 ? String(texts[0]) : JSON.stringify(texts);
  }
  return show(functionRegistry.scalar(oid, { argumentTypes, resultType })!(context, ...values));
}

function outcome(golden: GoldenCase): string {
  try {
    return evaluate(golden);
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const detail = error.detail === undefined ? '' : ` D ${error.detail}`;
    const hint = error.hint === undefined ? '' : ` H ${error.hint}`;
    return `E ${error.sqlState} ${error.message}${detail}${hint}`;
  }
}

for (const file of readdirSync(directory)) {
  test(`functions answer as recorded in ${file}`, () => {
    const lines = readFileSync(new URL(file, directory), 'utf8').trimEnd().split('\n');
    assert.ok(lines.length > 50);
    for (const line of lines)
      assert.equal(outcome(parseCase(line)), parseCase(line).expected, line);
  });
}
