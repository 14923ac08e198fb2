// The options of text search dictionaries, as the init functions of PostgreSQL's templates check them
// (dict_simple.c and its kin). Dictionaries that are made of files find none here.

import {
  databaseError,
  type DatabaseError,
  type EntryOptions,
  notSupported,
  otherLanguages,
} from '#common';
import { functionFacts } from '../facts/facts.ts';

function invalid(message: string): DatabaseError {
  return databaseError('invalidParameterValue', message);
}

function missingFile(kind: string, name: string, suffix: string): DatabaseError {
  return databaseError(
    'configFileError',
    `could not open ${kind} file "tsearch_data/${name}.${suffix}": No such file or directory`,
  );
}

/** Options are named in any case. */
function lowered(options: EntryOptions): EntryOptions {
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

function checkNames(template: string, options: EntryOptions, known: readonly string[]): void {
  for (const name of Object.keys(options))
    if (!known.includes(name)) throw invalid(`unrecognized ${template} parameter: "${name}"`);
}

/** The lists of stop words that are here. */
function checkStopWords(list: string | undefined): void {
  if (list !== undefined && list.toLowerCase() !== 'english')
    throw missingFile('stop-word', list, 'stop');
}

function truth(name: string, value: string | undefined): void {
  if (value === undefined || /^(true|on|yes|1|false|off|no|0)$/i.test(value)) return;
  throw databaseError('syntaxError', `${name} requires a Boolean value`);
}

function required(options: EntryOptions, name: string, shown: string): string {
  const value = options[name];
  if (value === undefined) throw invalid(`missing ${shown} parameter`);
  return value;
}

/** 22023, F0000 for files that are not there, 0A000 for stemmers that are not. */
export function checkDictionaryOptions(
  initOid: number,
  given: EntryOptions,
  requireDictionary: (name: string) => void,
): void {
  const options = lowered(given);
  switch (functionFacts().byOid.get(initOid)?.name) {
    case 'dsimple_init':
      checkNames('simple dictionary', options, ['stopwords', 'accept']);
      truth('accept', options['accept']);
      checkStopWords(options['stopwords']);
      return;
    case 'dsnowball_init':
      checkNames('Snowball', options, ['language', 'stopwords']);
      checkStemmer(required(options, 'language', 'Language'));
      checkStopWords(options['stopwords']);
      return;
    case 'dsynonym_init':
      checkNames('synonym', options, ['synonyms', 'casesensitive']);
      truth('casesensitive', options['casesensitive']);
      throw missingFile('synonym', required(options, 'synonyms', 'Synonyms'), 'syn');
    case 'dispell_init':
      checkNames('Ispell', options, ['dictfile', 'afffile', 'stopwords']);
      checkStopWords(options['stopwords']);
      required(options, 'afffile', 'AffFile');
      throw missingFile('dictionary', required(options, 'dictfile', 'DictFile'), 'dict');
    case 'thesaurus_init':
      checkNames('Thesaurus', options, ['dictfile', 'dictionary']);
      required(options, 'dictfile', 'DictFile');
      requireDictionary(required(options, 'dictionary', 'Dictionary'));
      throw missingFile('thesaurus', options['dictfile'], 'ths');
    default:
  }
}

function checkStemmer(language: string): void {
  const name = language.toLowerCase();
  if (name === 'english') return;
  if (name === 'porter' || otherLanguages.has(name))
    throw notSupported(`the stemmer for language "${language}"`);
  throw databaseError(
    'undefinedObject',
    `no Snowball stemmer available for language "${language}" and encoding "UTF8"`,
  );
}
