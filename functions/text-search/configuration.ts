// Text search configurations: which dictionary makes lexemes of which tokens. "simple" and "english"
// exist; the other languages of PostgreSQL's list are named in the error.

import {
  checkLexeme,
  databaseError,
  type Lexeme,
  notSupported,
  otherLanguages,
  positionMax,
  textSearchConfigurations,
  textSearchDictionaries,
} from '#common';
import type { FunctionContext } from '../contract.ts';
import { isEnglishStopWord, stemEnglish } from './english.ts';
import { parseTokens, tokenType } from './token-parser.ts';

/** undefined: a stop word, which keeps its place and gives no lexeme. */
export type Dictionary = (word: string) => string | undefined;

const simple: Dictionary = (word) => word.toLowerCase();
const englishStem: Dictionary = (word) => {
  const lower = word.toLowerCase();
  return isEnglishStopWord(lower) ? undefined : stemEnglish(lower);
};

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
}

const configurations: readonly Configuration[] = [...textSearchConfigurations].map(
  ([name, oid]) => ({ oid, name }),
);

export function configurationByOid(oid: number): Configuration {
  const found = configurations.find((candidate) => candidate.oid === oid);
  if (found === undefined) {
    throw databaseError(
      'undefinedObject',
      `text search configuration with OID ${oid} does not exist`,
    );
  }
  return found;
}

export function configurationNamed(name: string): Configuration {
  const plain = name.replace(/^pg_catalog\./, '');
  const found = configurations.find((candidate) => candidate.name === plain);
  if (found !== undefined) return found;
  if (otherLanguages.has(plain)) throw notSupported(`text search configuration "${plain}"`);
  throw databaseError('undefinedObject', `text search configuration "${name}" does not exist`);
}

/** default_text_search_config. */
export function currentConfiguration(context: FunctionContext): Configuration {
  return configurationNamed(context.setting('default_text_search_config') ?? 'pg_catalog.english');
}

export function dictionaryByOid(oid: number): Dictionary {
  if (oid === textSearchDictionaries.get('simple')) return simple;
  if (oid === textSearchDictionaries.get('english_stem')) return englishStem;
  throw databaseError('undefinedObject', `text search dictionary with OID ${oid} does not exist`);
}

/** The dictionary of a token type; undefined when such tokens are left out. */
export function dictionaryFor(configuration: Configuration, type: number): Dictionary | undefined {
  if (ignored.has(type)) return undefined;
  return configuration.name === 'english' && stemmed.has(type) ? englishStem : simple;
}

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
    const dictionary = dictionaryFor(configuration, token.type);
    if (dictionary === undefined) continue;
    place++;
    if (Buffer.byteLength(token.text) > 2046) continue;
    const word = dictionary(token.text);
    if (word === undefined) continue;
    checkLexeme(word);
    lexemes.push({ word, place: Math.min(place, positionMax) });
  }
  return { lexemes, lastPlace: place };
}

export function asVectorEntries(lexemes: readonly PlacedLexeme[]): Lexeme[] {
  return lexemes.map(({ word, place }) => ({ word, positions: [place] }));
}
