// This server as a process of its own, started the way users start it: ./lattice start.

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..', '..');

export interface LatticeOptions {
  /** Lines of YAML added to the configuration file. */
  readonly configuration?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Default 127.0.0.1:0. */
  readonly listen?: string;
}

export class LatticeProcess {
  readonly port: number;
  readonly adminPort: number;
  readonly process: ChildProcess;
  private readonly errors: string[];

  constructor(
    child: ChildProcess,
    ports: { readonly port: number; readonly adminPort: number },
    errors: string[],
  ) {
    this.process = child;
    this.port = ports.port;
    this.adminPort = ports.adminPort;
    this.errors = errors;
  }

  get pid(): number {
    return this.process.pid ?? 0;
  }

  /** What the server has written to standard error. */
  get errorText(): string {
    return this.errors.join('');
  }

  /** RssAnon + RssShmem in bytes. */
  memoryBytes(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
  }

  /** SIGTERM; resolves with the exit status. */
  stop(): Promise<number | null> {
    return this.end('SIGTERM');
  }

  /** kill -9. */
  kill(): Promise<number | null> {
    return this.end('SIGKILL');
  }

  private end(signal: NodeJS.Signals): Promise<number | null> {
    if (this.process.exitCode !== null || this.process.signalCode !== null)
      return Promise.resolve(this.process.exitCode);
    const ended = new Promise<number | null>((resolve) => this.process.once('exit', resolve));
    this.process.kill(signal);
    return ended;
  }
}

/** Starts a server on <directory>/data; rejects with its error text when it ends instead of becoming ready. */
export async function startLattice(
  directory: string,
  options: LatticeOptions = {},
): Promise<LatticeProcess> {
  mkdirSync(directory, { recursive: true });
  const file = join(directory, 'lattice.yaml');
  writeFileSync(file, `log_level: warn\n${options.configuration ?? ''}`);
  const data = join(directory, 'data');
  const listen = options.listen ?? '127.0.0.1:0';
  const args = [
    'start',
    '--data',
    data,
    '--listen',
    listen,
    '--admin',
    '127.0.0.1:0',
    '--config',
    file,
  ];
  const child = spawn(join(root, 'lattice'), args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  const errors: string[] = [];
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk.toString()));
  const ports = await readyPorts(child, errors);
  return new LatticeProcess(child, ports, errors);
}

function readyPorts(
  child: ChildProcess,
  errors: readonly string[],
): Promise<{ port: number; adminPort: number }> {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      const match = /^ready postgres:\/\/\S+:(\d+) admin http:\/\/\S+:(\d+)$/m.exec(text);
      if (match !== null) resolve({ port: Number(match[1]), adminPort: Number(match[2]) });
    });
    child.once('exit', (code, signal) => {
      reject(
        new Error(
          `the server ended with ${code ?? signal} before it was ready: ${errors.join('')}`,
        ),
      );
    });
  });
}
