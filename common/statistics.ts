// What ANALYZE found out about a table: plain data, kept by storage/catalog, read by the planner and by
// pg_statistic. Values are texts as their type's output function makes them (and its input function
// reads), so that a row of statistics survives new versions of the code.

export interface ColumnStatistics {
  readonly attributeNumber: number;
  /** The column's type when it was analysed; statistics of another type say nothing. */
  readonly typeOid: number;
  readonly nullFraction: number;
  /** Mean bytes of a stored value that is not null. */
  readonly averageWidth: number;
  /** Distinct values that are not null; negative: minus their number as a fraction of the rows; 0: unknown. */
  readonly distinct: number;
  /** Most frequent first. */
  readonly commonValues: readonly string[];
  /** Fractions of all rows, parallel to commonValues. */
  readonly commonFrequencies: readonly number[];
  /** Bounds of buckets that hold equally many of the remaining values; empty: unknown. */
  readonly histogram: readonly string[];
  /** Between the order of the values and that of the rows: -1 to 1; undefined: the type has no order. */
  readonly correlation: number | undefined;
}

/** What was computed for one CREATE STATISTICS object. */
export interface ExtendedStatistics {
  readonly oid: number;
  readonly distinct: readonly { readonly attributes: readonly number[]; readonly count: number }[];
  /** The columns `from` determine `to` in this fraction of the rows. */
  readonly dependencies: readonly {
    readonly from: readonly number[];
    readonly to: number;
    readonly degree: number;
  }[];
  readonly common: readonly {
    /** Parallel to `attributes`. */
    readonly values: readonly (string | null)[];
    readonly frequency: number;
    /** The product of the values' own frequencies. */
    readonly baseFrequency: number;
  }[];
  /** Columns of `common`. */
  readonly attributes: readonly number[];
}

export interface TableAnalysis {
  readonly tableOid: number;
  /** The data that it describes: TRUNCATE and rewrites make new ones. */
  readonly treeId: number;
  readonly rows: number;
  /** storage's estimate at that time: what it says later tells how the table has grown. */
  readonly estimatedRows: number;
  /** Microseconds since 1970-01-01 UTC. */
  readonly analyzedAt: number;
  readonly automatic: boolean;
  readonly columns: readonly ColumnStatistics[];
  readonly extended: readonly ExtendedStatistics[];
}

export type StatisticsKind = 'distinct' | 'dependencies' | 'common';

/** CREATE STATISTICS: which columns of its table shall be analysed together. Kept in the table's descriptor. */
export interface StatisticsDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly attributes: readonly number[];
  readonly kinds: readonly StatisticsKind[];
  /** ALTER STATISTICS … SET STATISTICS; absent: the default. */
  readonly target?: number;
  readonly comment?: string;
}
