// The entry point of binding: a parsed query in, a logical plan with its result columns and parameter
// types out.

import { databaseError, type Expression, type SqlType } from '#common';
import type { Node } from '@pgsql/types';
import { at } from '../errors.ts';
import type { BoundQuery, LogicalPlan, PlanColumn, ResultColumn } from '../logical-plan.ts';
import { guardStack, type ParsedStatement } from '../parse/index.ts';
import { coerceToTarget } from './coercion.ts';
import type { BindContext, Binder } from './context.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindModification, newBinder } from './grammar.ts';
import { bodyOf } from './node.ts';
import { Scope } from './scope.ts';
import { bindSelect } from './select.ts';
import { typeName } from './type-name.ts';
import { startOf } from './located.ts';

/** Binds SELECT, VALUES, INSERT, UPDATE, DELETE or MERGE. Raises what PostgreSQL's parse analysis raises. */
export function bindStatement(parsed: ParsedStatement, context: BindContext): BoundQuery {
  return guardStack(() => {
    const binder = newBinder(context, parsed);
    const { command, plan, columns } = bindTop(parsed.statement, binder);
    return {
      kind: 'query',
      command,
      plan,
      results: [...columns, ...cursorColumns(plan, binder)].map((column) =>
        resultColumn(column, binder),
      ),
      parameterTypes: binder.parameters.finish(),
      pinnedParameters: binder.parameters.pinnedParameters,
      relations: [...binder.relations].map(([oid, access]) => ({ oid, access })),
      accesses: binder.accesses,
      currentUser: context.currentUser,
      dependsOnRole: binder.dependsOnRole,
      ...(context.forCursor === true ? { cursorKeys: binder.cursorKeys } : {}),
      nextColumnId: binder.nextColumnId,
    };
  });
}

interface BoundTop {
  readonly command: BoundQuery['command'];
  readonly plan: LogicalPlan;
  readonly columns: readonly PlanColumn[];
}

function bindTop(statement: Node, binder: Binder): BoundTop {
  const scope = new Scope(binder, undefined);
  const select = bodyOf(statement, 'SelectStmt');
  if (select === undefined) return bindModification(statement, scope);
  if (binder.context.forCursor === true) binder.cursorQuery = select;
  const bound = bindSelect(select, scope);
  return { command: select.valuesLists === undefined ? 'SELECT' : 'VALUES', ...bound };
}

function cursorColumns(plan: LogicalPlan, { cursorKeys }: Binder): readonly PlanColumn[] {
  return cursorKeys.map(({ column }) => plan.outputs.find(({ id }) => id === column)!);
}

function resultColumn(column: PlanColumn, binder: Binder): ResultColumn {
  const origin = binder.origins.get(column.id);
  return {
    ...column,
    tableOid: origin?.tableOid ?? 0,
    attributeNumber: origin?.attributeNumber ?? 0,
  };
}

/**
 * A value outside of any query (an argument of EXECUTE or CALL) in the type that its place asks for.
 * It reads no columns and no parameters.
 */
export function bindArgument(
  node: Node,
  type: SqlType,
  parsed: ParsedStatement,
  context: BindContext,
): Expression {
  return guardStack(() => {
    const binder = newBinder({ ...context, allowParameters: false }, parsed);
    const scope = new Scope(binder, undefined);
    const value = scope.bindAs(ExpressionKinds.executeParameter, node);
    const converted = coerceToTarget(value, type, 'assignment', binder);
    if (converted !== undefined) return converted;
    throw databaseError(
      'datatypeMismatch',
      `parameter of type ${typeName(value.type, binder)} cannot be coerced to the expected type ${typeName(type, binder)}`,
      { ...at(startOf(value)), hint: 'You will need to rewrite or cast the expression.' },
    );
  });
}
