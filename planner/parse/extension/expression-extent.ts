// Where an expression ends that stands in the middle of a table reference, found from tokens: at a
// bracket or comma that is not its own, at a keyword that goes on with the statement, or at a name
// that follows a complete operand, which is the alias (`… AS OF now() - interval '1 day' t`).

import { Lexer, TokenKind } from '../lexer.ts';

const closing = new Set([
  'where',
  'join',
  'left',
  'right',
  'full',
  'inner',
  'cross',
  'natural',
  'on',
  'using',
  'group',
  'order',
  'having',
  'window',
  'limit',
  'offset',
  'fetch',
  'for',
  'union',
  'intersect',
  'except',
  'as',
  'tablesample',
  'set',
  'returning',
  'with',
  'when',
  'then',
  'do',
]);
/** Words that go on with an expression after a complete operand. */
const continuing = new Set([
  'and',
  'or',
  'is',
  'isnull',
  'notnull',
  'in',
  'like',
  'ilike',
  'similar',
  'between',
  'not',
  'collate',
  'at',
  'time',
  'zone',
  'null',
  'true',
  'false',
  'unknown',
  'distinct',
  'from',
  'overlaps',
  'operator',
  'end',
  'else',
  'to',
  'escape',
]);
/** Words after which an operand is still to come. */
const expecting = new Set([
  'and',
  'or',
  'in',
  'like',
  'ilike',
  'between',
  'not',
  'collate',
  'case',
  'zone',
  'from',
  'row',
  'array',
  'escape',
  'to',
  'else',
  'similar',
  'at',
  'is',
  'distinct',
  'time',
]);
const intervalFields = new Set(['year', 'month', 'day', 'hour', 'minute', 'second']);
const typePrefixes = new Set([
  'timestamp',
  'time',
  'double',
  'character',
  'bit',
  'interval',
  'national',
]);
const typeSuffixes = new Set(['with', 'without', 'time', 'zone', 'precision', 'varying']);

/**
 * The offset after the last token of the expression that begins at `from`; `separator` is a keyword
 * that ends it too (TO, AND). undefined when there is no expression or the brackets do not match.
 */
export function expressionEnd(
  text: string,
  from: number,
  separator: string | undefined,
): number | undefined {
  const lexer = new Lexer(text, from);
  let end = from;
  let depth = 0;
  let complete = false;
  let caseDepth = 0;
  let previous = '';
  let afterCast = false;
  for (;;) {
    const kind = lexer.next();
    if (kind === TokenKind.invalid) return undefined;
    if (kind === TokenKind.end) break;
    const code = text.charCodeAt(lexer.start);
    if (kind === TokenKind.punctuation) {
      if (code === 59) break;
      if (code === 40 || code === 91) depth++;
      if (code === 41 || code === 93) {
        if (depth === 0) break;
        depth--;
      }
      if (code === 44 && depth === 0) break;
      complete = depth === 0 && (code === 41 || code === 93);
      previous = '';
    } else if (depth > 0) {
      previous = '';
    } else if (kind === TokenKind.operator) {
      complete = false;
      afterCast = lexer.word() === '::';
      previous = '';
    } else if (kind === TokenKind.word) {
      const word = lexer.word();
      if (word === 'case') caseDepth++;
      const insideType =
        typeSuffixes.has(word) && (typePrefixes.has(previous) || typeSuffixes.has(previous));
      if (caseDepth === 0 && !insideType) {
        if (word === separator && complete) break;
        if (closing.has(word)) break;
        const field =
          intervalFields.has(word) &&
          (previous === "interval'" || (word === 'second' && previous === 'to'));
        if (complete && !continuing.has(word) && !field) break;
      }
      if (word === 'end' && caseDepth > 0) caseDepth--;
      complete = caseDepth === 0 && !expecting.has(word);
      previous = word;
    } else {
      // A literal after a type name belongs to it; after a complete operand it cannot follow.
      const typed = complete && previous !== '' && !afterCast;
      if (complete && !typed && kind === TokenKind.quotedIdentifier) break;
      complete = caseDepth === 0;
      previous = previous === 'interval' ? "interval'" : '';
      afterCast = false;
    }
    end = lexer.end;
  }
  return depth === 0 && end > from ? end : undefined;
}
