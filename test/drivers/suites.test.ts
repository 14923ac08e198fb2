/**
 * Goal: suites that drivers bring of their own pass, but for a list of tests that fits on a page.
 * Method: SQLAlchemy's dialect suite over two drivers and the tests of Go's lib/pq, as Debian packages them; the
 * tests that fail are compared with the list. What is not installed is reported as skipped.
 */
import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const timeout = 240_000;
const server = await testServer();
let client: Client;

before(async () => {
  client = await connect(server.port);
});

function isInstalled([program, ...args]: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What a suite prints; that tests of it fail is no failure of the call. */
function outputOf(
  command: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): Promise<string> {
  const [program, ...args] = command;
  return new Promise((resolve) => {
    const settings = { ...options, timeout, maxBuffer: 64 << 20 };
    execFile(program, args, settings, (_error, output, errors) => resolve(output + errors));
  });
}

// Each of these fails on PostgreSQL 15 as well: the suite is told nothing of what the dialect can do.
const sqlalchemyFails = [
  'ComponentReflectionTest::test_get_pk_constraint[False-_exclusions0]',
  'ComponentReflectionTest::test_get_pk_constraint[True-_exclusions1]',
  'ComponentReflectionTest::test_get_table_names[None-False-True-False-_exclusions3]',
  'ComponentReflectionTest::test_get_table_names[None-False-True-True-_exclusions4]',
  'ComponentReflectionTest::test_get_table_names[None-True-True-False-_exclusions5]',
  'ComponentReflectionTest::test_get_table_names[None-True-True-True-_exclusions6]',
  'ComponentReflectionTest::test_get_temp_table_indexes',
  'DistinctOnTest::test_distinct_on',
];

for (const driver of ['psycopg2', 'asyncpg']) {
  const python = '/usr/bin/python3';
  const skip = isInstalled([python, '-c', `import pytest, sqlalchemy.testing, ${driver}`])
    ? false
    : `skipped: python3-pytest, python3-sqlalchemy or ${driver} is not installed`;
  test(`SQLAlchemy's dialect suite over ${driver}`, { skip, timeout }, async (context) => {
    const database = `suite_${driver}`;
    await client.query(`CREATE DATABASE ${database}`);
    const own = await connect(server.port, { database });
    await own.query('CREATE SCHEMA test_schema; CREATE SCHEMA test_schema_2');
    await own.end();
    const suite = join(server.directory, driver);
    cpSync(join(import.meta.dirname, 'suites', 'sqlalchemy'), suite, { recursive: true });
    const url = `postgresql+${driver}://postgres@127.0.0.1:${server.port}/${database}`;
    const output = await outputOf([python, '-m', 'pytest', '--dburi', url], { cwd: suite });
    const failed = [...output.matchAll(/^(?:FAILED|ERROR) \S*?::(\w+?)_postgresql\S*?::(\S+)/gm)];
    const passed = Number(/(\d+) passed/.exec(output)?.[1] ?? 0);
    context.diagnostic(`${passed} passed`);
    assert.deepEqual(
      failed.map(([, group, name]) => `${group}::${name}`).toSorted(),
      sqlalchemyFails,
      output.slice(-5000),
    );
    assert.ok(passed > 300, output.slice(-5000));
  });
}

const libPqFails = new Set([
  // Wants the rows before an error of the same batch.
  'TestQueryRowBugWorkaround',
  // Looks at the rights of a file in the package.
  'TestHasCorrectRootGroupPermissions',
]);

const libPq = '/usr/share/gocode/src/github.com/lib/pq';
const skipGo = isInstalled(['sh', '-c', `go version && test -e ${libPq}/conn_test.go`])
  ? false
  : 'skipped: go or lib/pq is not installed';

test("lib/pq's own tests", { skip: skipGo, timeout }, async (context) => {
  await client.query('CREATE DATABASE pqgotest');
  const output = await outputOf(['go', 'test', '-v', '-timeout', '200s', 'github.com/lib/pq'], {
    env: {
      ...process.env,
      GO111MODULE: 'off',
      GOPATH: '/usr/share/gocode',
      PGHOST: '127.0.0.1',
      PGPORT: String(server.port),
      PGUSER: 'postgres',
      PGDATABASE: 'pqgotest',
      PGSSLMODE: 'disable',
    },
  });
  const failed = [...output.matchAll(/^--- FAIL: (\w+)/gm)].map(([, name]) => name);
  const passed = output.match(/^--- PASS: /gm)?.length ?? 0;
  context.diagnostic(`${passed} passed`);
  assert.deepEqual(
    failed.filter((name) => !libPqFails.has(name)),
    [],
    output.slice(-5000),
  );
  assert.ok(passed > 100, output.slice(-5000));
});
