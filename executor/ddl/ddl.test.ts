// Goal: DDL leaves the catalog as PostgreSQL would, with its errors and notices, and a rollback leaves
// no trace. Method: statements through openUtility() on real storage, the catalog read afterwards.

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { DatabaseError, TableDescriptor } from '#common';
import { createCatalog } from '../catalog/catalog.ts';
import { type TestSession, withSession } from './testing.ts';

function tableOf(session: TestSession, name: string): TableDescriptor | undefined {
  const catalog = createCatalog(session.store.snapshot(5), session.storage);
  const found = catalog.findRelation(2200, name);
  return found?.kind === 'table' ? found : undefined;
}

async function fails(
  run: Promise<unknown>,
  sqlState: string,
  message: string,
): Promise<DatabaseError> {
  let caught: DatabaseError | undefined;
  await assert.rejects(run, (error: DatabaseError) => {
    caught = error;
    return true;
  });
  assert.equal(caught!.message, message);
  assert.equal(caught!.sqlState, sqlState);
  return caught!;
}

test('tables with keys, serial columns and references', () =>
  withSession(async (session) => {
    assert.equal(
      await session.run(`create table a (id serial primary key, name varchar(10) not null unique);
        create table b (id int references a on delete cascade, x numeric(10,2), primary key (id, x))`),
      'CREATE TABLE',
    );
    const a = tableOf(session, 'a')!;
    assert.deepEqual(a.keyColumns, [1]);
    assert.deepEqual(
      a.indexes.map(({ name }) => name),
      ['a_pkey', 'a_name_key'],
    );
    assert.equal(a.columns[0].notNull, true);
    assert.equal(a.referencedBy.length, 1);
    const b = tableOf(session, 'b')!;
    assert.deepEqual(
      b.constraints.map(({ name }) => name),
      ['b_pkey', 'b_id_fkey'],
    );
    await fails(session.run('create table a (x int)'), '42P07', 'relation "a" already exists');
    await session.run('create table if not exists a (x int)');
    assert.deepEqual(session.notices, ['relation "a" already exists, skipping']);
    const error = await fails(
      session.run('drop table a'),
      '2BP01',
      'cannot drop table a because other objects depend on it',
    );
    assert.equal(error.detail, 'constraint b_id_fkey on table b depends on table a');
    await session.run('drop table a cascade');
    assert.equal(session.notices.at(-1), 'drop cascades to constraint b_id_fkey on table b');
    assert.deepEqual(
      tableOf(session, 'b')!.constraints.map(({ name }) => name),
      ['b_pkey'],
    );
    assert.equal(tableOf(session, 'a'), undefined);
  }));

test('a rollback leaves no trace, also one to a savepoint', () =>
  withSession(async (session) => {
    session.beginBlock();
    await session.run('create table one (a int)');
    const savepoint = session.transaction!.savepoint();
    await session.run('create table two (a int); create schema s; drop table one');
    session.transaction!.rollbackTo(savepoint);
    session.commit();
    assert.notEqual(tableOf(session, 'one'), undefined);
    assert.equal(tableOf(session, 'two'), undefined);
    session.beginBlock();
    const before = session.transaction!.savepoint();
    await session.run('create table three (a int)');
    session.transaction!.rollbackTo(before);
    await session.run('create table four (a int)');
    session.commit();
    assert.notEqual(tableOf(session, 'four'), undefined);
    session.beginBlock();
    await session.run('drop table four');
    session.rollback();
    assert.notEqual(tableOf(session, 'four'), undefined);
  }));

test('errors in table definitions', () =>
  withSession(async (session) => {
    await fails(
      session.run('create table t (a int, a text)'),
      '42701',
      'column "a" specified more than once',
    );
    await fails(
      session.run('create table t (a int primary key, b int primary key)'),
      '42P16',
      'multiple primary keys for table "t" are not allowed',
    );
    await fails(
      session.run('create table t (a int, unique (b))'),
      '42703',
      'column "b" named in key does not exist',
    );
    await fails(
      session.run('create table t (a int references nowhere)'),
      '42P01',
      'relation "nowhere" does not exist',
    );
    await session.run('create table p (a int)');
    await fails(
      session.run('create table t (a int references p)'),
      '42704',
      'there is no primary key for referenced table "p"',
    );
    await fails(
      session.run('create table nowhere.t (a int)'),
      '3F000',
      'schema "nowhere" does not exist',
    );
    await fails(
      session.run('create table t (a json primary key)'),
      '42704',
      'data type json has no default operator class for access method "btree"',
    );
  }));
