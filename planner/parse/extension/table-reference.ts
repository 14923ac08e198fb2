// Finds the tables that a parse tree names and tells whether a clause follows one of them directly.

import type { ParseResult } from '@pgsql/types';
import { Lexer, TokenKind } from '../lexer.ts';

export interface TableReference {
  /** Bytes, as in the tree. */
  readonly location: number;
  /** UTF-16 units. */
  readonly offset: number;
}

/** Every RangeVar of the tree in text order. */
export function tableReferences(sql: string, result: ParseResult): TableReference[] {
  const locations: number[] = [];
  const pending: unknown[] = [result.stmts];
  while (pending.length > 0) {
    const value = pending.pop();
    if (Array.isArray(value)) {
      pending.push(...(value as unknown[]));
    } else if (typeof value === 'object' && value !== null) {
      if ('relname' in value) {
        const location: unknown = 'location' in value ? value.location : 0;
        if (typeof location === 'number' && location >= 0) locations.push(location);
      }
      pending.push(...Object.values(value));
    }
  }
  const bytes = Buffer.from(sql, 'utf8');
  return locations
    .toSorted((left, right) => left - right)
    .map((location) => ({ location, offset: bytes.toString('utf8', 0, location).length }));
}

/** True when only the table's name and its alias lie between its start and `end`. */
export function followsTableReference(sql: string, start: number, end: number): boolean {
  const lexer = new Lexer(sql.slice(0, end), start);
  let names = 0;
  let expectName = true;
  for (;;) {
    const kind = lexer.next();
    if (kind === TokenKind.end) return names > 0;
    if (kind === TokenKind.word || kind === TokenKind.quotedIdentifier) {
      const word = lexer.word();
      if (names === 0 && word === 'only') continue;
      if (word === 'as') {
        expectName = true;
        continue;
      }
      if (!expectName && names >= 2) return false;
      names++;
      expectName = false;
    } else if (kind === TokenKind.punctuation && sql[lexer.start] === '.') {
      names--;
      expectName = true;
    } else if (!(kind === TokenKind.operator && sql[lexer.start] === '*')) {
      return false;
    }
  }
}
