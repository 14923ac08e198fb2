// The catalogs of entries, a row for each of the server's own and of users': operators and their classes,
// casts, conversions, text search objects, access methods, languages, tablespaces, event triggers.

import { ArrayValue, canonicalInteger, type Entry, type EntryClass, TypeOid } from '#common';
import { writeOptions } from '../../catalog/entry-options.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  optionArray,
  type RowSource,
  type RowSources,
} from '../contract.ts';

const trustedLanguages = new Set(['plpgsql']);

/** All entries of a class, or the one whose oid is asked for. */
export function entrySource<Class extends EntryClass>(
  name: Class,
  row: (scope: CatalogScope, entry: Entry<Class>) => CatalogRow,
): RowSource {
  return function* rows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
    const oid = lookups.get('oid');
    if (typeof oid === 'number') {
      const entry = scope.catalog.entryByOid(name, oid);
      if (entry !== undefined) yield row(scope, entry);
      return;
    }
    for (const entry of scope.catalog.allEntries(name)) yield row(scope, entry);
  };
}

function operatorRow(_scope: CatalogScope, entry: Entry<'operator'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    oprname: entry.name,
    oprnamespace: entry.schemaOid,
    oprowner: entry.owner,
    oprkind: definition.left === 0 ? 'l' : 'b',
    oprcanmerge: definition.canMerge,
    oprcanhash: definition.canHash,
    oprleft: definition.left,
    oprright: definition.right,
    oprresult: definition.result,
    oprcom: definition.commutator,
    oprnegate: definition.negator,
    oprcode: definition.functionOid,
    oprrest: definition.restriction,
    oprjoin: definition.join,
  };
}

const contexts = { implicit: 'i', assignment: 'a', explicit: 'e' } as const;
const methods = { function: 'f', binary: 'b', inout: 'i' } as const;

function castRow(_scope: CatalogScope, { oid, definition }: Entry<'cast'>): CatalogRow {
  return {
    oid,
    castsource: definition.source,
    casttarget: definition.target,
    castfunc: definition.functionOid,
    castcontext: contexts[definition.context],
    castmethod: methods[definition.method],
  };
}

function familyRow(_scope: CatalogScope, entry: Entry<'operatorFamily'>): CatalogRow {
  return {
    oid: entry.oid,
    opfmethod: entry.definition.method,
    opfname: entry.name,
    opfnamespace: entry.schemaOid,
    opfowner: entry.owner,
  };
}

function classRow(_scope: CatalogScope, entry: Entry<'operatorClass'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    opcmethod: definition.method,
    opcname: entry.name,
    opcnamespace: entry.schemaOid,
    opcowner: entry.owner,
    opcfamily: definition.family,
    opcintype: definition.inputType,
    opcdefault: definition.isDefault,
    opckeytype: definition.keyType,
  };
}

function familyOperatorRow(_scope: CatalogScope, entry: Entry<'familyOperator'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    amopfamily: definition.family,
    amoplefttype: definition.left,
    amoprighttype: definition.right,
    amopstrategy: definition.strategy,
    amoppurpose: definition.sortFamily === 0 ? 's' : 'o',
    amopopr: definition.operator,
    amopmethod: definition.method,
    amopsortfamily: definition.sortFamily,
  };
}

function familyFunctionRow(_scope: CatalogScope, entry: Entry<'familyFunction'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    amprocfamily: definition.family,
    amproclefttype: definition.left,
    amprocrighttype: definition.right,
    amprocnum: definition.number,
    amproc: definition.functionOid,
  };
}

function conversionRow(_scope: CatalogScope, entry: Entry<'conversion'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    conname: entry.name,
    connamespace: entry.schemaOid,
    conowner: entry.owner,
    conforencoding: definition.from,
    contoencoding: definition.to,
    conproc: definition.functionOid,
    condefault: definition.isDefault,
  };
}

function parserRow(_scope: CatalogScope, entry: Entry<'textSearchParser'>): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    prsname: entry.name,
    prsnamespace: entry.schemaOid,
    prsstart: definition.start,
    prstoken: definition.token,
    prsend: definition.end,
    prsheadline: definition.headline,
    prslextype: definition.tokenTypes,
  };
}

function templateRow(_scope: CatalogScope, entry: Entry<'textSearchTemplate'>): CatalogRow {
  const { init, lexize } = entry.definition;
  return {
    oid: entry.oid,
    tmplname: entry.name,
    tmplnamespace: entry.schemaOid,
    tmplinit: init,
    tmpllexize: lexize,
  };
}

function dictionaryRow(_scope: CatalogScope, entry: Entry<'textSearchDictionary'>): CatalogRow {
  const { template, options } = entry.definition;
  return {
    oid: entry.oid,
    dictname: entry.name,
    dictnamespace: entry.schemaOid,
    dictowner: entry.owner,
    dicttemplate: template,
    dictinitoption: writeOptions(options),
  };
}

function configurationRow(
  _scope: CatalogScope,
  entry: Entry<'textSearchConfiguration'>,
): CatalogRow {
  return {
    oid: entry.oid,
    cfgname: entry.name,
    cfgnamespace: entry.schemaOid,
    cfgowner: entry.owner,
    cfgparser: entry.definition.parser,
  };
}

function* mappingRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const { oid, definition } of catalog.allEntries('textSearchConfiguration')) {
    for (const { token, dictionaries } of definition.mappings) {
      for (const [place, dictionary] of dictionaries.entries())
        yield { mapcfg: oid, maptokentype: token, mapseqno: place + 1, mapdict: dictionary };
    }
  }
}

function accessMethodRow(_scope: CatalogScope, entry: Entry<'accessMethod'>): CatalogRow {
  const { handler, type } = entry.definition;
  return {
    oid: entry.oid,
    amname: entry.name,
    amhandler: handler,
    amtype: type === 'table' ? 't' : 'i',
  };
}

function languageRow(scope: CatalogScope, entry: Entry<'language'>): CatalogRow {
  const { definition, name } = entry;
  return {
    oid: entry.oid,
    lanname: name,
    lanowner: entry.owner,
    lanispl: definition.handler !== 0 || trustedLanguages.has(name),
    lanpltrusted: definition.trusted,
    lanplcallfoid: definition.handler,
    laninline: definition.inline,
    lanvalidator: definition.validator,
    lanacl: aclArray(scope, entry.acl),
  };
}

function tablespaceRow(scope: CatalogScope, entry: Entry<'tablespace'>): CatalogRow {
  return {
    oid: entry.oid,
    spcname: entry.name,
    spcowner: entry.owner,
    spcacl: aclArray(scope, entry.acl),
    spcoptions: optionArray(entry.definition.options),
  };
}

function transformRow(_scope: CatalogScope, { oid, definition }: Entry<'transform'>): CatalogRow {
  return {
    oid,
    trftype: definition.type,
    trflang: definition.language,
    trffromsql: definition.fromSql,
    trftosql: definition.toSql,
  };
}

function eventTriggerRow(_scope: CatalogScope, entry: Entry<'eventTrigger'>): CatalogRow {
  const { event, functionOid, enabled, tags } = entry.definition;
  return {
    oid: entry.oid,
    evtname: entry.name,
    evtevent: event,
    evtowner: entry.owner,
    evtfoid: functionOid,
    evtenabled: enabled,
    evttags: tags.length === 0 ? null : ArrayValue.of(TypeOid.text, tags),
  };
}

function wrapperRow(scope: CatalogScope, entry: Entry<'foreignDataWrapper'>): CatalogRow {
  const { handler, validator, options } = entry.definition;
  return {
    oid: entry.oid,
    fdwname: entry.name,
    fdwowner: entry.owner,
    fdwhandler: handler,
    fdwvalidator: validator,
    fdwacl: aclArray(scope, entry.acl),
    fdwoptions: optionArray(options),
  };
}

function serverRow(scope: CatalogScope, entry: Entry<'foreignServer'>): CatalogRow {
  const { wrapper, type, version, options } = entry.definition;
  return {
    oid: entry.oid,
    srvname: entry.name,
    srvowner: entry.owner,
    srvfdw: wrapper,
    srvtype: type ?? null,
    srvversion: version ?? null,
    srvacl: aclArray(scope, entry.acl),
    srvoptions: optionArray(options),
  };
}

function mappingRow(_scope: CatalogScope, { oid, definition }: Entry<'userMapping'>): CatalogRow {
  return {
    oid,
    umuser: definition.role,
    umserver: definition.server,
    umoptions: optionArray(definition.options),
  };
}

function* foreignTableRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table' || relation.foreign === undefined) continue;
    const { server, options } = relation.foreign;
    yield { ftrelid: relation.oid, ftserver: server, ftoptions: optionArray(options) };
  }
}

function subscriptionRow({ catalog }: CatalogScope, entry: Entry<'subscription'>): CatalogRow {
  const { definition } = entry;
  const [high, low] = (definition.skip ?? '0/0').split('/').map((part) => BigInt(`0x${part}`));
  const position = (high << 32n) | low;
  return {
    oid: entry.oid,
    subdbid: catalog.database.oid,
    subskiplsn: canonicalInteger(position),
    subname: entry.name,
    subowner: entry.owner,
    subenabled: definition.enabled,
    subbinary: definition.binary,
    substream: definition.streaming,
    subtwophasestate: definition.twoPhase ? 'p' : 'd',
    subdisableonerr: definition.disableOnError,
    subconninfo: definition.connection,
    subslotname: definition.slot ?? null,
    subsynccommit: definition.synchronousCommit,
    subpublications: ArrayValue.of(TypeOid.text, definition.publications),
  };
}

export const entrySources: RowSources = {
  pg_operator: entrySource('operator', operatorRow),
  pg_cast: entrySource('cast', castRow),
  pg_opfamily: entrySource('operatorFamily', familyRow),
  pg_opclass: entrySource('operatorClass', classRow),
  pg_amop: entrySource('familyOperator', familyOperatorRow),
  pg_amproc: entrySource('familyFunction', familyFunctionRow),
  pg_conversion: entrySource('conversion', conversionRow),
  pg_ts_parser: entrySource('textSearchParser', parserRow),
  pg_ts_template: entrySource('textSearchTemplate', templateRow),
  pg_ts_dict: entrySource('textSearchDictionary', dictionaryRow),
  pg_ts_config: entrySource('textSearchConfiguration', configurationRow),
  pg_ts_config_map: mappingRows,
  pg_am: entrySource('accessMethod', accessMethodRow),
  pg_language: entrySource('language', languageRow),
  pg_tablespace: entrySource('tablespace', tablespaceRow),
  pg_transform: entrySource('transform', transformRow),
  pg_event_trigger: entrySource('eventTrigger', eventTriggerRow),
  pg_foreign_data_wrapper: entrySource('foreignDataWrapper', wrapperRow),
  pg_foreign_server: entrySource('foreignServer', serverRow),
  pg_user_mapping: entrySource('userMapping', mappingRow),
  pg_foreign_table: foreignTableRows,
  pg_subscription: entrySource('subscription', subscriptionRow),
};
