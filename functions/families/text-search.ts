// Full text search: tsvector and tsquery functions and operators, over functions/text-search/.

import {
  ArrayValue,
  databaseError,
  type Datum,
  isJsonArray,
  Jsonb,
  JsonObject,
  type JsonValue,
  type Lexeme,
  countNodes,
  Numeric,
  parseJson,
  TsQuery,
  TsVector,
  TypeOid,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  concatenated,
  filtered,
  setWeight,
  textsOf,
  unnested,
  withoutWords,
} from '../text-search/change-vector.ts';
import { combined, containsQuery, phrase, queryTree } from '../text-search/combine-queries.ts';
import { plainToTsQuery, toTsQuery, webSearchToTsQuery } from '../text-search/build-query.ts';
import {
  asVectorEntries,
  type Configuration,
  configurationByOid,
  currentConfiguration,
  dictionariesFor,
  lexemeOf,
  lexemesOfText,
} from '../text-search/configuration.ts';
import { dictionaryByOid } from '../text-search/dictionaries.ts';
import { checkHeadlineOptions, headline } from '../text-search/headline.ts';
import { queryHolds, vectorLookup } from '../text-search/match.ts';
import { rank, rankCoverDensity, weightsOf } from '../text-search/rank.ts';
import { rewriteQuery } from '../text-search/rewrite.ts';
import { parseTokens, tokenTypes } from '../text-search/token-parser.ts';
import { named, of } from './comparison-operators.ts';

function textVector(configuration: Configuration, text: string): TsVector {
  return TsVector.of(asVectorEntries(lexemesOfText(configuration, text).lexemes));
}

/** Which parts of a document jsonb_to_tsvector() takes. */
interface JsonParts {
  readonly strings: boolean;
  readonly numbers: boolean;
  readonly booleans: boolean;
  readonly keys: boolean;
}

const stringsOnly: JsonParts = { strings: true, numbers: false, booleans: false, keys: false };

/** Texts of a document that have lexemes are followed by a gap of one place. */
function jsonVector(configuration: Configuration, value: JsonValue, parts: JsonParts): TsVector {
  const entries: Lexeme[] = [];
  let place = 0;
  const add = (text: string): void => {
    const { lexemes, lastPlace } = lexemesOfText(configuration, text, place);
    for (const entry of asVectorEntries(lexemes)) entries.push(entry);
    place = lexemes.length > 0 ? lastPlace + 1 : lastPlace;
  };
  const visit = (item: JsonValue): void => {
    if (typeof item === 'string') {
      if (parts.strings) add(item);
    } else if (item instanceof Numeric) {
      if (parts.numbers) add(item.toString());
    } else if (typeof item === 'boolean') {
      if (parts.booleans) add(String(item));
    } else if (item instanceof JsonObject) {
      for (const [key, member] of item.members) {
        if (parts.keys) add(key);
        visit(member);
      }
    } else if (item !== null && isJsonArray(item)) item.forEach(visit);
  };
  visit(value);
  return TsVector.of(entries);
}

function jsonParts(filter: Jsonb): JsonParts {
  const { value } = filter;
  if (value instanceof JsonObject) {
    throw databaseError(
      'invalidParameterValue',
      'wrong flag type, only arrays and scalars are allowed',
    );
  }
  const isList = value !== null && typeof value === 'object' && !(value instanceof Numeric);
  const names: readonly JsonValue[] = isList ? value : [value];
  const has = new Set<string>();
  for (const name of names) {
    if (typeof name !== 'string') {
      throw databaseError('invalidParameterValue', 'flag array element is not a string', {
        hint: 'Possible values are: "string", "numeric", "boolean", "key", and "all".',
      });
    }
    if (!['string', 'numeric', 'boolean', 'key', 'all'].includes(name.toLowerCase())) {
      throw databaseError('invalidParameterValue', `wrong flag in flag array: "${name}"`, {
        hint: 'Possible values are: "string", "numeric", "boolean", "key", and "all".',
      });
    }
    has.add(name.toLowerCase());
  }
  const wants = (name: string): boolean => has.has('all') || has.has(name);
  return {
    strings: wants('string'),
    numbers: wants('numeric'),
    booleans: wants('boolean'),
    keys: wants('key'),
  };
}

type ConfiguredBody<Result> = (
  context: FunctionContext,
  configuration: Configuration,
  ...args: never[]
) => Result;

/** A function and its form with a configuration as first argument ("…_byid"). */
function configured(
  name: string,
  body: ConfiguredBody<Datum>,
  byId = `${name}_byid`,
): Record<string, ScalarImplementation> {
  const call = body as (
    context: FunctionContext,
    configuration: Configuration,
    ...args: Datum[]
  ) => Datum;
  return {
    [name]: (context: FunctionContext, ...args: Datum[]) =>
      call(context, currentConfiguration(context), ...args),
    [byId]: (context: FunctionContext, oid: number, ...args: Datum[]) =>
      call(context, configurationByOid(oid), ...args),
  };
}

function jsonHeadline(
  configuration: Configuration,
  value: JsonValue,
  query: TsQuery,
  options: string,
): JsonValue {
  checkHeadlineOptions(options);
  const visit = (item: JsonValue): JsonValue => {
    if (typeof item === 'string') return headline(configuration, item, query, options);
    if (item === null || typeof item !== 'object' || item instanceof Numeric) return item;
    if (isJsonArray(item)) return item.map(visit);
    return JsonObject.of([...item.members].map(([key, member]) => [key, visit(member)] as const));
  };
  return visit(value);
}

const headlineOfText: ConfiguredBody<Datum> = (
  _context,
  configuration,
  text: string,
  query: TsQuery,
  options?: string,
) => headline(configuration, text, query, options ?? '');
const headlineOfJsonb: ConfiguredBody<Datum> = (
  _context,
  configuration,
  document: Jsonb,
  query: TsQuery,
  options?: string,
) => new Jsonb(jsonHeadline(configuration, document.value, query, options ?? ''));
const headlineOfJson: ConfiguredBody<Datum> = (
  _context,
  configuration,
  document: string,
  query: TsQuery,
  options?: string,
) =>
  new Jsonb(jsonHeadline(configuration, parseJson(document), query, options ?? ''))
    .toString()
    .replace(/("(?:[^"\\]|\\.)*")|([:,]) /g, '$1$2');

function rankForms(
  name: string,
  body: (vector: TsVector, query: TsQuery, method: number, weights?: readonly number[]) => number,
): Record<string, ScalarImplementation> {
  return {
    [`${name}_wttf`]: (
      _context,
      weights: ArrayValue,
      vector: TsVector,
      query: TsQuery,
      method: number,
    ) => body(vector, query, method, weightsOf(weights)),
    [`${name}_wtt`]: (_context, weights: ArrayValue, vector: TsVector, query: TsQuery) =>
      body(vector, query, 0, weightsOf(weights)),
    [`${name}_ttf`]: (_context, vector: TsVector, query: TsQuery, method: number) =>
      body(vector, query, method),
    [`${name}_tt`]: (_context, vector: TsVector, query: TsQuery) => body(vector, query, 0),
  };
}

const matches = (vector: TsVector, query: TsQuery): boolean =>
  queryHolds(query, vectorLookup(vector));

function checkParser(name: number | string): void {
  if (name === 3722 || name === 'default' || name === 'pg_catalog.default') return;
  throw databaseError('undefinedObject', `text search parser "${name}" does not exist`);
}

const parserRows = (
  _context: FunctionContext,
  parser: number | string,
  text: string,
): Datum[][] => {
  checkParser(parser);
  return parseTokens(text).map((token) => [token.type, token.text]);
};

const tokenTypeRows = (_context: FunctionContext, parser: number | string): Datum[][] => {
  checkParser(parser);
  return tokenTypes.map((row) => [...row]);
};

/** ts_lexize(): null for a word that is not known, no lexeme for a stop word. */
function lexizeResult(lexeme: string | undefined | null): Datum {
  if (lexeme === null) return null;
  return ArrayValue.of(TypeOid.text, lexeme === undefined ? [] : [lexeme]);
}

function debugRows(configuration: Configuration, text: string): Datum[][] {
  return parseTokens(text).map((token) => {
    const [, alias, description] = tokenTypes[token.type - 1];
    const dictionaries = dictionariesFor(configuration, token.type);
    if (dictionaries.length === 0)
      return [alias, description, token.text, ArrayValue.of(TypeOid.regdictionary, []), null, null];
    const oid = dictionaries.find((each) => dictionaryByOid(each)(token.text) !== null) ?? null;
    const lexeme = lexemeOf(dictionaries, token.text);
    return [
      alias,
      description,
      token.text,
      ArrayValue.of(TypeOid.regdictionary, dictionaries),
      oid,
      lexizeResult(lexeme),
    ];
  });
}

export const textSearchFamily: Family = {
  scalars: {
    ...named('tsvector_', of(TypeOid.tsvector), 'tsvector_cmp'),
    ...named('tsquery_', of(TypeOid.tsquery), 'tsquery_cmp'),
    ...configured('to_tsvector', (_context, configuration, text: string) =>
      textVector(configuration, text),
    ),
    ...configured('jsonb_string_to_tsvector', (_context, configuration, document: Jsonb) =>
      jsonVector(configuration, document.value, stringsOnly),
    ),
    ...configured('json_string_to_tsvector', (_context, configuration, document: string) =>
      jsonVector(configuration, parseJson(document), stringsOnly),
    ),
    ...configured('jsonb_to_tsvector', (_context, configuration, document: Jsonb, filter: Jsonb) =>
      jsonVector(configuration, document.value, jsonParts(filter)),
    ),
    ...configured('json_to_tsvector', (_context, configuration, document: string, filter: Jsonb) =>
      jsonVector(configuration, parseJson(document), jsonParts(filter)),
    ),
    ...configured('to_tsquery', (context, configuration, text: string) =>
      toTsQuery(context, configuration, text),
    ),
    ...configured('plainto_tsquery', (context, configuration, text: string) =>
      plainToTsQuery(context, configuration, text, 'and'),
    ),
    ...configured('phraseto_tsquery', (context, configuration, text: string) =>
      plainToTsQuery(context, configuration, text, 'phrase'),
    ),
    ...configured('websearch_to_tsquery', (context, configuration, text: string) =>
      webSearchToTsQuery(context, configuration, text),
    ),
    ...configured('ts_headline', headlineOfText),
    ...configured('ts_headline_opt', headlineOfText, 'ts_headline_byid_opt'),
    ...configured('ts_headline_jsonb', headlineOfJsonb),
    ...configured('ts_headline_jsonb_opt', headlineOfJsonb, 'ts_headline_jsonb_byid_opt'),
    ...configured('ts_headline_json', headlineOfJson),
    ...configured('ts_headline_json_opt', headlineOfJson, 'ts_headline_json_byid_opt'),
    ...rankForms('ts_rank', rank),
    ...rankForms('ts_rankcd', rankCoverDensity),
    ts_match_vq: (_context, vector: TsVector, query: TsQuery) => matches(vector, query),
    ts_match_qv: (_context, query: TsQuery, vector: TsVector) => matches(vector, query),
    ts_match_tq: (context, text: string, query: TsQuery) =>
      matches(textVector(currentConfiguration(context), text), query),
    ts_match_tt: (context, text: string, query: string) => {
      const configuration = currentConfiguration(context);
      const wanted = plainToTsQuery(context, configuration, query, 'and');
      return matches(textVector(configuration, text), wanted);
    },
    tsvector_strip: (_context, vector: TsVector) =>
      new TsVector(vector.lexemes.map(({ word }) => ({ word, positions: [] }))),
    tsvector_length: (_context, vector: TsVector) => vector.lexemes.length,
    tsvector_setweight: (_context, vector: TsVector, letter: string) => setWeight(vector, letter),
    tsvector_setweight_by_filter: (_context, vector: TsVector, letter: string, words: ArrayValue) =>
      setWeight(vector, letter, words),
    tsvector_concat: (_context, left: TsVector, right: TsVector) => concatenated(left, right),
    tsvector_filter: (_context, vector: TsVector, weights: ArrayValue) => filtered(vector, weights),
    tsvector_delete_str: (_context, vector: TsVector, word: string) => withoutWords(vector, [word]),
    tsvector_delete_arr: (_context, vector: TsVector, words: ArrayValue) =>
      withoutWords(vector, textsOf(words, false)),
    tsvector_to_array: (_context, vector: TsVector) =>
      ArrayValue.of(
        TypeOid.text,
        vector.lexemes.map(({ word }) => word),
      ),
    array_to_tsvector: (_context, words: ArrayValue) =>
      TsVector.of(textsOf(words, true).map((word) => ({ word, positions: [] }))),
    tsquery_and: (_context, left: TsQuery, right: TsQuery) => combined('and', left, right),
    tsquery_or: (_context, left: TsQuery, right: TsQuery) => combined('or', left, right),
    tsquery_not: (_context, query: TsQuery) =>
      query.root === undefined ? query : new TsQuery({ kind: 'not', argument: query.root }),
    tsquery_phrase: (_context, left: TsQuery, right: TsQuery) => phrase(left, right, 1),
    tsquery_phrase_distance: (_context, left: TsQuery, right: TsQuery, distance: number) =>
      phrase(left, right, distance),
    tsquery_numnode: (_context, query: TsQuery) => countNodes(query.root),
    tsquerytree: (_context, query: TsQuery) => queryTree(query),
    tsquery_rewrite: (_context, query: TsQuery, target: TsQuery, substitute: TsQuery) =>
      rewriteQuery(query, target, substitute),
    tsq_mcontains: (_context, left: TsQuery, right: TsQuery) => containsQuery(left, right),
    tsq_mcontained: (_context, left: TsQuery, right: TsQuery) => containsQuery(right, left),
    ts_lexize: (_context, dictionary: number, word: string) => {
      const lexeme = dictionaryByOid(dictionary)(word);
      return lexizeResult(lexeme);
    },
    get_current_ts_config: (context) => currentConfiguration(context).oid,
  },
  sets: {
    tsvector_unnest: (_context, vector: TsVector) => unnested(vector),
    ts_parse_byid: parserRows,
    ts_parse_byname: parserRows,
    ts_token_type_byid: tokenTypeRows,
    ts_token_type_byname: tokenTypeRows,
    'ts_debug(regconfig,text)': (_context, configuration: number, text: string) =>
      debugRows(configurationByOid(configuration), text),
    'ts_debug(text)': (context, text: string) => debugRows(currentConfiguration(context), text),
  },
};
