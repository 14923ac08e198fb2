// PL/pgSQL from text to statements (PostgreSQL's pl_gram.y): the body as a whole and its options.

import { TokenKind } from '../parse/lexer.ts';
import { guardStack } from '../parse/index.ts';
import { parseBlock } from './parse-block.ts';
import { parseLabel } from './parse-parts.ts';
import { parseStatement } from './parse-statement.ts';
import type { PlProgram } from './syntax-tree.ts';
import { TokenStream } from './token-stream.ts';

/** Raises 42601 for what is not PL/pgSQL; SQL inside is not looked at. */
export function parsePlpgsql(body: string): PlProgram {
  return guardStack(() => {
    const tokens = new TokenStream(body, { statement: parseStatement });
    const options = parseOptions(tokens);
    const label = parseLabel(tokens);
    if (!tokens.is('declare') && !tokens.is('begin')) throw tokens.syntaxError();
    const block = parseBlock(tokens, label);
    tokens.accept(';');
    if (tokens.current.kind !== TokenKind.end) throw tokens.syntaxError();
    return { block, ...options };
  });
}

type Options = Pick<PlProgram, 'variableConflict' | 'printStrictParameters'>;

function parseOptions(tokens: TokenStream): Options {
  let variableConflict: Options['variableConflict'];
  let printStrictParameters: boolean | undefined;
  while (tokens.is('#')) {
    tokens.advance();
    const option = tokens.identifier();
    const value = tokens.identifier();
    if (option === 'variable_conflict') variableConflict = conflictRule(value);
    else if (option === 'print_strict_params') printStrictParameters = value === 'on';
    else if (option !== 'option') throw tokens.syntaxError();
  }
  return { variableConflict, printStrictParameters };
}

function conflictRule(value: string): Options['variableConflict'] {
  switch (value) {
    case 'use_variable':
      return 'useVariable';
    case 'use_column':
      return 'useColumn';
    default:
      return 'error';
  }
}
