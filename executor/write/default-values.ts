// Column defaults, for ON DELETE SET DEFAULT and ON UPDATE SET DEFAULT.

import type { Datum, TableDescriptor } from '#common';
import { compileExpression } from '../expression/compile-expression.ts';
import { noColumns } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { defaultExpression } from './stored-expressions.ts';

/** Default values of some attributes; null where there is none. */
export function defaultValues(
  table: TableDescriptor,
  attributes: readonly number[],
  runtime: Runtime,
): Datum[] {
  return attributes.map((attribute) => {
    const expression = defaultExpression(table, attribute, runtime.context);
    return expression === undefined ? null : compileExpression(expression, runtime)(noColumns, 0);
  });
}
