// How much of PostgreSQL's pg_proc and pg_operator is implemented, as the document docs/functions.md
// shows it. Run it to write the document anew: ./node24 functions/testing/coverage.ts

import { writeFileSync } from 'node:fs';
import { typeByOid, TypeOid } from '#common';
import type { FunctionSignature } from '../contract.ts';
import { functionFacts, operatorFacts } from '../facts/facts.ts';
import { functionRegistry } from '../registry.ts';

export interface Coverage {
  /** Functions that SQL can call: no internal arguments, no handlers, no triggers. */
  readonly callable: number;
  readonly implemented: number;
  readonly all: number;
  readonly operators: number;
  readonly workingOperators: number;
  readonly missing: readonly FunctionSignature[];
  readonly missingOperators: readonly string[];
}

const firstOfOurs = 9_000_000;
/** Handlers of table and index access methods, foreign data, sampling and languages; triggers. */
const uncallableResults = new Set<number>([269, 325, 3115, 3310, 2280, 3838, TypeOid.trigger]);

export function isImplemented({ oid, kind, returnsSet }: FunctionSignature): boolean {
  if (kind === 'aggregate') return functionRegistry.aggregate(oid) !== undefined;
  if (kind === 'window') return functionRegistry.window(oid) !== undefined;
  return functionRegistry[returnsSet ? 'set' : 'scalar'](oid) !== undefined;
}

function isCallable({ argumentTypes, resultType }: FunctionSignature): boolean {
  return (
    !argumentTypes.includes(TypeOid.internal) &&
    resultType !== TypeOid.internal &&
    !uncallableResults.has(resultType)
  );
}

const typeName = (oid: number): string => typeByOid(oid)?.name ?? String(oid);

export function coverage(): Coverage {
  const all = functionFacts().all.filter(({ oid }) => oid < firstOfOurs);
  const callable = all.filter(isCallable);
  const implemented = callable.filter(isImplemented);
  const working = new Set(all.filter(isImplemented).map(({ oid }) => oid));
  const operators = operatorFacts().all;
  const dead = operators.filter(({ functionOid }) => !working.has(functionOid));
  return {
    callable: callable.length,
    implemented: implemented.length,
    all: all.length,
    operators: operators.length,
    workingOperators: operators.length - dead.length,
    missing: callable.filter((signature) => !isImplemented(signature)),
    missingOperators: dead.map(
      ({ name, left, right }) =>
        `${left === 0 ? '' : `${typeName(left)} `}${name} ${typeName(right)}`,
    ),
  };
}

export function coverageDocument(): string {
  const found = coverage();
  const names = [...new Set(found.missing.map(({ name }) => name))].sort();
  const operators = found.missingOperators.map((text) => `\`${text.replaceAll('|', '\\|')}\``);
  return `# Functions and operators

Made by \`./node24 functions/testing/coverage.ts\` from PostgreSQL 15's pg_proc and pg_operator
(functions/facts); \`functions/registry.test.ts\` refuses to fall below these numbers.

| | PostgreSQL 15 | here |
| --- | --- | --- |
| functions that SQL can call | ${found.callable} | ${found.implemented} |
| operators | ${found.operators} | ${found.workingOperators} |

${found.all - found.callable} further entries of pg_proc cannot be called from SQL (support functions of access methods,
handlers, triggers). Beyond PostgreSQL's own: digest, hmac, crypt (bcrypt), gen_salt and gen_random_bytes
of pgcrypto, the functions of uuid-ossp, read_csv, read_json, read_parquet.

## Missing: 0A000 at once

Functions of which at least one form is missing:

${names.map((name) => `\`${name}\``).join(', ')}

Operators: ${operators.join(', ')}
`;
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(new URL('../../docs/functions.md', import.meta.url), coverageDocument());
}
