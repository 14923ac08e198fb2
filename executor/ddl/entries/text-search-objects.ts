// CREATE and ALTER TEXT SEARCH PARSER, TEMPLATE, DICTIONARY and CONFIGURATION (tsearchcmds.c).

import type {
  AlterTSConfigurationStmt,
  AlterTSDictionaryStmt,
  DefElem,
  DefineStmt,
} from '@pgsql/types';
import {
  databaseError,
  type DatabaseError,
  type DefinitionOf,
  type Entry,
  type EntryOptions,
  type SchemaDescriptor,
  TypeOid,
} from '#common';
import { checkDictionaryOptions, functionRegistry, tokenTypeNumber } from '#functions';
import { definitionElements, elementText, listItems, stringsOf } from '#planner';
import { checkWritableSchema, type DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entry-owner.ts';
import { functionNames, requireFunction, requireNamed } from './entry-references.ts';

const { internal, int4, tsquery, void: nothing } = TypeOid;

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

interface Place {
  readonly schema: SchemaDescriptor;
  readonly name: string;
}

function placeOf(ddl: DdlStatement, statement: DefineStmt): Place {
  const parts = stringsOf(statement.defnames);
  const schema = ddl.creationSchema(parts.at(-2));
  const name = parts.at(-1) ?? '';
  checkWritableSchema(schema, name);
  return { schema, name };
}

/** A support function by its argument types and result. 42883, 42P17. */
function support(
  ddl: DdlStatement,
  element: DefElem,
  types: readonly number[],
  result: number,
): number {
  const names = functionNames(element);
  const oid = requireFunction(ddl, names, types);
  if (functionRegistry.functionByOid(oid)?.resultType === result) return oid;
  const text = (type: number): string => ddl.typeText({ oid: type, typmod: -1 });
  throw invalid(
    `function ${names.join('.')}(${types.map(text).join(',')}) should return type ${text(result)}`,
  );
}

export function createParser(ddl: DdlStatement, statement: DefineStmt): string {
  requireSuperuser(ddl, 'must be superuser to create text search parsers');
  const place = placeOf(ddl, statement);
  const found = { start: 0, token: 0, end: 0, headline: 0, tokenTypes: 0 };
  for (const element of definitionElements(statement.definition)) {
    switch (element.defname) {
      case 'start':
        found.start = support(ddl, element, [internal, int4], internal);
        break;
      case 'gettoken':
        found.token = support(ddl, element, [internal, internal, internal], internal);
        break;
      case 'end':
        found.end = support(ddl, element, [internal], nothing);
        break;
      case 'headline':
        found.headline = support(ddl, element, [internal, internal, tsquery], internal);
        break;
      case 'lextypes':
        found.tokenTypes = support(ddl, element, [internal], internal);
        break;
      default:
        throw unrecognized('parser', element);
    }
  }
  const required: readonly (readonly [keyof typeof found, string])[] = [
    ['start', 'start'],
    ['token', 'gettoken'],
    ['end', 'end'],
    ['tokenTypes', 'lextypes'],
  ];
  for (const [key, words] of required)
    if (found[key] === 0) throw invalid(`text search parser ${words} method is required`);
  addEntry(ddl, {
    ...place,
    definition: { class: 'textSearchParser', ...found },
    uses: Object.values(found).map((oid) => ({ oid })),
  });
  return 'CREATE TEXT SEARCH PARSER';
}

function unrecognized(kind: string, { defname = '' }: DefElem): DatabaseError {
  return databaseError('syntaxError', `text search ${kind} parameter "${defname}" not recognized`);
}

export function createTemplate(ddl: DdlStatement, statement: DefineStmt): string {
  requireSuperuser(ddl, 'must be superuser to create text search templates');
  const place = placeOf(ddl, statement);
  const found = { init: 0, lexize: 0 };
  for (const element of definitionElements(statement.definition)) {
    if (element.defname === 'init') found.init = support(ddl, element, [internal], internal);
    else if (element.defname === 'lexize') {
      const types = [internal, internal, internal, internal];
      found.lexize = support(ddl, element, types, internal);
    } else throw unrecognized('template', element);
  }
  if (found.lexize === 0) throw invalid('text search template lexize method is required');
  addEntry(ddl, {
    ...place,
    definition: { class: 'textSearchTemplate', ...found },
    uses: [{ oid: found.init }, { oid: found.lexize }],
  });
  return 'CREATE TEXT SEARCH TEMPLATE';
}

/** The argument of a dictionary's option as text. */
function optionText(element: DefElem): string {
  const { arg } = element;
  if (arg !== undefined && 'TypeName' in arg) return stringsOf(arg.TypeName.names).join('.');
  return elementText(element) ?? '';
}

export function createDictionary(ddl: DdlStatement, statement: DefineStmt): string {
  const place = placeOf(ddl, statement);
  let template: Entry<'textSearchTemplate'> | undefined;
  const options: Record<string, string> = {};
  for (const element of definitionElements(statement.definition)) {
    const { defname = '' } = element;
    if (defname === 'template')
      template = requireNamed(ddl, 'textSearchTemplate', functionNames(element));
    else options[defname] = optionText(element);
  }
  if (template === undefined) throw invalid('text search template is required');
  verify(ddl, template, options);
  addEntry(ddl, {
    ...place,
    definition: { class: 'textSearchDictionary', template: template.oid, options },
    uses: [{ oid: template.oid }],
  });
  return 'CREATE TEXT SEARCH DICTIONARY';
}

/** What the template's init function would say of the options. 22023, F0000. */
function verify(
  ddl: DdlStatement,
  template: Entry<'textSearchTemplate'>,
  options: EntryOptions,
): void {
  const { init } = template.definition;
  if (init === 0) {
    if (Object.keys(options).length === 0) return;
    throw databaseError(
      'syntaxError',
      `text search template "${template.name}" does not accept options`,
    );
  }
  checkDictionaryOptions(init, options, (name) => {
    requireNamed(ddl, 'textSearchDictionary', name.split('.'));
  });
}

export function alterDictionary(ddl: DdlStatement, statement: AlterTSDictionaryStmt): string {
  const found = requireNamed(ddl, 'textSearchDictionary', stringsOf(statement.dictname));
  requireEntryOwner(ddl, found);
  const dictionary = newest(ddl, found);
  const { definition } = dictionary;
  const options: Record<string, string> = { ...definition.options };
  for (const element of definitionElements(statement.options)) {
    const { defname = '' } = element;
    // The changed one goes to the end; one without a value is taken away.
    delete options[defname];
    if (element.arg !== undefined) options[defname] = optionText(element);
  }
  const template = ddl.catalog.entryByOid('textSearchTemplate', definition.template);
  if (template !== undefined) verify(ddl, template, options);
  redefine(ddl, dictionary, { ...definition, options });
  return 'ALTER TEXT SEARCH DICTIONARY';
}

export function createConfiguration(ddl: DdlStatement, statement: DefineStmt): string {
  const place = placeOf(ddl, statement);
  let parser: Entry<'textSearchParser'> | undefined;
  let source: Entry<'textSearchConfiguration'> | undefined;
  for (const element of definitionElements(statement.definition)) {
    if (element.defname === 'parser')
      parser = requireNamed(ddl, 'textSearchParser', functionNames(element));
    else if (element.defname === 'copy')
      source = requireNamed(ddl, 'textSearchConfiguration', functionNames(element));
    else throw unrecognized('configuration', element);
  }
  if (parser !== undefined && source !== undefined)
    throw databaseError('syntaxError', 'cannot specify both PARSER and COPY options');
  const parserOid = parser?.oid ?? source?.definition.parser;
  if (parserOid === undefined) throw invalid('text search parser is required');
  const definition: DefinitionOf<'textSearchConfiguration'> = {
    class: 'textSearchConfiguration',
    parser: parserOid,
    mappings: source?.definition.mappings ?? [],
  };
  addEntry(ddl, { ...place, definition, uses: usesOf(definition) });
  return 'CREATE TEXT SEARCH CONFIGURATION';
}

function usesOf({
  parser,
  mappings,
}: DefinitionOf<'textSearchConfiguration'>): { readonly oid: number }[] {
  const dictionaries = new Set(mappings.flatMap((mapping) => mapping.dictionaries));
  return [parser, ...dictionaries].map((oid) => ({ oid }));
}

export function alterConfiguration(ddl: DdlStatement, statement: AlterTSConfigurationStmt): string {
  const found = requireNamed(ddl, 'textSearchConfiguration', stringsOf(statement.cfgname));
  requireEntryOwner(ddl, found);
  const configuration = newest(ddl, found);
  const mappings = new Map(
    configuration.definition.mappings.map(({ token, dictionaries }) => [token, dictionaries]),
  );
  if (statement.dicts !== undefined) setMappings(ddl, statement, mappings, found.oid);
  else dropMappings(ddl, statement, mappings);
  const definition = {
    ...configuration.definition,
    mappings: [...mappings]
      .map(([token, dictionaries]) => ({ token, dictionaries }))
      .toSorted((left, right) => left.token - right.token),
  };
  redefine(ddl, configuration, definition, usesOf(definition));
  return 'ALTER TEXT SEARCH CONFIGURATION';
}

type Mappings = Map<number, readonly number[]>;

function tokensOf(statement: AlterTSConfigurationStmt): { name: string; token: number }[] {
  return stringsOf(statement.tokentype).map((name) => {
    const token = tokenTypeNumber(name);
    if (token === undefined)
      throw databaseError('invalidParameterValue', `token type "${name}" does not exist`);
    return { name, token };
  });
}

function setMappings(
  ddl: DdlStatement,
  statement: AlterTSConfigurationStmt,
  mappings: Mappings,
  configuration: number,
): void {
  const tokens = tokensOf(statement);
  const dictionaries = (statement.dicts ?? []).map(
    (node) => requireNamed(ddl, 'textSearchDictionary', stringsOf(listItems(node))).oid,
  );
  if (statement.replace === true) {
    const [from, to] = dictionaries;
    const asked = tokens.length === 0 ? [...mappings.keys()] : tokens.map(({ token }) => token);
    for (const token of asked) {
      const old = mappings.get(token);
      if (old !== undefined)
        mappings.set(
          token,
          old.map((oid) => (oid === from ? to : oid)),
        );
    }
    return;
  }
  for (const { token } of tokens) {
    if (statement.override !== true && mappings.has(token)) {
      throw databaseError(
        'uniqueViolation',
        'duplicate key value violates unique constraint "pg_ts_config_map_index"',
        {
          detail: `Key (mapcfg, maptokentype, mapseqno)=(${configuration}, ${token}, 1) already exists.`,
          schema: 'pg_catalog',
          table: 'pg_ts_config_map',
          constraint: 'pg_ts_config_map_index',
        },
      );
    }
    mappings.set(token, dictionaries);
  }
}

function dropMappings(
  ddl: DdlStatement,
  statement: AlterTSConfigurationStmt,
  mappings: Mappings,
): void {
  for (const { name, token } of tokensOf(statement)) {
    if (mappings.delete(token)) continue;
    const message = `mapping for token type "${name}" does not exist`;
    if (statement.missing_ok !== true) throw databaseError('undefinedObject', message);
    ddl.notice(`${message}, skipping`);
  }
}
