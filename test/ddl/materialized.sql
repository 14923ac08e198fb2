-- Materialized views, CREATE TABLE AS, unlogged, temporary and typed tables.
create table t(id int primary key, v text, n numeric);
insert into t select g, 'v' || g % 3, g from generate_series(1,10) g;
create materialized view mv as select v, sum(n) as total, count(*) from t group by v;
select * from mv order by v;
insert into t values (11,'v9',100);
select * from mv order by v;
refresh materialized view mv;
select * from mv order by v;
refresh materialized view concurrently mv;
create unique index on mv(v);
refresh materialized view concurrently mv;
\d mv
create materialized view if not exists mv as select 1;
create materialized view mv2 (a, b) as select id, v from t where id > 5 with no data;
select * from mv2;
create view vv as select * from mv2;
select * from vv;
refresh materialized view mv2;
select * from vv order by a;
refresh materialized view mv2 with no data;
select * from mv2;
refresh materialized view concurrently mv2;
insert into mv values ('x',1,1);
update mv set total = 1;
delete from mv;
truncate mv;
drop table mv;
drop view mv;
drop table t;
alter table t drop column n;
alter table t alter column v type varchar(10);
alter table t rename column v to vx;
refresh materialized view mv;
select * from mv order by 1;
alter materialized view mv rename to mvx;
alter materialized view mvx rename column total to tot;
\d mvx
select matviewname, hasindexes, ispopulated from pg_matviews order by 1;
select relname, relkind, relispopulated from pg_class where relname like 'mv%' order by 1;
\dm
comment on materialized view mvx is 'cm';
create schema s; alter materialized view mvx set schema s;
refresh materialized view s.mvx;
refresh materialized view t;
refresh materialized view nosuch;
drop materialized view if exists nosuch;
drop materialized view t;
drop materialized view s.mvx;
drop table t cascade;
create table a as select 1 as x, 'y' as y with no data;
create table if not exists a as select 1;
create table b(p, q) as values (1,'a'),(2,'b');
select * from b; \d b
create table c as table b;
create unlogged table ul(a int); insert into ul values(1); select * from ul; alter table ul set logged;
create temp table tt on commit drop as select 1;
select 1 as o into newt; select * from newt;
create table lk (like b including all, z int); \d lk
create type ty as (a int, b text);
create table tyt of ty (primary key (a), b with options default 'dd' not null);
insert into tyt(a) values (1);
select * from tyt; \d tyt
alter table tyt add column c int;
create table cte as with x as (select 1 as one) select * from x;
select * from cte;
