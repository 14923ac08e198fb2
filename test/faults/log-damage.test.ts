/**
 * Goal: what recovery does with a damaged log: a torn tail costs what was never acknowledged and nothing
 * else, damage before acknowledged records is refused by name of file and offset, and a failed sync ends
 * the process with a message.
 * Method: a server is killed, the log's file is cut or changed, and a new server starts on it. For the
 * failed sync a module that is loaded first makes fdatasync fail when a file appears.
 */
import assert from 'node:assert/strict';
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { seededRandom } from '#common';
import { connect, rows } from '../harness/client.ts';
import { type LatticeOptions, type LatticeProcess, startLattice } from '../harness/lattice.ts';
import { testSeed } from '../harness/seeds.ts';

const directory = mkdtempSync(join(tmpdir(), 'lattice-damage-'));
const limit = { timeout: 60_000 };

const started: LatticeProcess[] = [];

after(async () => {
  for (const server of started) await server.kill();
  rmSync(directory, { recursive: true, force: true });
});

async function start(home: string, options?: LatticeOptions): Promise<LatticeProcess> {
  const server = await startLattice(home, options);
  started.push(server);
  return server;
}

/** The newest segment that holds bytes, below a data directory. */
function lastSegment(data: string): string {
  const found = readdirSync(data, { recursive: true, encoding: 'utf8' })
    .filter((name) => /[0-9a-f]{16}\.log$/.test(name))
    .toSorted();
  const last = found.at(-1);
  assert.ok(last !== undefined, 'no log segment');
  return join(data, last);
}

/** Offset after the last byte that is not zero: reserved space is zeros. */
function usedBytes(file: string): number {
  const bytes = readFileSync(file);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  return end;
}

/** A killed server's directory with 200 commits of one row each, all acknowledged. */
async function killedWithCommits(name: string): Promise<string> {
  const home = join(directory, name);
  const server = await start(home);
  const client = await connect(server.port);
  await client.query('CREATE TABLE entry (id int PRIMARY KEY, text text)');
  for (let id = 1; id <= 200; id++)
    await client.query("INSERT INTO entry VALUES ($1::int, 'entry ' || $1::int)", [id]);
  await server.kill();
  return home;
}

test('a tail cut at any byte recovers to the last whole record', limit, async (context) => {
  const home = await killedWithCommits('cut');
  const random = seededRandom(testSeed(context));
  const cuts = Array.from({ length: 2 }, () => 1 + Math.floor(random.next() * 3000));
  for (const [ordinal, cut] of cuts.entries()) {
    const copy = join(directory, `cut-${ordinal}`);
    cpSync(home, copy, { recursive: true });
    const segment = lastSegment(join(copy, 'data'));
    truncateSync(segment, usedBytes(segment) - cut);
    const server = await start(copy);
    const client = await connect(server.port);
    const ids = (await rows(client, 'SELECT id, text FROM entry ORDER BY id')) as [
      string,
      string,
    ][];
    assert.ok(
      ids.length < 200 && ids.length > 100,
      `${ids.length} rows after a cut of ${cut} bytes`,
    );
    for (const [position, row] of ids.entries())
      assert.deepEqual(row, [`${position + 1}`, `entry ${position + 1}`]);
    await client.query("INSERT INTO entry VALUES (1000, 'after')");
    await server.kill();
    const again = await start(copy);
    const reader = await connect(again.port);
    assert.deepEqual(await rows(reader, 'SELECT count(*) FROM entry'), [[`${ids.length + 1}`]]);
    await reader.end();
    assert.equal(await again.stop(), 0);
  }
});

test('a flipped bit in the middle refuses to start and says where', limit, async () => {
  const home = await killedWithCommits('flip');
  const segment = lastSegment(join(home, 'data'));
  const bytes = readFileSync(segment);
  const middle = Math.floor(usedBytes(segment) * 0.6);
  bytes[middle] ^= 0x10;
  writeFileSync(segment, bytes);
  const refused = await start(home).then(
    () => assert.fail('it started'),
    (error: Error) => error.message,
  );
  assert.ok(refused.includes(segment), refused);
  const offset = Number(/offset (\d+)/.exec(refused)?.[1]);
  assert.ok(offset <= middle && offset > middle - 4096, `offset ${offset} for a flip at ${middle}`);
  bytes[middle] ^= 0x10;
  writeFileSync(segment, bytes);
  const server = await start(home);
  const client = await connect(server.port);
  assert.deepEqual(await rows(client, 'SELECT count(*) FROM entry'), [['200']]);
  await client.end();
  assert.equal(await server.stop(), 0);
});

const failingSync = (trigger: string): string => `
import fs from 'node:fs';
const { fdatasync } = fs;
fs.fdatasync = (descriptor, callback) => {
  if (!fs.existsSync(${JSON.stringify(trigger)})) return fdatasync(descriptor, callback);
  setImmediate(callback, Object.assign(new Error('EIO: i/o error, fdatasync'), { code: 'EIO' }));
};
`;

test('a failed sync ends the process; recovery has everything acknowledged', limit, async () => {
  const home = join(directory, 'sync');
  const trigger = join(directory, 'fail-now');
  const preload = join(directory, 'failing-sync.mjs');
  writeFileSync(preload, failingSync(trigger));
  const server = await start(home, { environment: { NODE_OPTIONS: `--import=${preload}` } });
  const ended = new Promise<number | null>((resolve) => server.process.once('exit', resolve));
  const client = await connect(server.port);
  await client.query('CREATE TABLE entry (id int PRIMARY KEY)');
  await client.query('INSERT INTO entry VALUES (1)');
  writeFileSync(trigger, '');
  await assert.rejects(client.query('INSERT INTO entry VALUES (2)'), 'it must not be acknowledged');
  const status = await ended;
  assert.ok(status !== 0 && status !== null, `ended with ${status}`);
  assert.match(server.errorText, /storage failed.*recovers when it is started again/);
  assert.match(server.errorText, /EIO/);
  rmSync(trigger);
  const again = await start(home);
  const reader = await connect(again.port);
  const ids = await rows(reader, 'SELECT id FROM entry ORDER BY id');
  assert.deepEqual(ids[0], ['1']);
  await reader.end();
  assert.equal(await again.stop(), 0);
});

test('ready within 10 s after a crash with a large log', limit, async () => {
  const home = join(directory, 'large');
  const configuration = 'memtable_size: 256MB\n';
  const server = await start(home, { configuration });
  const client = await connect(server.port);
  await client.query('CREATE TABLE large (id int PRIMARY KEY, filler text)');
  for (let part = 0; part < 6; part++) {
    await client.query(
      "INSERT INTO large SELECT g, repeat('x', 100) FROM generate_series($1::int, $1::int + 19999) g",
      [part * 20_000],
    );
  }
  await server.kill();
  const startedAt = performance.now();
  const again = await start(home, { configuration });
  const elapsed = performance.now() - startedAt;
  assert.ok(elapsed < 10_000, `ready after ${elapsed} ms`);
  const reader = await connect(again.port);
  assert.deepEqual(await rows(reader, 'SELECT count(*), sum(length(filler)) FROM large'), [
    ['120000', '12000000'],
  ]);
  await reader.end();
  assert.equal(await again.stop(), 0);
});
