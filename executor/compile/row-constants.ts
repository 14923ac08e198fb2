// Expressions whose value is the same for all rows of an execution: constants, parameters, slots and
// what is computed from them. They are evaluated when code first needs them, and code is generated for
// their representation; the values themselves reach it as arguments, so later executions can reuse it.

import type { Datum, Expression } from '#common';
import { functionRegistry } from '#functions';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Evaluator,
  type ExpressionEnvironment,
  noColumns,
} from '../expression/environment.ts';
import { visitExpression } from '../expression/walk.ts';
import { scaledInteger } from './compiled-value.ts';
import { lowerPower, upperPower } from './vector-shape.ts';

export type ConstantShape =
  | {
      readonly kind: 'integer';
      readonly scale: number;
      readonly min: number;
      readonly max: number;
    }
  | { readonly kind: 'float' | 'boolean' | 'datum' | 'null' };

export class RowConstant {
  readonly expression: Expression;
  private readonly evaluator: Evaluator;
  private known = false;
  private value: Datum = null;

  constructor(expression: Expression, environment: ExpressionEnvironment) {
    this.expression = expression;
    this.evaluator = compileExpression(expression, environment);
  }

  forget(): void {
    this.known = false;
  }

  datum(): Datum {
    if (!this.known) {
      this.value = this.evaluator(noColumns, 0);
      this.known = true;
    }
    return this.value;
  }

  /** The value as generated code takes it: whole numbers without their scale. */
  operand(): unknown {
    const value = this.datum();
    if (value === null) return 0;
    return scaledInteger(value, this.expression.type.oid)?.value ?? value;
  }

  shape(): ConstantShape {
    const value = this.datum();
    if (value === null) return { kind: 'null' };
    if (typeof value === 'boolean') return { kind: 'boolean' };
    const whole = scaledInteger(value, this.expression.type.oid);
    if (whole !== undefined) {
      return {
        kind: 'integer',
        scale: whole.scale,
        min: lowerPower(whole.value),
        max: upperPower(whole.value),
      };
    }
    return { kind: isFloat(this.expression) ? 'float' : 'datum' };
  }
}

function isFloat(expression: Expression): boolean {
  return expression.type.oid === 701 || expression.type.oid === 700;
}

/** Does code for the one shape run with a constant of the other? */
export function constantCovers(known: ConstantShape, shape: ConstantShape): boolean {
  if (known.kind !== 'integer' || shape.kind !== 'integer') return known.kind === shape.kind;
  return known.scale === shape.scale && shape.min >= known.min && shape.max <= known.max;
}

/** The constants of an operator, by what they are. */
export class RowConstants {
  private readonly environment: ExpressionEnvironment;
  private readonly constants = new Map<Expression, RowConstant>();

  constructor(environment: ExpressionEnvironment) {
    this.environment = environment;
  }

  /** undefined when the value differs by row, or cannot be computed ahead of the rows. */
  find(expression: Expression): RowConstant | undefined {
    let constant = this.constants.get(expression);
    if (constant === undefined) {
      if (!isRowConstant(expression)) return undefined;
      constant = new RowConstant(expression, this.environment);
      this.constants.set(expression, constant);
    }
    try {
      constant.datum();
    } catch {
      // Who evaluates it row by row gets the error, if any row does.
      return undefined;
    }
    return constant;
  }

  /** To be called when an execution starts. */
  forget(): void {
    for (const constant of this.constants.values()) constant.forget();
  }
}

const rowKinds: ReadonlySet<string> = new Set(['input', 'caseTest', 'aggregate', 'column']);

function isRowConstant(expression: Expression): boolean {
  if (expression.kind === 'constant' || expression.kind === 'parameter') return true;
  let constant = true;
  visitExpression(expression, (inner) => {
    if (rowKinds.has(inner.kind) || isVolatileCall(inner)) constant = false;
    if (inner.kind === 'subplan' && inner.bindings.length > 0) constant = false;
  });
  return constant;
}

export function isVolatileCall(expression: Expression): boolean {
  const volatility = volatilityOf(expression);
  return volatility !== 'immutable' && volatility !== 'stable';
}

function volatilityOf(expression: Expression): string | undefined {
  if (expression.kind !== 'call') return 'immutable';
  return functionRegistry.functionByOid(expression.functionOid)?.volatility;
}

/** Is the expression the same in every execution with the same parameters? */
export function isImmutable(expression: Expression): boolean {
  let immutable = true;
  visitExpression(expression, (inner) => {
    if (volatilityOf(inner) !== 'immutable') immutable = false;
    // Casts through text read the session's settings.
    if (inner.kind === 'sqlValue' || (inner.kind === 'cast' && inner.method !== 'relabel'))
      immutable = false;
  });
  return immutable;
}

/** May the expression be evaluated once per distinct value of its inputs, in any order? */
export function isRepeatable(expression: Expression): boolean {
  let repeatable = true;
  visitExpression(expression, (inner) => {
    if (isVolatileCall(inner) || inner.kind === 'subplan' || inner.kind === 'slot')
      repeatable = false;
    if (inner.kind === 'caseTest') repeatable &&= containsCase(expression, inner);
  });
  return repeatable;
}

/** Is the CASE whose operand the test stands for inside of the expression? */
function containsCase(expression: Expression, test: Expression): boolean {
  let found = false;
  visitExpression(expression, (inner) => {
    if (inner.kind !== 'case' || inner.operand === undefined) return;
    visitExpression(inner, (below) => {
      if (below === test) found = true;
    });
  });
  return found;
}
