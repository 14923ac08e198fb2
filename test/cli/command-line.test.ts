/**
 * Goal: what other people's scripts rely on: the ready line, exit statuses, one server a directory, clear
 * messages for wrong options and wrong configuration, and logs on standard error only.
 * Method: ./lattice is run as a process of its own and its two outputs are read apart.
 */
import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { connect, rows } from '../harness/client.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-cli-'));
const program = join(import.meta.dirname, '..', '..', 'lattice');

after(() => rmSync(directory, { recursive: true, force: true }));

interface Finished {
  readonly status: number | null;
  readonly output: string;
  readonly errors: string;
}

class Run {
  readonly child: ChildProcess;
  output = '';
  errors = '';

  constructor(args: readonly string[]) {
    this.child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.child.stdout?.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
    this.child.stderr?.on('data', (chunk: Buffer) => (this.errors += chunk.toString()));
  }

  finished(): Promise<Finished> {
    return new Promise((resolve) =>
      this.child.once('close', (status) =>
        resolve({ status, output: this.output, errors: this.errors }),
      ),
    );
  }

  /** The ports of the ready line. */
  ready(): Promise<{ port: number; adminPort: number }> {
    return new Promise((resolve, reject) => {
      this.child.stdout?.on('data', () => {
        const match =
          /^ready postgres:\/\/127\.0\.0\.1:(\d+) admin http:\/\/127\.0\.0\.1:(\d+)\n/.exec(
            this.output,
          );
        if (match !== null) resolve({ port: Number(match[1]), adminPort: Number(match[2]) });
      });
      this.child.once('close', () => reject(new Error(this.errors)));
    });
  }
}

function start(name: string, ...more: string[]): Run {
  const addresses = ['--listen', '127.0.0.1:0', '--admin', '127.0.0.1:0'];
  return new Run(['start', '--data', join(directory, name), ...addresses, ...more]);
}

test('ready line, logs apart, a second server refused, SIGTERM, restart', async () => {
  const first = start('shared');
  const ended = first.finished();
  const { port, adminPort } = await first.ready();
  assert.notEqual(port, adminPort);
  const client = await connect(port);
  await client.query('CREATE TABLE kept (id int PRIMARY KEY)');
  await client.query('INSERT INTO kept VALUES (1), (2)');

  const second = await start('shared').finished();
  assert.notEqual(second.status, 0);
  assert.equal(second.output, '');
  assert.match(second.errors, /lattice: .*shared/);
  assert.match(second.errors, /in use|another|already|lock/i);
  assert.doesNotMatch(second.errors, /\n\s+at /, 'a stack is not a message');
  assert.deepEqual(await rows(client, 'SELECT count(*) FROM kept'), [['2']]);

  await client.end();
  first.child.kill('SIGTERM');
  const finished = await ended;
  assert.equal(finished.status, 0);
  assert.equal(
    finished.output,
    `ready postgres://127.0.0.1:${port} admin http://127.0.0.1:${adminPort}\n`,
  );
  for (const line of finished.errors.trim().split('\n')) JSON.parse(line);

  const third = start('shared');
  const again = await third.ready();
  const reader = await connect(again.port);
  assert.deepEqual(await rows(reader, 'SELECT id FROM kept ORDER BY id'), [['1'], ['2']]);
  await reader.end();
  third.child.kill('SIGTERM');
  assert.equal((await third.finished()).status, 0);
});

test('SIGTERM ends idle clients with 57P01 and lets a running statement finish', async () => {
  const run = start('drain');
  const ended = run.finished();
  const { port } = await run.ready();
  const idle = await connect(port);
  const idleError = new Promise<{ code?: string }>((resolve) => idle.once('error', resolve));
  const busy = await connect(port);
  const answer = rows(busy, "SELECT pg_sleep(0.5), 'done'");
  await new Promise((resolve) => setTimeout(resolve, 100));
  run.child.kill('SIGTERM');
  assert.equal((await answer)[0]?.[1], 'done');
  assert.equal((await idleError).code, '57P01');
  assert.equal((await ended).status, 0);
});

test('wrong usage ends with status 2 and a message (all of them: server/command-line.test.ts)', async () => {
  const file = join(directory, 'wrong.yaml');
  writeFileSync(file, 'log_level: warn\nlistn: 127.0.0.1:0\n');
  const data = ['--data', join(directory, 'never')];
  const cases: [string[], RegExp][] = [
    [['start', ...data, '--config', file], /wrong\.yaml:2: unknown key "listn"/],
    [['start', ...data, '--listen', '0.0.0.0:0'], /refusing to listen on 0\.0\.0\.0 without TLS/],
  ];
  for (const [args, message] of cases) {
    const { status, output, errors } = await new Run(args).finished();
    assert.equal(status, 2, errors);
    assert.equal(output, '');
    assert.match(errors, message);
  }
});

test('a port in use is an error that names it', async () => {
  const run = start('port');
  const ended = run.finished();
  const { port } = await run.ready();
  const taken = new Run([
    ...['start', '--data', join(directory, 'port2'), '--listen', `127.0.0.1:${port}`],
    ...['--admin', '127.0.0.1:0'],
  ]);
  const { status, errors } = await taken.finished();
  assert.equal(status, 1);
  assert.match(errors, new RegExp(`EADDRINUSE.*${port}`));
  run.child.kill('SIGINT');
  assert.equal((await ended).status, 0);
});

test('--help and --version', async () => {
  const help = await new Run(['--help']).finished();
  assert.equal(help.status, 0);
  assert.match(help.output, /lattice start \[--data DIR\]/);
  const version = await new Run(['--version']).finished();
  assert.equal(version.status, 0);
  assert.match(version.output, /15\./);
});
