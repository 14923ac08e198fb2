// LIMIT, OFFSET and FETCH: bigint values without columns of their own query.

import type { Node, SelectStmt } from '@pgsql/types';
import { databaseError, type Expression, type OrderKey } from '#common';
import { at } from '../errors.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import { coerceToSpecific } from './coercion.ts';
import { int8Type } from './expression-build.ts';
import { ExpressionKinds, type ExpressionKind } from './expression-kind.ts';
import { bodyOf } from './node.ts';
import type { Scope } from './scope.ts';
import { startOf } from './located.ts';

export interface BoundLimit {
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly withTies: boolean;
}

export function bindLimit(statement: SelectStmt, scope: Scope): BoundLimit | undefined {
  const withTies = statement.limitOption === 'LIMIT_OPTION_WITH_TIES';
  const count = bindCount(statement.limitCount, ExpressionKinds.limit, scope, withTies);
  const offset = bindCount(statement.limitOffset, ExpressionKinds.offset, scope, false);
  return count === undefined && offset === undefined ? undefined : { count, offset, withTies };
}

function bindCount(
  node: Node | undefined,
  kind: ExpressionKind,
  scope: Scope,
  withTies: boolean,
): Expression | undefined {
  if (node === undefined) return undefined;
  if (bodyOf(node, 'A_Const')?.isnull === true) {
    if (!withTies) return undefined;
    throw databaseError(
      'invalidRowCountInLimitClause',
      'row count cannot be null in FETCH FIRST ... WITH TIES clause',
    );
  }
  const value = coerceToSpecific(scope.bindAs(kind, node), int8Type, kind.name, scope.binder);
  for (const column of columnsOf(value)) {
    if (scope.binder.owners.get(column) !== scope) continue;
    throw databaseError(
      'invalidColumnReference',
      `argument of ${kind.name} must not contain variables`,
      at(startOf(value)),
    );
  }
  return value;
}

export function applyLimit(
  input: LogicalPlan,
  limit: BoundLimit | undefined,
  order: readonly OrderKey[],
): LogicalPlan {
  if (limit === undefined) return input;
  return {
    kind: 'limit',
    input,
    count: limit.count,
    offset: limit.offset,
    withTies: limit.withTies,
    tieKeys: limit.withTies ? order : [],
    outputs: input.outputs,
  };
}
