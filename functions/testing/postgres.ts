// A real PostgreSQL 15 for differential tests: a throw-away cluster on a Unix socket, or the reason why
// there is none.

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { makeCluster, postgresBinaries, postgresUser } from './cluster.ts';

export interface PostgresCluster {
  connect(): Promise<pg.Client>;
  stop(): void;
}

/** Why no cluster can be started here; undefined when one can. */
export function postgresMissing(): string | undefined {
  return postgresBinaries() === undefined ? 'PostgreSQL 15 is not installed' : undefined;
}

export function startPostgres(): PostgresCluster {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-pg-'));
  const user = postgresUser();
  if (user !== undefined) chownSync(directory, user.uid, user.gid);
  chmodSync(directory, 0o755);
  const control = (...args: string[]): void => {
    const command = join(postgresBinaries() ?? '', 'pg_ctl');
    execFileSync(command, args, { ...user, stdio: 'ignore', cwd: '/' });
  };
  const data = join(directory, 'data');
  makeCluster(data);
  const options = `-k ${directory} -c listen_addresses= -c fsync=off -c timezone=Etc/UTC`;
  control('-D', data, '-o', options, '-l', join(directory, 'log'), '-w', 'start');
  return {
    connect: async () => {
      const types = { getTypeParser: () => (text: string | Buffer) => String(text) };
      const config = { host: directory, user: 'postgres', database: 'postgres', types };
      const client = new pg.Client(config);
      await client.connect();
      return client;
    },
    stop: () => {
      control('-D', data, '-m', 'immediate', 'stop');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}
