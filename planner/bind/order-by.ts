// ORDER BY, GROUP BY and DISTINCT keys against the target list (PostgreSQL's findTargetlistEntrySQL92
// and SQL99): a bare name is an output column, a number a position, anything else an expression over
// the input, which joins the target list as a hidden column when it is not there.

import type { Node, SortBy } from '@pgsql/types';
import { databaseError, type Expression, type OrderKey } from '#common';
import { at, syntaxError } from '../errors.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import { collated, requireOneCollation } from './collation.ts';
import { findColumn } from './column-reference.ts';
import { ExpressionIndex } from './expression-index.ts';
import type { ExpressionKind } from './expression-kind.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { integerLiteral } from './integer-literal.ts';
import { bodyOf, locationOf } from './node.ts';
import type { Scope } from './scope.ts';
import { requireEquality, sortKey, textIfUnknown } from './sort-key.ts';
import type { Target } from './target-list.ts';
import { startOf } from './located.ts';

/** A sort key over a target. */
export interface TargetSort {
  readonly target: Target;
  readonly key: Pick<OrderKey, 'descending' | 'nullsFirst'>;
}

export function bindOrderBy(
  nodes: readonly Node[] | undefined,
  targets: Target[],
  scope: Scope,
): TargetSort[] {
  const sorts: TargetSort[] = [];
  const sorted = new Set<Target>();
  for (const node of nodes ?? []) {
    const sort: SortBy = bodyOf(node, 'SortBy')!;
    const target = findTarget(sort.node!, targets, scope, ExpressionKinds.orderBy);
    const key = sortKey(sort, target.expression, scope.binder);
    target.expression = key.expression;
    // A repeated key decides nothing.
    if (!sorted.has(target)) {
      sorted.add(target);
      sorts.push({ target, key: { descending: key.descending, nullsFirst: key.nullsFirst } });
    }
  }
  return sorts;
}

/** The target that a key means; a hidden one is added (not for GROUP BY) when it is not in the list. */
export function findTarget(
  node: Node,
  targets: Target[],
  scope: Scope,
  kind: ExpressionKind,
): Target {
  const position = scope.position(locationOf(node));
  const named = findByName(node, targets, scope, kind, position);
  if (named !== undefined) return named;
  const ordinal = findByOrdinal(node, targets, scope, kind, position);
  if (ordinal !== undefined) return ordinal;
  const expression = scope.bindAs(kind, node);
  const known = indexOf(targets).find(expression);
  if (known >= 0) return targets[known];
  const target: Target = { expression, name: '?column?', hidden: true };
  // What GROUP BY alone names is no output, not even a hidden one.
  if (kind !== ExpressionKinds.groupBy) targets.push(target);
  return target;
}

const indexes = new WeakMap<
  readonly Target[],
  { readonly index: ExpressionIndex; count: number }
>();

/** The targets' expressions by value. Target lists only grow. */
function indexOf(targets: readonly Target[]): ExpressionIndex {
  let known = indexes.get(targets);
  if (known === undefined) {
    known = { index: new ExpressionIndex(), count: 0 };
    indexes.set(targets, known);
  }
  for (; known.count < targets.length; known.count++)
    known.index.add(targets[known.count].expression);
  return known.index;
}

function findByName(
  node: Node,
  targets: readonly Target[],
  scope: Scope,
  kind: ExpressionKind,
  position: number | undefined,
): Target | undefined {
  const fields = bodyOf(node, 'ColumnRef')?.fields ?? [];
  const name = fields.length === 1 ? bodyOf(fields[0], 'String')?.sval : undefined;
  if (name === undefined) return undefined;
  // GROUP BY prefers a column of the input (SQL99), ORDER BY one of the output (SQL92).
  if (kind === ExpressionKinds.groupBy && findColumn(name, scope, position) !== undefined)
    return undefined;
  let found: Target | undefined;
  for (const target of targets) {
    if (target.hidden || target.name !== name) continue;
    if (found !== undefined && !sameExpression(found.expression, target.expression)) {
      throw databaseError('ambiguousColumn', `${kind.name} "${name}" is ambiguous`, at(position));
    }
    found ??= target;
  }
  return found;
}

function findByOrdinal(
  node: Node,
  targets: readonly Target[],
  scope: Scope,
  kind: ExpressionKind,
  position: number | undefined,
): Target | undefined {
  const ordinal = integerLiteral(node, scope);
  if (ordinal === undefined) return undefined;
  if (ordinal === 'other') throw syntaxError(`non-integer constant in ${kind.name}`, position);
  const target = targets.filter((each) => !each.hidden)[ordinal - 1];
  if (target !== undefined) return target;
  throw databaseError(
    'invalidColumnReference',
    `${kind.name} position ${ordinal} is not in select list`,
    at(position),
  );
}

/** What DISTINCT [ON] means for a target list and its ORDER BY. */
export function bindDistinct(
  nodes: readonly Node[],
  targets: Target[],
  sorts: TargetSort[],
  scope: Scope,
): { readonly on: readonly Target[] | undefined } {
  // The grammar writes plain DISTINCT as a list with one empty element.
  const expressions = nodes.filter((node) => Object.keys(node).length > 0);
  if (expressions.length === 0) return plainDistinct(targets, sorts, scope);
  const on: Target[] = [];
  const positions = new Map<Target, number | undefined>();
  for (const node of expressions) {
    const target = findTarget(node, targets, scope, ExpressionKinds.distinctOn);
    const position = scope.position(locationOf(node));
    target.expression = textIfUnknown(target.expression, scope.binder);
    requireEquality(target.expression, scope.binder, position);
    if (on.includes(target)) continue;
    on.push(target);
    positions.set(target, position);
  }
  const mismatch = (target: Target): Error =>
    databaseError(
      'invalidColumnReference',
      'SELECT DISTINCT ON expressions must match initial ORDER BY expressions',
      at(positions.get(target)),
    );
  // The leading sort keys must be the DISTINCT ON expressions, in any order.
  let skipped = false;
  for (const sort of sorts) {
    if (on.includes(sort.target)) {
      if (skipped) throw mismatch(sort.target);
    } else {
      skipped = true;
    }
  }
  const sorted = sorts.map((sort) => sort.target);
  const missing = on.filter((target) => !sorted.includes(target));
  if (skipped && missing.length > 0) throw mismatch(missing[0]);
  for (const target of missing)
    sorts.push({ target, key: { descending: false, nullsFirst: false } });
  return { on };
}

function plainDistinct(
  targets: readonly Target[],
  sorts: readonly TargetSort[],
  scope: Scope,
): { readonly on: undefined } {
  const hidden = sorts.find((sort) => sort.target.hidden);
  if (hidden !== undefined) {
    throw databaseError(
      'invalidColumnReference',
      'for SELECT DISTINCT, ORDER BY expressions must appear in select list',
      at(startOf(hidden.target.expression)),
    );
  }
  for (const target of targets) {
    target.expression = textIfUnknown(target.expression, scope.binder);
    requireEquality(target.expression, scope.binder);
  }
  return { on: undefined };
}

export function orderKeysOver(
  sorts: readonly TargetSort[],
  column: (target: Target) => Expression,
): OrderKey[] {
  return sorts.map(({ target, key }) => {
    requireOneCollation(target.expression);
    return { expression: collated(column(target)), ...key };
  });
}
