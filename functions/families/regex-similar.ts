// SIMILAR TO: the SQL standard's patterns rewritten as regular expressions (similar_escape_internal).

import { databaseError } from '#common';

export function similarToRegex(pattern: string, escapeText: string): string {
  const escapes = [...escapeText];
  if (escapes.length > 1) {
    throw databaseError('invalidEscapeSequence', 'invalid escape string', {
      hint: 'Escape string must be empty or one character.',
    });
  }
  const [escape] = escapes;
  let result = '^(?:';
  let afterEscape = false;
  let inBrackets = false;
  /** Escape-double-quote separators seen: they mark the part that substring() returns. */
  let separators = 0;
  for (const character of pattern) {
    if (afterEscape) {
      if (character === '"' && !inBrackets) {
        if (separators === 0) result += '){1,1}?(';
        else if (separators === 1) result += '){1,1}(?:';
        else {
          throw databaseError(
            'invalidUseOfEscapeCharacter',
            'SQL regular expression may not contain more than two escape-double-quote separators',
          );
        }
        separators++;
      } else result += `\\${character}`;
      afterEscape = false;
    } else if (escape !== undefined && character === escape) afterEscape = true;
    else if (inBrackets) {
      if (character === '\\') result += '\\';
      result += character;
      if (character === ']') inBrackets = false;
    } else if (character === '[') {
      result += '[';
      inBrackets = true;
    } else if (character === '%') result += '.*';
    else if (character === '_') result += '.';
    else if (character === '(') result += '(?:';
    else if ('\\.^$'.includes(character)) result += `\\${character}`;
    else result += character;
  }
  return `${result})$`;
}
