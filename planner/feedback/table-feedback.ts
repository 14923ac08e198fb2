// What executions have taught about the conditions on a table: which fraction of its rows really met them. It
// belongs to one description of the table (another one, after ALTER TABLE, starts anew) and to one ANALYZE.
// A condition that was asked with the same values is known exactly; one that was asked with other values, by
// how far estimates have been off in the same direction. After M. Stillger, G. Lohman, V. Markl,
// M. Kandil, *LEO: DB2's learning optimizer* (VLDB 2001).

import type { Datum, TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import { exactKey, type PredicateKey } from './predicate-key.ts';

/** Smaller tables are read faster than thought about. */
export const feedbackRowsMin = 10_000;
/** Remembered of each kind for a table; those that were not used for the longest time go first. */
const predicatesMax = 64;
/** Executions with different values after which others are taken to be like them. */
const samplesMin = 3;
/** An estimate that is off by this factor made a plan for other rows than there are. */
export const misjudgedFactor = 10;
/** Fewer rows than this make no difference. */
export const misjudgedRowsMin = 1000;

/** What a scan expects of its filter, before anything learned. */
export interface ScanExpectation {
  readonly key: PredicateKey;
  /** Of the table's rows. */
  readonly fraction: number;
  readonly tableRows: number;
  /** The estimate is not this one: it has been corrected. */
  readonly isCorrected: boolean;
}

/** All executions of a condition, whatever its values. */
export interface GeneralFeedback {
  condition: string;
  executions: number;
  /** Of them, those with values that had not been seen. */
  samples: number;
  /** Of the last execution. */
  estimatedRows: number;
  actualRows: number;
  /** Actual rows as a multiple of estimated ones: the smallest and the largest. */
  factorMin: number;
  factorMax: number;
}

class TableFeedback {
  readonly analyzedAt: number | undefined;
  readonly exact = new Map<string, number>();
  readonly general = new Map<string, GeneralFeedback>();

  constructor(analyzedAt: number | undefined) {
    this.analyzedAt = analyzedAt;
  }
}

const tables = new WeakMap<TableDescriptor, TableFeedback>();

function feedbackOf(table: TableDescriptor, catalog: Catalog): TableFeedback | undefined {
  const known = tables.get(table);
  return known?.analyzedAt === catalog.analysis(table.oid)?.analyzedAt ? known : undefined;
}

/** By condition without its values, for lattice_plan_feedback. */
export function feedbackAbout(table: TableDescriptor, catalog: Catalog): Iterable<GeneralFeedback> {
  return feedbackOf(table, catalog)?.general.values() ?? [];
}

/**
 * The corrected fraction; undefined: nothing is known. `dependsOnValues`: something is known, but for
 * values that are not those of the parameters, or these are unknown.
 */
export function learnedFraction(
  table: TableDescriptor,
  expected: { readonly key: PredicateKey; readonly fraction: number },
  {
    catalog,
    parameters,
  }: { readonly catalog: Catalog; readonly parameters: readonly Datum[] | undefined },
): { readonly fraction: number | undefined; readonly dependsOnValues: boolean } | undefined {
  const known = feedbackOf(table, catalog);
  const general = known?.general.get(expected.key.general);
  if (known === undefined || general === undefined) return undefined;
  const name = exactKey(expected.key, parameters);
  const exact = name === undefined ? undefined : known.exact.get(name);
  if (exact !== undefined) return { fraction: exact, dependsOnValues: false };
  const factor = commonFactor(general);
  const fraction = factor === 1 ? undefined : Math.min(1, expected.fraction * factor);
  return { fraction, dependsOnValues: name === undefined };
}

/** The least correction that all executions call for. */
function commonFactor({ samples, factorMin, factorMax }: GeneralFeedback): number {
  if (samples < samplesMin) return 1;
  if (factorMin > 1) return factorMin;
  return factorMax < 1 ? factorMax : 1;
}

/** Takes in what an execution has seen; true when it was news, and the plan was made for other rows. */
export function learn(
  table: TableDescriptor,
  seen: {
    readonly expected: ScanExpectation;
    readonly condition: string;
    readonly fraction: number;
    readonly parameters: readonly Datum[];
  },
  catalog: Catalog,
): boolean {
  const { expected } = seen;
  let known = feedbackOf(table, catalog);
  if (known === undefined) {
    known = new TableFeedback(catalog.analysis(table.oid)?.analyzedAt);
    tables.set(table, known);
  }
  const estimatedRows = Math.max(1, expected.fraction * expected.tableRows);
  const actualRows = Math.max(1, seen.fraction * expected.tableRows);
  const factor = actualRows / estimatedRows;
  const before = known.general.get(expected.key.general);
  const name = exactKey(expected.key, seen.parameters);
  const isNews = name !== undefined && !known.exact.has(name);
  keep(known.general, expected.key.general, {
    condition: before?.condition ?? seen.condition,
    executions: (before?.executions ?? 0) + 1,
    samples: (before?.samples ?? 0) + (isNews ? 1 : 0),
    estimatedRows: Math.round(estimatedRows),
    actualRows: Math.round(actualRows),
    factorMin: Math.min(factor, before?.factorMin ?? factor),
    factorMax: Math.max(factor, before?.factorMax ?? factor),
  });
  if (name !== undefined) keep(known.exact, name, seen.fraction);
  const isFarOff = Math.max(factor, 1 / factor) >= misjudgedFactor;
  return (
    isNews &&
    !expected.isCorrected &&
    isFarOff &&
    Math.max(estimatedRows, actualRows) >= misjudgedRowsMin
  );
}

function keep<Item>(map: Map<string, Item>, key: string, item: Item): void {
  map.delete(key);
  map.set(key, item);
  if (map.size <= predicatesMax) return;
  const [oldest] = map.keys();
  map.delete(oldest);
}
