// Knex: schema builder, migrations, seeds of rows, joins, upserts, transactions, locks.

import assert from 'node:assert/strict';
import knexFactory from 'knex';
import type { Program } from './program.ts';

type Database = ReturnType<typeof knexFactory.knex>;
type Row = Record<string, unknown>;

export const run: Program = async ({ host, port, user, database }) => {
  const knex = knexFactory.knex({
    client: 'pg',
    connection: { host, port, user, database },
    pool: { min: 0, max: 3 },
  });
  try {
    await migrate(knex);
    await query(knex);
    await transact(knex);
    await inspect(knex);
  } finally {
    await knex.destroy();
  }
};

const migrationSource = {
  getMigrations: () => Promise.resolve(['1_people', '2_pets']),
  getMigrationName: (name: string) => name,
  getMigration: (name: string) =>
    Promise.resolve(
      name === '1_people'
        ? {
            up: (knex: Database) =>
              knex.schema.createTable('people', (table) => {
                table.increments('id');
                table.string('name', 40).notNullable().index();
                table.decimal('balance', 12, 2).defaultTo(0);
                table.jsonb('settings').defaultTo('{}');
                table.enu('kind', ['cat', 'dog', 'human']).defaultTo('human');
                table.uuid('token').defaultTo(knex.fn.uuid());
                table.timestamps(true, true);
                table.unique(['name', 'kind']);
              }),
            down: (knex: Database) => knex.schema.dropTable('people'),
          }
        : {
            up: async (knex: Database) => {
              await knex.schema.createTable('pets', (table) => {
                table.bigIncrements('id');
                table.integer('owner_id').notNullable().references('people.id').onDelete('CASCADE');
                table.specificType('labels', 'text[]');
                table.comment('animals');
              });
              await knex.schema.alterTable('people', (table) => {
                table.text('note').nullable();
                table.renameColumn('balance', 'credit');
                table.string('name', 80).alter();
              });
            },
            down: (knex: Database) => knex.schema.dropTable('pets'),
          },
    ),
};

async function migrate(knex: Database): Promise<void> {
  const [batch, names] = (await knex.migrate.latest({ migrationSource })) as [number, string[]];
  assert.equal(batch, 1);
  assert.deepEqual(names, ['1_people', '2_pets']);
  assert.equal(await knex.migrate.currentVersion({ migrationSource }), '2');
  await knex.migrate.rollback({ migrationSource });
  assert.equal(await knex.schema.hasTable('people'), false);
  await knex.migrate.latest({ migrationSource });
  assert.equal(await knex.schema.hasTable('people'), true);
  assert.equal(await knex.schema.hasColumn('people', 'credit'), true);
}

async function query(knex: Database): Promise<void> {
  const inserted = await knex('people')
    .insert([
      { name: 'Ann', credit: '10.5' },
      { name: 'Bob', credit: 3, settings: { a: [1, 2] } },
    ])
    .returning(['id', 'name', 'credit']);
  assert.deepEqual(inserted, [
    { id: 1, name: 'Ann', credit: '10.50' },
    { id: 2, name: 'Bob', credit: '3.00' },
  ]);
  await knex('pets').insert({ owner_id: 1, labels: ['x', 'y'] });
  await knex('people')
    .insert({ name: 'Ann', note: 'merged' })
    .onConflict(['name', 'kind'])
    .merge(['note']);
  await knex('people').insert({ name: 'Ann' }).onConflict(['name', 'kind']).ignore();
  const joined = await knex('people as p')
    .leftJoin('pets as q', 'q.owner_id', 'p.id')
    .select('p.name', 'p.note', 'q.labels')
    .orderBy('p.id');
  assert.deepEqual(joined, [
    { name: 'Ann', note: 'merged', labels: ['x', 'y'] },
    { name: 'Bob', note: null, labels: null },
  ]);
  const [totals] = await knex('people').sum({ total: 'credit' }).countDistinct({ names: 'name' });
  assert.deepEqual(totals, { total: '13.50', names: '2' });
  const json = await knex<Row>('people').whereJsonPath('settings', '$.a[1]', '=', 2).pluck('name');
  assert.deepEqual(json, ['Bob']);
  const nested = await knex
    .with('rich', (builder) => void builder.from('people').where('credit', '>', 5).select('*'))
    .from('rich')
    .whereRaw('EXISTS (SELECT FROM pets WHERE pets.owner_id = rich.id)')
    .select('name');
  assert.deepEqual(nested, [{ name: 'Ann' }]);
  const ranked = await knex('people')
    .select('name', knex.raw('rank() OVER (ORDER BY credit) AS place'))
    .orderBy('name');
  assert.deepEqual(ranked, [
    { name: 'Ann', place: '2' },
    { name: 'Bob', place: '1' },
  ]);
  assert.equal(await knex('people').where({ name: 'Bob' }).increment('credit', 2), 1);
}

async function transact(knex: Database): Promise<void> {
  await assert.rejects(
    knex.transaction(async (outer) => {
      await outer('people').where({ name: 'Ann' }).forUpdate().skipLocked().first();
      await outer.transaction(async (inner) => {
        await inner('people').insert({ name: 'Cid', kind: 'fish' });
      });
    }),
    { code: '23514' },
  );
  const trx = await knex.transaction({ isolationLevel: 'repeatable read' });
  await trx('people').insert({ name: 'Dan' });
  await trx.rollback();
  assert.equal((await knex('people').where({ name: 'Dan' })).length, 0);
}

async function inspect(knex: Database): Promise<void> {
  const columns = (await knex('people').columnInfo()) as unknown as Record<
    string,
    { type: string; maxLength: number | null; nullable: boolean; defaultValue: string | null }
  >;
  assert.deepEqual(columns['name'], {
    type: 'character varying',
    maxLength: 80,
    nullable: true,
    defaultValue: null,
  });
  assert.equal(columns['created_at'].type, 'timestamp with time zone');
  assert.equal(columns['id'].defaultValue, "nextval('people_id_seq'::regclass)");
}
