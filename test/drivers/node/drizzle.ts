// Drizzle: schema in code, relational queries, prepared statements, upserts, transactions, migrations.

import assert from 'node:assert/strict';
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { and, count, desc, eq, gt, inArray, relations, sql } from 'drizzle-orm';
import { drizzle } from 'drizzle-orm/node-postgres';
import { migrate } from 'drizzle-orm/node-postgres/migrator';
import {
  integer,
  jsonb,
  numeric,
  pgEnum,
  pgTable,
  serial,
  text,
  timestamp,
} from 'drizzle-orm/pg-core';
import pg from 'pg';
import type { Program } from './program.ts';

const mood = pgEnum('mood', ['sad', 'ok', 'happy']);
const users = pgTable('users', {
  id: serial('id').primaryKey(),
  name: text('name').notNull().unique(),
  mood: mood('mood').default('ok'),
  settings: jsonb('settings').$type<{ readonly dark?: boolean }>(),
  joined: timestamp('joined', { withTimezone: true }).defaultNow(),
});
const posts = pgTable('posts', {
  id: integer('id').primaryKey().generatedAlwaysAsIdentity(),
  userId: integer('user_id')
    .notNull()
    .references(() => users.id),
  title: text('title').notNull(),
  score: numeric('score', { precision: 6, scale: 2 }),
  tags: text('tags').array(),
});
const usersRelations = relations(users, ({ many }) => ({ posts: many(posts) }));
const postsRelations = relations(posts, ({ one }) => ({
  user: one(users, { fields: [posts.userId], references: [users.id] }),
}));
const schema = { users, posts, usersRelations, postsRelations };

export const run: Program = async ({ host, port, user, database }) => {
  const pool = new pg.Pool({ host, port, user, database, max: 3 });
  const db = drizzle(pool, { schema });
  try {
    await runMigrations(db);
    await query(db);
    await transact(db);
  } finally {
    await pool.end();
  }
};

type Database = ReturnType<typeof drizzle<typeof schema>>;

/** What drizzle-kit writes for the schema above. */
const migration = `CREATE TYPE "public"."mood" AS ENUM('sad', 'ok', 'happy');--> statement-breakpoint
CREATE TABLE "users" (
	"id" serial PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"mood" "mood" DEFAULT 'ok',
	"settings" jsonb,
	"joined" timestamp with time zone DEFAULT now(),
	CONSTRAINT "users_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "posts" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "posts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"user_id" integer NOT NULL,
	"title" text NOT NULL,
	"score" numeric(6, 2),
	"tags" text[]
);
--> statement-breakpoint
ALTER TABLE "posts" ADD CONSTRAINT "posts_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;`;

async function runMigrations(db: Database): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'lattice-drizzle-'));
  try {
    mkdirSync(join(folder, 'meta'));
    writeFileSync(join(folder, '0000_start.sql'), migration);
    const entry = {
      idx: 0,
      version: '7',
      when: 1700000000000,
      tag: '0000_start',
      breakpoints: true,
    };
    writeFileSync(
      join(folder, 'meta', '_journal.json'),
      JSON.stringify({ version: '7', dialect: 'postgresql', entries: [entry] }),
    );
    await migrate(db, { migrationsFolder: folder });
    await migrate(db, { migrationsFolder: folder });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function query(db: Database): Promise<void> {
  const [ann] = await db
    .insert(users)
    .values({ name: 'Ann', mood: 'happy', settings: { dark: true } })
    .returning();
  assert.equal(ann.mood, 'happy');
  assert.ok(ann.joined instanceof Date);
  await db.insert(users).values([{ name: 'Bob' }, { name: 'Cid', mood: 'sad' }]);
  await db.insert(posts).values([
    { userId: 1, title: 'first', score: '1.5', tags: ['x', 'y,z'] },
    { userId: 1, title: 'second' },
    { userId: 2, title: 'third', score: '9' },
  ]);
  const nested = await db.query.users.findMany({
    columns: { name: true },
    with: { posts: { columns: { title: true, tags: true }, orderBy: desc(posts.id) } },
    where: inArray(users.name, ['Ann', 'Cid']),
    orderBy: users.name,
  });
  assert.deepEqual(nested, [
    {
      name: 'Ann',
      posts: [
        { title: 'second', tags: null },
        { title: 'first', tags: ['x', 'y,z'] },
      ],
    },
    { name: 'Cid', posts: [] },
  ]);
  const grouped = await db
    .select({ name: users.name, n: count(posts.id), best: sql<string>`max(${posts.score})` })
    .from(users)
    .leftJoin(posts, eq(posts.userId, users.id))
    .groupBy(users.id)
    .having(({ n }) => gt(n, 0))
    .orderBy(users.name);
  assert.deepEqual(grouped, [
    { name: 'Ann', n: 2, best: '1.50' },
    { name: 'Bob', n: 1, best: '9.00' },
  ]);
  const prepared = db
    .select({ title: posts.title })
    .from(posts)
    .where(and(eq(posts.userId, sql.placeholder('user')), gt(posts.id, 0)))
    .orderBy(posts.id)
    .prepare('posts_of');
  assert.equal((await prepared.execute({ user: 1 })).length, 2);
  assert.equal((await prepared.execute({ user: 3 })).length, 0);
  const [merged] = await db
    .insert(users)
    .values({ name: 'Ann' })
    .onConflictDoUpdate({ target: users.name, set: { mood: 'sad' } })
    .returning({ id: users.id, mood: users.mood });
  assert.deepEqual(merged, { id: 1, mood: 'sad' });
  const ordered = await db
    .select({ name: users.name })
    .from(users)
    .orderBy(desc(users.mood), users.name);
  assert.deepEqual(
    ordered.map(({ name }) => name),
    ['Bob', 'Ann', 'Cid'],
  );
}

async function transact(db: Database): Promise<void> {
  await assert.rejects(
    db.transaction(
      async (transaction) => {
        await transaction.delete(posts);
        transaction.rollback();
      },
      { isolationLevel: 'serializable', accessMode: 'read write' },
    ),
  );
  assert.equal(await db.$count(posts), 3);
}
