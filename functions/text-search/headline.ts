// ts_headline: the part of a text that shows best why a query matches, with the matching words marked.
// Candidates are stretches that satisfy the query ("covers"); each is stretched or cut to the wanted
// number of words at a place where a text may well end.

import { databaseError, lexemesOf, type QueryLexeme, type TsQuery } from '#common';
import { type Configuration, dictionariesFor, lexemeOf } from './configuration.ts';
import { type Lookup, queryHolds } from './match.ts';
import { parseTokens, tokenType } from './token-parser.ts';

interface HeadlineOptions {
  maxWords: number;
  minWords: number;
  shortWord: number;
  maxFragments: number;
  highlightAll: boolean;
  startSel: string;
  stopSel: string;
  fragmentDelimiter: string;
}

interface Word {
  readonly text: string;
  readonly type: number;
  readonly matches: readonly QueryLexeme[];
  readonly place: number;
  isShown: boolean;
}

const t = tokenType;
const silent = new Set<number>([t.url, t.numberHyphenated, t.asciiHyphenated, t.hyphenated]);
const notAWord = new Set<number>([t.blank, t.tag, ...silent]);
const neverLast = new Set<number>([
  ...notAWord,
  t.scientific,
  t.version,
  t.decimal,
  t.signedInteger,
  t.unsignedInteger,
  t.protocol,
  t.entity,
]);

const optionNames = new Map<string, keyof HeadlineOptions>([
  ['maxwords', 'maxWords'],
  ['minwords', 'minWords'],
  ['shortword', 'shortWord'],
  ['maxfragments', 'maxFragments'],
  ['startsel', 'startSel'],
  ['stopsel', 'stopSel'],
  ['fragmentdelimiter', 'fragmentDelimiter'],
  ['highlightall', 'highlightAll'],
]);

/** Of what is put around matches and between fragments. */
const insertedBytesMax = 32_767;

function parseOptions(text: string): HeadlineOptions {
  const options: Record<string, string | number | boolean> = {
    maxWords: 35,
    minWords: 15,
    shortWord: 3,
    maxFragments: 0,
    highlightAll: false,
    startSel: '<b>',
    stopSel: '</b>',
    fragmentDelimiter: ' ... ',
  };
  const pattern = /\s*,?\s*([A-Za-z_]\w*)\s*=\s*(?:"((?:[^"]|"")*)"|'((?:[^']|'')*)'|([^,\s]*))/y;
  while (pattern.lastIndex < text.trimEnd().length) {
    const start = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) {
      throw databaseError('syntaxError', `invalid parameter list format: "${text.slice(start)}"`);
    }
    const name = optionNames.get(match[1].toLowerCase());
    const value =
      match[2]?.replaceAll('""', '"') ?? match[3]?.replaceAll("''", "'") ?? match[4] ?? '';
    if (name === undefined) {
      throw databaseError(
        'invalidParameterValue',
        `unrecognized headline parameter: "${match[1].toLowerCase()}"`,
      );
    }
    const kind = typeof options[name];
    if (kind === 'number') options[name] = Math.trunc(Number(value)) || 0;
    else if (kind === 'boolean') options[name] = /^(?:1|on|true|t|y|yes)$/i.test(value);
    else options[name] = value;
  }
  return checkedOptions(options as unknown as HeadlineOptions);
}

function checkedOptions(options: HeadlineOptions): HeadlineOptions {
  const fail = (message: string): Error => databaseError('invalidParameterValue', message);
  const texts = [
    ['StartSel', options.startSel],
    ['StopSel', options.stopSel],
    ['FragmentDelimiter', options.fragmentDelimiter],
  ] as const;
  const tooLong = texts.find(([, value]) => Buffer.byteLength(value) > insertedBytesMax);
  if (tooLong !== undefined) throw fail(`value for "${tooLong[0]}" is too long`);
  if (options.highlightAll) return options;
  if (options.minWords >= options.maxWords) throw fail('MinWords should be less than MaxWords');
  if (options.minWords <= 0) throw fail('MinWords should be positive');
  if (options.shortWord < 0) throw fail('ShortWord should be >= 0');
  if (options.maxFragments < 0) throw fail('MaxFragments should be >= 0');
  return options;
}

/** 42601 or 22023, as headline() would, when there is no text to make one of. */
export function checkHeadlineOptions(text: string): void {
  parseOptions(text);
}

export function headline(
  configuration: Configuration,
  text: string,
  query: TsQuery,
  optionText: string,
): string {
  const options = parseOptions(optionText);
  const words = wordsOf(configuration, text, query);
  new Headline(words, query, options).choose();
  return render(words, options);
}

function wordsOf(configuration: Configuration, text: string, query: TsQuery): Word[] {
  const lexemes = lexemesOf(query.root);
  let place = 0;
  return parseTokens(text).map((token): Word => {
    const dictionaries = dictionariesFor(configuration, token.type);
    const lexeme = lexemeOf(dictionaries, token.text);
    if (lexeme !== null) place++;
    const matches =
      lexeme == null
        ? []
        : lexemes.filter(({ word, prefix }) =>
            prefix ? lexeme.startsWith(word) : lexeme === word,
          );
    return { text: token.text, type: token.type, matches, place, isShown: false };
  });
}

function render(words: readonly Word[], options: HeadlineOptions): string {
  let text = '';
  let inFragment = false;
  let fragments = 0;
  for (const word of words) {
    if (!word.isShown) {
      inFragment = false;
      continue;
    }
    if (!inFragment) {
      inFragment = true;
      if (++fragments > 1) text += options.fragmentDelimiter;
    }
    if (word.type === t.tag && !options.highlightAll) text += ' ';
    else if (!silent.has(word.type)) {
      text += word.matches.length > 0 ? options.startSel + word.text + options.stopSel : word.text;
    }
  }
  return text;
}

interface Stretch {
  start: number;
  end: number;
  words: number;
  hits: number;
  state: 'open' | 'chosen' | 'excluded';
}

class Headline {
  private readonly words: readonly Word[];
  private readonly query: TsQuery;
  private readonly options: HeadlineOptions;

  constructor(words: readonly Word[], query: TsQuery, options: HeadlineOptions) {
    this.words = words;
    this.query = query;
    this.options = options;
  }

  choose(): void {
    if (this.options.highlightAll) this.show(0, this.words.length - 1);
    else if (this.options.maxFragments === 0) this.chooseOne();
    else this.chooseFragments();
  }

  private show(start: number, end: number): void {
    for (let at = start; at <= end; at++) this.words[at].isShown = true;
  }

  private counts(at: number): number {
    return notAWord.has(this.words[at].type) ? 0 : 1;
  }

  private hits(at: number): number {
    return this.words[at].matches.length > 0 ? 1 : 0;
  }

  private badEnd(at: number): boolean {
    const { text, type } = this.words[at];
    const isShort = Buffer.byteLength(text) <= this.options.shortWord;
    return (neverLast.has(type) || isShort) && this.hits(at) === 0;
  }

  private nextHit(from: number): number {
    for (let at = from; at < this.words.length; at++) if (this.hits(at) === 1) return at;
    return -1;
  }

  /** The first stretch from `from` on, beginning and ending with hits, that satisfies the query. */
  private cover(from: number): { start: number; end: number } | undefined {
    const longest = Math.max(this.options.maxWords * 10, 100);
    let start = this.nextHit(from);
    while (start >= 0) {
      const following = this.nextHit(start + 1);
      let end = start;
      while (end >= 0 && end - start < longest) {
        if (queryHolds(this.query, this.lookupIn(start, end))) return { start, end };
        end = this.nextHit(end + 1);
      }
      start = following;
    }
    return undefined;
  }

  private lookupIn(start: number, end: number): Lookup {
    return (lexeme) => {
      const places: number[] = [];
      for (let at = start; at <= end; at++) {
        if (this.words[at].matches.includes(lexeme)) places.push(this.words[at].place);
      }
      return { found: places.length > 0, places };
    };
  }

  private showBeginning(): void {
    let count = 0;
    let end = 0;
    for (let at = 0; at < this.words.length && count < this.options.minWords; at++) {
      count += this.counts(at);
      end = at;
    }
    if (this.words.length > 0) this.show(0, end);
  }

  private chooseOne(): void {
    let best: { start: number; end: number; hits: number; covers: boolean } | undefined;
    let cover = this.cover(0);
    while (cover !== undefined) {
      const candidate = this.fitted(cover);
      const covers = candidate.start <= cover.start && candidate.end >= cover.end;
      const better =
        best === undefined ||
        Number(covers) > Number(best.covers) ||
        (covers === best.covers &&
          (candidate.hits > best.hits ||
            (candidate.hits === best.hits &&
              !this.badEnd(candidate.end) &&
              this.badEnd(best.end))));
      if (better) best = { ...candidate, covers };
      cover = this.cover(cover.start + 1);
    }
    if (best === undefined) this.showBeginning();
    else this.show(best.start, best.end);
  }

  /** A cover stretched to the wanted length, or cut back to a good end. */
  private fitted(cover: { start: number; end: number }): {
    start: number;
    end: number;
    hits: number;
  } {
    const { maxWords, minWords } = this.options;
    let count = 0;
    let hits = 0;
    let { start } = cover;
    let end = cover.start;
    let at = cover.start;
    for (; at <= cover.end && count < maxWords; at++) {
      count += this.counts(at);
      hits += this.hits(at);
      end = at;
    }
    if (count >= maxWords) {
      for (at = Math.min(at, cover.end); count > minWords && this.badEnd(at); at--) {
        count -= this.counts(at);
        hits -= this.hits(at);
        end = at - 1;
      }
      return { start, end, hits };
    }
    for (at--; at < this.words.length && count < maxWords; at++) {
      if (at > cover.end) {
        count += this.counts(at);
        hits += this.hits(at);
      }
      end = at;
      if (!this.badEnd(at) && count >= minWords) break;
    }
    if (count < minWords) {
      for (at = cover.start - 1; at >= 0; at--) {
        count += this.counts(at);
        hits += this.hits(at);
        if (count >= maxWords || (!this.badEnd(at) && count >= minWords)) break;
      }
      start = Math.max(at, 0);
    }
    return { start, end, hits };
  }

  private chooseFragments(): void {
    const stretches = this.stretches();
    let chosen = 0;
    while (chosen < this.options.maxFragments) {
      const best = bestStretch(stretches);
      if (best === undefined) break;
      best.state = 'chosen';
      this.widen(best);
      this.show(best.start, best.end);
      chosen++;
      for (const other of stretches) {
        if (other !== best && other.start <= best.end && other.end >= best.start)
          other.state = other.state === 'chosen' ? 'chosen' : 'excluded';
      }
    }
    if (chosen === 0) this.showBeginning();
  }

  /** All covers, cut into parts of at most maxWords that begin and end with hits. */
  private stretches(): Stretch[] {
    const result: Stretch[] = [];
    let cover = this.cover(0);
    while (cover !== undefined) {
      let { start } = cover;
      while (start <= cover.end) {
        const part = this.part(start, cover.end);
        result.push(part);
        start = part.end + 1;
      }
      cover = this.cover(cover.start + 1);
    }
    return result;
  }

  private part(from: number, to: number): Stretch {
    let start = from;
    while (start < to && this.hits(start) === 0) start++;
    let words = 0;
    let hits = 0;
    let at = start;
    for (; at <= to && words < this.options.maxWords; at++) {
      words += this.counts(at);
      hits += this.hits(at);
    }
    let end = to;
    if (to > at) {
      for (end = at; end > start && this.hits(end) === 0; end--) words -= this.counts(end);
    }
    return { start, end, words, hits, state: 'open' };
  }

  private widen(stretch: Stretch): void {
    const { maxWords } = this.options;
    if (stretch.words >= maxWords) return;
    const room = Math.trunc((maxWords - stretch.words) / 2);
    let taken = 0;
    let mark = stretch.start;
    for (let at = stretch.start - 1; at >= 0 && taken < room && !this.words[at].isShown; at--) {
      taken += this.counts(at);
      mark = at;
    }
    let words = stretch.words + taken;
    for (; mark < stretch.start && this.badEnd(mark); mark++) words -= this.counts(mark);
    stretch.start = mark;
    mark = stretch.end;
    for (
      let at = stretch.end + 1;
      at < this.words.length && words < maxWords && !this.words[at].isShown;
      at++
    ) {
      words += this.counts(at);
      mark = at;
    }
    for (; mark > stretch.end && this.badEnd(mark); mark--) words -= this.counts(mark);
    stretch.end = mark;
    stretch.words = words;
  }
}

/** The one with most hits; of those the one with fewest words. */
function bestStretch(stretches: readonly Stretch[]): Stretch | undefined {
  let best: Stretch | undefined;
  for (const stretch of stretches) {
    if (stretch.state !== 'open' || stretch.hits === 0) continue;
    const better =
      best === undefined ||
      stretch.hits > best.hits ||
      (stretch.hits === best.hits && stretch.words < best.words);
    if (better) best = stretch;
  }
  return best;
}
