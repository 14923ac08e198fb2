-- Deferrable unique and primary keys, exclusion constraints.
create table u(a int unique deferrable, b int primary key deferrable initially deferred, c text);
\d u
insert into u values (1,1),(2,2),(3,3);
update u set a = a + 1;
update u set b = b + 1;
insert into u values (2,10);
begin; insert into u values (20,4); select count(*) from u where b = 4; update u set b = 11 where a = 20; commit;
begin; insert into u values (21,4); commit;
select * from u order by b;
begin; set constraints all deferred; insert into u values (2,30); delete from u where a = 2 and b <> 30; commit;
begin; set constraints u_a_key deferred; insert into u values (3,31); set constraints all immediate; rollback;
select * from u order by b;
select * from u where a = 3;
select * from u where b = 3;
update u set b = null where a = 3;
create table r(x int references u(a));
alter table u add constraint uc unique (c) deferrable;
insert into u values (50,50,'x'),(51,51,'x');
alter table u drop constraint uc;
insert into u values (50,50,'x'),(51,51,'x');
alter table u add constraint uc unique (c) deferrable;
select conname, condeferrable, condeferred from pg_constraint where conrelid = 'u'::regclass order by 1;
copy u from stdin;
60	60	q
60	61	q
\.
alter table u alter constraint u_a_key deferrable initially deferred;

create table e(a int, b text, exclude using btree (a with =), constraint ce exclude (b with =) where (a > 10));
\d e
insert into e values (1,'x'),(2,'x');
insert into e values (1,'y');
insert into e values (11,'x'),(12,'y');
insert into e values (13,'x');
update e set b = 'x' where a = 12;
update e set a = 11 where a = 2;
insert into e values (null,'x'),(null,'x');
create table d(a int, exclude using hash (a with =) deferrable initially deferred);
begin; insert into d values (1); insert into d values (1); commit;
begin; insert into d values (1); insert into d values (1); delete from d; insert into d values (1); commit;
select * from d;
create table f(a int); insert into f values (1),(1);
alter table f add exclude (a with =);
delete from f; insert into f values (1);
alter table f add constraint fx exclude (a with =);
insert into f values (1);
select conname, contype, pg_get_constraintdef(oid) from pg_constraint where contype='x' order by 1;
alter table f drop constraint fx; insert into f values (1);
create table g(a int, exclude (a with <));
create table g(a int, exclude (nosuch with =));
create table rr(room int, during int4range, exclude using gist (during with &&));
insert into rr values (1,'[1,5)'),(2,'[5,9)');
insert into rr values (3,'[4,6)');
select * from rr;
create index on rr using brin (room);
create index on e using brin(a) ;
insert into e values (13,'z') on conflict do nothing;
insert into e values (1,'z') on conflict do nothing;
