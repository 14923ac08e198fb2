// Goal: every relation of pg_catalog and information_schema has PostgreSQL 15's columns, in its order and of
// its types. Columns of information_schema's domains have the base types here.
// Method: pg_attribute of both servers, compared.

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { connect, rows } from '../harness/client.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';

const lattice = await testServer();
const postgres = await testPostgres();

const columns = `
  SELECT n.nspname || '.' || c.relname, c.relkind,
    (SELECT string_agg(a.attname || ' ' || coalesce(nullif(t.typbasetype, 0), a.atttypid), ', ' ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = c.oid AND a.attnum > 0)
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'v') AND n.nspname IN ('pg_catalog', 'information_schema')
    AND c.relname NOT LIKE 'lattice%'
  ORDER BY 1`;

test(
  'relations of the system have the columns of version 15',
  { skip: postgres.missing },
  async () => {
    const theirs = await connect(postgres.port);
    const ours = await connect(lattice.port);
    const expected = await rows(theirs, columns);
    const actual = await rows(ours, columns);
    await theirs.end();
    await ours.end();
    assert.ok(expected.length > 200);
    assert.deepEqual(actual, expected);
  },
);
