// WITH RECURSIVE before binding (the first half of PostgreSQL's parse_cte.c): the order in which the
// definitions are bound, and where a recursive one may name itself - once, in the second term of its
// UNION, and nowhere that could see rows disappear from one round to the next.

import type { CommonTableExpr, JoinExpr, RangeVar, SelectStmt, WithClause } from '@pgsql/types';
import { databaseError, type DatabaseError } from '#common';
import { at } from '../errors.ts';
import { bodyOf } from './node.ts';

type Place = 'allowed' | keyof typeof refusals;

const refusals = {
  base: 'within its non-recursive term',
  subquery: 'within a subquery',
  outerJoin: 'within an outer join',
  intersect: 'within INTERSECT',
  except: 'within EXCEPT',
} as const;

type Positions = (location: number | undefined) => number | undefined;

/** Definitions such that each comes after those that it names. 0A000 when two name each other. */
export function bindingOrder(
  ctes: readonly CommonTableExpr[],
  positionOf: Positions,
): readonly CommonTableExpr[] {
  const names = ctes.map((cte) => cte.ctename ?? '');
  const pending = ctes.map((cte, index) => ({
    cte,
    needs: mentionedNames(cte.ctequery, names).filter((name) => name !== names[index]),
  }));
  const ordered: CommonTableExpr[] = [];
  while (pending.length > 0) {
    const free = pending.findIndex(({ needs }) =>
      needs.every((name) => !pending.some(({ cte }) => cte.ctename === name)),
    );
    if (free < 0) {
      throw databaseError(
        'featureNotSupported',
        'mutual recursion between WITH items is not implemented',
        at(positionOf(pending[0].cte.location)),
      );
    }
    ordered.push(pending.splice(free, 1)[0].cte);
  }
  return ordered;
}

export function isRecursive(cte: CommonTableExpr): boolean {
  return mentionedNames(cte.ctequery, [cte.ctename ?? '']).length > 0;
}

function mentionedNames(query: unknown, names: readonly string[]): string[] {
  const found = new Set<string>();
  walk(query, {
    place: 'allowed',
    hidden: new Set(),
    meet: (table) => {
      if (names.includes(table.relname ?? '')) found.add(table.relname!);
    },
  });
  return [...found];
}

/** 42P19 when the query names itself where it must not; the query is a UNION. */
export function checkSelfReferences(name: string, union: SelectStmt, positionOf: Positions): void {
  let count = 0;
  const meet = (table: RangeVar, place: Place): void => {
    if (table.relname !== name) return;
    const position = positionOf(table.location);
    if (place !== 'allowed') throw misplaced(name, refusals[place], position);
    if (++count > 1) {
      throw databaseError(
        'invalidRecursion',
        `recursive reference to query "${name}" must not appear more than once`,
        at(position),
      );
    }
  };
  const hidden = new Set<string>();
  walkSelect(union.larg!, { place: 'base', hidden, meet });
  if (union.withClause !== undefined) {
    walkWith(union.withClause, { place: 'subquery', hidden, meet });
  }
  walkSelect(union.rarg!, { place: 'allowed', hidden: hiddenBy(union.withClause, hidden), meet });
}

function misplaced(name: string, where: string, position: number | undefined): DatabaseError {
  return databaseError(
    'invalidRecursion',
    `recursive reference to query "${name}" must not appear ${where}`,
    at(position),
  );
}

interface Walk {
  readonly place: Place;
  /** Names that mean an inner WITH query. */
  readonly hidden: ReadonlySet<string>;
  readonly meet: (table: RangeVar, place: Place) => void;
}

function walk(value: unknown, state: Walk): void {
  if (Array.isArray(value)) {
    for (const item of value as unknown[]) walk(item, state);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if ('relname' in value && !('schemaname' in value)) {
    const table = value as RangeVar;
    if (!state.hidden.has(table.relname ?? '')) state.meet(table, state.place);
    return;
  }
  for (const [key, inner] of Object.entries(value)) {
    if (key === 'SelectStmt') walkSelect(inner as SelectStmt, state);
    else if (key === 'JoinExpr') walkJoin(inner as JoinExpr, state);
    else if (key === 'subselect') walk(inner, narrowed(state, 'subquery'));
    else walk(inner, state);
  }
}

function walkSelect(select: SelectStmt, state: Walk): void {
  const { withClause, larg, rarg, ...rest } = select;
  if (withClause !== undefined) walkWith(withClause, state);
  const inner = { ...state, hidden: hiddenBy(withClause, state.hidden) };
  walk(rest, inner);
  if (larg === undefined || rarg === undefined) return;
  const { op, all = false } = select;
  const place = op === 'SETOP_EXCEPT' ? 'except' : 'intersect';
  const left = op !== 'SETOP_UNION' && all ? narrowed(inner, place) : inner;
  walkSelect(larg, left);
  walkSelect(rarg, op === 'SETOP_EXCEPT' ? narrowed(inner, place) : left);
}

function walkWith(clause: WithClause, state: Walk): void {
  let { hidden } = state;
  if (clause.recursive === true) hidden = hiddenBy(clause, hidden);
  for (const node of clause.ctes ?? []) {
    const cte = bodyOf(node, 'CommonTableExpr')!;
    walk(cte.ctequery, { ...state, hidden });
    hidden = new Set([...hidden, cte.ctename ?? '']);
  }
}

function walkJoin(join: JoinExpr, state: Walk): void {
  const outer = narrowed(state, 'outerJoin');
  const { jointype } = join;
  const leftIsNullable = jointype === 'JOIN_RIGHT' || jointype === 'JOIN_FULL';
  const rightIsNullable = jointype === 'JOIN_LEFT' || jointype === 'JOIN_FULL';
  walk(join.larg, leftIsNullable ? outer : state);
  walk(join.rarg, rightIsNullable ? outer : state);
  walk(join.quals, state);
}

/** The first thing that stands in the way is the one that is told. */
function narrowed(state: Walk, place: Place): Walk {
  return state.place === 'allowed' ? { ...state, place } : state;
}

function hiddenBy(
  clause: WithClause | undefined,
  hidden: ReadonlySet<string>,
): ReadonlySet<string> {
  if (clause === undefined) return hidden;
  const names = (clause.ctes ?? []).map((node) => bodyOf(node, 'CommonTableExpr')?.ctename ?? '');
  return new Set([...hidden, ...names]);
}
