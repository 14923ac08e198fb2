// Functions on text: length, parts, case, padding, trimming, searching. Positions and lengths count
// characters (code points).

import {
  ArrayValue,
  characterLength,
  databaseError,
  type DatabaseError,
  type Datum,
  fieldOf,
  hasSurrogates,
  mapPieces,
  replaceText,
  reverseText,
  sliceCharacters,
  splitText,
  stringLengthMax,
  TypeOid,
} from '#common';
import type { Family } from '../family.ts';

export function negativeSubstring(): DatabaseError {
  return databaseError('substringError', 'negative substring length not allowed');
}

export function checkLength(length: number): void {
  if (length > stringLengthMax) {
    throw databaseError('programLimitExceeded', 'requested length too large');
  }
}

/** substr(): the start may lie before the text, and eats into the length then. */
export function substring(text: string, start: number, length?: number): string {
  if (length === undefined) return sliceCharacters(text, start - 1, text.length);
  if (length < 0) throw negativeSubstring();
  return sliceCharacters(text, start - 1, start - 1 + length);
}

/** strpos(): 1-based, 0 when absent. */
export function positionOf(text: string, part: string): number {
  const offset = text.indexOf(part);
  return offset < 0 ? 0 : characterLength(text.slice(0, offset)) + 1;
}

function overlay(text: string, replacement: string, start: number, count: number): string {
  if (start <= 0) throw negativeSubstring();
  const end = start + count;
  if (end > 2147483647) throw databaseError('numericValueOutOfRange', 'integer out of range');
  return (
    sliceCharacters(text, 0, start - 1) +
    replacement +
    sliceCharacters(text, Math.max(0, end - 1), text.length)
  );
}

function leftPart(text: string, count: number): string {
  return sliceCharacters(text, 0, count < 0 ? characterLength(text) + count : count);
}

function rightPart(text: string, count: number): string {
  const length = characterLength(text);
  return sliceCharacters(text, count < 0 ? -count : length - count, length);
}

function mapCharacters(text: string, map: (character: string) => string): string {
  return mapPieces(text, (piece) => Array.from(piece, map).join(''));
}

/** Case mapping character by character: a character that would become several stays. */
function mapCase(text: string, mapped: string, map: (character: string) => string): string {
  if (mapped.length === text.length) return mapped;
  return mapCharacters(text, (character) => {
    const other = map(character);
    return characterLength(other) === 1 ? other : character;
  });
}

export function toUpper(text: string): string {
  return mapCase(text, text.toUpperCase(), (character) => character.toUpperCase());
}

export function toLower(text: string): string {
  return mapCase(text, text.toLowerCase(), (character) => character.toLowerCase());
}

function capitalize(text: string): string {
  return text.replace(
    /[\p{L}\p{N}]+/gu,
    (word) => toUpper(sliceCharacters(word, 0, 1)) + toLower(sliceCharacters(word, 1, word.length)),
  );
}

function pad(text: string, length: number, fill: string, left: boolean): string {
  const wanted = Math.max(0, length);
  checkLength(wanted * 4);
  const own = characterLength(text);
  if (own >= wanted) return sliceCharacters(text, 0, wanted);
  if (fill === '') return text;
  const fillLength = characterLength(fill);
  const missing = wanted - own;
  const padding = sliceCharacters(fill.repeat(Math.ceil(missing / fillLength)), 0, missing);
  return left ? padding + text : text + padding;
}

type TrimSide = 'left' | 'right' | 'both';

export function trimCharacters(text: string, set: string, side: TrimSide): string {
  const trimmed = new Set(hasSurrogates(set) ? [...set] : set.split(''));
  const isWide = hasSurrogates(text);
  // Of a character of two units, the first one is asked for from the start, the second one from the end.
  const after = (index: number): string =>
    isWide ? String.fromCodePoint(text.codePointAt(index)!) : text[index];
  const before = (index: number): string => {
    const pair = isWide && index > 1 ? text.slice(index - 2, index) : '';
    return pair.length === 2 && pair.codePointAt(0)! > 0xffff ? pair : text[index - 1];
  };
  let start = 0;
  let end = text.length;
  if (side !== 'right')
    while (start < end && trimmed.has(after(start))) start += after(start).length;
  if (side !== 'left') while (end > start && trimmed.has(before(end))) end -= before(end).length;
  return text.slice(start, end);
}

function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  for (const [index, character] of [...from].entries()) {
    if (!map.has(character)) map.set(character, targets[index] ?? '');
  }
  return mapCharacters(text, (character) => map.get(character) ?? character);
}

function splitPart(text: string, delimiter: string, field: number): string {
  if (field === 0) throw databaseError('invalidParameterValue', 'field position must not be zero');
  if (text === '') return '';
  if (delimiter === '') return Math.abs(field) === 1 ? text : '';
  return fieldOf(text, delimiter, field);
}

/** The fields of string_to_array(); a null delimiter splits into characters. */
function splitFields(text: string, delimiter: string | null, nullText: string | null): Datum[] {
  if (text === '') return [];
  let parts: string[];
  if (delimiter === null) parts = splitText(text, '');
  else if (delimiter === '') parts = [text];
  else parts = splitText(text, delimiter);
  return nullText === null ? parts : parts.map((part) => (part === nullText ? null : part));
}

function toArray(text: string | null, delimiter: string | null, nullText: string | null): Datum {
  if (text === null) return null;
  return ArrayValue.of(TypeOid.text, splitFields(text, delimiter, nullText));
}

function characterOf(code: number): string {
  if (code < 0) throw databaseError('invalidParameterValue', 'character number must be positive');
  if (code === 0) throw databaseError('programLimitExceeded', 'null character not permitted');
  if (code > 0x10ffff) {
    throw databaseError(
      'programLimitExceeded',
      `requested character too large for encoding: ${code}`,
    );
  }
  if (code >= 0xd800 && code <= 0xdfff) {
    throw databaseError(
      'programLimitExceeded',
      `requested character not valid for encoding: ${code}`,
    );
  }
  return String.fromCodePoint(code);
}

function repeat(text: string, count: number): string {
  if (count <= 0 || text === '') return '';
  checkLength(text.length * count);
  return text.repeat(count);
}

function replaceAll(text: string, from: string, to: string): string {
  return from === '' || text === '' ? text : replaceText(text, from, to);
}

const normalForms = new Set(['NFC', 'NFD', 'NFKC', 'NFKD']);

function normalize(text: string, form: string): string {
  const name = form.toUpperCase();
  if (!normalForms.has(name)) {
    throw databaseError('invalidParameterValue', `invalid normalization form: ${form}`);
  }
  return text.normalize(name);
}

export const textFamily: Family = {
  scalars: {
    textlen: (_context, text: string) => characterLength(text),
    bpcharlen: (_context, text: string) => characterLength(text.replace(/ +$/, '')),
    textoctetlen: (_context, text: string) => Buffer.byteLength(text),
    bpcharoctetlen: (_context, text: string) => Buffer.byteLength(text),
    'bit_length(text)': (_context, text: string) => Buffer.byteLength(text) * 8,
    textcat: (_context, left: string, right: string) => {
      checkLength(left.length + right.length);
      return left + right;
    },
    text_substr: (_context, text: string, start: number, length: number) =>
      substring(text, start, length),
    text_substr_no_len: (_context, text: string, start: number) => substring(text, start),
    textpos: (_context, text: string, part: string) => positionOf(text, part),
    textoverlay: (_context, text: string, replacement: string, start: number, count: number) =>
      overlay(text, replacement, start, count),
    textoverlay_no_len: (_context, text: string, replacement: string, start: number) =>
      overlay(text, replacement, start, characterLength(replacement)),
    text_left: (_context, text: string, count: number) => leftPart(text, count),
    text_right: (_context, text: string, count: number) => rightPart(text, count),
    text_reverse: (_context, text: string) => reverseText(text),
    text_starts_with: (_context, text: string, prefix: string) => text.startsWith(prefix),
    upper: (_context, text: string) => toUpper(text),
    lower: (_context, text: string) => toLower(text),
    initcap: (_context, text: string) => capitalize(text),
    lpad: (_context, text: string, length: number, fill: string) => pad(text, length, fill, true),
    rpad: (_context, text: string, length: number, fill: string) => pad(text, length, fill, false),
    'lpad(text,int4)': (_context, text: string, length: number) => pad(text, length, ' ', true),
    'rpad(text,int4)': (_context, text: string, length: number) => pad(text, length, ' ', false),
    btrim: (_context, text: string, set: string) => trimCharacters(text, set, 'both'),
    ltrim: (_context, text: string, set: string) => trimCharacters(text, set, 'left'),
    rtrim: (_context, text: string, set: string) => trimCharacters(text, set, 'right'),
    btrim1: (_context, text: string) => trimCharacters(text, ' ', 'both'),
    ltrim1: (_context, text: string) => trimCharacters(text, ' ', 'left'),
    rtrim1: (_context, text: string) => trimCharacters(text, ' ', 'right'),
    replace_text: (_context, text: string, from: string, to: string) => replaceAll(text, from, to),
    translate: (_context, text: string, from: string, to: string) => translate(text, from, to),
    repeat: (_context, text: string, count: number) => repeat(text, count),
    split_part: (_context, text: string, delimiter: string, field: number) =>
      splitPart(text, delimiter, field),
    text_to_array: (_context, text: string | null, delimiter: string | null) =>
      toArray(text, delimiter, null),
    text_to_array_null: (
      _context,
      text: string | null,
      delimiter: string | null,
      nullText: string | null,
    ) => toArray(text, delimiter, nullText),
    ascii: (_context, text: string) => text.codePointAt(0) ?? 0,
    chr: (_context, code: number) => characterOf(code),
    unicode_normalize_func: (_context, text: string, form: string) => normalize(text, form),
    unicode_is_normalized: (_context, text: string, form: string) => normalize(text, form) === text,
  },
  sets: {
    text_to_table: (_context, text: string | null, delimiter: string | null) =>
      text === null ? [] : splitFields(text, delimiter, null),
    text_to_table_null: (
      _context,
      text: string | null,
      delimiter: string | null,
      nullText: string | null,
    ) => (text === null ? [] : splitFields(text, delimiter, nullText)),
  },
};
