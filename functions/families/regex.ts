// Regular expression operators and functions, and SIMILAR TO through its translation.

import {
  ArrayValue,
  characterLength,
  characterOffset,
  databaseError,
  type DatabaseError,
  type Datum,
  TypeOid,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { compileRegex, parseRegexFlags, type Regex, type RegexMatch } from './regex-engine.ts';
import { defaultRegexOptions } from './regex-translation.ts';
import { similarToRegex } from './regex-similar.ts';

const anyCase = { ...defaultRegexOptions, ignoreCase: true };

const matches: ScalarImplementation = (_context, text: string, pattern: string) =>
  compileRegex(pattern).test(text);
const matchesNot: ScalarImplementation = (_context, text: string, pattern: string) =>
  !compileRegex(pattern).test(text);
const matchesAnyCase: ScalarImplementation = (_context, text: string, pattern: string) =>
  compileRegex(pattern, anyCase).test(text);
const matchesNotAnyCase: ScalarImplementation = (_context, text: string, pattern: string) =>
  !compileRegex(pattern, anyCase).test(text);

function noGlobal(flags: string, functionName: string, hint?: string): Regex['exec'] | undefined {
  if (!flags.includes('g')) return undefined;
  throw databaseError(
    'invalidParameterValue',
    `${functionName}() does not support the "global" option`,
    hint === undefined ? {} : { hint },
  );
}

function invalidParameter(name: string, value: number): DatabaseError {
  return databaseError('invalidParameterValue', `invalid value for parameter "${name}": ${value}`);
}

/** Captured groups, or the whole match when there are none. */
function captured(regex: Regex, match: RegexMatch): ArrayValue {
  const groups = regex.groupCount === 0 ? match.groups : match.groups.slice(1);
  return ArrayValue.of(
    TypeOid.text,
    groups.map((group): Datum => group ?? null),
  );
}

function firstMatch(text: string, pattern: string, flags: string): Datum {
  noGlobal(flags, 'regexp_match', 'Use the regexp_matches function instead.');
  const regex = compileRegex(pattern, parseRegexFlags(flags).options);
  const match = regex.exec(text);
  return match === undefined ? null : captured(regex, match);
}

function* allMatches(
  context: FunctionContext,
  text: string,
  pattern: string,
  flags: string,
): Iterable<Datum> {
  const { options, global } = parseRegexFlags(flags);
  const regex = compileRegex(pattern, options);
  for (const match of regex.execAll(context, text)) {
    yield captured(regex, match);
    if (!global) return;
  }
}

/** Pieces between matches; an empty match splits only between characters. */
function split(
  context: FunctionContext,
  text: string,
  pattern: string,
  flags: string,
  functionName: string,
): string[] {
  noGlobal(flags, functionName);
  const regex = compileRegex(pattern, parseRegexFlags(flags).options);
  const pieces: string[] = [];
  let last = 0;
  for (const match of regex.execAll(context, text)) {
    if (match.end === 0) continue;
    if (match.start === match.end && (match.start >= text.length || match.start === last)) continue;
    pieces.push(text.slice(last, match.start));
    last = match.end;
  }
  pieces.push(text.slice(last));
  return pieces;
}

/** \1 … \9, \& and \\ in a replacement. */
function expand(replacement: string, match: RegexMatch): string {
  if (!replacement.includes('\\')) return replacement;
  return replacement.replace(/\\([0-9&\\])/g, (whole, code: string) => {
    if (code === '\\') return '\\';
    if (code === '&') return match.groups[0]!;
    return code === '0' ? whole : (match.groups[Number(code)] ?? '');
  });
}

interface Replacement {
  readonly pattern: string;
  readonly replacement: string;
  readonly flags: string;
  /** 1-based character. */
  readonly start: number;
  /** 0: all; n: the n-th match only. */
  readonly occurrence: number;
}

function replace(context: FunctionContext, text: string, options: Replacement): string {
  const regex = compileRegex(options.pattern, parseRegexFlags(options.flags).options);
  let result = '';
  let last = 0;
  let count = 0;
  for (const match of regex.execAll(context, text, characterOffset(text, options.start - 1))) {
    count++;
    if (options.occurrence !== 0 && count !== options.occurrence) continue;
    result += text.slice(last, match.start) + expand(options.replacement, match);
    last = match.end;
    if (options.occurrence !== 0) break;
  }
  return result + text.slice(last);
}

function replaceExtended(
  context: FunctionContext,
  text: string,
  pattern: string,
  replacement: string,
  start: number,
  occurrence: number | undefined,
  flags: string,
): string {
  if (start <= 0) throw invalidParameter('start', start);
  if (occurrence !== undefined && occurrence < 0) throw invalidParameter('n', occurrence);
  const { global } = parseRegexFlags(flags);
  const nth = occurrence ?? (global ? 0 : 1);
  return replace(context, text, { pattern, replacement, flags, start, occurrence: nth });
}

function replaceWithFlags(
  context: FunctionContext,
  text: string,
  pattern: string,
  replacement: string,
  flags: string,
): string {
  if (/^[0-9]/.test(flags)) {
    throw databaseError(
      'invalidParameterValue',
      `invalid regular expression option: "${flags[0]}"`,
      {
        hint: 'If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.',
      },
    );
  }
  const { global } = parseRegexFlags(flags);
  return replace(context, text, {
    pattern,
    replacement,
    flags,
    start: 1,
    occurrence: global ? 0 : 1,
  });
}

/** substring(text from pattern): the first group, or the whole match. */
function substringByRegex(text: string, pattern: string): Datum {
  const regex = compileRegex(pattern);
  const match = regex.exec(text);
  if (match === undefined) return null;
  return match.groups[regex.groupCount > 0 ? 1 : 0] ?? null;
}

function checkPlace(start: number, occurrence: number): void {
  if (start <= 0) throw invalidParameter('start', start);
  if (occurrence <= 0) throw invalidParameter('n', occurrence);
}

function nthMatch(
  context: FunctionContext,
  text: string,
  pattern: string,
  start: number,
  occurrence: number,
  flags: string,
  functionName: string,
): RegexMatch | undefined {
  noGlobal(flags, functionName);
  const regex = compileRegex(pattern, parseRegexFlags(flags).options);
  let count = 0;
  for (const match of regex.execAll(context, text, characterOffset(text, start - 1))) {
    if (++count === occurrence) return match;
  }
  return undefined;
}

function substringOf(
  context: FunctionContext,
  text: string,
  pattern: string,
  start = 1,
  occurrence = 1,
  flags = '',
  group = 0,
): Datum {
  checkPlace(start, occurrence);
  if (group < 0) throw invalidParameter('subexpr', group);
  const match = nthMatch(context, text, pattern, start, occurrence, flags, 'regexp_substr');
  return match?.groups[group] ?? null;
}

function positionIn(
  context: FunctionContext,
  text: string,
  pattern: string,
  start = 1,
  occurrence = 1,
  endOption = 0,
  flags = '',
  group = 0,
): number {
  checkPlace(start, occurrence);
  if (endOption !== 0 && endOption !== 1) throw invalidParameter('endoption', endOption);
  if (group < 0) throw invalidParameter('subexpr', group);
  const match = nthMatch(context, text, pattern, start, occurrence, flags, 'regexp_instr');
  if (match === undefined) return 0;
  const offset = (endOption === 1 ? match.groupEnds : match.groupStarts)[group];
  return offset === undefined || offset < 0 ? 0 : characterLength(text.slice(0, offset)) + 1;
}

function countMatches(
  context: FunctionContext,
  text: string,
  pattern: string,
  start = 1,
  flags = '',
): number {
  if (start <= 0) throw invalidParameter('start', start);
  noGlobal(flags, 'regexp_count');
  const regex = compileRegex(pattern, parseRegexFlags(flags).options);
  let count = 0;
  for (const _ of regex.execAll(context, text, characterOffset(text, start - 1))) count++;
  return count;
}

function isLike(text: string, pattern: string, flags = ''): boolean {
  noGlobal(flags, 'regexp_like');
  return compileRegex(pattern, parseRegexFlags(flags).options).test(text);
}

function textArray(pieces: string[]): ArrayValue {
  return ArrayValue.of(TypeOid.text, pieces);
}

const substr: ScalarImplementation = (
  context,
  text: string,
  pattern: string,
  start?: number,
  occurrence?: number,
  flags?: string,
  group?: number,
) => substringOf(context, text, pattern, start, occurrence, flags, group);
const instr: ScalarImplementation = (
  context,
  text: string,
  pattern: string,
  start?: number,
  occurrence?: number,
  endOption?: number,
  flags?: string,
  group?: number,
) => positionIn(context, text, pattern, start, occurrence, endOption, flags, group);
const count: ScalarImplementation = (
  context,
  text: string,
  pattern: string,
  start?: number,
  flags?: string,
) => countMatches(context, text, pattern, start, flags);
const likeRegex: ScalarImplementation = (_context, text: string, pattern: string, flags?: string) =>
  isLike(text, pattern, flags);

export const regexFamily: Family = {
  scalars: {
    textregexeq: matches,
    textregexne: matchesNot,
    nameregexeq: matches,
    nameregexne: matchesNot,
    texticregexeq: matchesAnyCase,
    texticregexne: matchesNotAnyCase,
    nameicregexeq: matchesAnyCase,
    nameicregexne: matchesNotAnyCase,
    textregexsubstr: (_context, text: string, pattern: string) => substringByRegex(text, pattern),
    textregexreplace_noopt: (context, text: string, pattern: string, replacement: string) =>
      replaceWithFlags(context, text, pattern, replacement, ''),
    textregexreplace: (
      context,
      text: string,
      pattern: string,
      replacement: string,
      flags: string,
    ) => replaceWithFlags(context, text, pattern, replacement, flags),
    textregexreplace_extended: (
      context,
      text: string,
      pattern: string,
      replacement: string,
      start: number,
      occurrence: number,
      flags: string,
    ) => replaceExtended(context, text, pattern, replacement, start, occurrence, flags),
    textregexreplace_extended_no_flags: (
      context,
      text: string,
      pattern: string,
      replacement: string,
      start: number,
      occurrence: number,
    ) => replaceExtended(context, text, pattern, replacement, start, occurrence, ''),
    textregexreplace_extended_no_n: (
      context,
      text: string,
      pattern: string,
      replacement: string,
      start: number,
    ) => replaceExtended(context, text, pattern, replacement, start, undefined, ''),
    regexp_match: (_context, text: string, pattern: string, flags: string) =>
      firstMatch(text, pattern, flags),
    regexp_match_no_flags: (_context, text: string, pattern: string) =>
      firstMatch(text, pattern, ''),
    regexp_split_to_array: (context, text: string, pattern: string, flags: string) =>
      textArray(split(context, text, pattern, flags, 'regexp_split_to_array')),
    regexp_split_to_array_no_flags: (context, text: string, pattern: string) =>
      textArray(split(context, text, pattern, '', 'regexp_split_to_array')),
    regexp_substr: substr,
    regexp_substr_no_start: substr,
    regexp_substr_no_n: substr,
    regexp_substr_no_flags: substr,
    regexp_substr_no_subexpr: substr,
    regexp_instr: instr,
    regexp_instr_no_start: instr,
    regexp_instr_no_n: instr,
    regexp_instr_no_endoption: instr,
    regexp_instr_no_flags: instr,
    regexp_instr_no_subexpr: instr,
    regexp_count: count,
    regexp_count_no_start: count,
    regexp_count_no_flags: count,
    regexp_like: likeRegex,
    regexp_like_no_flags: likeRegex,
    similar_escape: (_context, pattern: string | null, escape: string | null) =>
      pattern === null ? null : similarToRegex(pattern, escape ?? '\\'),
    similar_to_escape_1: (_context, pattern: string) => similarToRegex(pattern, '\\'),
    similar_to_escape_2: (_context, pattern: string, escape: string) =>
      similarToRegex(pattern, escape),
    'substring(text,text,text)': (_context, text: string, pattern: string, escape: string) =>
      substringByRegex(text, similarToRegex(pattern, escape)),
  },
  sets: {
    regexp_matches: (context, text: string, pattern: string, flags: string) =>
      allMatches(context, text, pattern, flags),
    regexp_matches_no_flags: (context, text: string, pattern: string) =>
      allMatches(context, text, pattern, ''),
    regexp_split_to_table: (context, text: string, pattern: string, flags: string) =>
      split(context, text, pattern, flags, 'regexp_split_to_table'),
    regexp_split_to_table_no_flags: (context, text: string, pattern: string) =>
      split(context, text, pattern, '', 'regexp_split_to_table'),
  },
};
