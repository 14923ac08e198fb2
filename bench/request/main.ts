// What a request costs the server itself: frames go straight into connections whose sockets only count
// bytes, so neither the kernel nor a client takes part. Usage:
//   ./node24 bench/request/main.ts [rows] [seconds]
// Prints microseconds a request for prepared statements, one connection, and for TPC-B transactions.

import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '../../server/connection/connection.ts';
import { defaultConfiguration } from '../../server/config/configuration.ts';
import { startServer } from '../../server/server.ts';

const rowCount = Number(process.argv[2] ?? 100_000);
const seconds = Number(process.argv[3] ?? 2);

/** As much of a socket as a connection uses; what is written is gone at once. */
class CountingSocket extends EventEmitter {
  readonly remoteAddress = '127.0.0.1';
  readonly destroyed = false;
  readonly writableLength = 0;
  /** Ends with ReadyForQuery: the reply is whole. */
  replies = 0;
  failed = '';
  waiter: (() => void) | undefined;
  setNoDelay(): void {}
  pause(): void {}
  resume(): void {}
  end(): void {}
  destroy(): void {}
  write(bytes: Uint8Array): boolean {
    for (
      let at = 0;
      at < bytes.length;
      at += 1 + Buffer.from(bytes.buffer).readInt32BE(bytes.byteOffset + at + 1)
    ) {
      if (bytes[at] === 0x5a) this.replies++;
      else if (bytes[at] === 0x45) this.failed = Buffer.from(bytes).toString('latin1');
    }
    this.waiter?.();
    return true;
  }
  send(bytes: Buffer): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.waiter = resolve;
    this.emit('data', bytes);
    return promise;
  }
}

function message(type: string, ...parts: (string | number)[]): Buffer {
  const body = Buffer.concat(
    parts.map((part) => {
      if (typeof part === 'string') return Buffer.from(`${part}\0`);
      const bytes = Buffer.alloc(2);
      bytes.writeInt16BE(part);
      return bytes;
    }),
  );
  const head = Buffer.alloc(type === '' ? 4 : 5);
  if (type !== '') head.write(type, 'latin1');
  head.writeInt32BE(body.length + 4, head.length - 4);
  return Buffer.concat([head, body]);
}

function parameters(values: readonly (string | number)[]): Buffer[] {
  return values.flatMap((value) => {
    const text = Buffer.from(String(value));
    const length = Buffer.alloc(4);
    length.writeInt32BE(text.length);
    return [length, text];
  });
}

function bindAndExecute(statement: string, values: readonly (string | number)[]): Buffer {
  const body = Buffer.concat([
    Buffer.from(`\0${statement}\0`),
    Buffer.from([0, 0, 0, values.length]),
    ...parameters(values),
    Buffer.from([0, 0]),
  ]);
  const head = Buffer.alloc(5);
  head.write('B', 'latin1');
  head.writeInt32BE(body.length + 4, 1);
  const execute = Buffer.concat([Buffer.from('E\0\0\0\x09\0', 'latin1'), Buffer.alloc(4)]);
  return Buffer.concat([head, body, execute, message('S')]);
}

const directory = mkdtempSync(join(tmpdir(), 'lattice-request-'));
const configuration = defaultConfiguration();
configuration.dataDirectory = directory;
configuration.listen = { host: '127.0.0.1', port: 0 };
configuration.admin = { host: '127.0.0.1', port: 0 };
const server = await startServer(configuration);

const socket = new CountingSocket();
// oxlint-disable-next-line no-new
new Connection(server, socket as unknown as Socket);
const startup = Buffer.concat([
  Buffer.from([0, 3, 0, 0]),
  Buffer.from('user\0postgres\0database\0postgres\0\0'),
]);
const length = Buffer.alloc(4);
length.writeInt32BE(startup.length + 4);
await socket.send(Buffer.concat([length, startup]));

const run = (sql: string): Promise<void> => socket.send(message('Q', sql));
await run('CREATE TABLE account (aid int PRIMARY KEY, bid int, abalance int, filler char(84))');
await run('CREATE TABLE branch (bid int PRIMARY KEY, bbalance int, filler char(88))');
await run('CREATE TABLE trace (tid int, bid int, aid int, delta int, mtime timestamp)');
await run(`INSERT INTO account SELECT g, 1, 0, '' FROM generate_series(1, ${rowCount}) g`);
await run("INSERT INTO branch SELECT g, 0, '' FROM generate_series(1, 10) g");
await run('CHECKPOINT');

const statements: Record<string, string> = {
  select: 'SELECT abalance FROM account WHERE aid = $1',
  update: 'UPDATE account SET abalance = abalance + $1 WHERE aid = $2',
  updateBranch: 'UPDATE branch SET bbalance = bbalance + $1 WHERE bid = $2',
  insert:
    'INSERT INTO trace (tid, bid, aid, delta, mtime) VALUES ($1, $2, $3, $4, CURRENT_TIMESTAMP)',
  begin: 'BEGIN',
  end: 'END',
};
for (const [name, sql] of Object.entries(statements))
  await socket.send(Buffer.concat([message('P', name, sql, 0), message('S')]));

let state = 12345;
function random(below: number): number {
  state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
  return 1 + (state % below);
}

const makers: Record<string, () => Buffer> = {
  select: () => bindAndExecute('select', [random(rowCount)]),
  update: () => bindAndExecute('update', [random(5000), random(rowCount)]),
  updateBranch: () => bindAndExecute('updateBranch', [random(5000), random(10)]),
  insert: () => bindAndExecute('insert', [1, 2, random(rowCount), random(5000)]),
};

/** Requests in groups of 32, so that the event loop and the log's syncs are shared as with 32 clients. */
async function measure(requests: readonly (() => Buffer)[]): Promise<number> {
  const groups: Buffer[] = [];
  for (let group = 0; group < 200; group++) {
    groups.push(
      Buffer.concat(Array.from({ length: 32 }, () => requests.map((make) => make())).flat()),
    );
  }
  const started = performance.now();
  let done = 0;
  while (performance.now() - started < seconds * 1000) {
    const target = socket.replies + 32 * requests.length;
    socket.emit('data', groups[done++ % groups.length]);
    while (socket.replies < target)
      await new Promise<void>((resolve) => {
        socket.waiter = resolve;
      });
  }
  if (socket.failed !== '') throw new Error(socket.failed);
  return ((performance.now() - started) * 1000) / (done * 32);
}

const simple = (name: string) => (): Buffer => bindAndExecute(name, []);
const workloads: Record<string, (() => Buffer)[]> = {
  select: [makers['select']],
  update: [makers['update']],
  insert: [makers['insert']],
  'TPC-B': [
    simple('begin'),
    makers['update'],
    makers['select'],
    makers['updateBranch'],
    makers['updateBranch'],
    makers['insert'],
    simple('end'),
  ],
};
for (let round = 0; round < 3; round++) {
  const figures: string[] = [];
  for (const [name, requests] of Object.entries(workloads))
    figures.push(`${name} ${(await measure(requests)).toFixed(2)} µs`);
  process.stdout.write(`${figures.join(', ')}\n`);
}
await server.stop();
rmSync(directory, { recursive: true, force: true });
process.exit(0);
