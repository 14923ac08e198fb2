-- Domains: constraints wherever a value becomes one, defaults, ALTER DOMAIN, arrays, what clients see.
create domain posint as integer check (value > 0);
create domain email as text constraint has_at check (position('@' in value) > 1) not null;
create domain d3 posint constraint small check (value < 100) default 7;
create domain vc varchar(5) default 'abc';
create domain arr int[] check (array_length(value,1) < 3);
select 5::posint, '5'::posint, 7::bigint::posint, (-1)::posint;
select '-1'::posint;
select 'x'::posint;
select null::email;
select 'a@b'::email, 'ab'::email;
create table dt(id posint primary key, e email, f d3, g vc, h arr);
insert into dt(id,e) values (1,'a@b');
insert into dt(id) values (2);
insert into dt values (3,'c@d',100);
insert into dt values (3,'c@d',-5);
insert into dt values (3,'c@d',5,'abcdefgh');
insert into dt values (3,'c@d',5,'abcde','{1,2,3}');
insert into dt values (3,'c@d',5,'abcde','{1,2}');
insert into dt values (0,'c@d');
select * from dt;
select id + 1, id * 2.5, e || 'x', f = 7, length(g), h[1], pg_typeof(id), pg_typeof(id+1) from dt;
update dt set id = -id;
update dt set id = id + 10 where id = 1 returning *;
update dt set h[1] = 9 where id = 3;
update dt set h[3] = 9 where id = 3;
select max(id), sum(id), avg(f), min(e) from dt;
select * from dt where id = 11;
select * from dt where id in (11, 3) order by id;
select * from dt where e like 'c%';
prepare q(posint) as select $1 + 1;
execute q(3);
execute q(-3);
prepare q2 as insert into dt(id,e) values ($1,$2);
execute q2(20,'z@z');
execute q2(-20,'z@z');
execute q2(21,'zz');
copy dt(id,e) from stdin;
30	q@q
\.
copy dt(id,e) from stdin;
-30	q@q
\.
copy dt(id,e) from stdin;
31	qq
\.
copy dt(id,e) from stdin;
31	\N
\.
alter domain posint add constraint lt check (value < 25);
alter domain posint add constraint lt check (value < 1000);
alter domain posint add constraint lt check (value < 1000);
select 1000::posint;
alter domain posint drop constraint lt;
alter domain posint drop constraint lt;
alter domain posint drop constraint if exists lt;
alter domain posint set default 42;
alter domain posint add check (value <> 77) not valid;
select 77::posint;
alter domain posint validate constraint posint_check1;
alter domain d3 set not null;
alter domain d3 drop not null;
alter domain vc set not null;
update dt set g = null where id = 20;
alter domain vc set not null;
alter domain posint rename constraint posint_check to positive;
select 0::posint;
alter domain posint rename to pint;
\dT
drop domain pint;
drop domain pint cascade;
select array[1,2]::arr, '{1,2,3}'::arr, array[1,2,3]::arr;
create domain bad as integer check (x > 0);
create domain bad as integer check (value);
create domain bad as anyelement;
create domain bad as integer unique;
create domain bad as integer null not null;
create domain bad as integer default 1 default 2;
create domain bad as integer default 'abc';
create domain bad as nosuch;
create domain dnn as int not null;
create table dx(a dnn, b int);
insert into dx(b) values (1);
insert into dx values (null, 1);
insert into dx values (1, 1);
select a from dx left join (select 2 as b) z on true;
select (select a from dx where b = 99);
select coalesce(null::dnn, 1);
create table ar(a email[]);
insert into ar values ('{a@b,c}');
insert into ar values (array['a@b','c']::email[]);
insert into ar values (array['a@b','c@d']);
select * from ar;
select a[1] || 'z' from ar;
create domain texty as text;
select 'a'::texty = 'a', 'a'::texty < 'b'::text, upper('x'::texty), 'a'::texty || 'b', length('abc'::texty);
select 'abc'::texty like 'a%', 'abc'::texty ~ 'b';
select case when false then (-1)::dnn end;
create domain js as jsonb check (value ? 'a');
select '{"a":1}'::js -> 'a', '{"b":1}'::js;
create view dv as select '5'::dnn as five, a from dx;
select constraint_name, domain_name from information_schema.domain_constraints where domain_schema='public' order by 1;
select table_name, column_name, domain_name, data_type, udt_name from information_schema.columns where table_schema='public' order by 1,2;
select typname, typtype, typbasetype::regtype, typtypmod, typnotnull, typdefault from pg_type where typtype='d' and typnamespace='public'::regnamespace order by 1;
select distinct a from dx; select a, count(*) from dx group by a;
alter table dx alter a type int; \d dx
alter table dx alter b type dnn;
insert into dx values (null,null);
alter table dx add column c email;
alter table dx add column c email default 'a@b';
select * from dx;
alter table dx add column d d3;
select * from dx;
drop domain if exists zz; drop type texty; drop domain js; drop domain nosuch;
create type en as enum('a','b');
drop domain en;
create domain den as en check (value <> 'a');
select 'a'::den; select 'b'::den; select 'b'::den = 'b'; select 'b'::den < 'a'::en;
comment on domain den is 'dc'; comment on constraint den_check on domain den is 'cc';
