// A PostgreSQL 15 server of our own for comparison, with default settings unless asked otherwise, in a
// directory beside ours, on a free port.

import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, chownSync, existsSync, mkdirSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeCluster, postgresBinaries, postgresUser } from '../../functions/testing/cluster.ts';

export { postgresBinaries };

/** "postgres (PostgreSQL) 15.8" */
export function postgresVersion(): string {
  const binaries = postgresBinaries();
  if (binaries === undefined) return 'no PostgreSQL';
  return execFileSync(join(binaries, 'postgres'), ['--version'], { encoding: 'utf8' }).trim();
}

export interface RunningPostgres {
  readonly port: number;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Makes the cluster unless the directory holds one. */
export async function startPostgres(
  directory: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<RunningPostgres> {
  const binaries = postgresBinaries();
  if (binaries === undefined) throw new Error('PostgreSQL 15 is not installed');
  mkdirSync(directory, { recursive: true });
  const identity = postgresUser();
  if (identity !== undefined) {
    chownSync(directory, identity.uid, identity.gid);
    chmodSync(directory, 0o700);
    // The server's user must be able to pass through a temporary directory that root made.
    const parent = dirname(directory);
    chmodSync(parent, statSync(parent).mode | 0o011);
  }
  const data = join(directory, 'data');
  const options = { ...identity, cwd: directory, stdio: 'ignore' as const };
  if (!existsSync(data)) makeCluster(data);
  const port = await freePort();
  const server = spawn(
    join(binaries, 'postgres'),
    [
      '-D',
      data,
      '-p',
      String(port),
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      `unix_socket_directories=${directory}`,
      ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options,
  );
  await waitUntilReady(binaries, port, server);
  return {
    port,
    stop: async () => {
      const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      server.kill('SIGINT');
      await ended;
    },
  };
}

async function waitUntilReady(binaries: string, port: number, server: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    if (server.exitCode !== null)
      throw new Error(`PostgreSQL ended with status ${server.exitCode}`);
    try {
      execFileSync(join(binaries, 'pg_isready'), ['-q', '-h', '127.0.0.1', '-p', String(port)]);
      return;
    } catch {
      await sleep(30);
    }
  }
  throw new Error('PostgreSQL did not become ready');
}
