create temp table a (x int) on commit drop;
select * from a;
begin;
create temp table a (x int) on commit drop;
insert into a values (1);
select * from a;
commit;
select * from a;
create temp table b (x int) on commit delete rows;
begin; insert into b values (1); select * from b; commit; select * from b;
create temp table c (x int primary key, y serial);
insert into c values (1);
select * from c;
create table c (x text);
select * from c;
select * from public.c;
drop table c;
select * from c;
drop table c;
create temp table pg_temp.d (a int);
select * from pg_temp.d;
drop table pg_temp.d;
create table t (a int) on commit drop;
create temp sequence ts;
select nextval('ts');
create temp view tv as select 1 as one;
select * from tv;
create schema s;
create temp table s.x (a int);
create table s.x (a int);
set search_path = s, public;
create table y (a int);
drop schema s cascade;
create table z (a int);
set search_path = nosuch;
create table z2 (a int);
reset search_path;
create table gen (a int, b int generated always as (a * 2) stored, c int generated always as (b + 1) stored);
create table gen (a int, b int generated always as (a * 2) stored);
insert into gen values (1); insert into gen (a, b) values (1, 2); insert into gen (a, b) values (2, default);
select * from gen;
alter table gen alter column b set default 3;
alter table gen alter column b drop expression;
alter table gen drop column a;
alter table gen drop column a cascade;
\d gen
create table cyc1 (a int primary key, b int);
create table cyc2 (a int primary key, b int references cyc1);
alter table cyc1 add foreign key (b) references cyc2;
drop table cyc1;
drop table cyc1, cyc2;
create table self (a int primary key, b int references self);
insert into self values (1, 1), (2, 1);
truncate self;
drop table self;
create table m (a int, b text);
create index m_i on m (a) where b is not null and (a > 3 or a < 1);
create index m_j on m ((a + 1), (b || 'x')) include (a) with (fillfactor = 70);
create unique index m_k on m (a) nulls not distinct;
create index m_l on m using hash (b);
\d m
select indexdef from pg_indexes where tablename = 'm' order by 1;
insert into m values (1, 'x'), (5, null);
alter table m add column c int not null;
alter table m add column c int not null default 3;
alter table m add column d serial;
alter table m add column e int generated always as (a + c) stored;
alter table m add column f int references nosuch;
alter table m add column g int primary key;
alter table m add column h timestamptz default clock_timestamp() not null;
alter table m add column i int unique check (i > 0), add column j text default 'a' || 'b';
select a, b, c, d, e, h is not null, i, j from m;
\d m
alter table m alter column a type bigint, alter column b type varchar(5) using upper(b);
select a, b, e from m;
alter table m alter a type text;
alter table m alter e type bigint;
select * from information_schema.columns where table_name = 'gen' order by ordinal_position;
select constraint_name, constraint_type from information_schema.table_constraints where table_name = 'cyc2';
select conname, contype, pg_get_constraintdef(oid) from pg_constraint where connamespace = 'public'::regnamespace order by 1;
create table "Weird Name" ("Col A" int primary key, "select" text default 'it''s', "é" int check ("é" > 1));
\d "Weird Name"
create view "V" as select "Col A", "select" from "Weird Name" where "select" like 'a%';
\d "V"
alter table "Weird Name" rename column "Col A" to b;
select * from "V";
\d ck
create table arr (a int[] default array[1,2], b text[] default array['a','b']::text[], c int default (array[5,6])[1]);
\d arr
insert into arr default values returning *;
create table like_source (a int primary key, b text, c int, unique (c));
create index on like_source (b desc, (a + c)) where c > 1;
create unique index on like_source (lower(b)) include (c);
create table like_target (z int, like like_source including all);
\d like_target
insert into like_target values (1, 2, 'x', 3), (1, 3, 'X', 4);
create table like_plain (like like_source);
\d like_plain
