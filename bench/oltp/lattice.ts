// This server as a process of its own, started the way users start it.

import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface RunningLattice {
  readonly port: number;
  readonly pid: number;
  /** RssAnon + RssShmem in bytes. */
  memoryBytes(): number;
  stop(): Promise<void>;
}

const root = join(import.meta.dirname, '..', '..');

export async function startLattice(directory: string, configuration = ''): Promise<RunningLattice> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'lattice.yaml');
  writeFileSync(file, `log_level: warn\n${configuration}`);
  const args = [
    'start',
    '--data',
    join(directory, 'data'),
    '--listen',
    '127.0.0.1:0',
    '--admin',
    '127.0.0.1:0',
    '--config',
    file,
  ];
  const server = spawn(join(root, 'lattice'), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const port = await new Promise<number>((resolve, reject) => {
    let text = '';
    server.stdout.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /ready postgres:\/\/[^:\s]+:(\d+)/.exec(text);
      if (match !== null) resolve(Number(match[1]));
    });
    server.once('exit', (code) => reject(new Error(`the server ended with status ${code}`)));
  });
  const pid = server.pid;
  if (pid === undefined) throw new Error('the server has no process id');
  return {
    port,
    pid,
    memoryBytes: () => memoryOf(pid),
    stop: async () => {
      if (server.exitCode !== null) return;
      const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
      server.kill('SIGTERM');
      await ended;
    },
  };
}

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
}
