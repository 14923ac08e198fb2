/**
 * Goal: large objects work with PostgreSQL's own clients: psql's \lo_ commands, pg_dump and pg_restore (all by the
 * function call message of libpq), and they survive a crash.
 * Method: a file goes in by \lo_import and comes out by \lo_export, after kill -9, and from a dump.
 */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { postgresBinaries } from '../harness/postgres.ts';
import { testServer } from '../harness/test-server.ts';
import { functionCall } from '../protocol/extended-messages.ts';
import { RawConnection } from '../protocol/raw-connection.ts';

const binaries = postgresBinaries();
const skip = binaries === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;
const lattice = await testServer();
const input = join(lattice.directory, 'in.bin');
const content = Buffer.alloc(100_001, 'any bytes\0');

before(() => writeFileSync(input, content));

function run(program: string, ...args: string[]): string {
  const all = ['-h', '127.0.0.1', '-p', String(lattice.port), '-U', 'postgres', ...args];
  return execFileSync(join(binaries!, program), all, { encoding: 'utf8' });
}

function psql(command: string, database = 'postgres'): string {
  return run('psql', '-X', '-A', '-t', '-d', database, '-c', command).trim();
}

function exported(oid: string, database = 'postgres'): Buffer {
  const output = join(lattice.directory, 'out.bin');
  psql(`\\lo_export ${oid} ${output}`, database);
  return readFileSync(output);
}

test('what psql imports is exported again, also after a crash', { skip }, async () => {
  psql(`\\lo_import ${input} 'a comment'`);
  const oid = psql('SELECT oid FROM pg_largeobject_metadata');
  assert.equal(psql('\\lo_list'), `${oid}|postgres|a comment`);
  assert.deepEqual(exported(oid), content);
  await lattice.crash();
  assert.deepEqual(exported(oid), content);
  assert.equal(psql('\\lo_list'), `${oid}|postgres|a comment`);
});

test('a dump has them, and brings them back', { skip }, () => {
  const oid = psql('SELECT oid FROM pg_largeobject_metadata');
  const archive = join(lattice.directory, 'dump');
  run('pg_dump', '-Fc', '-f', archive, 'postgres');
  psql('CREATE DATABASE copied');
  run('pg_restore', '-d', 'copied', archive);
  assert.deepEqual(exported(oid, 'copied'), content);
  psql(`\\lo_unlink ${oid}`, 'copied');
  assert.equal(psql('SELECT count(*) FROM pg_largeobject', 'copied'), '0');
  assert.deepEqual(exported(oid), content);
  psql('DROP DATABASE copied');
});

test('the function call message: results, nulls and errors', async () => {
  const connection = await RawConnection.login(lattice.port);
  const answer = async (oid: number, args: (string | null)[]): Promise<string[]> => {
    connection.socket.write(functionCall(oid, args));
    const messages = await connection.until('Z');
    return messages.map(({ type, body }) =>
      type === 'V'
        ? `V ${body.readInt32BE(0) < 0 ? 'null' : body.subarray(4).toString()}`
        : type === 'E'
          ? `E ${/\0C(\w{5})/.exec(body.toString('latin1'))?.[1] ?? ''}`
          : type,
    );
  };
  // upper(text), int4pl, loread; and what there is not.
  assert.deepEqual(await answer(871, ['abc']), ['V ABC', 'Z']);
  assert.deepEqual(await answer(177, ['1', '2']), ['V 3', 'Z']);
  assert.deepEqual(await answer(177, ['1', null]), ['V null', 'Z']);
  assert.deepEqual(await answer(177, ['1']), ['E 08P01', 'Z']);
  assert.deepEqual(await answer(177, ['1', 'x']), ['E 22P02', 'Z']);
  assert.deepEqual(await answer(954, ['0', '10']), ['E 42704', 'Z']);
  assert.deepEqual(await answer(1_999_999_999, []), ['E 42883', 'Z']);
  assert.deepEqual(await answer(2147, ['1']), ['E 0A000', 'Z']);
  connection.socket.destroy();
});
