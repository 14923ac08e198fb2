// CALL: the procedure that is meant and its arguments, as a query of one row. Arguments for output
// parameters are not evaluated; where they are names of variables, the caller assigns the results.

import type { CallStmt, Node } from '@pgsql/types';
import { type Expression, outputName, outputParameters, sqlType, TypeOid } from '#common';
import { isPolymorphic } from '#functions';
import type { BoundQuery, PlanColumn } from '../logical-plan.ts';
import { guardStack, type ParsedStatement } from '../parse/index.ts';
import type { BindContext } from './context.ts';
import { constant } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindProcedureCall } from './function-call.ts';
import { newBinder } from './grammar.ts';
import { bodyOf, stringsOf } from './node.ts';
import { Scope } from './scope.ts';

export interface BoundCall {
  readonly routineOid: number;
  /** Of all parameters; polymorphic ones have the type that they stand for. */
  readonly parameterTypes: readonly number[];
  /** One column for each parameter. */
  readonly query: BoundQuery;
  readonly outputs: readonly {
    readonly name: string;
    readonly type: number;
    /** The name that was given as the argument. */
    readonly variable: readonly string[] | undefined;
  }[];
}

export function bindCallStatement(parsed: ParsedStatement, context: BindContext): BoundCall {
  return guardStack(() => {
    const binder = newBinder(context, parsed);
    const scope = new Scope(binder, undefined);
    const statement: CallStmt = bodyOf(parsed.statement, 'CallStmt')!;
    const node = statement.funccall!;
    const call = scope.within(ExpressionKinds.callArgument, () => bindProcedureCall(node, scope));
    const routine = call.signature.routine!;
    const expressions: Expression[] = call.arguments.map((argument, position) => {
      const { mode } = routine.parameters[position];
      return mode === 'out' ? constant(null, sqlType(TypeOid.unknown)) : argument;
    });
    const columns = expressions.map((expression, position): PlanColumn =>
      scope.newColumn(`argument${position + 1}`, expression.type),
    );
    const parameterTypes = call.arguments.map(({ type }, position) =>
      isPolymorphic(routine.parameters[position].type)
        ? type.oid
        : routine.parameters[position].type,
    );
    return {
      routineOid: routine.oid,
      parameterTypes,
      query: {
        kind: 'query',
        command: 'SELECT',
        plan: {
          kind: 'project',
          input: { kind: 'singleRow', outputs: [] },
          expressions,
          outputs: columns,
        },
        results: columns.map((column) => ({ ...column, tableOid: 0, attributeNumber: 0 })),
        parameterTypes: binder.parameters.finish(),
        pinnedParameters: [],
        relations: [...binder.relations].map(([oid, access]) => ({ oid, access })),
        accesses: binder.accesses,
        currentUser: context.currentUser,
        dependsOnRole: binder.dependsOnRole,
        nextColumnId: binder.nextColumnId,
      },
      outputs: outputParameters(routine).map((parameter, ordinal) => {
        const position = routine.parameters.indexOf(parameter);
        return {
          name: outputName(parameter, ordinal),
          type: parameterTypes[position],
          variable: variableName(node.args?.[call.sources[position]]),
        };
      }),
    };
  });
}

function variableName(node: Node | undefined): readonly string[] | undefined {
  const named = bodyOf(node, 'NamedArgExpr');
  const value = named === undefined ? node : named.arg;
  const parameter = bodyOf(value, 'ParamRef');
  if (parameter !== undefined) return [`$${parameter.number ?? 0}`];
  const fields = bodyOf(value, 'ColumnRef')?.fields;
  return fields === undefined ? undefined : stringsOf(fields);
}
