// One schema twice: as SQL for PostgreSQL, and as a catalog in memory.

import type { BindContext } from '#planner';
import { testContext } from '../../planner/bind/testing.ts';

export const sampleSchema = `
create table t (a int4 not null primary key, b text, c numeric, d timestamptz, n numeric(10,2),
  v varchar(10), arr int4[], f float8, bo bool, dt date, iv interval);
create table u (a int8, x varchar(10), j jsonb, k json, t_a int4, ts timestamp, by bytea, s int2,
  ta text[], uu uuid);
create table p (id int4 primary key generated always as identity, name text not null default 'x',
  q int4, g int4 generated always as (q*2) stored, ts timestamptz default now());
create view w as select a, b, c + 1 as e from t where a > 0;
`;

let context: BindContext | undefined;

export function sampleContext(): BindContext {
  context ??= testContext(
    {
      t: {
        columns: [
          'a int4 not null',
          'b text',
          'c numeric',
          'd timestamptz',
          'n numeric:655366',
          'v varchar:14',
          'arr _int4',
          'f float8',
          'bo bool',
          'dt date',
          'iv interval',
        ],
        key: ['a'],
      },
      u: {
        columns: [
          'a int8',
          'x varchar:14',
          'j jsonb',
          'k json',
          't_a int4',
          'ts timestamp',
          'by bytea',
          's int2',
          'ta _text',
          'uu uuid',
        ],
      },
      p: {
        columns: ['id int4 not null', 'name text not null', 'q int4', 'g int4', 'ts timestamptz'],
        key: ['id'],
        identity: { id: 'always' },
        generated: { g: 'q*2' },
        defaults: { name: "'x'::text", ts: 'now()' },
      },
    },
    {
      w: {
        columns: ['a int4', 'b text', 'e numeric'],
        sql: 'SELECT t.a, t.b, t.c + 1 AS e FROM public.t WHERE t.a > 0',
      },
    },
  );
  return context;
}
