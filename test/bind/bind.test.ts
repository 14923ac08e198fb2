// Goal: names, types, parameters and errors of statements are those of PostgreSQL 15. Method: the
// statements of statements.sql are bound here and described by a real server over the same schema;
// result columns (names, types, modifiers), parameter types and every error field must agree.
// Skipped where PostgreSQL 15 is not installed.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import pg from 'pg';
import { DatabaseError } from '#common';
import { bindStatement, loadParser, parseStatements } from '#planner';
import { testPostgres } from '../harness/test-server.ts';
import { type Description, DescribeQuery } from './describe-postgres.ts';
import { sampleContext, sampleSchema } from './sample-schema.ts';

const postgres = await testPostgres();

/** Where this server knowingly says something else: what PostgreSQL 18's grammar accepts, and what is refused. */
const differing = new Set(
  readFileSync(join(import.meta.dirname, 'differences.sql'), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--')),
);

function statementsOf(file: string): string[] {
  return readFileSync(join(import.meta.dirname, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('--') && !differing.has(line));
}

function describeHere(sql: string): Description {
  try {
    const [parsed] = parseStatements(sql);
    const bound = bindStatement(parsed, sampleContext());
    return {
      columns: bound.results.map(
        ({ name, type }) => `${name}:${visibleType(type.oid)}/${type.typmod}`,
      ),
      parameters: bound.parameterTypes.map((type) => type.oid),
      error: undefined,
    };
  } catch (error) {
    if (!(error instanceof DatabaseError)) throw error;
    const { sqlState, message, position, detail, hint } = error;
    return { columns: [], parameters: [], error: { sqlState, message, position, detail, hint } };
  }
}

/** Row types have oids of their own in each database. */
function visibleType(oid: number): string {
  return oid >= 16384 ? 'row' : String(oid);
}

test('statements mean what they mean to PostgreSQL', { skip: postgres.missing }, async () => {
  await loadParser();
  const client = new pg.Client({
    port: postgres.port,
    host: '127.0.0.1',
    user: 'postgres',
    database: 'postgres',
  });
  try {
    await client.connect();
    await client.query(sampleSchema);
    const differences: string[] = [];
    for (const sql of statementsOf('statements.sql')) {
      const query = new DescribeQuery(sql);
      client.query(query);
      const real = await query.done;
      const expected = {
        ...real,
        columns: real.columns.map((column) => column.replace(/:\d{5}\//, ':row/')),
      };
      const actual = describeHere(sql);
      try {
        assert.deepEqual(actual, expected);
      } catch {
        differences.push(
          `${sql}\n  here  ${JSON.stringify(actual)}\n  there ${JSON.stringify(expected)}`,
        );
      }
    }
    assert.equal(differences.join('\n'), '');
  } finally {
    await client.end();
  }
});
