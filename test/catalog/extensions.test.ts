/**
 * Goal: what CREATE EXTENSION makes known is known in that database only, for as long as the extension is
 * there, and again after the server has started anew.
 * Method: two databases of one server, and a second start on the same directory.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const lattice = await testServer();

const undefinedType = { code: '42704' };
const undefinedFunction = { code: '42883' };

async function inDatabase<Result>(
  database: string,
  work: (client: Client) => Promise<Result>,
): Promise<Result> {
  const client = await connect(lattice.port, { database });
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test('an extension is known in its database only, and after a restart', async () => {
  await inDatabase('postgres', (client) => client.query('CREATE DATABASE other'));
  await inDatabase('postgres', async (client) => {
    await client.query('CREATE EXTENSION hstore');
    await client.query("CREATE TABLE bag AS SELECT 'a=>1'::hstore AS h");
    await client.query('CREATE EXTENSION pg_trgm');
  });
  await inDatabase('other', async (client) => {
    await assert.rejects(client.query("SELECT 'a=>1'::hstore"), undefinedType);
    await assert.rejects(client.query("SELECT similarity('a', 'b')"), undefinedFunction);
    await assert.rejects(client.query("SELECT 'a'::text % 'b'::text"), undefinedFunction);
    const found = await rows(client, "SELECT count(*) FROM pg_type WHERE typname = 'hstore'");
    assert.deepEqual(found, [['0']]);
    await client.query("CREATE TYPE hstore AS ENUM ('mine')");
    assert.deepEqual(await rows(client, "SELECT 'mine'::hstore"), [['mine']]);
  });
  await lattice.restart();
  await inDatabase('other', async (client) => {
    assert.deepEqual(await rows(client, "SELECT 'mine'::hstore"), [['mine']]);
  });
  await inDatabase('postgres', async (client) => {
    assert.deepEqual(await rows(client, "SELECT h -> 'a', h FROM bag"), [['1', '"a"=>"1"']]);
    await client.query('DROP EXTENSION hstore CASCADE');
    await assert.rejects(client.query("SELECT 'a=>1'::hstore"), undefinedType);
    await assert.rejects(client.query('SELECT h FROM bag'), { code: '42703' });
  });
});
