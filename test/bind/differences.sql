-- Statements of statements.sql that mean something else here, knowingly.
-- The grammar of version 18 gives this error a position.
select a from t fetch first 3 rows with ties
-- Known when the statement is planned there, when it is bound here.
insert into t (a) values (1) on conflict (b) do nothing
-- Since version 16 the alias may be left away.
select * from (select a from t)
-- Numbers of version 16.
select 1e3, 1.0e-3, 0x1F, 1_000
-- Arrays of row types have no type of their own.
select array[t] from t
-- The server clock of a table: a clause of LatticeSQL.
select * from t as of system time now()
-- Not supported.
select a from t tablesample system (10)
select jsonb_set(j, '{a}', '1'), jsonb_pretty(j), jsonb_typeof(j), j @? '$.a', jsonb_path_query(j, '$.a') from u
select 'it''s', E'a\n', $$x$$, U&'\0041', b'101', x'1F'
select '1'::bit(3), b'1'::bit varying
insert into u (x) values ('abcdefghijklmnop'), (b'1')
update t set arr[1] = 5
select * from t where ctid = '(0,1)'
select xmin from t
select * from information_schema.tables
