// The text search configurations and dictionaries that exist, with the oids that stand for them.

export const textSearchConfigurations: ReadonlyMap<string, number> = new Map([
  ['simple', 3748],
  ['english', 13164],
]);

export const textSearchDictionaries: ReadonlyMap<string, number> = new Map([
  ['simple', 3765],
  ['english_stem', 13163],
]);

const languages =
  'arabic armenian basque catalan danish dutch finnish french german greek hindi hungarian ' +
  'indonesian irish italian lithuanian nepali norwegian portuguese romanian russian serbian ' +
  'spanish swedish tamil turkish yiddish';

/** PostgreSQL's other configurations, each with a dictionary "<language>_stem". */
export const otherLanguages: ReadonlySet<string> = new Set(languages.split(' '));
