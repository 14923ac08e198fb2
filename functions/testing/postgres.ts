// A real PostgreSQL 15 for differential tests: a throw-away cluster on a Unix socket, or the reason why
// there is none. PostgreSQL refuses to run as root, so root runs it as the user postgres.

import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

const binaries = '/usr/lib/postgresql/15/bin';

export interface PostgresCluster {
  connect(): Promise<pg.Client>;
  stop(): void;
}

/** Why no cluster can be started here; undefined when one can. */
export function postgresMissing(): string | undefined {
  return existsSync(join(binaries, 'initdb')) ? undefined : `PostgreSQL 15 is not in ${binaries}`;
}

export function startPostgres(): PostgresCluster {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-pg-'));
  const root = process.getuid?.() === 0;
  const run = (command: string, ...args: string[]): void => {
    const all = [join(binaries, command), ...args];
    const [file, ...rest] = root ? ['runuser', '-u', 'postgres', '--', ...all] : all;
    execFileSync(file, rest, { stdio: 'ignore', cwd: '/' });
  };
  if (root) execFileSync('chown', ['postgres', directory]);
  chmodSync(directory, 0o755);
  const data = join(directory, 'data');
  run(
    'initdb',
    '-D',
    data,
    '-U',
    'postgres',
    '-A',
    'trust',
    '-E',
    'UTF8',
    '--locale=C.UTF-8',
    '-N',
  );
  const options = `-k ${directory} -c listen_addresses= -c fsync=off -c timezone=Etc/UTC`;
  run('pg_ctl', '-D', data, '-o', options, '-l', join(directory, 'log'), '-w', 'start');
  return {
    connect: async () => {
      const types = { getTypeParser: () => (text: string | Buffer) => String(text) };
      const config = { host: directory, user: 'postgres', database: 'postgres', types };
      const client = new pg.Client(config);
      await client.connect();
      return client;
    },
    stop: () => {
      run('pg_ctl', '-D', data, '-m', 'immediate', 'stop');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
