// parse_ident(): cuts a qualified name into its parts as the grammar would (manual, 9.4).

import { ArrayValue, databaseError, type DatabaseError, TypeOid } from '#common';
import type { Family } from '../family.ts';

const blanks = /[ \t\n\r\f\v]*/y;
const quoted = /"((?:[^"]|"")*)("?)/y;
const plain = /[A-Za-z_\u0080-\uffff][\w$\u0080-\uffff]*/y;

function parseIdentifier(text: string, strict: boolean): ArrayValue {
  const parts: string[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  take(blanks);
  for (let afterDot = false; ; afterDot = true) {
    const inQuotes = take(quoted);
    const bare = inQuotes === null ? take(plain) : null;
    if (inQuotes !== null) {
      if (inQuotes[2] === '') throw notValid(text, 'String has unclosed double quotes.');
      if (inQuotes[1] === '') throw notValid(text, 'Quoted identifier must not be empty.');
      parts.push(inQuotes[1].replaceAll('""', '"'));
    } else if (bare !== null) {
      parts.push(bare[0].replaceAll(/[A-Z]+/g, (letters) => letters.toLowerCase()));
    } else {
      if (text[at] === '.') throw notValid(text, 'No valid identifier before ".".');
      throw notValid(text, afterDot ? 'No valid identifier after ".".' : undefined);
    }
    take(blanks);
    if (text[at] === '.') {
      at++;
      take(blanks);
      continue;
    }
    if (at < text.length && strict) throw notValid(text, undefined);
    return ArrayValue.of(TypeOid.text, parts);
  }
}

function notValid(text: string, detail: string | undefined): DatabaseError {
  return databaseError(
    'invalidParameterValue',
    `string is not a valid identifier: "${text}"`,
    detail === undefined ? {} : { detail },
  );
}

export const identifierFamily: Family = {
  scalars: {
    parse_ident: (_context, text: string, strict: boolean) => parseIdentifier(text, strict),
  },
};
