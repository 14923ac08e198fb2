/**
 * Goal: no function over a text of hundreds of megabytes ends the server, whatever the text is made of.
 * Method: functions that look at each character or match, over texts of nothing else, and records within
 * records, whose quotes double at each level; each ends well or with 54000, and the same server answers the next.
 */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { type Client, connect, rows } from '../harness/client.ts';
import { testServer } from '../harness/test-server.ts';

const server = await testServer();
let client: Client;

before(async () => {
  client = await connect(server.port);
});

const of = (text: string): string => `repeat($q$${text}$q$, 250000000)`;

const statements: readonly string[] = [
  `SELECT length(quote_literal(${of("'")}))`,
  `SELECT length(quote_ident(${of('"')}))`,
  `SELECT length(replace(${of('a')}, 'a', 'bb'))`,
  `SELECT length(ROW(${of('"')})::text)`,
  `SELECT length(ARRAY[${of('"')}]::text)`,
  `SELECT cardinality(string_to_array(${of(',')}, ','))`,
  `SELECT count(*) FROM string_to_table(${of('a')}, NULL)`,
  `SELECT length(split_part(${of(',')}, ',', 100000000))`,
  `SELECT length(translate(${of('a')}, 'a', 'b'))`,
  `SELECT length(upper(${of('ß')}))`,
  `SELECT length(reverse(${of('a')}))`,
  `SELECT length(format('%I', ${of('"')}))`,
  `SELECT ${of('a')} LIKE repeat('%a', 125000000)`,
  `SELECT to_tsvector(${of('a ')}) IS NULL`,
  `SELECT ${of('a ')}::tsvector IS NULL`,
  `SELECT ('[' || ${of('1,')} || '1]')::jsonb IS NULL`,
  `SELECT ${'ROW('.repeat(50)}1${')'.repeat(50)}`,
];

for (const sql of statements) {
  test(sql.slice(0, 100), { timeout: 120_000 }, async () => {
    const code = await client.query(sql).then(
      () => undefined,
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
    assert.ok([undefined, '54000', '53200'].includes(code), code);
    assert.deepEqual(await rows(client, 'SELECT 1'), [['1']]);
  });
}
