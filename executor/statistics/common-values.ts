// Which of a sample's values are worth remembering one by one, and how many different ones there are.
// Both follow PostgreSQL's analyze.c: Haas and Stokes' estimator Duj1 (1998) for distinct values, and for
// the list of common ones the test that a value is significantly more frequent than the average of
// those that are left out.

export interface SampleFacts {
  /** Rows of the table. */
  readonly totalRows: number;
  readonly sampleRows: number;
  readonly nullRows: number;
}

/** As pg_statistic.stadistinct. `repeated`: how many of the values occur more than once. */
export function estimateDistinct(
  values: { readonly distinct: number; readonly repeated: number },
  { totalRows, sampleRows, nullRows }: SampleFacts,
): number {
  const { distinct, repeated } = values;
  const nullFraction = sampleRows === 0 ? 0 : nullRows / sampleRows;
  // No value twice: a unique column. Every value twice: they have all been seen.
  if (repeated === 0) return distinct === 0 ? 0 : -(1 - nullFraction);
  let estimate = distinct;
  if (repeated < distinct) {
    const once = distinct - repeated;
    const n = sampleRows - nullRows;
    const all = totalRows * (1 - nullFraction);
    estimate = all > 0 ? (n * distinct) / (n - once + (once * n) / all) : 0;
    estimate = Math.floor(Math.min(Math.max(estimate, distinct), Math.max(all, distinct)) + 0.5);
  }
  return estimate > 0.1 * totalRows ? -(estimate / totalRows) : estimate;
}

/** How many of the most frequent values (counts in descending order) to keep. */
export function commonValueCount(
  counts: readonly number[],
  sample: SampleFacts & {
    /** As estimateDistinct() has it. */
    readonly distinct: number;
    /** In the sample. */
    readonly seenDistinct: number;
    readonly max: number;
  },
): number {
  const { totalRows, sampleRows, nullRows, distinct, seenDistinct, max } = sample;
  const single = counts.findIndex((count) => count < 2);
  let kept = Math.min(single < 0 ? counts.length : single, max);
  // Every value that there is, however rare.
  if (kept === seenDistinct && distinct > 0) return kept;
  if (sampleRows === totalRows || totalRows <= 1) return kept;
  const nullFraction = nullRows / sampleRows;
  const tableDistinct = distinct < 0 ? -distinct * totalRows : distinct;
  let sum = 0;
  for (let at = 0; at < kept - 1; at++) sum += counts[at];
  while (kept > 0) {
    let average = Math.min(1, Math.max(0, 1 - sum / sampleRows - nullFraction));
    const others = tableDistinct - (kept - 1);
    if (others > 1) average /= others;
    const inTable = (totalRows * counts[kept - 1]) / sampleRows;
    const variance =
      (sampleRows * inTable * (totalRows - inTable) * (totalRows - sampleRows)) /
      (totalRows * totalRows * (totalRows - 1));
    if (counts[kept - 1] > average * sampleRows + 2 * Math.sqrt(Math.max(0, variance)) + 0.5) break;
    kept--;
    if (kept > 0) sum -= counts[kept - 1];
  }
  return kept;
}
