// RAISE [level] ['format' [, value …] | condition | SQLSTATE 'xxxxx'] [USING option = value, …]

import { databaseError } from '#common';
import { TokenKind } from '../parse/lexer.ts';
import { parseCondition } from './parse-parts.ts';
import type { PlRaise, PlSql } from './syntax-tree.ts';
import { literalText, type TokenStream } from './token-stream.ts';

const levels = new Set(['debug', 'log', 'info', 'notice', 'warning', 'exception']);
const optionNames = new Set([
  'errcode',
  'message',
  'detail',
  'hint',
  'column',
  'constraint',
  'datatype',
  'table',
  'schema',
]);

export function parseRaise(tokens: TokenStream): PlRaise {
  const { line } = tokens.advance();
  const level = levels.has(tokens.current.value)
    ? (tokens.advance().value as PlRaise['level'])
    : 'exception';
  let condition: string | undefined;
  let message: string | undefined;
  const parameters: PlSql[] = [];
  const { kind } = tokens.current;
  if (kind === TokenKind.string || kind === TokenKind.otherString) {
    message = literalText(tokens.advance());
    while (tokens.accept(',')) parameters.push(tokens.sqlUntil(',', ';', 'using'));
    checkPlaceholders(message, parameters.length);
  } else if (!tokens.is(';') && !tokens.is('using')) {
    condition = parseCondition(tokens);
  }
  const options = parseOptions(tokens);
  tokens.expect(';');
  return { kind: 'raise', line, level, condition, message, parameters, options };
}

function parseOptions(tokens: TokenStream): { name: string; value: PlSql }[] {
  const options: { name: string; value: PlSql }[] = [];
  if (!tokens.accept('using')) return options;
  do {
    const name = tokens.identifier();
    if (!optionNames.has(name)) {
      throw databaseError('syntaxError', 'unrecognized RAISE statement option');
    }
    if (!tokens.isAssignment()) throw databaseError('syntaxError', 'syntax error, expected "="');
    tokens.advance();
    options.push({ name, value: tokens.sqlUntil(',', ';') });
  } while (tokens.accept(','));
  return options;
}

/** Each % stands for a parameter, %% for itself. */
function checkPlaceholders(message: string, given: number): void {
  const wanted = message.replaceAll('%%', '').split('%').length - 1;
  if (wanted > given) throw databaseError('syntaxError', 'too few parameters specified for RAISE');
  if (wanted < given) throw databaseError('syntaxError', 'too many parameters specified for RAISE');
}
