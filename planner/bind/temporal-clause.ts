// FOR SYSTEM_TIME after a table reference: its times as timestamptz expressions that are constant for
// the statement.

import type { Node } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression } from '#common';
import { at, wrongArgumentType } from '../errors.ts';
import type { TemporalClause } from '../parse/index.ts';
import type { SystemTimeSpec, TemporalSpec } from '../temporal.ts';
import { coerceToTarget } from './coercion.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { columnsOf } from '../optimize/plan-tree.ts';
import { Scope } from './scope.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

/** What a table reference reads: its own clause, else that of the view it stands in, else the present. */
export function temporalSpec(clause: TemporalClause | undefined, scope: Scope): TemporalSpec {
  const inherited = scope.binder.inheritedSystemTime;
  const system =
    clause === undefined ? (inherited ?? { kind: 'current' }) : bindClause(clause, scope);
  return { system, valid: { kind: 'all' } };
}

function bindClause(clause: TemporalClause, scope: Scope): SystemTimeSpec {
  switch (clause.kind) {
    case 'all':
      return { kind: 'all' };
    case 'asOf':
      return { kind: 'asOf', at: bindTime(clause.at, scope) };
    case 'range':
      return {
        kind: 'range',
        from: bindTime(clause.from, scope),
        to: bindTime(clause.to, scope),
        inclusive: clause.inclusive,
      };
  }
}

function bindTime(node: Node, scope: Scope): Expression {
  // A scope of its own: the tables of the FROM clause are not in sight.
  const outer = new Scope(scope.binder, undefined);
  const value = outer.bindAs(ExpressionKinds.temporal, node);
  if (columnsOf(value).size > 0) {
    throw databaseError(
      'invalidColumnReference',
      'argument of FOR SYSTEM_TIME must not contain variables',
      at(startOf(value)),
    );
  }
  const coerced = coerceToTarget(value, sqlType(TypeOid.timestamptz), 'assignment', scope.binder);
  if (coerced === undefined) {
    throw wrongArgumentType(
      'FOR SYSTEM_TIME',
      'timestamp with time zone',
      typeName(value.type, scope.binder),
      startOf(value),
    );
  }
  return coerced;
}
