// Compiled regular expressions and their matches. Compiled ones are kept by pattern and options.

import { RE2JS } from 're2js';
import { regexCacheEntriesMax } from '#common';
import {
  applyRegexOption,
  defaultRegexOptions,
  invalidRegex,
  type RegexOptions,
  translateRegex,
} from './regex-translation.ts';
import { databaseError } from '#common';
import type { FunctionContext } from '../contract.ts';

const cancelCheckMask = 0x3ff;

/** UTF-16 offsets of one match; groups[0] is the whole. A group that took no part is undefined. */
export interface RegexMatch {
  readonly start: number;
  readonly end: number;
  readonly groups: readonly (string | undefined)[];
  readonly groupStarts: readonly number[];
  readonly groupEnds: readonly number[];
}

export class Regex {
  private readonly compiled: RE2JS;
  readonly groupCount: number;

  constructor(pattern: string, options: RegexOptions) {
    const translated = translateRegex(pattern, options);
    let flags = 0;
    if (translated.options.ignoreCase) flags |= RE2JS.CASE_INSENSITIVE;
    if (translated.options.newlineAnchors) flags |= RE2JS.MULTILINE;
    if (translated.longest) flags |= RE2JS.LONGEST_MATCH;
    try {
      this.compiled = RE2JS.compile(translated.source, flags);
    } catch (error) {
      throw invalidRegex(error instanceof Error ? error.message : String(error));
    }
    this.groupCount = this.compiled.groupCount();
  }

  test(text: string): boolean {
    return this.compiled.test(text);
  }

  /** The first match at or after an offset. */
  exec(text: string, from = 0): RegexMatch | undefined {
    const matcher = this.compiled.matcher(text);
    if (!matcher.find(from)) return undefined;
    return this.matchOf(matcher);
  }

  /** All matches from an offset, without overlaps; an empty match moves on by one character. */
  *execAll(context: FunctionContext, text: string, from = 0): Generator<RegexMatch> {
    const matcher = this.compiled.matcher(text);
    let found = matcher.find(from);
    let count = 0;
    while (found) {
      if ((++count & cancelCheckMask) === 0) context.checkCancel();
      yield this.matchOf(matcher);
      found = matcher.find();
    }
  }

  private matchOf(matcher: ReturnType<RE2JS['matcher']>): RegexMatch {
    const groups: (string | undefined)[] = [];
    const groupStarts: number[] = [];
    const groupEnds: number[] = [];
    for (let group = 0; group <= this.groupCount; group++) {
      const start = matcher.start(group);
      groupStarts.push(start);
      groupEnds.push(start < 0 ? -1 : matcher.end(group));
      groups.push(start < 0 ? undefined : (matcher.group(group) ?? undefined));
    }
    return { start: groupStarts[0], end: groupEnds[0], groups, groupStarts, groupEnds };
  }
}

const cache = new Map<string, Regex>();

export function compileRegex(pattern: string, options: RegexOptions = defaultRegexOptions): Regex {
  const { ignoreCase, newlineStops, newlineAnchors, expanded, literal } = options;
  const bits = [ignoreCase, newlineStops, newlineAnchors, expanded, literal];
  const key = `${bits.map(Number).join('')}${pattern}`;
  let regex = cache.get(key);
  if (regex === undefined) {
    regex = new Regex(pattern, options);
    if (cache.size >= regexCacheEntriesMax) cache.clear();
    cache.set(key, regex);
  }
  return regex;
}

export interface RegexFlags {
  readonly options: RegexOptions;
  readonly global: boolean;
}

/** The flags argument of regexp_* functions; 22023 for unknown letters. */
export function parseRegexFlags(flags: string): RegexFlags {
  let options = defaultRegexOptions;
  let global = false;
  for (const letter of flags) {
    if (letter === 'g') {
      global = true;
      continue;
    }
    const applied = applyRegexOption(options, letter);
    if (applied === undefined) {
      throw databaseError(
        'invalidParameterValue',
        `invalid regular expression option: "${letter}"`,
      );
    }
    options = applied;
  }
  return { options, global };
}
