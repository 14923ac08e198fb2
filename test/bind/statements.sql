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
select sum(x) from (select a as x from t union all select a from u) q
select * from (select a from t)
select * from (t cross join u) where t.a = 1
select x.a, y.a from t x, t y where x.a = y.a
select count(*) as n, b from t group by b order by n desc, 2 limit 5 offset 2
select b, count(*) from t group by b having count(*) > (select avg(a) from u)
select a, b from t where (select count(*) from u where u.a = t.a) > 1
select t.a, (select x from u where u.a = t.a limit 1) from t
select t1.a from t t1 where exists (select 1 from t t2 where t2.b = t1.b and t2.a <> t1.a)
select array(select a from t order by a desc)
select a, rank() over (partition by b order by c desc nulls last) r from t order by r
select * from (select a, row_number() over (order by a) rn from t) q where rn <= 3
select a, sum(a) over w, avg(a) over w from t window w as (partition by b order by a rows between unbounded preceding and current row)
select b, sum(a) filter (where c > 1) from t group by b
select coalesce(sum(a), 0) from t
select case when count(*) = 0 then 0 else sum(a) / count(*) end from t
select a::text || '-' || b from t
select a || '-' || b from t
select 'a' || a from t
select to_char(d, 'YYYY-MM') as month, sum(n) from t group by month order by month
select to_char(d, 'YYYY-MM') as month, sum(n) from t group by 1 order by 1
select date_trunc('month', d) m, count(*) from t group by m
select extract(epoch from d)::bigint, extract(dow from dt) from t
select d::date, d::time, dt::timestamp, dt::timestamptz, d::text from t
select now()::date - dt, current_date - 1, current_date - interval '1 day' from t
select d between now() - interval '1 day' and now() from t
select d >= '2020-01-01' and d < '2020-02-01'::date from t
select * from t where d::date = '2020-01-01'
select * from t where dt in ('2020-01-01', '2020-01-02')
select * from t where dt = any('{2020-01-01}')
select * from t where b = any(array['a', 'b'])
select * from t where b in (select x from u)
select * from t where (a, b) in ((1, 'x'), (2, 'y'))
select * from t where (a, b) not in ((1, 'x'))
select * from t where (a, b) > (1, 'x')
select * from t where row(a, b) = row(1)
select * from t where a = all(array[1])
select * from t where v in ('a', 'b') and v = 'c' and v like 'd%' and v > 'e'
select v = b, v || v, length(v), v::text, lower(v) from t
select n = 1, n > a, n + c, n * 1.5, round(n), n::int, n / 3 from t
select * from t order by lower(b), a + 1 desc
select a as z from t order by z + 1
select a from t order by -a
select b from t group by b order by max(a)
select distinct b from t order by b desc
select distinct b, a + 1 from t order by a + 1
select distinct on (b) b, a from t order by b, a desc
select max(a) - min(a) from t
select count(distinct (a, b)) from t
select count((a, b)) from t
select count(t) from t
select count(t.*) from t
select t.* from t t
select t.a as "T.A" from t
select "a" from t
select "A" from t
select A from T
select u.x, t.* from t join u on u.t_a = t.a where u.s = 1
select * from t left join u on u.t_a = t.a left join p on p.id = u.t_a
select * from t left join (u join p on p.id = u.t_a) on u.t_a = t.a
select * from t join (select t_a, count(*) cnt from u group by t_a) c on c.t_a = t.a
select * from t join u using (a) join p on p.id = a
select * from t join u using (a, nope)
select a from t join u using (a) join (select 1 as a) z using (a)
select * from (select 1 as a, 2 as b) x join (select 1 as a, 3 as c) y using (a) full join (select 2 as a) z using (a)
select t.a from t natural left join u
select * from t x(q, r)
select x.q from t x(q, r)
select x.a from t x(q, r)
select * from u x(a1, a2, a3, a4, a5, a6, a7, a8, a9, a10, a11)
select * from generate_series(1, 10, 2) as s(v) where v > 3
select * from generate_series('2020-01-01'::timestamp, '2020-02-01', '1 day')
select * from generate_series(now(), now(), interval '1 hour') g(ts)
select s.* from t, generate_series(1, t.a) s
select g from generate_series(1, 2) g
select g.g from generate_series(1, 2) g
select unnest(array[1, 2]) u, unnest(array['a']) v
select unnest(arr) + 1 from t order by 1
select distinct unnest(arr) from t
select generate_series(1, 2), count(*) from t group by 1
select generate_series(1, max(a)) from t
select * from json_array_elements('[]') e
select e->>'a' from u, json_array_elements(k) e
select e.value->>'a', e.ordinality from u, jsonb_array_elements(j) with ordinality e
select * from jsonb_to_record('{}') as r(a int, b text[])
select * from json_populate_record(null::t, '{}')
select jsonb_object_keys(j) from u
select jsonb_set(j, '{a}', '1'), jsonb_pretty(j), jsonb_typeof(j), j @? '$.a', jsonb_path_query(j, '$.a') from u
select json_build_object('a', a, 'b', (select json_agg(x) from u)) from t
select json_agg(json_build_object('id', a, 'n', b) order by a) from t
select row_to_json(q) from (select a, b from t) q
select q from (select a, b from t) q
select (q).a from (select a, b from t) q
select array_agg(q) from (select a, b from t) q
select jsonb_agg(q.* order by q.a) from (select a from t) q
select string_agg(b, ', ' order by b desc) from t
select array_agg(distinct b) from t
select array_agg(b) filter (where b is not null) from t
select array_to_string(array_agg(b), ',') from t
select min(b), max(v), min(d), max(iv), min(uu::text) from t, u
select bool_or(a > 1), bit_or(a), every(bo) from t
select percentile_disc(0.5) within group (order by b), percentile_cont(array[0.1, 0.9]) within group (order by f) from t
select rank(1) within group (order by a) from t
select mode() from t
select sum(b) from t
select avg(b) from t
select sum(bo) from t
select max(j) from u
select sum(a, b) from t
select count(a, b) from t
select nope.lower(b) from t
select lower(b, b) from t
select substring(b, 1), substring(b, 1, 2), substring(b from 2) from t
select substring('a' from 'b' for 'c')
select trim(leading 'x' from b), trim(trailing from b), btrim(b, 'x') from t
select position('x' in 'y'), overlay('abc' placing 'x' from 2 for 1)
select cast(null as int), null::text, null
select coalesce(null, 1, 2), nullif(1, 1), greatest(null, 1)
select coalesce(b, a) from t
select case when true then null else 1 end, case when true then 'a' end
select case a when 'x' then 1 end from t
select case when a > 1 then 1.5 when a > 2 then 2 else 3::bigint end from t
select 1 + null, null + null
select null || 'a'
select not null
select 1 is null, (select null) is null
select -(-1), - 1, -2147483648, -9223372036854775808, 2147483648, 9223372036854775808
select 1e3, 1.0e-3, 0x1F, 1_000
select 'it''s', E'a\n', $$x$$, U&'\0041', b'101', x'1F'
select 1::"int4", 1::pg_catalog.int4, 1::integer, 1::int8, 1::float, 1::float(3), 1::double precision, 1::decimal
select '1'::bit(3), b'1'::bit varying
select '2020-01-01'::timestamptz(0), '10:00'::timetz, '10:00+01'::timetz(2)
select 'x'::char, 'abc'::char(2), 'abc'::bpchar, 'abc'::character varying
select true::int::bool, 't'::bool, 'yes'::boolean
select 1::money
select 'a'::json, '1'::json
select '{"a":1}'::jsonb -> 'a'
select '{a}'::text[] || 'b', '{a}'::text[] || array['b'], 'b' || '{a}'::text[]
select array[1] || 2, 1 || array[2], array[1] || null, array[[1]] || array[2]
select array[1, null], array[null], array[1.5, 2], array['a', null]
select array[1, 'x']
select array[a, c] from t
select array[t] from t
select arr[1] + 1, arr[1:2], (arr)[1], arr[a], arr[1][2] from t
select arr['x'] from t
select b[1] from t
select array_dims(arr), array_upper(arr, 1), unnest(arr) from t
select a = 1 or b = 'x' and not bo from t
select a = 1 = true from t
select a < b from t
select a = b from t
select a = '1' from t
select b = 1 from t
select d = 'x' from t
select d = 1 from t
select bo = 'true', bo = 1 from t
select bo = 't' from t
select j = 'x' from u
select c > '1.5' from t
select n in (1, 2.5, '3') from t
select a in (1, 2, null) from t
select a in (1.5, 2) from t
select a in (b) from t
select dt - 1, dt + 1, 1 + dt, dt - '2020-01-01', d - '1 day'::interval from t
select dt - '1 day' from t
select d + '1 day' from t
select d - '2020-01-01' from t
select now() - '1 day'
select iv * 1.5, iv > '1 day', extract(day from iv), -iv from t
select time '10:00' + interval '1 hour', time '10:00' - time '09:00', date '2020-01-01' - date '2019-01-01'
select age('2020-01-01', '2019-01-01'), age(timestamp '2020-01-01')
select greatest(d, now()), least(dt, current_date), greatest(1, '2') from t
select greatest('a', 1)
select make_date(2020, 1, 1), make_timestamp(2020, 1, 1, 1, 1, 1), to_timestamp('x', 'y')
select width_bucket(f, array[1.0, 2.0]) from t
select round(f, 2) from t
select round(a, 2), round(n, 1), round(c), round(1.5::float8) from t
select log(2, 8), ln(2), exp(1), pi(), power(2, 3), 2 ^ 0.5, sqrt(2), cbrt(8), degrees(1)
select 10 / 3, 10.0 / 3, 10 / 3.0, 10 % 3, 10::float / 3, 10::numeric / 3
select 1 / 2::smallint, 1::smallint + 1::smallint, 1::bigint * 2, 1::real * 2, 1::real + 1::numeric
select ~1, 1 # 2, 1 | 2, 1 & 3, 1 << 2, 8 >> 1
select 'a' ~ 'b', 'a' !~ 'b', 'a' ~* 'b', 'a' ~~ 'b', 'a' !~~* 'b'
select 'a' similar to 'b' escape 'c', 'a' not similar to 'b'
select b collate "C" < 'x' from t order by b collate "C"
select * from t where b like '%' || $1 || '%'
select * from t where ($1::int is null or a = $1)
select * from t where a = coalesce($1, a)
select * from t where d >= $1::date and d < $2::date + 1
select * from t limit $1::int
insert into t (a, b, d, j) values (1)
insert into u (j, k, by, uu, ta) values ('{}', '{}', '\x00', '00000000-0000-0000-0000-000000000000', '{a,b}')
insert into u (j) values ($1), ($2)
insert into u (j, uu, ta) values ($1, $2, $3) returning uu
insert into u (ts) values (now()), (current_date), ('2020-01-01')
insert into u (s) values (1), (100000), (1.5), ('1')
insert into u (x) values (1)
insert into u (x) values ('abcdefghijklmnop'), (b'1')
insert into t (a, bo) values (1, 1)
insert into t (a, bo) values (1, 'true'), (1, null)
insert into t select * from t
insert into t (a, b) select a, count(*) from u group by a
insert into t (a, b) values (1, (select x from u limit 1))
insert into t (a) select generate_series(1, 10)
insert into t (a, b) select g, 'x' || g from generate_series(1, 10) g
insert into t (a, b) select * from (values (1, 'a'), (2, 'b')) v
insert into t (a, b) table u
insert into t (a) with q as (select 1 as z) select z from q
with q as (select 1 as z) insert into t (a) select z from q returning *
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = excluded.b where t.b is distinct from excluded.b returning (t.a = 1) as same
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = b
insert into t (a, b) values (1, 'x') on conflict (a) do update set (b, c) = (excluded.b, excluded.c)
insert into t (a, b) values (1, 'x') on conflict (a) do update set b = nope.b
insert into t (a) values (1) returning nope
insert into t (a) values (1) returning t.*, a + 1 as x, (select max(a) from u)
insert into t (a) values (1) returning count(*)
update t set a = a + 1, b = upper(b), n = n * 1.1 where a in (select a from u) returning a as x
update t set b = u.x from u where u.t_a = t.a and u.s > 1
update t as z set b = 'x' where z.a = 1 returning z.b
update t set b = (select x from u where u.t_a = t.a)
update t set b = case when a = 1 then 'x' else b end
update t set d = now() + interval '1 day', dt = '2020-01-01', bo = not bo, arr = array_append(arr, 1)
update t set arr[1] = 5
update t set t.a = 1
update t set a = 'x'
update t set a = b
update t set n = 'NaN', f = 'infinity'
update t set (a, b) = (u.a, u.x) from u
update t set (a, b) = row(1, 'x')
update t set (a, b) = (default, 'x')
with q as (select 1 as id) update t set b = 'x' from q where q.id = t.a
with q as (update t set b = 'x' returning a) select count(*) from q
delete from t where a in (select a from u) returning *
delete from t where (a, b) in (select a, x from u)
delete from t using u, p where t.a = u.t_a and p.id = u.t_a
with q as (select 1 as id) delete from t using q where q.id = t.a returning q.*
delete from t a where exists (select 1 from t b where b.a < a.a and b.b = a.b)
select a from t where a = 1 for update nowait
select a from t for no key update skip locked
select t.a from t join u on u.t_a = t.a for update of t
select * from (select * from t) q for update
select a from t group by a for update
select 1 for update
with recursive tree as (select a, b, 0 as depth from t where a = 1 union all select t.a, t.b, tree.depth + 1 from t join tree on tree.a = t.a) select * from tree order by depth
with recursive x(n) as (values (1) union all select n + 1 from x where n < 5) select sum(n) from x
with recursive x as (select 1 as n union select n + 1 from x where n < 5), y as (select n * 2 as m from x) select * from y
with x as (select * from t), y as (select * from x where a = 1) select y.a, x.b from x join y using (a)
with x as materialized (select 1), y as not materialized (select 2) select * from x, y
with t as (select 1 as q) select q from t
with x as (select 1) select * from y
with x as (select a from nope) select 1
select * from x
select exists (select 1), not exists (select 1 from t)
select (select 1) + 1, (select 'a') || 'b'
select 1 in (select 1), 1 = any (select 1), 1 > all (values (1), (2))
select ((1))
select all 1
select from t
select
table t
values (1, 'a'), (null, null)
values (1), ('x')
values (now(), current_date)
select pg_catalog.now(), pg_catalog.count(*) from t
select lower('A') as "L", 'x' as "y z"
select 1 as select
select 1 "a", 2 a
select count(*) "count" from t
select t.b b, t.a a from t order by b, a
select 1 order by 1
select 'x' order by 1
select null order by 1
select 1 from t group by 2
select 1 limit 1 + 1 offset 0
select 1 limit null
select a from t limit -1
select 1 limit 1.5
select 1 limit all
select interval '1 day' + interval '2 hours', interval '90 minutes', '1h'::interval
select timestamp '2020-01-01 00:00' at time zone 'UTC', now() at time zone 'Europe/Berlin', timezone('UTC', now())
select nextval('nope')
select currval('nope'::text)
select setval('nope', 1)
select pg_get_serial_sequence('p', 'id')
select has_table_privilege('t', 'select'), obj_description('t'::regclass), pg_relation_size('t'), pg_total_relation_size('t'::regclass)
select gen_random_uuid(), md5('x'), sha256('x'), encode('x', 'base64'), decode('eA==', 'base64')
select txid_current(), pg_is_in_recovery(), inet_server_addr()
select a.* from (select 1 as x, 2 as y) a
select a.*, b.* from (select 1 as x) a cross join (select 2 as x) b
select x from (select 1 as x) a cross join (select 2 as x) b
select * from t where ctid = '(0,1)'
select xmin from t
select * from t as of system time now()
select * from information_schema.tables
select nullif(a, 'x') from t
select nullif('a', 'b'), nullif(null, 1)
select (1, 2)::text
select row(1, 2)::record
select a::varchar(3), b::char(5), n::numeric(4, 1), d::timestamptz(0), v::varchar(5) from t
select sum(n::numeric(5,1)), max(v::varchar(3)) from t
select v from t where v = 'x'::varchar(3)
select (v) from t
select min(v) || 'x' from t
select array_agg(v), array[v], arr || 1, (array[v])[1] from t
select n from t union all select n from t order by 1
select n from t union all select c from t
select v from t union all select v::varchar(5) from t
select case when bo then v else v end, coalesce(v, v), coalesce(v, 'x'), nullif(v, v), greatest(v, v) from t
select (select v from t), array(select v from t)
select x from (select v as x from t) q
with q as (select v, n from t) select * from q
select max(x) from (select v as x from t) q
select sum(1), sum(1.5), sum(1::bigint), sum(1::real), avg(1), avg(1::bigint), avg(1.5::real), sum('1'::interval)
select count(*) + 1, count(*)::int, -count(*), count(*) > 5, count(*) || 'x' from t
select sum(a) / sum(c), sum(a)::numeric / count(*) from t
select * from (select * from t) q for update of q
select * from (select count(*) from t) q for update
select * from (select a from t union select 1) q for share
select * from w for update
select * from t, generate_series(1, 2) g for update of g
with x as (select * from t) select * from x for update of x
select j from (t join u on true) j for update of j
select q from t left join (select 1 as z) q on false
select w, u from w left join u on true
select x.b from (select a, b from t) x group by x.a
select t.*, u.* from t left join u on t.a = u.t_a where u is null
select count(u) from t left join u on t.a = u.t_a
select row_to_json(u) from t left join u on false
select e from t left join lateral jsonb_each('{"a":1}') e on true
insert into t (a, b) values ($1, $1)
insert into w (a, b) values (1, 'x') returning *
insert into w (a, e) values (1, 2)
insert into w values (1, 'x')
update w set b = 'x' where e > 1 returning a, b, e
update w set e = 1
update w z set b = z.a where z.a = 1
delete from w where a = 1 returning w.*
delete from w using u where u.a = w.a
update w set b = u.x from u where u.t_a = w.a
insert into w (a, b) values (1, 'x') on conflict (a) do update set b = excluded.b || w.b
update w set nope = 1
