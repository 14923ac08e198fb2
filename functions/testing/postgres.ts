// A real PostgreSQL 15 for differential tests: a throw-away cluster on a Unix socket, or the reason why there is none.

import { execFileSync } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import pg from 'pg';
import { makeCluster, postgresBinaries, postgresUser } from './cluster.ts';

/** Why no cluster can be started here, for `skip` of tests; undefined when one can. */
export const postgresMissing: string | undefined =
  postgresBinaries() === undefined ? 'PostgreSQL 15 is not installed' : undefined;

/** A client for the tests of one file, whose cluster goes with them. Not connected where postgresMissing says why. */
export async function testClient(): Promise<pg.Client> {
  if (postgresMissing !== undefined) return new pg.Client();
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
  const types = { getTypeParser: () => (text: string | Buffer) => String(text) };
  const client = new pg.Client({ host: directory, user: 'postgres', database: 'postgres', types });
  after(async () => {
    await client.end();
    control('-D', data, '-m', 'immediate', 'stop');
    rmSync(directory, { recursive: true, force: true });
  });
  await client.connect();
  return client;
}
