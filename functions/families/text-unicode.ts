// unistr(): a text with Unicode escapes \XXXX, \+XXXXXX, \uXXXX and \UXXXXXXXX.

import { databaseError, type DatabaseError } from '#common';
import type { Family } from '../family.ts';

function invalid(message: string): DatabaseError {
  return databaseError('syntaxError', message);
}

function unescape(text: string): string {
  if (!text.includes('\\')) return text;
  let high: number | undefined;
  const pattern =
    /\\(?:\\|([\da-fA-F]{4})|\+([\da-fA-F]{6})|u([\da-fA-F]{4})|U([\da-fA-F]{8}))|\\|[^\\]+/g;
  const result = text.replace(pattern, (part, four, six, lower, upper) => {
    const digits = (four ?? six ?? lower ?? upper) as string | undefined;
    if (digits === undefined) {
      if (high !== undefined) throw invalid('invalid Unicode surrogate pair');
      if (part === '\\\\') return '\\';
      if (part !== '\\') return part;
      throw databaseError('syntaxError', 'invalid Unicode escape', {
        hint: 'Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX.',
      });
    }
    const code = parseInt(digits, 16);
    const isLow = code >= 0xdc00 && code <= 0xdfff;
    if (high !== undefined) {
      if (!isLow) throw invalid('invalid Unicode surrogate pair');
      const character = String.fromCharCode(high, code);
      high = undefined;
      return character;
    }
    if (code === 0 || code > 0x10ffff) {
      throw databaseError(
        'invalidParameterValue',
        `invalid Unicode code point: ${code.toString(16).toUpperCase().padStart(4, '0')}`,
      );
    }
    if (isLow) throw invalid('invalid Unicode surrogate pair');
    if (code < 0xd800 || code > 0xdbff) return String.fromCodePoint(code);
    high = code;
    return '';
  });
  if (high !== undefined) throw invalid('invalid Unicode surrogate pair');
  return result;
}

export const unicodeFamily: Family = {
  scalars: { unistr: (_context, text: string) => unescape(text) },
};
