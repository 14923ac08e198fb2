-- Partitioned tables (range, list, hash, default, sub-partitions) and tables that inherit.
create table m(id int not null, d date not null, v text default 'x', check (id > 0)) partition by range (d);
create table m1 partition of m for values from ('2020-01-01') to ('2020-02-01');
create table m2 partition of m (v default 'two') for values from ('2020-02-01') to ('2020-03-01');
insert into m values (1,'2020-01-15','a'),(2,'2020-02-15','b');
insert into m values (3,'2020-03-15','c');
insert into m(id,d) values (4,'2020-02-20');
create table md partition of m default;
insert into m values (3,'2020-03-15','c');
select * from m order by id;
select tableoid::regclass, * from m order by id;
select * from m1; select * from only m;
insert into m1 values (9,'2020-02-15','z');
insert into m1(id,d) values (9,'2020-01-20');
insert into m values (-1,'2020-01-20','z');
update m set d = '2020-02-02' where id = 1 returning *;
select tableoid::regclass, * from m order by id;
update m1 set d = '2020-02-02' where id = 9;
update m set v = v || '!' where d >= '2020-02-01';
delete from m where id = 2 returning *;
select tableoid::regclass, * from m order by id;
create table m3 partition of m for values from ('2020-03-01') to ('2020-04-01');
create table m4 partition of m for values from ('2020-01-10') to ('2020-01-20');
create table m4 partition of m for values from ('2020-05-10') to ('2020-05-10');
create table m4 partition of m for values in (1);
create table m4 partition of m for values from ('2020-05-10','a') to ('2020-06-10');
alter table m add primary key (id);
alter table m add primary key (id, d);
create index on m (v);
\d m
\d+ m
\d m1
\d+ m2
insert into m values (1,'2020-02-02','dup');
insert into m values (1,'2020-02-02','dup') on conflict do nothing;
insert into m values (1,'2020-02-02','dup') on conflict (id,d) do update set v = 'upd:' || excluded.v returning *;
select * from m where id = 1 for update;
alter table m add column w int default 7;
alter table m1 add column q int;
alter table m1 drop column w;
alter table m alter column v set not null;
alter table m drop column d;
alter table m rename column w to ww;
select * from m order by id;
\d m1
create table at(id int not null, d date not null, v text not null, ww int default 7, check (id > 0));
alter table m attach partition at for values from ('2021-01-01') to ('2021-02-01');
alter table at add constraint m_id_check check (id > 0);
insert into at values (50,'2021-01-05','at',1),(51,'2021-03-05','bad',1);
alter table m attach partition at for values from ('2021-01-01') to ('2021-02-01');
delete from at where id = 51;
alter table m attach partition at for values from ('2021-01-01') to ('2021-02-01');
\d at
select count(*) from m;
alter table m detach partition at;
\d at
select count(*) from m;
copy m from stdin;
100	2020-01-03	c1	1
101	2020-02-03	c2	1
102	2022-02-03	c3	1
\.
copy m to stdout;
copy (select * from m order by id) to stdout;
truncate m1;
select tableoid::regclass, count(*) from m group by 1 order by 1;
create table l(a text, b int) partition by list (a);
create table l1 partition of l for values in ('a','b');
create table l2 partition of l for values in ('c', null);
create table l3 partition of l for values in ('b');
insert into l values ('a',1),('b',2),('c',3),(null,4);
insert into l values ('zz',5);
select tableoid::regclass, * from l order by b;
\d+ l
\d+ l2
create table h(a int, b text) partition by hash (a);
create table h0 partition of h for values with (modulus 3, remainder 0);
create table h1 partition of h for values with (modulus 3, remainder 1);
create table h2 partition of h for values with (modulus 3, remainder 2);
insert into h select g, 'r' || g from generate_series(1,30) g;
select tableoid::regclass, array_agg(a order by a) from h group by 1 order by 1;
create table ht(a text, k bigint, u uuid, dd date) partition by hash (a, k, u, dd);
create table ht0 partition of ht for values with (modulus 2, remainder 0);
create table ht1 partition of ht for values with (modulus 2, remainder 1);
insert into ht select 'some longer text ' || g, g * 10000000000::bigint * (case when g % 2 = 0 then -1 else 1 end), ('00000000-0000-0000-0000-0000000000' || (10+g))::uuid, '2020-01-01'::date + g from generate_series(1,20) g;
select tableoid::regclass, count(*), min(k), sum(length(a)) from ht group by 1 order by 1;
create table s(a int, b int) partition by range (a);
create table s1 partition of s for values from (minvalue) to (10) partition by list (b);
create table s1a partition of s1 for values in (1);
create table s1b partition of s1 default;
create table s2 partition of s for values from (10) to (maxvalue);
insert into s values (1,1),(2,2),(20,1);
select tableoid::regclass, * from s order by 2;
update s set a = 15 where a = 1 returning tableoid::regclass, *;
select tableoid::regclass, * from s order by 2;
\d+ s
\d s1
select relname, relkind, relispartition, pg_get_expr(relpartbound, oid) from pg_class where relname ~ '^(s|l|m|h)\d?[a-z]?$' order by 1;
select partrelid::regclass, partstrat, partnatts, partdefid::regclass, pg_get_partkeydef(partrelid) from pg_partitioned_table order by 1::text;
create table ex(a int, b text) partition by range (lower(b), a);
create table ex1 partition of ex for values from ('a', minvalue) to ('m', 5);
insert into ex values (1,'ABC'),(2,'M');
insert into ex values (7,'M');
\d+ ex
create table fkt(id int primary key);
create table fkp(a int references fkt, b int) partition by list (b);
create table fkp1 partition of fkp for values in (1);
insert into fkt values (1);
insert into fkp values (1,1);
insert into fkp values (2,1);
delete from fkt;
\d fkp1
create table pk(id int, r int, primary key (id, r)) partition by list (r);
create table pk1 partition of pk for values in (1);
create table pk2 partition of pk for values in (2);
create table refpk(id int, r int, foreign key (id,r) references pk);
insert into pk values (1,1),(2,2);
insert into refpk values (1,1),(2,2);
insert into refpk values (3,1);
drop table refpk;
drop table m2;
drop table m;
drop table s cascade;
drop table l, h, ht, ex;
create table par(a int, b text default 'p');
create table chi(c int) inherits (par);
create table chi2(a int, d int) inherits (par);
insert into par values (1); insert into chi values (2,'x',3); insert into chi2 values (4,'y',5);
select tableoid::regclass, * from par order by a;
select * from only par;
update par set b = 'all';
delete from only par;
select * from par order by a; select * from chi;
alter table par add column z int default 9;
\d chi
\d par
alter table chi drop column a;
alter table only par add column k int;
drop table par;
alter table chi no inherit par;
select * from par;
alter table chi inherit par;
alter table par add constraint cc check (a > 0);
insert into chi values (-1);
\d chi
drop table par cascade;
create table pe (a int) partition by range ((a + 1));
create table pe1 partition of pe for values from (0) to (10);
alter table pe rename a to b;
insert into pe values (3);
select pg_get_partkeydef('pe'::regclass);
\d pe1
select tableoid::regclass, * from pe where b = 3;
create temp table tp (a int) partition by list (a);
create table tpp partition of tp for values in (1);
create table tpi () inherits (tp);
create temp table tq (a int);
create table tqi () inherits (tq);
create table pp (a int) partition by list (a);
create temp table ppt partition of pp for values in (1);
create table hp (a int) partition by hash (a);
create table hp1 partition of hp for values with (modulus 4, remainder 0);
create table hp2 partition of hp for values with (modulus 6, remainder 1);
create table hp3 partition of hp for values with (modulus 3, remainder 1);
create table hp4 partition of hp for values with (modulus 8, remainder 1);
create table hp5 partition of hp for values with (modulus 12, remainder 1);
