// CHECK constraints and column defaults of tables that a cascade writes: the statement's plan does not
// carry them, so their stored text is bound when first needed.

import type { Datum, TableDescriptor } from '#common';
import type { PhysicalCheck } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import { noColumns } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { bindColumnDefault, bindTableChecks } from './stored-expressions.ts';

export interface ConstraintRuntime {
  readonly checks: readonly PhysicalCheck[];
  /** Default values of some attributes; null where there is none. */
  defaults(attributes: readonly number[]): Datum[];
}

export function constraintRuntime(table: TableDescriptor, runtime: Runtime): ConstraintRuntime {
  return {
    get checks() {
      return bindTableChecks(table, runtime.context);
    },
    defaults: (attributes) =>
      attributes.map((attribute) => {
        const expression = bindColumnDefault(table, attribute, runtime.context);
        return expression === undefined
          ? null
          : compileExpression(expression, runtime)(noColumns, 0);
      }),
  };
}
