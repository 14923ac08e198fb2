// Kysely: typed builder, its migrator (with an advisory lock), introspection, upserts, JSON helpers.

import assert from 'node:assert/strict';
import { type ColumnType, type Generated, Kysely, Migrator, PostgresDialect, sql } from 'kysely';
import { jsonArrayFrom } from 'kysely/helpers/postgres';
import pg from 'pg';
import type { Program } from './program.ts';

interface Database {
  author: {
    id: Generated<number>;
    name: string;
    born: ColumnType<Date | null, string | null, string | null>;
  };
  book: { id: Generated<number>; author_id: number; title: string; price: string | number };
}

export const run: Program = async ({ host, port, user, database }) => {
  const pool = new pg.Pool({ host, port, user, database, max: 3 });
  const db = new Kysely<Database>({ dialect: new PostgresDialect({ pool }) });
  try {
    await migrate(db);
    await query(db);
    await inspect(db);
  } finally {
    await db.destroy();
  }
};

async function migrate(db: Kysely<Database>): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: {
      getMigrations: () =>
        Promise.resolve({
          '001_tables': {
            async up(schema: Kysely<unknown>) {
              await schema.schema
                .createTable('author')
                .addColumn('id', 'integer', (column) =>
                  column.primaryKey().generatedAlwaysAsIdentity(),
                )
                .addColumn('name', 'varchar(100)', (column) => column.notNull().unique())
                .addColumn('born', 'date')
                .execute();
              await schema.schema
                .createTable('book')
                .addColumn('id', 'serial', (column) => column.primaryKey())
                .addColumn('author_id', 'integer', (column) =>
                  column.references('author.id').onDelete('cascade').notNull(),
                )
                .addColumn('title', 'text', (column) => column.notNull())
                .addColumn('price', sql`numeric(8,2)`, (column) => column.defaultTo(0))
                .addCheckConstraint('price_positive', sql`price >= 0`)
                .execute();
              await schema.schema
                .createIndex('book_title')
                .on('book')
                .expression(sql`lower(title)`)
                .execute();
              await schema.schema
                .createView('cheap')
                .as(schema.selectFrom('book' as never).selectAll() as never)
                .execute();
            },
            async down(schema: Kysely<unknown>) {
              await schema.schema.dropView('cheap').execute();
              await schema.schema.dropTable('book').execute();
              await schema.schema.dropTable('author').execute();
            },
          },
        }),
    },
  });
  const up = await migrator.migrateToLatest();
  assert.ifError(up.error);
  assert.equal(up.results?.[0].status, 'Success');
  const down = await migrator.migrateDown();
  assert.ifError(down.error);
  assert.ifError((await migrator.migrateToLatest()).error);
}

async function query(db: Kysely<Database>): Promise<void> {
  const author = await db
    .insertInto('author')
    .values({ name: 'Le Guin', born: '1929-10-21' })
    .returningAll()
    .executeTakeFirstOrThrow();
  assert.equal(author.id, 1);
  await db
    .insertInto('book')
    .values([
      { author_id: 1, title: 'The Dispossessed', price: 9.5 },
      { author_id: 1, title: 'Lavinia', price: '7.25' },
    ])
    .execute();
  const nested = await db
    .selectFrom('author')
    .select((builder) => [
      'name',
      jsonArrayFrom(
        builder
          .selectFrom('book')
          .select(['title', 'price'])
          .whereRef('book.author_id', '=', 'author.id')
          .orderBy('title'),
      ).as('books'),
    ])
    .executeTakeFirstOrThrow();
  assert.deepEqual(nested, {
    name: 'Le Guin',
    books: [
      { title: 'Lavinia', price: 7.25 },
      { title: 'The Dispossessed', price: 9.5 },
    ],
  });
  const upsert = await db
    .insertInto('author')
    .values({ name: 'Le Guin', born: null })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((builder) => ({ born: builder.ref('excluded.born') })),
    )
    .returning(['id', 'born'])
    .executeTakeFirstOrThrow();
  assert.deepEqual(upsert, { id: 1, born: null });
  const updated = await db
    .updateTable('book')
    .from('author')
    .set({ price: sql`price * 2` })
    .whereRef('author.id', '=', 'book.author_id')
    .where('title', 'like', 'Lav%')
    .executeTakeFirst();
  assert.equal(updated.numUpdatedRows, 1n);
  await assert.rejects(
    db
      .transaction()
      .setIsolationLevel('serializable')
      .execute(async (transaction) => {
        await transaction.deleteFrom('author').execute();
        await transaction
          .insertInto('book')
          .values({ author_id: 1, title: 'x', price: 1 })
          .execute();
      }),
    { code: '23503' },
  );
  const recursive = await sql<{ n: number }>`
    WITH RECURSIVE t(n) AS (VALUES (1) UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT n FROM t`.execute(
    db,
  );
  assert.equal(recursive.rows.length, 5);
}

async function inspect(db: Kysely<Database>): Promise<void> {
  const tables = await db.introspection.getTables();
  const book = tables.find(({ name }) => name === 'book');
  assert.deepEqual(
    book?.columns.map(({ name, dataType, isNullable, hasDefaultValue, isAutoIncrementing }) => [
      name,
      dataType,
      isNullable,
      hasDefaultValue,
      isAutoIncrementing,
    ]),
    [
      ['id', 'int4', false, true, true],
      ['author_id', 'int4', false, false, false],
      ['title', 'text', false, false, false],
      ['price', 'numeric', true, true, false],
    ],
  );
  assert.equal(tables.find(({ name }) => name === 'cheap')?.isView, true);
}
