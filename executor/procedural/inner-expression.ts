// An expression of a routine's body. What needs no plan - no table, no subquery, no aggregate - is
// computed by a compiled closure over the variables; anything else runs as the query that it is.

import { databaseError, type Datum, notSupported, type SqlType } from '#common';
import type { CallTypes } from '#functions';
import type { PhysicalPlan } from '#planner';
import { callTypes } from '../expression/calls.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Evaluator,
  type ExpressionEnvironment,
  noColumns,
} from '../expression/environment.ts';
import { returnsSet } from '../operators/set-returning.ts';
import { isPlainRoutine } from '../routine-use.ts';
import type { Work } from './host.ts';
import {
  InnerStatement,
  type PreparedStatement,
  type StatementScope,
  withoutWaiting,
} from './inner-statement.ts';
import { withExpression } from './plpgsql/context.ts';
import { QueryRun, runAtOnce } from './statement-run.ts';

type Environment = { -readonly [Key in keyof ExpressionEnvironment]: ExpressionEnvironment[Key] };

interface PlainCall {
  readonly oid: number;
  readonly types: CallTypes;
  readonly arguments: readonly Evaluator[];
}

interface Compiled {
  readonly prepared: PreparedStatement;
  readonly type: SqlType;
  readonly evaluate: Evaluator | undefined;
  /** The expression is a call of a routine, and nothing else. */
  readonly call: PlainCall | undefined;
  readonly environment: Environment;
}

export class InnerExpression {
  /** As written, for messages. */
  readonly text: string;
  private readonly statement: InnerStatement;
  private compiled: Compiled | undefined;
  private host: StatementScope['host'] | undefined;

  constructor(text: string, statement = InnerStatement.parse(`SELECT ${text}`)) {
    this.text = text;
    this.statement = statement;
  }

  /** The value, and the type that it has. */
  evaluate(scope: StatementScope): Datum {
    const compiled = this.compile(scope);
    const { evaluate, environment } = compiled;
    if (evaluate === undefined)
      return runAtOnce(this.run(withoutWaiting(scope), compiled.prepared));
    const { parameters, caseTest } = environment;
    environment.parameters = scope.values;
    try {
      return evaluate(noColumns, 0);
    } finally {
      environment.parameters = parameters;
      environment.caseTest = caseTest;
    }
  }

  /**
   * The value in steps, where it may take long and the routine may give way: a query, or a call of a routine with
   * nothing around it. undefined: evaluate() does.
   */
  inTurns(scope: StatementScope): Work<Datum> | undefined {
    if (scope.pace === 'atOnce') return undefined;
    const { evaluate, prepared, call } = this.compile(scope);
    if (evaluate === undefined) return this.run(withoutWaiting(scope, 'inTurns'), prepared);
    return call === undefined ? undefined : this.callInTurns(scope, call);
  }

  private callInTurns(scope: StatementScope, call: PlainCall): Work<Datum> {
    const { environment } = this.compiled!;
    const outer = environment.parameters;
    environment.parameters = scope.values;
    try {
      const values = call.arguments.map((evaluate) => evaluate(noColumns, 0));
      return environment.functions.routines!.callInTurns(
        call.oid,
        values,
        call.types,
      ) as Work<Datum>;
    } finally {
      environment.parameters = outer;
    }
  }

  type(scope: StatementScope): SqlType {
    return this.compile(scope).type;
  }

  private prepare(scope: StatementScope): PreparedStatement {
    try {
      return this.statement.prepare(scope);
    } catch (error) {
      throw withExpression(error, this.text);
    }
  }

  private compile(scope: StatementScope): Compiled {
    const prepared = this.prepare(scope);
    if (this.compiled?.prepared === prepared && this.host === scope.host) return this.compiled;
    const { results } = prepared.bound;
    if (results.length !== 1) {
      throw databaseError(
        'syntaxError',
        `query "${this.text}" returned ${results.length} column${results.length === 1 ? '' : 's'}`,
      );
    }
    const environment: Environment = {
      parameters: [],
      slots: [],
      functions: scope.host.functions,
      caseTest: null,
      subplan: () => {
        throw notSupported('a subquery in this place');
      },
    };
    const simple = simpleExpression(prepared.plan);
    this.compiled = {
      prepared,
      type: results[0].type,
      evaluate: simple === undefined ? undefined : compileExpression(simple, environment),
      call: simple === undefined ? undefined : plainCall(simple, environment),
      environment,
    };
    this.host = scope.host;
    return this.compiled;
  }

  private *run(scope: StatementScope, { plan }: PreparedStatement): Work<Datum> {
    const run = new QueryRun(scope, plan);
    try {
      const row = yield* run.next();
      if (row === undefined) return null;
      if ((yield* run.next()) !== undefined) {
        throw databaseError(
          'cardinalityViolation',
          `query "${this.text}" returned more than one row`,
        );
      }
      return row[0];
    } catch (error) {
      throw scope.host.isSignal(error) ? error : withExpression(error, this.text);
    } finally {
      run.close();
    }
  }
}

/** SELECT expression, with nothing else to it. */
function simpleExpression(plan: PhysicalPlan): Parameters<typeof compileExpression>[0] | undefined {
  const { root } = plan;
  if (plan.subplans.length > 0 || plan.ctes.length > 0 || plan.relations.length > 0)
    return undefined;
  if (root.kind !== 'project' || root.input.kind !== 'result') return undefined;
  if (root.input.condition !== undefined || root.input.empty) return undefined;
  const expression = root.expressions[plan.resultOrdinals[0]];
  return returnsSet(expression) ? undefined : expression;
}

function plainCall(
  expression: Parameters<typeof compileExpression>[0],
  environment: ExpressionEnvironment,
): PlainCall | undefined {
  if (expression.kind !== 'call' || !isPlainRoutine(expression.functionOid)) return undefined;
  return {
    oid: expression.functionOid,
    types: callTypes(expression),
    arguments: expression.arguments.map((argument) => compileExpression(argument, environment)),
  };
}
