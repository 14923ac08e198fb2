// Conditions of filters and scans: a list of conjuncts, each of which narrows a selection of row
// ordinals in place. Comparisons of a column with a value that is fixed for the batch run in tight
// loops (comparison-kernels.ts), everything else through its closure.

import type { Batch, Expression } from '#common';
import { compileExpression } from './compile-expression.ts';
import { refineGeneric, refineTyped } from './comparison-kernels.ts';
import {
  type Columns,
  type Evaluator,
  type ExpressionEnvironment,
  type FilterKernel,
  noColumns,
} from './environment.ts';
import {
  type Comparison,
  type NativeComparison,
  mirrored,
  nativeComparison,
} from './native-comparison.ts';

/** Narrows the first `count` ordinals of the selection; returns how many stay. */
type Refiner = (columns: Columns, selection: Int32Array, count: number) => number;

export function compileFilter(
  condition: Expression,
  environment: ExpressionEnvironment,
): FilterKernel {
  const refiners = conjuncts(condition).map((conjunct) => compileRefiner(conjunct, environment));
  return (batch: Batch, selection: Int32Array) => {
    let count = batch.length;
    for (let row = 0; row < count; row++) selection[row] = row;
    for (const refine of refiners) {
      if (count === 0) return 0;
      count = refine(batch.columns, selection, count);
    }
    return count;
  };
}

function conjuncts(condition: Expression): Expression[] {
  return condition.kind === 'and' ? condition.arguments.flatMap(conjuncts) : [condition];
}

function compileRefiner(condition: Expression, environment: ExpressionEnvironment): Refiner {
  const comparison = columnComparison(condition);
  const evaluator = compileExpression(condition, environment);
  if (comparison === undefined)
    return (columns, selection, count) => refineBy(evaluator, columns, selection, count);
  const { ordinal, native } = comparison;
  const comparand = compileExpression(comparison.comparand, environment);
  return (columns, selection, count) => {
    const value = comparand(noColumns, 0);
    if (value === null) return 0;
    if (native.float && Number.isNaN(value)) return refineBy(evaluator, columns, selection, count);
    const column = columns[ordinal];
    if (Array.isArray(column.values)) {
      return refineGeneric(column.values, {
        comparison: native.comparison,
        value,
        selection,
        count,
      });
    }
    if (column.boolean || (typeof value !== 'number' && typeof value !== 'bigint')) {
      return refineBy(evaluator, columns, selection, count);
    }
    return refineTyped(column, { comparison: native.comparison, value, selection, count });
  };
}

function refineBy(
  evaluator: Evaluator,
  columns: Columns,
  selection: Int32Array,
  count: number,
): number {
  let kept = 0;
  for (let i = 0; i < count; i++) {
    const row = selection[i];
    if (evaluator(columns, row) === true) selection[kept++] = row;
  }
  return kept;
}

interface ColumnComparison {
  readonly ordinal: number;
  readonly native: NativeComparison;
  readonly comparand: Expression;
}

/** column op value or value op column, where the value is the same for every row of a batch. */
function columnComparison(condition: Expression): ColumnComparison | undefined {
  if (condition.kind !== 'call' || condition.arguments.length !== 2) return undefined;
  const native = nativeComparison(condition.functionOid);
  if (native === undefined) return undefined;
  const [left, right] = condition.arguments as [Expression, Expression];
  if (left.kind === 'input' && isFixed(right))
    return { ordinal: left.ordinal, native, comparand: right };
  if (right.kind === 'input' && isFixed(left)) {
    const comparison: Comparison = mirrored(native.comparison);
    return { ordinal: right.ordinal, native: { comparison, float: native.float }, comparand: left };
  }
  return undefined;
}

function isFixed(expression: Expression): boolean {
  return (
    expression.kind === 'constant' || expression.kind === 'parameter' || expression.kind === 'slot'
  );
}
