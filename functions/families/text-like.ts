// LIKE and ILIKE. A pattern is compiled once into a matcher and kept. Without a wildcard in the middle
// it becomes an equality, prefix, suffix or substring test; otherwise a two-pointer match that only
// ever goes back to the last %, so it cannot run away.

import { databaseError, type DatabaseError, latin1Text, asBuffer } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { toLower } from './text.ts';

export type LikeMatcher = (text: string) => boolean;

/** Pattern elements: a code point, or one of these. */
const anyCharacter = -1;
const anyString = -2;
const danglingEscape = -3;

const cacheEntriesMax = 512;
/** Longer patterns are not kept. */
const cachedLengthMax = 10_000;
const patternLengthMax = 10_000_000;
const matchers = new Map<string, LikeMatcher>();

/** The matcher of a pattern; 22025 is raised when a match reaches an escape at the pattern's end. */
export function likeMatcher(pattern: string): LikeMatcher {
  let matcher = matchers.get(pattern);
  if (matcher === undefined) {
    matcher = compile(pattern);
    if (pattern.length > cachedLengthMax) return matcher;
    if (matchers.size >= cacheEntriesMax) matchers.clear();
    matchers.set(pattern, matcher);
  }
  return matcher;
}

function elementsOf(pattern: string): number[] {
  if (pattern.length > patternLengthMax)
    throw databaseError('programLimitExceeded', 'LIKE pattern is too long');
  const elements: number[] = [];
  const characters = [...pattern];
  for (let index = 0; index < characters.length; index++) {
    const character = characters[index];
    if (character === '\\') {
      const next = characters[++index];
      elements.push(next === undefined ? danglingEscape : next.codePointAt(0)!);
    } else if (character === '%') {
      if (elements.at(-1) !== anyString) elements.push(anyString);
    } else elements.push(character === '_' ? anyCharacter : character.codePointAt(0)!);
  }
  return elements;
}

function compile(pattern: string): LikeMatcher {
  const elements = elementsOf(pattern);
  const open = elements[0] === anyString;
  const close = elements.length > 1 && elements.at(-1) === anyString;
  const middle = elements.slice(open ? 1 : 0, close ? -1 : undefined);
  if (middle.every((element) => element >= 0)) {
    const literal = middle.map((element) => String.fromCodePoint(element)).join('');
    if (open && close) return (text) => text.includes(literal);
    if (open) return (text) => text.endsWith(literal);
    if (close) return (text) => text.startsWith(literal);
    return (text) => text === literal;
  }
  if (elements.every((element) => element >= 0 || element === anyString)) {
    return piecesMatcher(elements);
  }
  return (text) => matches(text, elements);
}

/** Literal pieces between % signs: each is looked for behind the one before it. */
function piecesMatcher(elements: readonly number[]): LikeMatcher {
  const pieces: string[] = [''];
  for (const element of elements) {
    if (element === anyString) pieces.push('');
    else pieces[pieces.length - 1] += String.fromCodePoint(element);
  }
  const [first] = pieces;
  const last = pieces.at(-1)!;
  const between = pieces.slice(1, -1);
  return (text) => {
    if (!text.startsWith(first) || !text.endsWith(last)) return false;
    let at = first.length;
    for (const piece of between) {
      const found = text.indexOf(piece, at);
      if (found === -1) return false;
      at = found + piece.length;
    }
    return at <= text.length - last.length;
  };
}

function matches(text: string, elements: readonly number[]): boolean {
  let at = 0;
  let element = 0;
  let retryAt = 0;
  let retryElement = -1;
  while (at < text.length) {
    const expected = elements[element];
    if (expected === danglingEscape) throw endsWithEscape();
    const code = text.codePointAt(at)!;
    if (expected === anyString) {
      retryElement = ++element;
      retryAt = at;
    } else if (expected === code || expected === anyCharacter) {
      at += code > 0xffff ? 2 : 1;
      element++;
    } else if (retryElement >= 0) {
      retryAt += text.codePointAt(retryAt)! > 0xffff ? 2 : 1;
      at = retryAt;
      element = retryElement;
    } else return false;
  }
  while (elements[element] === anyString) element++;
  return element === elements.length;
}

function endsWithEscape(): DatabaseError {
  return databaseError('invalidEscapeSequence', 'LIKE pattern must not end with escape character');
}

/** Rewrites a pattern with another escape character (or none) for backslash. */
function changeEscape(pattern: string, escape: string): string {
  const escapes = [...escape];
  if (escapes.length > 1) {
    throw databaseError('invalidEscapeSequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  if (escape === '\\') return pattern;
  const [character] = escapes;
  let result = '';
  let afterEscape = false;
  for (const current of pattern) {
    if (character !== undefined && current === character && !afterEscape) {
      result += '\\';
      afterEscape = true;
    } else if (current === '\\') {
      result += afterEscape ? '\\' : '\\\\';
      afterEscape = false;
    } else {
      result += current;
      afterEscape = false;
    }
  }
  return result;
}

function binary(bytes: Uint8Array): string {
  return latin1Text(asBuffer(bytes), 0, bytes.length);
}

const like: ScalarImplementation = (_context, text: string, pattern: string) =>
  likeMatcher(pattern)(text);
const notLike: ScalarImplementation = (_context, text: string, pattern: string) =>
  !likeMatcher(pattern)(text);
const likeAnyCase: ScalarImplementation = (_context, text: string, pattern: string) =>
  likeMatcher(toLower(pattern))(toLower(text));
const notLikeAnyCase: ScalarImplementation = (_context, text: string, pattern: string) =>
  !likeMatcher(toLower(pattern))(toLower(text));

export const likeFamily: Family = {
  scalars: {
    textlike: like,
    textnlike: notLike,
    namelike: like,
    namenlike: notLike,
    texticlike: likeAnyCase,
    texticnlike: notLikeAnyCase,
    nameiclike: likeAnyCase,
    nameicnlike: notLikeAnyCase,
    bytealike: (_context, text: Uint8Array, pattern: Uint8Array) =>
      likeMatcher(binary(pattern))(binary(text)),
    byteanlike: (_context, text: Uint8Array, pattern: Uint8Array) =>
      !likeMatcher(binary(pattern))(binary(text)),
    like_escape: (_context, pattern: string, escape: string) => changeEscape(pattern, escape),
    like_escape_bytea: (_context, pattern: Uint8Array, escape: Uint8Array) =>
      new Uint8Array(Buffer.from(changeEscape(binary(pattern), binary(escape)), 'latin1')),
  },
};
