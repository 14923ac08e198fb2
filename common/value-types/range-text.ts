// Text of ranges and multiranges: [lower,upper) with bounds quoted where they need it, "empty", and
// {range,range …}.

import { databaseError, type DatabaseError } from '../errors.ts';
import { doubleCharacters } from '../long-text.ts';

/** The bounds as texts; null: infinite. undefined: the empty range. */
export interface RangeTexts {
  readonly lower: string | null;
  readonly upper: string | null;
  readonly lowerInclusive: boolean;
  readonly upperInclusive: boolean;
}

function malformed(kind: string, text: string, detail: string): DatabaseError {
  return databaseError('invalidTextRepresentation', `malformed ${kind} literal: "${text}"`, {
    detail,
  });
}

const blank = /^[ \t\n\r\f\v]$/;

export function parseRangeText(text: string): RangeTexts | undefined {
  const empty = /^\s*empty/i.exec(text);
  if (empty !== null) {
    if (text.slice(empty[0].length).trim() !== '')
      throw malformed('range', text, 'Junk after "empty" key word.');
    return undefined;
  }
  const fail = (detail: string): DatabaseError => malformed('range', text, detail);
  let at = text.length - text.trimStart().length;
  const open = text[at++];
  if (open !== '[' && open !== '(') throw fail('Missing left parenthesis or bracket.');
  const lower = parseBound(text, at, fail);
  at = lower.end;
  if (text[at++] !== ',') throw fail('Missing comma after lower bound.');
  const upper = parseBound(text, at, fail);
  const close = text[upper.end];
  if (close !== ']' && close !== ')') throw fail('Too many commas.');
  if (text.slice(upper.end + 1).trim() !== '')
    throw fail('Junk after right parenthesis or bracket.');
  return {
    lower: lower.value,
    upper: upper.value,
    lowerInclusive: open === '[',
    upperInclusive: close === ']',
  };
}

function parseBound(
  text: string,
  start: number,
  fail: (detail: string) => DatabaseError,
): { value: string | null; end: number } {
  let at = start;
  if (text[at] === ',' || text[at] === ')' || text[at] === ']') return { value: null, end: at };
  let value = '';
  let quoted = false;
  for (;;) {
    const character = text[at];
    if (character === undefined) throw fail('Unexpected end of input.');
    if (!quoted && /[,()[\]]/.test(character)) return { value, end: at };
    at++;
    if (character === '\\') {
      if (text[at] === undefined) throw fail('Unexpected end of input.');
      value += text[at++];
    } else if (character === '"') {
      if (quoted && text[at] === '"') {
        value += '"';
        at++;
      } else quoted = !quoted;
    } else value += character;
  }
}

export function formatRangeText(texts: RangeTexts): string {
  const lower = texts.lower === null ? '' : quoteBound(texts.lower);
  const upper = texts.upper === null ? '' : quoteBound(texts.upper);
  return `${texts.lowerInclusive ? '[' : '('}${lower},${upper}${texts.upperInclusive ? ']' : ')'}`;
}

function quoteBound(text: string): string {
  if (text !== '' && !/["\\()[\],\s]/.test(text)) return text;
  return `"${doubleCharacters(text, /["\\]/g, '$&$&')}"`;
}

/** The texts of a multirange's ranges. */
export function parseMultirangeText(text: string): string[] {
  const fail = (detail: string): DatabaseError => malformed('multirange', text, detail);
  const source = text;
  let at = skipBlanks(source, 0);
  if (source[at] !== '{') throw fail('Missing left brace.');
  const ranges: string[] = [];
  at = skipBlanks(source, at + 1);
  if (source[at] === '}') at++;
  else {
    for (;;) {
      at = skipBlanks(source, at);
      const end = rangeEnd(source, at, fail);
      ranges.push(source.slice(at, end));
      at = skipBlanks(source, end);
      const next = source[at++];
      if (next === undefined) throw fail('Unexpected end of input.');
      if (next === '}') break;
      if (next !== ',') throw fail('Expected comma or end of multirange.');
    }
  }
  if (skipBlanks(source, at) < source.length) throw fail('Junk after closing right brace.');
  return ranges;
}

function skipBlanks(text: string, start: number): number {
  let at = start;
  while (at < text.length && blank.test(text[at])) at++;
  return at;
}

function rangeEnd(text: string, start: number, fail: (detail: string) => DatabaseError): number {
  if (text[start] === undefined) throw fail('Unexpected end of input.');
  if (/^empty/i.test(text.slice(start, start + 5))) return start + 5;
  if (text[start] !== '[' && text[start] !== '(') throw fail('Expected range start.');
  let quoted = false;
  for (let at = start + 1; at < text.length; at++) {
    const character = text[at];
    if (character === '\\') at++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ']' || character === ')')) return at + 1;
  }
  throw fail('Unexpected end of input.');
}
