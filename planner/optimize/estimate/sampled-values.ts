// What an expression over one column gives for the values in the column's statistics: for LIKE, functions
// of columns and whatever else has no formula. Evaluated by folding, so only immutable functions take part.

import type { ColumnExpression, ColumnId, Datum, Expression } from '#common';
import { visitExpression } from '../expression-tree.ts';
import { foldingContext } from '../folding-context.ts';
import { fold } from '../passes/fold-constants.ts';
import { substituteColumns } from '../plan-tree.ts';
import type { ColumnFacts } from './column-facts.ts';

/** Smaller tables are not worth the evaluation. */
const rowsMin = 1000;
/** Histograms of fewer values say too little. */
const histogramMin = 20;
/** A sample without a hit does not mean that there is none. */
const leastSelectivity = 0.0001;

/** The one column that the expression reads; undefined when it reads none, several, or a subquery. */
export function onlyColumn(expression: Expression): ColumnExpression | undefined {
  let column: ColumnExpression | undefined;
  let several = false;
  visitExpression(expression, (node) => {
    if (node.kind === 'subquery' || node.kind === 'input' || node.kind === 'slot') several = true;
    if (node.kind !== 'column') return !several;
    several ||= column !== undefined && column.column !== node.column;
    column = node;
    return true;
  });
  return several ? undefined : column;
}

function evaluate(
  expression: Expression,
  column: ColumnExpression,
  values: readonly Datum[],
): Datum[] | undefined {
  const results: Datum[] = [];
  for (const value of values) {
    const constant = { kind: 'constant', type: column.type, value } as const;
    const inserted = substituteColumns(expression, (id: ColumnId) =>
      id === column.column ? constant : undefined,
    );
    const folded = fold(inserted, foldingContext);
    if (folded.kind !== 'constant') return undefined;
    results.push(folded.value);
  }
  return results;
}

/** The fraction of rows for which a condition over one column holds; undefined: the values do not tell. */
export function sampledSelectivity(
  condition: Expression,
  column: ColumnExpression,
  facts: ColumnFacts,
): number | undefined {
  const { values, nullFraction } = facts;
  if (values === undefined || facts.rows < rowsMin) return undefined;
  const { common, histogram, commonFrequency } = values;
  const rest = Math.max(0, 1 - nullFraction - commonFrequency);
  if (rest > 0.05 && histogram.length < histogramMin) return undefined;
  const first = evaluate(condition, column, [
    ...common.map(({ value }) => value),
    ...histogram,
    null,
  ]);
  if (first === undefined) return undefined;
  let selectivity = first.at(-1) === true ? nullFraction : 0;
  for (const [at, { frequency }] of common.entries())
    if (first[at] === true) selectivity += frequency;
  if (histogram.length > 0) {
    const hits = first.slice(common.length, -1).filter((result) => result === true).length;
    selectivity += rest * (hits / histogram.length);
  }
  return Math.min(1, Math.max(selectivity, leastSelectivity));
}

/** Distinct results of an expression over one column; never more than the column has. */
export function sampledDistinct(
  expression: Expression,
  column: ColumnExpression,
  facts: ColumnFacts,
): number {
  const { values } = facts;
  if (values === undefined || facts.rows < rowsMin) return facts.distinct;
  const sample = [...values.common.map(({ value }) => value), ...values.histogram];
  if (sample.length < histogramMin) return facts.distinct;
  const results = evaluate(expression, column, sample);
  if (results === undefined) return facts.distinct;
  const different = new Set(results.map(String)).size;
  // Nearly every value gives another result: so do the values between them.
  return different > sample.length * 0.5 ? facts.distinct : Math.min(facts.distinct, different);
}
