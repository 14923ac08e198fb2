-- Range types of users: constructors, multiranges, keys, arrays, catalogs.
create type fr as range (subtype = float8, subtype_diff = float8mi);
select fr(1.0, 2.0), '[1,2)'::fr @> 1.5::float8, upper('[1,5)'::fr), fr(1,2,'[]'), fr(null, 3);
create table rt(r fr primary key, rs fr[]); insert into rt values ('[1,2)', '{"[1,2)","[3,4)"}'),(fr(3,4,'[]'), null);
select * from rt where r && '[0,1.5)'; \d rt
select * from rt order by r desc;
select fr_multirange(fr(1,2), fr(5,6)), fr_multirange(), '{[1,2),[3,4)}'::fr_multirange @> 3.5::float8;
\dT+ fr
select typname, typtype, typcategory, typarray::regtype from pg_type where typname like '%fr%' and typnamespace = 'public'::regnamespace order by 1;
select rngtypid::regtype, rngsubtype::regtype, rngmultitypid::regtype from pg_range where rngtypid = 'fr'::regtype;
create type textrange as range (subtype = text, collation = "C");
select textrange('a','m') @> 'c'::text, textrange('b','a');
select pg_typeof(textrange('a','b')), pg_typeof(range_agg(r)) from rt;
create type tr2 as range (subtype = text, multirange_type_name = tr2_mr);
select tr2_mr(tr2('a','b'));
create type bad as range (subtype = json);
create type bad as range (foo = 1);
create type bad as range (collation = "C");
select fr('a', 'b');
select nosuch(1,2);
alter type fr rename to frr;
select * from rt order by r;
drop type frr;
drop type frr cascade;
drop type textrange, tr2;
select range_merge('[1,2)'::int4range, '[5,6)');
