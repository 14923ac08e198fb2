// What an extension clause of LatticeSQL is to the extension pass: something that finds itself in the
// tokens, says where its expressions are, and makes a typed node once those have been parsed.

import type { Node } from '@pgsql/types';
import type { Lexer } from '../lexer.ts';

/** Where a clause stands in the text, in UTF-16 units, and the expressions inside it. */
export interface ClauseExtent {
  readonly start: number;
  readonly end: number;
  readonly expressions: readonly { readonly start: number; readonly end: number }[];
}

export interface ExtensionClause<Clause> {
  readonly name: string;
  /** Looks at the token that the lexer is on, may read on; undefined when no clause starts here. */
  find(lexer: Lexer): ClauseExtent | undefined;
  /** The typed node; `expressions` are PostgreSQL expressions, parallel to the extent's. */
  build(text: string, extent: ClauseExtent, expressions: readonly Node[]): Clause;
}
