// The extension pass of LatticeSQL. It runs only when PostgreSQL's grammar has refused a text: it
// finds the extension clauses of the visible list below, parses the expressions inside them as
// PostgreSQL expressions, and turns each clause into a comment of the same length, so that every
// position stays right when the rest is parsed again as plain PostgreSQL.

import type { Node, ParseResult } from '@pgsql/types';
import { Lexer, TokenKind } from '../lexer.ts';
import type { GrammarError } from '../parser-instance.ts';
import type { ClauseExtent, ExtensionClause } from './clause.ts';
import { systemTimeClause, type TemporalClause } from './system-time.ts';
import { tableReferences, followsTableReference } from './table-reference.ts';

/** Adding a clause after a table reference is a file and a line here. */
const extensionClauses: readonly ExtensionClause<TemporalClause>[] = [systemTimeClause];

export interface LiftedExtensions {
  readonly result: ParseResult | GrammarError;
  /** Clauses by the byte location of their RangeVar; undefined when one follows no table. */
  attach(result: ParseResult): ReadonlyMap<number, TemporalClause> | undefined;
}

type Grammar = (text: string) => ParseResult | GrammarError;

/** undefined when the text has no extension clause. */
export function liftExtensions(sql: string, parse: Grammar): LiftedExtensions | undefined {
  const found = findClauses(sql);
  if (found.length === 0) return undefined;
  let blanked = sql;
  const clauses: { readonly extent: ClauseExtent; readonly clause: TemporalClause }[] = [];
  for (const { extent, extension } of found) {
    const expressions: Node[] = [];
    for (const { start, end } of extent.expressions) {
      const expression = parseExpression({ sql, start, end }, parse);
      if (!('node' in expression)) return { result: expression, attach: () => undefined };
      expressions.push(expression.node);
    }
    clauses.push({ extent, clause: extension.build(sql, extent, expressions) });
    blanked =
      blanked.slice(0, extent.start) +
      asComment(sql.slice(extent.start, extent.end)) +
      blanked.slice(extent.end);
  }
  return {
    result: parse(blanked),
    attach: (result) => attachToTables(blanked, clauses, result),
  };
}

interface FoundClause {
  readonly extent: ClauseExtent;
  readonly extension: ExtensionClause<TemporalClause>;
}

function findClauses(sql: string): FoundClause[] {
  const found: FoundClause[] = [];
  const lexer = new Lexer(sql);
  for (;;) {
    const kind = lexer.next();
    if (kind === TokenKind.end) return found;
    if (kind !== TokenKind.word) continue;
    for (const extension of extensionClauses) {
      const extent = extension.find(lexer);
      if (extent === undefined) continue;
      found.push({ extent, extension });
      lexer.end = extent.end;
      break;
    }
  }
}

/** Parses one expression at its own place: everything before it is white space of the same length. */
function parseExpression(
  place: { readonly sql: string; readonly start: number; readonly end: number },
  parse: Grammar,
): { readonly node: Node } | GrammarError {
  const { sql, start, end } = place;
  const select = 'SELECT ';
  const bytes = Buffer.byteLength(sql.slice(0, start), 'utf8');
  const result = parse(' '.repeat(bytes - select.length) + select + sql.slice(start, end));
  if ('message' in result) {
    // The grammar counted characters from the padding, which is one a byte.
    const characters = [...sql.slice(0, start)].length;
    return { message: result.message, character: characters + result.character - bytes };
  }
  const statement = result.stmts?.[0]?.stmt;
  const targets =
    statement !== undefined && 'SelectStmt' in statement
      ? statement.SelectStmt.targetList
      : undefined;
  const target = targets?.[0];
  const node = target !== undefined && 'ResTarget' in target ? target.ResTarget.val : undefined;
  if (node === undefined || targets?.length !== 1) {
    return { message: 'syntax error at or near "FOR"', character: [...sql.slice(0, start)].length };
  }
  return { node };
}

/** Same length in UTF-16 units and in bytes, and no token to the grammar. */
function asComment(text: string): string {
  return `/*${text.slice(2, -2).replaceAll(/[*/]/g, ' ')}  `.slice(0, text.length - 2) + '*/';
}

function attachToTables(
  blanked: string,
  clauses: readonly { readonly extent: ClauseExtent; readonly clause: TemporalClause }[],
  result: ParseResult,
): ReadonlyMap<number, TemporalClause> | undefined {
  const tables = tableReferences(blanked, result);
  const attached = new Map<number, TemporalClause>();
  for (const { extent, clause } of clauses) {
    const table = tables.findLast((candidate) => candidate.offset < extent.start);
    if (table === undefined || attached.has(table.location)) return undefined;
    if (!followsTableReference(blanked, table.offset, extent.start)) return undefined;
    attached.set(table.location, clause);
  }
  return attached;
}
