// The jsonb_path_* functions and the operators @? and @@.

import { compiledJsonPath, databaseError, type Datum, Jsonb, JsonObject } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { asObject, PathError, type PathValue, toJson } from './jsonpath-items.ts';
import { collectPath, type PathRun, runPath } from './jsonpath-run.ts';

const noVariables = new JsonObject(new Map());

interface Call {
  readonly context: FunctionContext;
  readonly document: Jsonb;
  readonly path: string;
  readonly variables?: Jsonb;
  readonly silent: boolean;
  readonly zones: boolean;
}

function runOf(call: Call): PathRun {
  const variables = call.variables === undefined ? noVariables : asObject(call.variables.value);
  if (variables === undefined) {
    throw databaseError('invalidParameterValue', '"vars" argument is not an object', {
      detail: 'Jsonpath parameters should be encoded as key-value pairs of "vars" object.',
    });
  }
  const { context, document, path, zones } = call;
  return { context, document: document.value, path: compiledJsonPath(path), variables, zones };
}

/** False when the path failed and is silent. */
function completes(call: Call, run: () => void): boolean {
  try {
    run();
    return true;
  } catch (error) {
    if (!(error instanceof PathError)) throw error;
    if (!call.silent) throw error.error;
    return false;
  }
}

/** Strict paths are run to their end, so that any error in them shows. */
function exists(call: Call): Datum {
  const run = runOf(call);
  let found = false;
  const done = completes(call, () => {
    runPath(run, () => {
      found = true;
      return !run.path.strict;
    });
  });
  return done ? found : null;
}

function match(call: Call): Datum {
  const results: PathValue[] = [];
  completes(call, () => {
    results.push(...collectPath(runOf(call)));
  });
  const [result] = results;
  if (results.length === 1 && (result === null || typeof result === 'boolean')) return result;
  if (call.silent) return null;
  throw databaseError('singletonSqlJsonItemRequired', 'single boolean result is expected');
}

function query(call: Call): PathValue[] {
  const results: PathValue[] = [];
  const run = runOf(call);
  completes(call, () => {
    runPath(run, (value) => {
      results.push(value);
      return false;
    });
  });
  return results;
}

const asJsonb = (value: PathValue): Jsonb => new Jsonb(toJson(value));

function forms<Result>(
  name: string,
  answer: (call: Call) => Result,
): Record<string, (context: FunctionContext, ...args: never[]) => Result> {
  const form =
    (zones: boolean) =>
    (
      context: FunctionContext,
      document: Jsonb,
      path: string,
      variables: Jsonb,
      silent: boolean,
    ): Result =>
      answer({ context, document, path, variables, silent, zones });
  return { [name]: form(false), [`${name}_tz`]: form(true) };
}

export const jsonPathFamily: Family = {
  scalars: {
    ...(forms('jsonb_path_exists', exists) as Record<string, ScalarImplementation>),
    ...(forms('jsonb_path_match', match) as Record<string, ScalarImplementation>),
    ...(forms('jsonb_path_query_array', (call) => new Jsonb(query(call).map(toJson))) as Record<
      string,
      ScalarImplementation
    >),
    ...(forms('jsonb_path_query_first', (call) => {
      const results = query(call);
      return results.length === 0 ? null : asJsonb(results[0]);
    }) as Record<string, ScalarImplementation>),
    jsonb_path_exists_opr: (context, document: Jsonb, path: string) =>
      exists({ context, document, path, silent: true, zones: false }),
    jsonb_path_match_opr: (context, document: Jsonb, path: string) =>
      match({ context, document, path, silent: true, zones: false }),
  },
  sets: forms('jsonb_path_query', (call) => query(call).map(asJsonb)),
};
