// Goal: COPY and INSERT … SELECT of many rows give what PostgreSQL gives, whatever the data look like,
// and leave all or nothing behind when the server is killed or its disk is full in the middle.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { connect, rows, type Client } from '../harness/client.ts';
import { startLattice } from '../harness/lattice.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';

const run = promisify(execFile);
const lattice = await testServer();
const postgres = await testPostgres();
const skip = postgres.missing;
const { directory } = lattice;
let ours: Client;
let theirs: Client;

before(async () => {
  if (skip !== false) return;
  [ours, theirs] = await Promise.all([connect(lattice.port), connect(postgres.port)]);
});

/** psql's output and its errors, for both servers. */
async function psqlBoth(commands: readonly string[]): Promise<[string, string]> {
  const one = async (port: number): Promise<string> => {
    const connection = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres', '-d', 'postgres'];
    const verbose = ['-v', 'VERBOSITY=verbose'];
    const list = commands.flatMap((command) => ['-c', command]);
    const { stdout, stderr } = await run('psql', ['-X', ...verbose, ...connection, ...list]).catch(
      (error: { stdout: string; stderr: string }) => error,
    );
    // Where in the source of the server an error was raised is nobody's business.
    return (stdout + stderr).replaceAll(/^LOCATION: .*\n/gm, '');
  };
  return Promise.all([one(lattice.port), one(postgres.port)]);
}

async function assertSame(sql: string): Promise<void> {
  assert.deepEqual(await rows(ours, sql), await rows(theirs, sql), sql);
}

const table = `(id int PRIMARY KEY, big int8, price numeric(12,2), day date, name varchar(20),
  code char(6), note text, ratio float8, ok bool, plain numeric)`;

/** Rows of many forms; those of every hundredth line need the reader of every form. */
function textRows(count: number): string {
  const lines: string[] = [];
  for (let id = 1; id <= count; id++) {
    const odd = id % 100 === 0;
    lines.push(
      [
        (id * 7919) % 1_000_003,
        id % 7 === 0 ? '\\N' : String(id * 1_000_003),
        odd ? '1e2' : (id / 100).toFixed(id % 3),
        odd ? 'Jan 5, 2001' : `20${String(id % 100).padStart(2, '0')}-02-28`,
        id % 11 === 0 ? 'größer' : `name ${id}`,
        id % 13 === 0 ? 'ß' : 'ab',
        odd ? 'tab\\tand\\\\slash' : `note of ${id} 漢字`,
        id / 3,
        id % 2 === 0 ? 't' : 'false',
        odd ? 'NaN' : `${id}.${'5'.repeat(id % 20)}`,
      ].join('\t'),
    );
  }
  return `${lines.join('\n')}\n`;
}

test('COPY of plain and odd lines gives the same rows', { skip, timeout: 60_000 }, async () => {
  const file = join(directory, 'rows.tsv');
  writeFileSync(file, textRows(20_000));
  await psqlBoth([`CREATE TABLE bulk_copy ${table}`]);
  const [mine, other] = await psqlBoth([`\\copy bulk_copy FROM '${file}'`]);
  assert.equal(mine, other);
  await assertSame('SELECT * FROM bulk_copy ORDER BY id');
});

/** Where another line is named than PostgreSQL names, or none. */
const contextDiffers: ReadonlySet<string> = new Set(['a duplicate key', 'an unterminated quote']);
const withoutContext = (output: string): string =>
  output.replace(/^CONTEXT: [^]*?(?=^[A-Z ]+NAME:|$(?![^]))/m, '');

const malformed: readonly (readonly [name: string, lines: string, options?: string])[] = [
  ['a missing field', '1\t2\n3\n'],
  ['an extra field', '1\t2\n3\t4\t5\n'],
  ['a bad number', '1\t2\nx\t4\n'],
  ['a number out of range', '1\t2\n3\t99999999999\n'],
  ['a null key', '1\t2\n\\N\t4\n'],
  ['a null key before a bad number', '1\t2\n\\N\t4\n5\tx\n'],
  ['a value that a check refuses', '1\t2\n3\t-4\n'],
  ['a duplicate key', '1\t2\n1\t3\n'],
  ['a carriage return', '1\t2\n3\t4\r5\n'],
  ['a zero byte', '1\t2\n3\t4\0\n'],
  ['an unterminated quote', '1,2\n"3,4\n', 'csv'],
  ['an end mark', '1\t2\n\\.\n3\t4\n'],
  ['no newline at the end', '1\t2\n3\t4'],
  ['empty lines', '1\t2\n\n'],
];

for (const [name, lines, format = 'text'] of malformed) {
  test(`COPY with ${name} ends as in PostgreSQL`, { skip, timeout: 60_000 }, async () => {
    const file = join(directory, 'malformed.txt');
    // Many good lines first, so that the load has pages when it fails.
    const separator = format === 'csv' ? ',' : '\t';
    const good = Array.from({ length: 5000 }, (_, id) => `${id + 10}${separator}${id}\n`).join('');
    writeFileSync(file, good + lines);
    await psqlBoth([
      'DROP TABLE IF EXISTS bulk_bad',
      'CREATE TABLE bulk_bad (a int PRIMARY KEY, b int CHECK (b > -3))',
    ]);
    const [mine, other] = await psqlBoth([
      `\\copy bulk_bad FROM '${file}' WITH (FORMAT ${format})`,
    ]);
    const shown = contextDiffers.has(name) ? withoutContext : (output: string): string => output;
    assert.equal(shown(mine), shown(other));
    await assertSame('SELECT count(*), sum(a), sum(b) FROM bulk_bad');
  });
}

test(
  'INSERT … SELECT in bulk: rows, counts, duplicates, rollback',
  { skip, timeout: 60_000 },
  async () => {
    const commands = [
      'CREATE TABLE source (id int PRIMARY KEY, a int, b text)',
      `INSERT INTO source SELECT i, i % 100, 'row ' || i FROM generate_series(1, 50000) i`,
      'CREATE TABLE target (LIKE source INCLUDING ALL)',
      'CREATE INDEX ON target (a, b)',
      'INSERT INTO target SELECT * FROM source',
      'BEGIN; TRUNCATE target; INSERT INTO target SELECT * FROM source WHERE a < 50; ROLLBACK',
      'CREATE TABLE doubled (id int PRIMARY KEY)',
      'INSERT INTO doubled SELECT i / 2 FROM generate_series(1, 20000) i',
      'CREATE TABLE parent (id int PRIMARY KEY, up int REFERENCES parent)',
      'INSERT INTO parent SELECT i, nullif(i - 1, 0) FROM generate_series(1, 5000) i',
      'CREATE TABLE checked (a int CHECK (a < 4000))',
      'INSERT INTO checked SELECT i FROM generate_series(1, 5000) i',
      'CREATE TABLE child (a int REFERENCES source)',
      'INSERT INTO child SELECT i FROM generate_series(49000, 51000) i',
      'CREATE TABLE late (a int REFERENCES source DEFERRABLE INITIALLY DEFERRED)',
      'INSERT INTO late SELECT i FROM generate_series(49000, 51000) i',
      `BEGIN; CREATE TABLE later (LIKE late); ALTER TABLE later ADD FOREIGN KEY (a) REFERENCES source INITIALLY DEFERRED;
        INSERT INTO later SELECT i FROM generate_series(49000, 51000) i; DELETE FROM later WHERE a > 50000; COMMIT`,
      `BEGIN; INSERT INTO late SELECT i FROM generate_series(49000, 51000) i;
        INSERT INTO source SELECT i, 0, '' FROM generate_series(50001, 51000) i; COMMIT`,
    ];
    for (const command of commands) {
      const [mine, other] = await psqlBoth([command]);
      assert.equal(mine, other, command);
    }
    await assertSame(`SELECT count(*), sum(id), max(b) FROM target WHERE a = 7 AND b > 'row 2'`);
    for (const name of ['target', 'doubled', 'parent', 'checked', 'child', 'late', 'later'])
      await assertSame(`SELECT count(*) FROM ${name}`);
  },
);

test(
  'a server killed in the middle of a COPY keeps nothing of it',
  { timeout: 60_000 },
  async () => {
    const place = mkdtempSync(join(tmpdir(), 'lattice-bulk-kill-'));
    try {
      const file = join(place, 'rows.tsv');
      writeFileSync(
        file,
        Array.from({ length: 120_000 }, (_, id) => `${id}\tsome text ${id}\n`).join(''),
      );
      const first = await startLattice(place);
      const client = await connect(first.port);
      await client.query('CREATE TABLE kept (id int PRIMARY KEY, t text)');
      await client.query('CREATE TABLE lost (id int PRIMARY KEY, t text)');
      await client.query(`COPY kept FROM '${file}'`);
      const outcome = client.query(`COPY lost FROM '${file}'`).then(
        () => 'complete',
        () => 'broken',
      );
      await sleep(40);
      await first.kill();
      const lostRows = (await outcome) === 'complete' ? 120_000 : 0;
      const second = await startLattice(place);
      const again = await connect(second.port);
      assert.deepEqual(await rows(again, 'SELECT count(*), max(id) FROM kept'), [
        ['120000', '119999'],
      ]);
      assert.deepEqual(await rows(again, 'SELECT count(*) FROM lost'), [[String(lostRows)]]);
      if (lostRows === 0) await again.query(`COPY lost FROM '${file}' WHERE id >= 0`);
      assert.deepEqual(await rows(again, 'SELECT count(*) FROM lost'), [['120000']]);
      await again.end();
      await second.stop();
    } finally {
      rmSync(place, { recursive: true, force: true });
    }
  },
);
