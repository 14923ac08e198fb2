// Text search configurations: which dictionaries make lexemes of which tokens. Of the server's own,
// "simple" and "english" exist, and the other languages of PostgreSQL's list are named in the error; users
// make further ones of the dictionaries of dictionaries.ts.

import {
  BuiltinOid,
  checkLexeme,
  databaseError,
  type Lexeme,
  notSupported,
  otherLanguages,
  positionMax,
  registeredEntry,
  textSearchConfigurations,
  textSearchDictionaries,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { dictionaryByOid } from './dictionaries.ts';
import { parseTokens, tokenType } from './token-parser.ts';

const t = tokenType;
const ignored = new Set<number>([t.blank, t.tag, t.protocol, t.entity]);
const stemmed = new Set<number>([
  t.asciiWord,
  t.word,
  t.hyphenatedAsciiPart,
  t.hyphenatedPart,
  t.asciiHyphenated,
  t.hyphenated,
]);

export interface Configuration {
  readonly oid: number;
  readonly name: string;
  /** Of users: the dictionaries of each token type that has any. */
  readonly dictionaries?: ReadonlyMap<number, readonly number[]>;
}

const configurations: readonly Configuration[] = [...textSearchConfigurations].map(
  ([name, oid]) => ({ oid, name }),
);

export function configurationByOid(oid: number): Configuration {
  const found = configurations.find((candidate) => candidate.oid === oid) ?? ofUser(oid);
  if (found === undefined) {
    if (isOfOtherLanguage(oid)) throw notSupported(`text search configuration with OID ${oid}`);
    throw databaseError(
      'undefinedObject',
      `text search configuration with OID ${oid} does not exist`,
    );
  }
  return found;
}

/** Those that PostgreSQL makes for its stemmers when a cluster is made have such oids. */
function isOfOtherLanguage(oid: number): boolean {
  return oid >= 12_000 && oid < BuiltinOid.firstUserOid;
}

const configurationsOfUsers = new WeakMap<object, Configuration>();

function ofUser(oid: number): Configuration | undefined {
  const entry = registeredEntry('textSearchConfiguration', oid);
  if (entry === undefined) return undefined;
  let found = configurationsOfUsers.get(entry);
  if (found === undefined) {
    const { mappings } = entry.definition;
    const dictionaries = new Map(mappings.map((each) => [each.token, each.dictionaries]));
    found = { oid, name: entry.name, dictionaries };
    configurationsOfUsers.set(entry, found);
  }
  return found;
}

function configurationNamed(name: string, context: FunctionContext): Configuration {
  const plain = name.replace(/^pg_catalog\./, '');
  const found = configurations.find((candidate) => candidate.name === plain);
  if (found !== undefined) return found;
  const oid = context.catalog.entryOid?.('configuration', name);
  if (oid !== undefined && oid >= BuiltinOid.firstUserOid) return configurationByOid(oid);
  if (otherLanguages.has(plain)) throw notSupported(`text search configuration "${plain}"`);
  throw databaseError('undefinedObject', `text search configuration "${name}" does not exist`);
}

/** default_text_search_config. */
export function currentConfiguration(context: FunctionContext): Configuration {
  const name = context.setting('default_text_search_config') ?? 'pg_catalog.english';
  return configurationNamed(name, context);
}

/** The oids of the dictionaries of a token type, in order; none: such tokens are left out. */
export function dictionariesFor(configuration: Configuration, type: number): readonly number[] {
  if (configuration.dictionaries !== undefined)
    return configuration.dictionaries.get(type) ?? noDictionaries;
  if (ignored.has(type)) return noDictionaries;
  return configuration.name === 'english' && stemmed.has(type) ? englishOnly : simpleOnly;
}

const noDictionaries: readonly number[] = [];
const simpleOnly = [textSearchDictionaries.get('simple')!];
const englishOnly = [textSearchDictionaries.get('english_stem')!];

/**
 * What the first dictionary that knows the word makes of it. undefined: a stop word, which keeps its place
 * and gives no lexeme; null: no dictionary knows it, and it has no place.
 */
export function lexemeOf(dictionaries: readonly number[], word: string): string | undefined | null {
  for (const oid of dictionaries) {
    const lexeme = dictionaryByOid(oid)(word);
    if (lexeme !== null) return lexeme;
  }
  return null;
}

/** Longer words are passed over. */
const lexemeBytesMax = 2046;

export interface PlacedLexeme {
  readonly word: string;
  readonly place: number;
}

/** The lexemes of a text with their places; stop words take a place each. */
export function lexemesOfText(
  configuration: Configuration,
  text: string,
  after = 0,
): { readonly lexemes: PlacedLexeme[]; readonly lastPlace: number } {
  const lexemes: PlacedLexeme[] = [];
  let place = after;
  for (const token of parseTokens(text)) {
    const dictionaries = dictionariesFor(configuration, token.type);
    if (dictionaries.length === 0) continue;
    const isShort = Buffer.byteLength(token.text) <= lexemeBytesMax;
    const word = isShort ? lexemeOf(dictionaries, token.text) : undefined;
    if (word === null) continue;
    place++;
    if (word === undefined) continue;
    checkLexeme(word);
    lexemes.push({ word, place: Math.min(place, positionMax) });
  }
  return { lexemes, lastPlace: place };
}

export function asVectorEntries(lexemes: readonly PlacedLexeme[]): Lexeme[] {
  return lexemes.map(({ word, place }) => ({ word, positions: [place] }));
}
