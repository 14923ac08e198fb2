-- Definitions as pg_dump asks for them: what it would write is what PostgreSQL would, and can be read again.

-- names of types in signatures
create function taking(char, varchar(3), bit, text[], char[], out char(3)[], out "char") language sql as 'select null::char[], null::"char"';
select pg_get_function_arguments('taking'::regproc), pg_get_function_result('taking'::regproc), pg_get_functiondef('taking'::regproc);
select format_type(1042, null), format_type(1042, -1), format_type(1042, 5), format_type(2276, null), 'char'::regtype, '"char"'::regtype, 'char[]'::regtype, '"any"'::regtype;
select pg_get_function_arguments(oid), pg_get_function_identity_arguments(oid), pg_get_function_result(oid)
  from pg_proc where proname in ('format', 'bpchareq', 'num_nonnulls', 'bpchar', 'rank') order by oid;
create function costly() returns setof int language plpgsql cost 0.0000001 rows 1.5
  set search_path = '', 'a b', "$user" set work_mem = '3MB' as 'begin end';
select pg_get_functiondef('costly'::regproc);

-- constants of defaults, indexes and bounds
create table defaults (b1 bit(4) default B'1001', b2 varbit default x'1f', b3 bit(4) default '0101', c1 "char" default 'x', c2 char(3) default 'ab', n numeric default -1.5, i8 bigint default 5, f float8 default -3, i4 int default -4);
select pg_get_expr(adbin, adrelid) from pg_attrdef where adrelid = 'defaults'::regclass order by adnum;
create index defaults_constant on defaults ((1));
create index defaults_expressions on defaults ((i4 + 1), lower('a'), (i8 is null), (i4::text));
select pg_get_indexdef('defaults_constant'::regclass), pg_get_indexdef('defaults_expressions'::regclass), pg_get_indexdef('defaults_expressions'::regclass, 1, true);
create table by_float (a float8) partition by range (a);
create table by_float_1 partition of by_float for values from ('-Infinity') to (0);
create table by_bigint (a bigint) partition by list (a);
create table by_bigint_1 partition of by_bigint for values in (1, -2);
create table by_numeric (a numeric) partition by range (a);
create table by_numeric_1 partition of by_numeric for values from (-1) to (2.5);
create table by_integer (a int) partition by range (a);
create table by_integer_1 partition of by_integer for values from (-1) to (25);
select relname, pg_get_expr(relpartbound, oid) from pg_class where relname ~ '^by_.*_1$' order by 1;
create domain pair as int[] check (value[1] < value[2]);
select pg_get_constraintdef(oid) from pg_constraint where contypid = 'pair'::regtype;

-- views and extended statistics
create table counted (a int, b int, c text);
create view first_ones as select a from counted order by a fetch first 3 rows with ties;
select pg_get_viewdef('first_ones');
create statistics all_kinds on a, b from counted;
create statistics two_kinds (mcv, ndistinct) on c, a from counted;
select stxname, pg_get_statisticsobjdef(oid), pg_get_statisticsobjdef_columns(oid), stxkind from pg_statistic_ext order by 1;

-- range types with an operator class and a difference
create type float_range as range (subtype = float8, subtype_diff = float8mi);
create type text_range as range (subtype = text, subtype_opclass = text_pattern_ops);
create type array_range as range (subtype = int[], multirange_type_name = array_ranges);
select rngtypid::regtype, rngsubtype::regtype, rngmultitypid::regtype, opcname, opcdefault, rngsubdiff
  from pg_range join pg_opclass o on o.oid = rngsubopc where rngtypid >= 16384 order by 1::text;
create type bad_range as range (subtype = float8, subtype_diff = float4mi);
create type bad_range as range (subtype = float8, subtype_diff = float8eq);
create type bad_range as range (subtype = float8, subtype_opclass = no_such_ops);
create type bad_range as range (subtype = float8, subtype_opclass = text_ops);
create function apart(int, int) returns float8 language sql immutable as 'select $1 - $2::float8';
create type int_range as range (subtype = int, subtype_diff = apart);
drop function apart(int, int);
drop type int_range;
drop function apart(int, int);

-- tables without columns
create table nothing ();
copy nothing from stdin;


\.
select count(*) from nothing;
copy nothing from stdin;
1
\.
create table computed (a int generated always as (1) stored);
copy computed from stdin;

\.
select * from computed;

-- constraints look at the rows of their table alone, and at those of tables that inherit it one by one
create table above (a int, b int);
create table below () inherits (above);
insert into below values (null, 5);
create table keys (k int primary key);
alter table above add foreign key (b) references keys;
alter table only above alter a set not null;
alter table above alter a drop not null;
alter table above alter a set not null;
alter table above add check (b < 3) no inherit;
alter table above add check (b < 2);
alter table above add constraint later check (b < 2) not valid;
alter table above validate constraint later;

-- sets within sets, grouped
select generate_series(1, generate_series(1, 2)) from generate_series(1, 3) group by 1 order by 1;

-- what only the server itself calls has no name
select collated_lower('a');
select pg_catalog.plain_text('{1}'::oid[]);
select pg_catalog.tablesample_once('(0,1)', '', 1, 1);
