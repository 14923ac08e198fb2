// Text search dictionaries: words to lexemes. The templates that need no files: simple and snowball for
// English.

import {
  BuiltinOid,
  databaseError,
  type Entry,
  notSupported,
  registeredEntry,
  textSearchDictionaries,
} from '#common';
import { functionFacts } from '../facts/facts.ts';
import { isEnglishStopWord, stemEnglish } from './english.ts';

/** undefined: a stop word; null: the dictionary does not know the word. */
export type Dictionary = (word: string) => string | undefined | null;

const simple: Dictionary = (word) => word.toLowerCase();
const englishStem: Dictionary = (word) => {
  const lower = word.toLowerCase();
  return isEnglishStopWord(lower) ? undefined : stemEnglish(lower);
};

const ofUsers = new WeakMap<Entry<'textSearchDictionary'>, Dictionary>();

/** 42704. */
export function dictionaryByOid(oid: number): Dictionary {
  if (oid === textSearchDictionaries.get('simple')) return simple;
  if (oid === textSearchDictionaries.get('english_stem')) return englishStem;
  const entry = registeredEntry('textSearchDictionary', oid);
  if (entry === undefined && oid >= 12_000 && oid < BuiltinOid.firstUserOid)
    throw notSupported(`text search dictionary with OID ${oid}`);
  if (entry === undefined)
    throw databaseError('undefinedObject', `text search dictionary with OID ${oid} does not exist`);
  let dictionary = ofUsers.get(entry);
  if (dictionary === undefined) {
    dictionary = makeDictionary(entry);
    ofUsers.set(entry, dictionary);
  }
  return dictionary;
}

/** pg_ts_template.oid of simple. */
const simpleTemplate = 3727;

function makeDictionary({ definition }: Entry<'textSearchDictionary'>): Dictionary {
  const options = new Map(
    Object.entries(definition.options).map(([name, value]) => [name.toLowerCase(), value]),
  );
  const stops = options.has('stopwords');
  const isSimple = definition.template === simpleTemplate || isSimpleTemplate(definition.template);
  if (!isSimple) {
    return (word) => {
      const lower = word.toLowerCase();
      return stops && isEnglishStopWord(lower) ? undefined : stemEnglish(lower);
    };
  }
  const accepts = !/^(false|off|no|0)$/i.test(options.get('accept') ?? 'true');
  return (word) => {
    const lower = word.toLowerCase();
    if (stops && isEnglishStopWord(lower)) return undefined;
    return accepts ? lower : null;
  };
}

/** A template of users over the same function. */
function isSimpleTemplate(oid: number): boolean {
  const lexize = registeredEntry('textSearchTemplate', oid)?.definition.lexize;
  return lexize !== undefined && functionFacts().byOid.get(lexize)?.name === 'dsimple_lexize';
}
