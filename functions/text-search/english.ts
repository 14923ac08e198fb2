// English words: the Porter2 stemmer, from its published description (M. F. Porter, "The English
// (Porter2) stemming algorithm", snowballstem.org/algorithms/english/stemmer.html), and the list of
// stop words that PostgreSQL's english dictionary leaves out.

const stopWords = new Set(
  (
    'i me my myself we our ours ourselves you your yours yourself yourselves he him his himself she ' +
    'her hers herself it its itself they them their theirs themselves what which who whom this that ' +
    'these those am is are was were be been being have has had having do does did doing a an the ' +
    'and but if or because as until while of at by for with about against between into through ' +
    'during before after above below to from up down in out on off over under again further then ' +
    'once here there when where why how all any both each few more most other some such no nor not ' +
    'only own same so than too very s t can will just don should now ' +
    ''
  )
    .trim()
    .split(' '),
);

export function isEnglishStopWord(word: string): boolean {
  return stopWords.has(word);
}

/** Words that the rules would spoil. */
const exceptions = new Map([
  ['skis', 'ski'],
  ['skies', 'sky'],
  ['dying', 'die'],
  ['lying', 'lie'],
  ['tying', 'tie'],
  ['idly', 'idl'],
  ['gently', 'gentl'],
  ['ugly', 'ugli'],
  ['early', 'earli'],
  ['only', 'onli'],
  ['singly', 'singl'],
  ...['sky', 'news', 'howe', 'atlas', 'cosmos', 'bias', 'andes'].map((w) => [w, w] as const),
]);
/** Finished after step 1a. */
const invariants = new Set(
  'inning outing canning herring earring proceed exceed succeed'.split(' '),
);

const doubled = /(?:bb|dd|ff|gg|mm|nn|pp|rr|tt)$/;

/** Where the region after the first vowel and non-vowel from `from` on begins. */
function regionAfter(word: string, from: number): number {
  const match = /[aeiouy][^aeiouy]/.exec(word.slice(from));
  return match === null ? word.length : from + match.index + 2;
}

/** A vowel between a non-vowel and one other than w, x and Y; or a vowel at the start and a non-vowel. */
function endsInShortSyllable(word: string): boolean {
  return /[^aeiouy][aeiouy][^aeiouywxY]$/.test(word) || /^[aeiouy][^aeiouy]$/.test(word);
}

type Rule = readonly [suffix: string, replacement: string];

const step2: readonly Rule[] = [
  ['ization', 'ize'],
  ['ational', 'ate'],
  ['fulness', 'ful'],
  ['ousness', 'ous'],
  ['iveness', 'ive'],
  ['tional', 'tion'],
  ['biliti', 'ble'],
  ['lessli', 'less'],
  ['entli', 'ent'],
  ['ation', 'ate'],
  ['alism', 'al'],
  ['aliti', 'al'],
  ['ousli', 'ous'],
  ['iviti', 'ive'],
  ['fulli', 'ful'],
  ['enci', 'ence'],
  ['anci', 'ance'],
  ['abli', 'able'],
  ['izer', 'ize'],
  ['ator', 'ate'],
  ['alli', 'al'],
  ['bli', 'ble'],
  ['ogi', 'og'],
  ['li', ''],
];
const step3: readonly Rule[] = [
  ['ational', 'ate'],
  ['tional', 'tion'],
  ['alize', 'al'],
  ['icate', 'ic'],
  ['iciti', 'ic'],
  ['ative', ''],
  ['ical', 'ic'],
  ['ness', ''],
  ['ful', ''],
];
const step4 = 'ement ance ence able ible ment ant ent ism ate iti ous ive ize ion al er ic'.split(
  ' ',
);

/** The stem of a lower-case word. */
export function stemEnglish(given: string): string {
  if (given.length <= 2) return given;
  const exception = exceptions.get(given);
  if (exception !== undefined) return exception;
  let word = given
    .replace(/^'/, '')
    .replace(/^y/, 'Y')
    .replace(/([aeiouy])y/g, '$1Y');
  const fixed = /^(?:gener|commun|arsen)/.exec(word);
  const region1 = fixed === null ? regionAfter(word, 0) : fixed[0].length;
  const region2 = regionAfter(word, region1);
  word = word.replace(/(?:'s'|'s|')$/, '');
  word = pluralEnding(word);
  if (invariants.has(word)) return word;
  word = pastEnding(word, region1);
  word = word.replace(/(?<=.[^aeiouy])[yY]$/, 'i');
  word = replaceSecond(word, region1);
  word = replaceThird(word, region1, region2);
  word = removeFourth(word, region2);
  word = removeFinal(word, region1, region2);
  return word.toLowerCase();
}

/** Step 1a. */
function pluralEnding(word: string): string {
  if (word.endsWith('sses')) return word.slice(0, -2);
  if (/ie[ds]$/.test(word)) return word.length > 4 ? word.slice(0, -2) : word.slice(0, -1);
  if (/(?:us|ss)$/.test(word) || !word.endsWith('s')) return word;
  return /[aeiouy]..*$/.test(word.slice(0, -1)) ? word.slice(0, -1) : word;
}

/** Step 1b. */
function pastEnding(word: string, region1: number): string {
  const eed = /eed(?:ly)?$/.exec(word);
  if (eed !== null) return eed.index >= region1 ? `${word.slice(0, eed.index)}ee` : word;
  const ending = /(?:ed|edly|ing|ingly)$/.exec(word);
  if (ending === null) return word;
  const stem = word.slice(0, ending.index);
  if (!/[aeiouy]/.test(stem)) return word;
  if (/(?:at|bl|iz)$/.test(stem)) return `${stem}e`;
  if (doubled.test(stem)) return stem.slice(0, -1);
  return endsInShortSyllable(stem) && region1 >= stem.length ? `${stem}e` : stem;
}

function longest(word: string, rules: readonly Rule[]): Rule | undefined {
  return rules.find(([suffix]) => word.endsWith(suffix));
}

function replaceSecond(word: string, region1: number): string {
  const rule = longest(word, step2);
  if (rule === undefined) return word;
  const [suffix, replacement] = rule;
  const start = word.length - suffix.length;
  if (start < region1) return word;
  if (suffix === 'ogi' && word[start - 1] !== 'l') return word;
  if (suffix === 'li' && !/[cdeghkmnrt]/.test(word[start - 1])) return word;
  return word.slice(0, start) + replacement;
}

function replaceThird(word: string, region1: number, region2: number): string {
  const rule = longest(word, step3);
  if (rule === undefined) return word;
  const [suffix, replacement] = rule;
  const start = word.length - suffix.length;
  return start < (suffix === 'ative' ? region2 : region1)
    ? word
    : word.slice(0, start) + replacement;
}

function removeFourth(word: string, region2: number): string {
  const suffix = step4.find((candidate) => word.endsWith(candidate));
  if (suffix === undefined) return word;
  const start = word.length - suffix.length;
  if (start < region2 || (suffix === 'ion' && !/[st]/.test(word[start - 1]))) return word;
  return word.slice(0, start);
}

/** Step 5. */
function removeFinal(word: string, region1: number, region2: number): string {
  const start = word.length - 1;
  if (word.endsWith('e')) {
    const stem = word.slice(0, -1);
    const drops = start >= region2 || (start >= region1 && !endsInShortSyllable(stem));
    return drops ? stem : word;
  }
  return word.endsWith('ll') && start >= region2 ? word.slice(0, -1) : word;
}
