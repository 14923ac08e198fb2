// Views keep the text of their query, with the names of relations qualified and * written out, so that
// it means the same under any search path and after columns have been added. The text is edited at the
// places that the parse tree names; all else stays as it was written.

import type { ColumnRef, Node, RangeVar, SelectStmt, TypeName } from '@pgsql/types';
import { quoteIdentifier } from '#common';
import { bodyOf, nodeTag, stringsOf } from '../bind/node.ts';
import { Lexer, TokenKind } from '../parse/lexer.ts';
import type { ParsedStatement } from '../parse/index.ts';

export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** Applies edits that do not overlap; positions are those of the text before. */
export function editText(text: string, edits: readonly TextEdit[]): string {
  let edited = text;
  for (const { start, end, text: replacement } of edits.toSorted(
    (left, right) => right.start - left.start,
  )) {
    edited = edited.slice(0, start) + replacement + edited.slice(end);
  }
  return edited;
}

export interface RelationReference {
  readonly range: RangeVar;
  /** Of the (qualified) name in the text. */
  readonly start: number;
  readonly end: number;
}

/** Relations that a query names, those of WITH left out. */
export function relationReferences(parsed: ParsedStatement, query: Node): RelationReference[] {
  const found: RelationReference[] = [];
  visit(query, new Set(), (range) => {
    const start = parsed.positionOf(range.location);
    if (start !== undefined) found.push({ range, start, end: nameEnd(parsed.sql, start) });
  });
  return found;
}

function visitRange(
  range: RangeVar,
  ctes: ReadonlySet<string>,
  found: (range: RangeVar) => void,
): void {
  if (range.schemaname !== undefined || !ctes.has(range.relname ?? '')) found(range);
}

function visit(node: unknown, ctes: ReadonlySet<string>, found: (range: RangeVar) => void): void {
  if (typeof node !== 'object' || node === null) return;
  if (Array.isArray(node)) {
    for (const item of node) visit(item, ctes, found);
    return;
  }
  const target = (node as { readonly relation?: RangeVar }).relation;
  if (target?.relname !== undefined) visitRange(target, ctes, found);
  const range = bodyOf(node as Node, 'RangeVar');
  if (range !== undefined) {
    visitRange(range, ctes, found);
    return;
  }
  const withClause = (node as SelectStmt).withClause;
  let inner = ctes;
  if (withClause?.ctes !== undefined) {
    inner = new Set([
      ...ctes,
      ...withClause.ctes.map((cte) => bodyOf(cte, 'CommonTableExpr')?.ctename ?? ''),
    ]);
  }
  for (const value of Object.values(node)) visit(value, inner, found);
}

export interface TypeReference {
  readonly name: TypeName;
  /** Of the (qualified) name in the text, without modifiers and array bounds. */
  readonly start: number;
  readonly end: number;
}

/** Types that a query names. */
export function typeReferences(parsed: ParsedStatement, query: Node): TypeReference[] {
  const found: TypeReference[] = [];
  const pending: unknown[] = [query];
  while (pending.length > 0) {
    const node = pending.pop();
    if (typeof node !== 'object' || node === null) continue;
    const name = (node as { readonly typeName?: TypeName }).typeName;
    const start = name?.names === undefined ? undefined : parsed.positionOf(name.location);
    if (start !== undefined) found.push({ name: name!, start, end: nameEnd(parsed.sql, start) });
    for (const value of Object.values(node)) pending.push(value);
  }
  return found;
}

/** The end of an identifier or of several joined by dots, which begins at `start`. */
export function nameEnd(sql: string, start: number): number {
  const lexer = new Lexer(sql, start);
  lexer.next();
  let { end } = lexer;
  for (;;) {
    if (isEnd(lexer.next()) || sql.slice(lexer.start, lexer.end) !== '.') return end;
    lexer.next();
    ({ end } = lexer);
  }
}

/** A * among the targets of a SELECT. */
export interface StarReference {
  readonly select: SelectStmt;
  /** "t" of t.*, absent for a plain *. */
  readonly qualifier: readonly string[];
  readonly start: number;
  readonly end: number;
}

/** Stars that decide what columns a query has: those of its SELECTs, through set operations. */
export function starReferences(parsed: ParsedStatement, select: SelectStmt): StarReference[] {
  if (select.larg !== undefined && select.rarg !== undefined) {
    return [...starReferences(parsed, select.larg), ...starReferences(parsed, select.rarg)];
  }
  const found: StarReference[] = [];
  for (const target of select.targetList ?? []) {
    const reference = starOf(bodyOf(target, 'ResTarget')?.val);
    const start = reference === undefined ? undefined : parsed.positionOf(reference.location);
    if (reference === undefined || start === undefined) continue;
    found.push({
      select,
      qualifier: stringsOf((reference.fields ?? []).slice(0, -1)),
      start,
      end: starEnd(parsed.sql, start),
    });
  }
  return found;
}

function starOf(node: Node | undefined): ColumnRef | undefined {
  if (node === undefined || nodeTag(node) !== 'ColumnRef') return undefined;
  const reference = bodyOf(node, 'ColumnRef');
  const last = reference?.fields?.at(-1);
  return last !== undefined && nodeTag(last) === 'A_Star' ? reference : undefined;
}

function starEnd(sql: string, start: number): number {
  return sql.indexOf('*', start) + 1;
}

/** Where the query of CREATE VIEW begins: after the first AS outside of parentheses. */
export function viewQueryStart(sql: string, start: number): number {
  const lexer = new Lexer(sql, start);
  let depth = 0;
  for (;;) {
    if (isEnd(lexer.next())) return sql.length;
    const word = sql.slice(lexer.start, lexer.end);
    if (word === '(') depth++;
    else if (word === ')') depth--;
    else if (depth === 0 && word.toLowerCase() === 'as') return lexer.end;
  }
}

/** Where the parentheses after the words stand, outside of others: "USING (…)". The inside of them. */
export function clauseInside(
  sql: string,
  from: number,
  words: readonly string[],
): { readonly start: number; readonly end: number } | undefined {
  const lexer = new Lexer(sql, from);
  const last: string[] = [];
  let depth = 0;
  let start: number | undefined;
  for (;;) {
    if (isEnd(lexer.next())) return undefined;
    const word = sql.slice(lexer.start, lexer.end).toLowerCase();
    if (word === '(') {
      if (depth++ === 0 && words.every((each, at) => last.at(at - words.length) === each))
        start = lexer.end;
    } else if (word === ')' && --depth === 0 && start !== undefined) {
      return { start, end: lexer.start };
    } else if (depth === 0) last.push(word);
  }
}

/** The statements after DO [ALSO | INSTEAD] of CREATE RULE, and its condition before that. */
export function ruleParts(
  sql: string,
  from: number,
  to: number,
): {
  readonly condition: { readonly start: number; readonly end: number } | undefined;
  readonly actions: readonly { readonly start: number; readonly end: number }[];
} {
  const tokens = tokensOf(sql, from, to);
  const place = tokens.findIndex(({ word, depth }) => depth === 0 && word === 'do');
  const where = tokens.findIndex(
    ({ word, depth }, at) => depth === 0 && word === 'where' && at < place,
  );
  const first = /^(?:also|instead)$/.test(tokens[place + 1]?.word ?? '') ? place + 2 : place + 1;
  const last = tokens.at(-1)!;
  const isList =
    tokens[first].word === '(' &&
    tokens.findIndex(({ depth, word }, at) => at > first && depth === 0 && word === ')') ===
      tokens.length - 1;
  const inside = isList ? tokens.slice(first + 1, -1) : tokens.slice(first);
  const actions: { start: number; end: number }[] = [];
  let open: { start: number; end: number } | undefined;
  for (const token of inside) {
    if (token.word === ';' && token.depth === (isList ? 1 : 0)) open = undefined;
    else if (open === undefined) {
      open = { start: token.start, end: token.end };
      actions.push(open);
    } else open.end = token.end;
  }
  return {
    condition: where < 0 ? undefined : { start: tokens[where].end, end: tokens[place].start },
    actions: last.word === 'nothing' && inside.length === 1 ? [] : actions,
  };
}

interface Token {
  readonly word: string;
  readonly start: number;
  readonly end: number;
  /** Parentheses around it; they themselves are at the depth outside. */
  readonly depth: number;
}

function tokensOf(sql: string, from: number, to: number): Token[] {
  const lexer = new Lexer(sql, from);
  const tokens: Token[] = [];
  let depth = 0;
  while (!isEnd(lexer.next()) && lexer.start < to) {
    const word = sql.slice(lexer.start, lexer.end).toLowerCase();
    if (word === ')') depth--;
    tokens.push({ word, start: lexer.start, end: lexer.end, depth });
    if (word === '(') depth++;
  }
  return tokens;
}

/** The text without a WITH [LOCAL | CASCADED] CHECK OPTION at its end. */
export function withoutCheckOption(query: string): string {
  return query.replace(/\s+with\s+(?:(?:local|cascaded)\s+)?check\s+option\s*$/i, '');
}

export function qualifiedText(schema: string, name: string): string {
  return `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`;
}

function isEnd(kind: number): boolean {
  return kind === TokenKind.end || kind === TokenKind.invalid;
}
