select 1, 1.5, 'a', true, null, -1, 12345678901, 99999999999999999999, 1e10, .5
select a, b, c from t
select * from t
select t.*, u.a from t, u
select a from t, u
select * from t join u using (a)
select a from t join u using (a)
select a from t left join u using (a)
select a from t full join u using (a)
select t.a, u.a from t full join u using (a)
select * from t natural join u
select nope from t
select t.nope from t
select bb from t
select x.a from t
select t.a from t as z
select z.a from t z, u z
select * from nope
select * from nope.t
select a + b from t
select a + 'x' from t
select a + '1' from t
select a || b from t
select 1 || 'a'
select 'a' || 'b'
select b || 1 from t
select arr || 1 from t
select arr || arr from t
select array[1,2,3], array['a','b'], array[1,2.5], array[[1,2],[3,4]], array[]::int[]
select array[]
select arr[1], arr[1:2], arr[:2] from t
select ta[1] from u
select a[1] from t
select j->'a', j->>'a', j#>'{a,b}', j->0, j @> '{}' from u
select k->'a', k->>0 from u
select j['a'], j['a']['b'] from u
select case when a = 1 then 'x' else b end from t
select case a when 1 then 'x' when 2 then 'y' end from t
select case when a then 1 end from t
select case when bo then 1 else 'x' end from t
select case when bo then 1 else c end from t
select case when bo then n else n end from t
select coalesce(a, 1), coalesce(b, 'x'), coalesce(null, null), coalesce(n, 1) from t
select greatest(1, 2.5), least(a, f), nullif(a, 1), nullif(v, 'x') from t
select coalesce(a, 'x') from t
select coalesce(a, b) from t
select a::text, b::int, c::numeric(10,2), '1'::int, cast(a as varchar(5)), int '4', date '2020-01-01', interval '1 day', interval '1' day, timestamp(3) '2020-01-01' from t
select a::date from t
select 'x'::int
select 'x'::nope
select b::nope.x from t
select n, n + 1, n * n, -n, v, v || 'x', upper(v) from t
select max(v), min(n), sum(a), sum(c), avg(a), count(*), count(b), sum(f), sum(n) from t
select a, count(*) from t
select b, count(*) from t group by b
select a, b, count(*) from t group by a
select b, a from t group by b
select t.b as x, count(*) from t group by x
select b as a, count(*) from t group by a
select b, count(*) from t group by 1
select b, count(*) from t group by 3
select b, count(*) from t group by 'x'
select count(*) from t where count(*) > 1
select sum(count(*)) from t
select sum(sum(a)) over () from t group by b
select a from t order by nope
select a from t order by 2
select a as x, b as x from t order by x
select a from t order by b
select distinct a from t order by b
select distinct on (a) a, b from t order by b
select distinct on (a) a, b from t order by a, b
select a from t limit 'x'
select a from t limit a
select a from t limit '1'
select a from t limit $1 offset $2
select a from t fetch first 3 rows with ties
select a from t order by a fetch first 3 rows with ties
select $1
select $1::int, $2 + 1, $3 || 'x'
select a from t where a = $1 and b = $2
select a from t where a in ($1, $2)
select a from t where a = any($1)
select $1 = $1
select $1 + $2
select a from t where $1
select * from t where d > $1
select * from t where a = $1 and b = $1
select * from t where arr @> $1
select * from t where $1 is null
select coalesce($1, a) from t
select 1 union select 2
select 1 union select 'a'
select '1' union select 2
select a from t union select b from t
select a from t union all select a from u
select a, b from t union select a from t
select a from t union select a from u order by a
select a from t union select a from u order by a + 1
select a as x from t union select a from u order by x limit 3
select n from t union select n from t
select v from t union select b from t
select null union select 1
select null union select null
(select a from t order by b limit 1) union all select 2
select a from t intersect select a from u except select t_a from u
values (1, 'a'), (2.5, 'b')
values (1), (1, 2)
values ('a'), (1)
values (1) order by 1
select * from (values (1, 'x'), (2, 'y')) v(a, b)
select * from (values (1, 'x'), (2, 'y')) v(a, b, c)
select * from (select a, b from t) s
select s.a from (select a x from t) s
select (select a from t)
select (select a, b from t)
select (select max(a) from t where t.b = u.x) from u
select exists (select 1 from t)
select array(select a from t), array(select b from t)
select a from t where a in (select a from u)
select a from t where (a, b) in (select a, x from u)
select a from t where a in (select a, x from u)
select a from t where b in (select a from u)
select a from t where a > all (select a from u)
select a from t where a not in (select a from u)
select a from t where (a, b) = (select a, x from u)
select row(1, 2) = row(1, 2), (1, 2) < (3, 4), row(1) = row(1, 2)
select row(1, 'a'), (1, 2)
select t from t
select t.a, (t).b from t
select (t).nope from t
select (t).* from t
select (row(1,2)).f1
select (row(1,2)).f3
select a between 1 and 2, a not between 1 and 2, a between symmetric 1 and 2 from t
select a in (1, 2, 3), a in (1, 2.5), a in (1, null), b in ('a', 'b'), a not in (1, 2) from t
select a in (1, 'x') from t
select a in ('1', '2') from t
select a in (1, b) from t
select b like 'x%', b ilike 'x', b similar to 'x', b ~ 'x', b not like 'y', b like 'a' escape 'b' from t
select a like 'x' from t
select a is null, a is not null, bo is true, bo is not unknown, a is distinct from 1, a is not distinct from null from t
select a is true from t
select not a from t
select a and bo from t
select extract(year from d), date_part('year', d), d at time zone 'UTC', d + interval '1 day', d - d, dt - dt, dt + 1, age(d), now() - d, date_trunc('day', d) from t
select extract(year from b) from t
select overlay('a' placing 'b' from 1), position('a' in b), substring(b from 1 for 2), substring(b from 'x'), trim(both 'x' from b), trim(b), ltrim(b), char_length(b) from t
select current_date, current_timestamp, current_timestamp(3), localtime, localtimestamp, current_user, session_user, current_schema, current_catalog, user, current_role, current_time
select lower(b), upper(b), length(b), abs(a), abs(c), round(c, 2), round(f), ceil(c), floor(f), mod(a, 2), power(a, 2), sqrt(a), random() from t
select nope(a) from t
select lower(a) from t
select lower() from t
select abs('1'), abs('x') from t
select substr(b) from t
select concat(a, b, c), format('%s', a), concat_ws(',', a, b) from t
select string_agg(b, ','), array_agg(a), array_agg(b order by a), json_agg(t), jsonb_agg(a), bool_and(bo), every(bo) from t
select count(distinct a), sum(distinct a), count(*) filter (where a > 1), string_agg(distinct b, ',' order by b) from t
select string_agg(distinct b, ',' order by a) from t
select percentile_cont(0.5) within group (order by f), mode() within group (order by a) from t
select count() from t
select lower(*) from t
select lower(distinct b) from t
select row_number() over (), rank() over (order by a), lag(a) over (partition by b order by a), sum(a) over (order by a rows between 1 preceding and current row) from t
select row_number() from t
select lower(b) over () from t
select row_number() over w from t
select row_number() over w from t window w as (order by a)
select a from t where row_number() over () = 1
select sum(a) over (order by a range between 1 preceding and 1 following), first_value(b) over (w rows unbounded preceding) from t window w as (partition by b order by a)
select sum(a) over (order by b range 1 preceding) from t
select ntile(4) over (order by a), lead(b, 1, 'x') over (order by a), percent_rank() over (order by a), cume_dist() over (order by a), nth_value(a, 2) over (order by a) from t
select generate_series(1, 3), generate_series(1, 3) + 1
select * from generate_series(1, 3)
select * from generate_series(1, 3) g
select * from generate_series(1, 3) with ordinality as g(x, o)
select g.* from generate_series(1, 3) with ordinality g
select * from unnest(array[1,2], array['a','b']) as x(a, b)
select * from rows from (generate_series(1, 2), generate_series(1, 3)) as r(a, b)
select unnest(arr) from t
select * from t, unnest(arr)
select * from t, unnest(arr) x
select * from t, unnest(arr) as x(y)
select * from json_to_recordset('[]') as x(a int, b text)
select * from json_to_recordset('[]')
select * from json_each('{}')
select * from jsonb_each_text('{}') e
select key, value from u, jsonb_each(j)
select json_each(k) from u
select (json_each(k)).* from u
select * from t where generate_series(1, 2) = 1
select case when bo then generate_series(1, 2) end from t
select * from t, (select t.a) s
select * from t, lateral (select t.a as q) s
select * from t left join lateral (select t.a as q) s on true
select * from t right join lateral (select t.a as q) s on true
select * from t full join u on t.a = u.a and nope = 1
select * from t join u on a = 1
select * from t join u on t.a
select * from t join u on t.a = u.a join p on p.id = u.a
select * from t a join t b on a.a = b.a
select * from t join t on true
select j.* from (t join u on t.a = u.a) j
select j.b, j.x from (t join u on t.a = u.a) j
select t.a from (t join u on t.a = u.a) j
select m.a from t join u using (a) as m
select * from t cross join u
select a from t where a = (select max(a) from u where u.a = t.a)
select (select count(*) from u where u.a = t.a) from t
select (select sum(t.a) from u) from t
select b, (select a) from t group by b
select b from t group by b having a > 1
select b from t group by b having max(a) > 1
select b, sum(a) + 1 from t group by b order by sum(a) desc, b
select b, a + 1 from t group by b, a + 1
select b, a + 2 from t group by b, a + 1
select b, n, count(*) from t group by rollup (b, n)
select b, n, grouping(b, n), count(*) from t group by cube (b, n)
select b, count(*) from t group by grouping sets ((b), ())
select grouping(c) from t group by b
with x as (select a from t) select * from x
with x(q) as (select a from t) select q, x.q from x
with x(q, r) as (select a from t) select * from x
with x as (select 1), x as (select 2) select 1
with x as (select 1 as a), y as (select a + 1 as b from x) select * from x, y
with recursive r(n) as (select 1 union all select n + 1 from r where n < 10) select * from r
with recursive r as (select 1 as n, 'a'::text as s union all select n + 1, s || 'x' from r where n < 10) select * from r
with recursive r(n) as (select 1 union all select n + 1.5 from r) select * from r
with recursive r(n) as (select n from r union all select 1) select * from r
with recursive r as (select * from r) select * from r
with x as (insert into t (a) values (1) returning a, b) select * from x
with x as (insert into t (a) values (1)) select * from x
with x as (delete from t returning *) insert into u (a) select a from x
insert into t values (1, 'a')
insert into t (a, b) values (1, 'a'), (2, default)
insert into t (a, nope) values (1, 2)
insert into t (a, a) values (1, 2)
insert into t (a) values (1, 2)
insert into t (a, b) values (1)
insert into t (a) values ('x')
insert into t (a) values (bo)
insert into t (a) values (true)
insert into t (a, b) select a, b from u
insert into t (a, b) select a, x from u
insert into t (a, d) select 1, '2020-01-01'
insert into t (a, d) values ($1, $2) returning a, b, *
insert into t values ($1, $2, $3, $4, $5, $6, $7)
insert into t default values
insert into t (a) values (1) on conflict do nothing
insert into t (a) values (1) on conflict (a) do update set b = excluded.b, c = t.c + 1 where t.a > 1 returning *
insert into t (a) values (1) on conflict (b) do nothing
insert into t (a) values (1) on conflict do update set b = 1
insert into t (a) values (1) on conflict on constraint t_pkey do nothing
insert into t (a) values (1) on conflict on constraint nope do nothing
insert into t as z (a) values (1) on conflict (a) do update set b = z.b returning z.a
insert into p (id) values (1)
insert into p (id) overriding system value values (1)
insert into p (g) values (1)
insert into p (name, q) values ('a', 1) returning id, g
insert into p default values returning *
insert into nope values (1)
insert into t (arr) values ('{1,2}'), (array[1])
insert into t (a) values (1 + 1), (nextval('x'))
update t set b = 1
update t set b = 'x' where a = 1
update t set nope = 1
update t set b = 'x', b = 'y'
update t set (a, b) = (1, 'x')
update t set (a, b) = (select a, x from u)
update t set (a, b) = (1, 2, 3)
update t set a = u.t_a from u where u.a = t.a returning t.*, u.x
update t set a = t.a + 1 from t
update t x set a = 1 where t.a = 1
update t set a = default, b = default
update p set id = 1
update p set g = 1
update p set q = 3, ts = default returning *
update t set a = count(*)
update t set a = $1 where b = $2
delete from t
delete from t where a = 1 returning *
delete from t using u where t.a = u.a returning t.a, u.x
delete from t where nope = 1
delete from t x where x.a = 1
select * from w
select w.e from w where a = 1
select * from t for update
select * from t for update of u
select * from t, u for update of u nowait
select count(*) from t for update
select distinct a from t for share
select a from t union select 1 for update
select b collate "C" from t
select a collate "C" from t
select b collate "nope" from t
select sum(a) from t having 1
select a as "A", a "b c" from t
select true, false, not true, 1 = 1
select 'abc' = 'abc', 1 = '1', '1' = 1, 'a' < 'b'
select '2020-01-01' < dt, dt = '2020-01-01', d > '2020-01-01' from t
select dt + interval '1 day', dt - interval '1 day', ts - d from t, u
select a / 2, a % 2, a ^ 2, a & 1, a << 1, -a, +a, @a, |/ a from t
select s + 1, s + s, s + a, s * 2.0, s / f from t, u where t.a = 1
select a = c, a = f, a < s from t, u
select '1' + '2'
select 'a' + 'b'
select interval '1 day' * 2, iv / 2, iv + iv, 2 * iv from t
select uu = '00000000-0000-0000-0000-000000000000' from u
select uu = 'x' from u
select by || by, length(by), encode(by, 'hex'), md5(by) from u
select j = '{}', j || '{}', j - 'a', j ? 'a', j #- '{a}' from u
select k = k from u
select distinct k from u
select k from u group by k
select k from u order by k
select to_char(d, 'YYYY'), to_char(a, '999'), to_date('x', 'y'), to_timestamp(1), make_date(1, 2, 3), date_trunc('day', dt) from t
select pg_typeof(a), pg_typeof('x') from t
select a::regclass, 't'::regclass, 't'::regclass::oid from t
select tableoid, ctid from t
select tableoid::regclass from t
select max(a) from t group by ()
select * from t order by a using <
select * from t order by a desc nulls last, b nulls first
select int4(b), text(a), numeric('1'), float8(a) from t
select date('2020-01-01'), timestamp '2020-01-01', time '10:00'
select a.b.c.d.e.f from t
select postgres.public.t.a from t
select public.t.a from t
select public.t.a from public.t
select pg_catalog.lower(b) from t
select public.lower(b) from t
select a operator(pg_catalog.+) 1 from t
select make_interval(days => 1), make_interval(1, 2)
select make_interval(nope => 1)
select json_build_object('a', 1), jsonb_build_array(1, 'a'), row_to_json(t), to_json(a), to_jsonb(b) from t
select array_append(arr, 1), array_length(arr, 1), array_to_string(arr, ','), array_position(arr, 1), cardinality(arr), arr = arr, arr && arr, 1 = any(arr), 1 <> all(arr) from t
select a = any(b) from t
select a = any(1) from t
select 1 = any('{1,2}')
select array_append(arr, 'x') from t
select array_agg(arr) from t
select width_bucket(a, 1, 10, 5), trunc(c), trunc(f), sign(a), div(c, 2), gcd(a, 2) from t
select regexp_replace(b, 'a', 'b'), regexp_matches(b, 'x'), split_part(b, ',', 1), strpos(b, 'x'), replace(b, 'a', 'b'), left(b, 1), repeat(b, 2), lpad(b, 5), initcap(b) from t
select regexp_split_to_table(b, ','), string_to_array(b, ',') from t
select chr(a), ascii(b), quote_ident(b), quote_literal(b), quote_literal(a), translate(b, 'a', 'b'), md5(b), reverse(b) from t
select (select 1 where false), (select b from t limit 1) as q
select all a from t
select a, from t
select a b c from t
select current_setting('x'), set_config('a', 'b', false), version(), pg_backend_pid(), current_database()
select default
select * 
select t.* from u
select count(*) over (partition by b), sum(sum(a)) over (order by b) from t group by b
select grouping(b) from t
select (array[1,2,3])[2], (array['a'])[1:1], ('{1,2}'::int[])[1]
select '{1,2}'::int[], '{a,b}'::text[], '[1,2]'::jsonb
select '{1,x}'::int[]
select 1::bool, 'true'::bool, true::int, true::text, 1::text::int
select 1::char(3), 'abc'::char(2), 'abc'::varchar(2), 'a'::"char", 'x'::name, 1.5::int, 1.5::real
select numeric(5,2) '1.5', 1.5::numeric(5), 1::numeric(3,1)
select 1::numeric(2000,1)
select 'a'::varchar(0)
select 1::int(3)
select $1::varchar(3), $2::numeric(5,2)
select coalesce($1, 'x'), $2 is null, $3 in (1, 2)
select case when $1 then $2 else 1 end
select * from t where b like $1 and d between $2 and $3
select lower($1), length($2), abs($3)
select $2::int
select sum($1) from t
select * from generate_series($1, $2)
select $1::int + $1
select $1 || $2
select date_trunc('day', $1)
select $1::text = $1
insert into t (a, b) select $1, $2
insert into t (a) values ($1 + 1)
update t set n = $1, v = $2, arr = $3
select * from t where (a, b) = ($1, $2)
select * from t where a = $1::bigint
select * from t where not exists (select 1 from u where u.a = t.a and u.x = $1)
select avg(n)::numeric(10,2), sum(n)::int from t
select stddev(a), variance(f), corr(f, f), bit_and(a), json_object_agg(b, a), max(d), min(dt), max(b), max(arr) from t
select exists(select * from t where t.nope = 1)
select * from (select * from t) x where x.d is not null order by x.a
select b from t where a = 1 group by b order by count(*) limit 10
select a from t group by a order by b
select count(*) from t order by a
select b as x from t order by x || 'a'
select u.x from t, u where t.a = u.a and t.b = u.x and t.n > 5.5 and t.d > now() - interval '1 month'
select date '2020-01-01' + time '10:00', '2020-01-01'::date + 1, timestamp '2020-01-01' - '1 day'
select '1 day'::interval, interval '1-2' year to month, interval(3) '1 day', '10:00'::time(2)
select 'x' is not null, null is null, (1, null) is null, row(1,2) is not null
select ceil(1.5), round(1.5), round(1.555, 2), 7 / 2, 7.0 / 2, 7 % 3, 2 ^ 3, 5!
select f::int, c::int, b::json, j::text, k::jsonb, j::int, j::bool from t, u
select (a, b)::t from t
select row(1, 'x', 2, now(), 1, 'a', null, 1, true, null, null)::t
select 1 as a union all select 2 as b order by b
select 1 as a union all select 2 as b order by a
select a x from t group by x having x > 1
select 1 where 'a'
select 1 where 't'
select 1 where null
select a from t where b
select a from only t
select a from t tablesample system (10)
