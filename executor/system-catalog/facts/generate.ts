// Writes executor/system-catalog/facts/generated/*.ts: which relations PostgreSQL 15 has in pg_catalog
// and information_schema, with their columns, and small reference relations (languages, collations,
// access methods …) whose rows never change. Facts only: oids, names, types. Run by hand against a
// fresh cluster of version 15:
//
//   ./node24 executor/system-catalog/facts/generate.ts 'host=/tmp/pg port=5432 user=postgres'

import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

/** Domains of information_schema appear as their base types. */
const relations = `
  select c.oid, n.nspname, c.relname, c.relkind::text, c.reltype,
    (select string_agg(
        a.attname || ':' || coalesce(nullif(t.typbasetype, 0), t.oid) || ':'
          || case when t.typbasetype <> 0 then t.typtypmod else a.atttypmod end
          || case when a.attnotnull then ':n' else '' end,
        ',' order by a.attnum)
      from pg_attribute a join pg_type t on t.oid = a.atttypid
      where a.attrelid = c.oid and a.attnum > 0)
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where c.relkind in ('r', 'v') and n.nspname in ('pg_catalog', 'information_schema')
  order by n.nspname desc, c.relname`;

/** Relations whose rows are the same in every database, as text values by column. */
const constants: Readonly<Record<string, string>> = {
  pg_am: 'select oid, amname, amhandler::oid, amtype from pg_am order by oid',
  pg_collation: `select oid, collname, collnamespace, collowner, collprovider, collisdeterministic, collencoding,
    collcollate, collctype, colliculocale, collversion from pg_collation
    where collname in ('default', 'C', 'POSIX', 'ucs_basic') order by oid`,
  pg_language: `select oid, lanname, lanowner, lanispl, lanpltrusted, lanplcallfoid, laninline, lanvalidator, lanacl
    from pg_language order by oid`,
  pg_opclass: `select oid, opcmethod, opcname, opcnamespace, opcowner, opcfamily, opcintype, opcdefault, opckeytype
    from pg_opclass order by oid`,
  pg_opfamily:
    'select oid, opfmethod, opfname, opfnamespace, opfowner from pg_opfamily order by oid',
  pg_amop: `select oid, amopfamily, amoplefttype, amoprighttype, amopstrategy, amoppurpose, amopopr, amopmethod,
    amopsortfamily from pg_amop order by oid`,
  pg_amproc: `select oid, amprocfamily, amproclefttype, amprocrighttype, amprocnum, amproc::oid
    from pg_amproc order by oid`,
  pg_range: `select rngtypid, rngsubtype, rngmultitypid, rngcollation, rngsubopc, rngcanonical::oid, rngsubdiff::oid
    from pg_range order by rngtypid`,
  pg_init_privs: `select objoid, classoid, objsubid, privtype, initprivs from pg_init_privs
    where classoid = 'pg_namespace'::regclass order by objoid`,
  pg_tablespace: `select oid, spcname, spcowner, spcacl, spcoptions from pg_tablespace order by oid`,
  pg_conversion: `select oid, conname, connamespace, conowner, conforencoding, contoencoding, conproc::oid, condefault
    from pg_conversion order by oid`,
  pg_ts_parser: `select oid, prsname, prsnamespace, prsstart::oid, prstoken::oid, prsend::oid, prsheadline::oid,
    prslextype::oid from pg_ts_parser order by oid`,
  pg_ts_template:
    'select oid, tmplname, tmplnamespace, tmplinit::oid, tmpllexize::oid from pg_ts_template order by oid',
  pg_ts_dict: `select oid, dictname, dictnamespace, dictowner, dicttemplate, dictinitoption from pg_ts_dict
    order by oid`,
  pg_ts_config:
    'select oid, cfgname, cfgnamespace, cfgowner, cfgparser from pg_ts_config order by oid',
  pg_ts_config_map:
    'select mapcfg, maptokentype, mapseqno, mapdict from pg_ts_config_map order by mapcfg, maptokentype, mapseqno',
  pg_aggregate: `select aggfnoid::oid, aggkind, aggnumdirectargs, aggtransfn::oid, aggfinalfn::oid, aggcombinefn::oid,
    aggserialfn::oid, aggdeserialfn::oid, aggmtransfn::oid, aggminvtransfn::oid, aggmfinalfn::oid, aggfinalextra,
    aggmfinalextra, aggfinalmodify, aggmfinalmodify, aggsortop, aggtranstype, aggtransspace, aggmtranstype,
    aggmtransspace, agginitval, aggminitval from pg_aggregate order by 1`,
};

/** Which columns of the catalog refer to which, for pg_get_catalog_foreign_keys(). */
const references = `
  select fktable, array_to_string(fkcols, ','), pktable, array_to_string(pkcols, ','), is_array, is_opt
  from pg_get_catalog_foreign_keys()`;

/** Comments on built-in objects: oid, catalog's oid, text. */
const descriptions = `
  select objoid, classoid, description from pg_description
  where objsubid = 0 and classoid::regclass::text in ('pg_proc', 'pg_operator', 'pg_type', 'pg_am', 'pg_language',
    'pg_extension') order by classoid, objoid`;

function query(connection: string, sql: string, nullText: string): string {
  const options = ['-XAtq', '-F', '\t', '-P', `null=${nullText}`, '-c', sql, connection];
  return execFileSync('psql', options, { encoding: 'utf8', maxBuffer: 1 << 26 }).trimEnd();
}

function write(file: string, constant: string, text: string): void {
  const escaped = text.replace(/[\\`]|\$\{/g, (match) => `\\${match}`);
  writeFileSync(
    new URL(`generated/${file}.ts`, import.meta.url),
    `// Generated by executor/system-catalog/facts/generate.ts from PostgreSQL 15; do not edit.\nexport const ${constant} = \`${escaped}\`;\n`,
  );
}

const connection = process.argv[2] ?? '';
write('relations', 'relationsText', query(connection, relations, ''));
const sections = Object.entries(constants).map(
  ([name, sql]) => `=${name}\n${query(connection, sql, '\\N')}`,
);
write('constants', 'constantsText', sections.join('\n'));
write('references', 'referencesText', query(connection, references, ''));
write('descriptions', 'descriptionsText', query(connection, descriptions, ''));
