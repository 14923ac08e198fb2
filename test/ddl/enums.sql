-- Enums: values and their order, ADD and RENAME VALUE, what depends on a type, indexes and arrays over it.
CREATE TYPE rainbow AS ENUM ('red', 'orange', 'yellow', 'green', 'blue', 'purple');
SELECT COUNT(*) FROM pg_enum WHERE enumtypid = 'rainbow'::regtype;
SELECT 'red'::rainbow;
SELECT 'mauve'::rainbow;
CREATE TYPE planets AS ENUM ( 'venus', 'earth', 'mars' );
SELECT enumlabel, enumsortorder FROM pg_enum WHERE enumtypid = 'planets'::regtype ORDER BY 2;
ALTER TYPE planets ADD VALUE 'uranus';
ALTER TYPE planets ADD VALUE 'mercury' BEFORE 'venus';
ALTER TYPE planets ADD VALUE 'saturn' BEFORE 'uranus';
ALTER TYPE planets ADD VALUE 'jupiter' AFTER 'mars';
ALTER TYPE planets ADD VALUE 'neptune' AFTER 'uranus';
SELECT enumlabel, enumsortorder FROM pg_enum WHERE enumtypid = 'planets'::regtype ORDER BY 2;
ALTER TYPE planets ADD VALUE 'plutoplutoplutoplutoplutoplutoplutoplutoplutoplutoplutoplutoplutopluto';
ALTER TYPE planets ADD VALUE 'pluto' AFTER 'zeus';
ALTER TYPE planets ADD VALUE 'mercury';
ALTER TYPE planets ADD VALUE IF NOT EXISTS 'mercury';
create table t(a rainbow, b rainbow[] default '{red,blue}', c int);
insert into t values ('red', default, 1), ('blue', array['green','red']::rainbow[], 2), ('purple', '{}', 3), (null, null, 4);
insert into t values ('pink');
insert into t select 'green', null, 5;
select * from t order by a;
select * from t where a > 'orange' order by a desc;
select max(a), min(a), count(distinct a) from t;
select a, count(*) from t group by a order by a;
create index on t(a);
create unique index tu on t(a,c);
explain (costs off) select * from t where a = 'red';
select * from t where a = 'red';
select * from t where a between 'red' and 'green' order by 1;
select enum_first(null::rainbow), enum_last('green'::rainbow), enum_range(null::rainbow), enum_range('orange'::rainbow,'green'), enum_range(null,'orange'::rainbow), enum_range('green'::rainbow, null);
select 'red'::rainbow::text || 'x', 'red'::text::rainbow, cast('green' as varchar)::rainbow;
select 'red'::rainbow = 'red'::text;
select 'red'::rainbow < 'green';
select a::text, a from t where b @> array['red'::rainbow] order by 1;
select 'red' = any(b), a in ('red','blue') from t order by c;
select pg_typeof(a), pg_typeof(b) from t limit 1;
select array_agg(a order by a), to_json(a), to_jsonb(b) from t group by a,b order by 1;
BEGIN;
ALTER TYPE planets ADD VALUE 'new';
SAVEPOINT x;
SELECT 'new'::planets;
ROLLBACK TO x;
SELECT enum_first(null::planets);
SELECT enum_last(null::planets);
ROLLBACK TO x;
SELECT enum_range(null::planets);
ROLLBACK;
select 'new'::planets;
BEGIN;
CREATE TYPE bogus AS ENUM('good');
SELECT 'good'::bogus;
ALTER TYPE bogus ADD VALUE 'bad';
ALTER TYPE bogus RENAME VALUE 'good' TO 'ok';
select enum_range(null::bogus);
ROLLBACK;
ALTER TYPE rainbow RENAME VALUE 'red' TO 'crimson';
select a from t order by 1;
ALTER TYPE rainbow RENAME VALUE 'nope' TO 'crimson';
ALTER TYPE rainbow RENAME VALUE 'blue' TO 'crimson';
create view v as select a, 'green'::rainbow as g from t;
select * from v order by 1;
\d v
\dT
drop type planets;
drop type nope;
drop type if exists nope;
alter table t alter c type rainbow using 'green'::rainbow;
alter table t alter c type text;
select c from t;
alter type rainbow rename to rb;
create schema s; alter type rb set schema s;
select null::s.rb, 'crimson'::s.rb, 'crimson'::rb;
create type s.rb as enum ();
create type "Emp" as enum ();
select enum_first(null::"Emp");
create type t as enum('a');
create table "Emp"(a int);
select typname, typarray::regtype, typtype, typcategory, typlen, typbyval, typalign from pg_type where typname in ('rb','_rb','t','_t','v') order by 1;
drop type s.rb cascade;
COPY t TO STDOUT;
create type col as enum('a','b');
create table ct(c col primary key, d col not null default 'b', e int generated always as (1) stored, check (d in ('a','b')));
copy ct(c) from stdin;
b
a
c
\.
copy ct(c) from stdin;
b
a
\.
\d ct
create table fk(c col references ct);
insert into fk values('a');
insert into fk values('b');
delete from ct where c='a';
select c.d from ct c join fk f on f.c=c.c;
prepare p(col) as select * from ct where c = $1;
execute p('a');
execute p('z');
select col from (values ('a'::col),('b')) v(col) order by col desc;
select coalesce(null, 'a'::col), case when true then 'b'::col end, greatest('a'::col,'b'), nullif('a'::col,'a');
comment on type col is 'colors'; \dT+ col
alter type col owner to postgres;
create domain dn as col check (value <> 'b');
create table rt (id int, v col default 'a', w col[] default '{a,b}', d dn, check (v <> 'b'));
create index rti on rt (id) where v = 'a';
create table rp (v col) partition by list (v);
create table rp1 partition of rp for values in ('a');
begin;
alter type col rename value 'b' to 'B';
insert into rt (id, v) values (5, 'B');
rollback;
alter type col rename value 'a' to 'it''s';
\d rt
\d rp1
insert into rt (id, d) values (2, 'it''s');
insert into rp values ('it''s');
select * from rt;
select * from rp1;
