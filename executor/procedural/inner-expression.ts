// An expression of a routine's body. What needs no plan - no table, no subquery, no aggregate - is
// computed by a compiled closure over the variables; anything else runs as the query that it is.

import { databaseError, type Datum, notSupported, type SqlType } from '#common';
import type { PhysicalPlan } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Evaluator,
  type ExpressionEnvironment,
  noColumns,
} from '../expression/environment.ts';
import { returnsSet } from '../operators/set-returning.ts';
import {
  InnerStatement,
  type PreparedStatement,
  type StatementScope,
  withoutWaiting,
} from './inner-statement.ts';
import { withExpression } from './plpgsql/context.ts';
import { QueryRun, runAtOnce } from './statement-run.ts';

type Environment = { -readonly [Key in keyof ExpressionEnvironment]: ExpressionEnvironment[Key] };

interface Compiled {
  readonly prepared: PreparedStatement;
  readonly type: SqlType;
  readonly evaluate: Evaluator | undefined;
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
    if (evaluate === undefined) return this.run(scope, compiled.prepared);
    const { parameters, caseTest } = environment;
    environment.parameters = scope.values;
    try {
      return evaluate(noColumns, 0);
    } finally {
      environment.parameters = parameters;
      environment.caseTest = caseTest;
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
      environment,
    };
    this.host = scope.host;
    return this.compiled;
  }

  private run(scope: StatementScope, { plan }: PreparedStatement): Datum {
    const run = new QueryRun(withoutWaiting(scope), plan);
    try {
      const row = runAtOnce(run.next());
      if (row === undefined) return null;
      if (runAtOnce(run.next()) !== undefined) {
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
