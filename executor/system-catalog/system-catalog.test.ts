// Goal: every source fills columns that its relation has, with values that the column's type can print.
// Method: all rows of all relations of a database with one object of each kind are converted to text.

import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { defaultFormatSettings, typeOutput } from '#common';
import { withSession } from '../ddl/testing.ts';
import { installedSystemRelations as installed } from '../system-relations.ts';
import { systemRelations } from './relations.ts';
import { rowSources } from './sources.ts';
import { installSystemCatalog } from './system-catalog.ts';

test('every relation gives rows of its own shape', () =>
  withSession(async (session) => {
    installSystemCatalog();
    await session.run(`create table t (a serial primary key, b text default 'x' unique, c int check (c > 0));
      create table u (id int generated always as identity, a int references t on delete set null);
      create index on t (lower(b) desc) where c > 1; create view v as select a, b from t;
      comment on column t.b is 'b'; create role r; grant select on t to r; create schema s`);
    const context = session.context(session.begin());
    const byName = new Map(systemRelations().map((relation) => [relation.name, relation]));
    for (const name of rowSources.keys()) assert.ok(byName.has(name), `${name} is a relation`);
    let rowCount = 0;
    for (const relation of systemRelations()) {
      const outputs = relation.columns.map(({ type }) => typeOutput(type.oid));
      for (const row of installed().rows(
        relation.oid,
        { columns: [...relation.columns.keys()], lookups: [] },
        context,
      )) {
        rowCount++;
        assert.equal(row.length, relation.columns.length, relation.name);
        row.forEach((value, index) => {
          if (value === null) return;
          const text = outputs[index](value, defaultFormatSettings);
          assert.equal(typeof text, 'string', `${relation.name}.${relation.columns[index].name}`);
        });
      }
    }
    assert.ok(rowCount > 10_000);
    session.rollback();
  }));

test('sources name columns that exist', () =>
  withSession(async (session) => {
    await session.run(
      'create table t (a serial primary key, b int references t); create view v as select 1 as x',
    );
    const context = session.context(session.begin());
    const { CatalogNames } = await import('../catalog/names.ts');
    const catalog = context.catalog as never;
    const scope = { catalog, names: new CatalogNames(catalog, ['public']), context };
    for (const [name, source] of rowSources) {
      const columns = new Set(
        systemRelations()
          .find((relation) => relation.name === name)!
          .columns.map((column) => column.name),
      );
      // Families of views share rows, so a source may give more than one of its relations has.
      if (name.startsWith('pg_stat') || name.startsWith('pg_role') || name.startsWith('pg_authid'))
        continue;
      for (const row of source(scope, { get: () => undefined })) {
        for (const column of Object.keys(row)) assert.ok(columns.has(column), `${name}.${column}`);
        break;
      }
    }
    session.rollback();
  }));
