// Bounds how deep the tree of a statement can become, from its tokens alone, before the grammar
// recurses over it; and turns a stack overflow that happens anyway into PostgreSQL's 54001.
//
// The estimate is the sum over the open brackets of what deepens the tree inside each: the bracket
// itself, CASE, prefix operators, and the operators of a chain (a + b + c is as deep as it is long).
// AND, OR and commas make lists in PostgreSQL's grammar, so they start a new chain.

import { databaseError, type DatabaseError } from '#common';
import { Lexer, TokenKind } from './lexer.ts';
import { parseLimits } from './limits.ts';

export function stackDepthError(): DatabaseError {
  return databaseError('statementTooComplex', 'stack depth limit exceeded', {
    hint: 'The statement nests expressions, subqueries or operators too deeply; split it into smaller parts.',
  });
}

/** Runs a recursion over a statement's tree; a JavaScript stack overflow becomes 54001. */
export function guardStack<Result>(run: () => Result): Result {
  try {
    return run();
  } catch (error) {
    if (error instanceof RangeError && /call stack/i.test(error.message)) throw stackDepthError();
    throw error;
  }
}

/** Throws 54000 for a text that is too long and 54001 for one that nests too deeply. */
export function checkNesting(sql: string): void {
  if (sql.length < parseLimits.uncheckedLength) return;
  if (sql.length > parseLimits.statementLengthMax) {
    throw databaseError('programLimitExceeded', 'statement is too long', {
      detail: `Statements have at most ${parseLimits.statementLengthMax} characters.`,
    });
  }
  const lexer = new Lexer(sql);
  const depths: number[] = [];
  let depth = 0;
  let tokens = 0;
  // Depth at which the innermost bracket or clause began; a list separator returns to it.
  let base = 0;
  for (;;) {
    const kind = lexer.next();
    if (kind === TokenKind.end) return;
    if (++tokens > parseLimits.tokensMax) {
      throw databaseError('programLimitExceeded', 'statement is too long', {
        detail: `Statements have at most ${parseLimits.tokensMax} tokens.`,
      });
    }
    if (kind === TokenKind.operator) {
      depth++;
    } else if (kind === TokenKind.punctuation) {
      const code = sql.charCodeAt(lexer.start);
      if (code === 40 || code === 91) {
        depths.push(base, depth);
        base = ++depth;
      } else if (code === 41 || code === 93) {
        depth = depths.pop() ?? 0;
        base = depths.pop() ?? 0;
        // A subscript deepens what it follows, as an operator does: a[1][1][1]…
        if (code === 93) depth++;
      } else if (code === 44) {
        depth = base;
      } else if (code === 46) {
        depth++;
      } else if (code === 59) {
        depths.length = 0;
        depth = base = 0;
      }
    } else if (kind === TokenKind.word && lexer.end - lexer.start <= 12) {
      const effect = deepening.get(lexer.word());
      if (effect === 'deeper') {
        depth++;
      } else if (effect === 'open') {
        depths.push(base, depth);
        base = ++depth;
      } else if (effect === 'close') {
        if (depths.length > 0) {
          depth = depths.pop() ?? 0;
          base = depths.pop() ?? 0;
        }
      } else if (effect === 'separator') {
        depth = base;
      } else if (effect === 'chain') {
        depth = ++base;
      }
    }
    if (depth > parseLimits.nestingDepthMax) throw stackDepthError();
  }
}

type Effect = 'deeper' | 'open' | 'close' | 'separator' | 'chain';

const deepening = new Map<string, Effect>([
  ['case', 'open'],
  ['end', 'close'],
  ['and', 'separator'],
  ['or', 'separator'],
  ['when', 'separator'],
  ['then', 'separator'],
  ['else', 'separator'],
  ['where', 'separator'],
  ['having', 'separator'],
  ['on', 'separator'],
]);
for (const word of [
  'not',
  'is',
  'isnull',
  'notnull',
  'in',
  'like',
  'ilike',
  'similar',
  'between',
  'collate',
  'at',
  'overlaps',
  'exists',
  'explain',
  'prepare',
  'with',
]) {
  deepening.set(word, 'deeper');
}
// Joins and set operations nest to the left for as long as the chain is, whatever clauses lie between.
for (const word of ['join', 'union', 'intersect', 'except']) deepening.set(word, 'chain');
