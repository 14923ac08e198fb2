/**
 * Goal: docs/sql.md says what is so, and psql scripts are cut into the statements that psql would send.
 * Method: the generated part of the document is made again and compared; each feature that is listed as
 * not supported is asked for and must answer 0A000.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { connect } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';
import { psqlStatements } from './sources.ts';
import { documentTexts } from './support-table.ts';
import { unsupported } from './unsupported.ts';

const lattice = await testServer();

test('docs/sql.md is current (npm run conformance -- --write)', () => {
  const { actual, expected } = documentTexts();
  assert.equal(actual, expected);
});

test('what is listed as not supported answers 0A000', async () => {
  const client = await connect(lattice.port);
  for (const { feature, sql } of unsupported)
    await assert.rejects(client.query(sql), { code: '0A000' }, feature);
  await client.end();
});

test('psql scripts are cut at the right semicolons', () => {
  const script = `\\set x 1
SELECT ';', ";", $$;$$, $a$ $$;$a$ -- ;
  , (1); /* ; */ SELECT 2;
COPY t FROM stdin;
1;a
\\.
CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT CASE WHEN true THEN 1 END; SELECT 2; END;
SELECT E'\\';' \\gset
`;
  const statements = psqlStatements(script);
  assert.deepEqual(
    statements.map(({ sql }) => sql.slice(0, 12)),
    ["SELECT ';', ", '/* ; */ SELE', 'COPY t FROM ', 'CREATE FUNCT', "SELECT E'\\';"],
  );
  assert.equal(statements[2].copyData, '1;a\n');
});
