/**
 * Goal: the drivers that applications use work unmodified: connecting, types in text and binary, prepared
 * statements, errors, transactions, COPY, cursors, notifications, two-phase commit, introspection, migrations.
 * Method: one program a driver, in the driver's own language, which checks what it gets and prints
 * "passed"; each has a database of its own. A driver that is not installed is reported as skipped.
 */
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

interface Driver {
  readonly name: string;
  readonly command: readonly string[];
  /** Succeeds where the driver is installed. */
  readonly probe: readonly string[];
}

const programs = join(import.meta.dirname, 'programs');
// Debian's packages belong to Debian's Python, whatever else comes first on the path.
const python = existsSync('/usr/bin/python3') ? '/usr/bin/python3' : 'python3';
const jdbcJar = '/usr/share/java/postgresql.jar';

function pythonDriver(name: string, modules: string): Driver {
  return {
    name,
    command: [python, join(programs, `${name}_driver.py`)],
    probe: [python, '-c', `import ${modules}`],
  };
}

const drivers: readonly Driver[] = [
  pythonDriver('psycopg2', 'psycopg2'),
  pythonDriver('psycopg', 'psycopg'),
  pythonDriver('asyncpg', 'asyncpg'),
  pythonDriver('sqlalchemy', 'sqlalchemy, psycopg2'),
  pythonDriver('django', 'django, psycopg2'),
  {
    name: 'dbd_pg',
    command: ['perl', join(programs, 'dbd_pg_driver.pl')],
    probe: ['perl', '-MDBD::Pg', '-e', '1'],
  },
  {
    name: 'jdbc',
    command: ['java', '-cp', jdbcJar, join(programs, 'JdbcDriver.java')],
    probe: ['sh', '-c', `javac -version && test -e ${jdbcJar}`],
  },
  {
    name: 'go',
    command: ['go', 'run', join(programs, 'go', 'main.go')],
    probe: ['sh', '-c', 'go version && test -e /usr/share/gocode/src/github.com/lib/pq'],
  },
];

const server = await testServer();

function isInstalled({ probe: [program, ...args] }: Driver): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

for (const driver of drivers) {
  const skip = isInstalled(driver) ? false : `skipped: ${driver.name} is not installed`;
  test(`${driver.name} works`, { skip, timeout: 120_000 }, async () => {
    const database = `driver_${driver.name}`;
    const client = await connect(server.port);
    await client.query(`CREATE DATABASE ${database}`);
    await client.end();
    const [program, ...args] = driver.command;
    const { stdout } = await promisify(execFile)(program, args, {
      cwd: server.directory,
      env: {
        ...process.env,
        DSN: `postgresql://postgres@127.0.0.1:${server.port}/${database}`,
        // Debian's Go packages are sources under a GOPATH.
        GOPATH: '/usr/share/gocode',
        GO111MODULE: 'off',
        GOFLAGS: '',
        GOCACHE: join(server.directory, 'go-cache'),
      },
    });
    assert.match(stdout, /^passed$/m);
  });
}
