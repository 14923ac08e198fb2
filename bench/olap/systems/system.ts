// What the benchmark needs of a database system. A system keeps its data in a directory of its own, which
// a later run can open again.

export interface OlapResult {
  readonly rows: readonly (readonly (string | null)[])[];
  /** True for columns of a binary floating-point type. */
  readonly floatColumns: readonly boolean[];
  /** From sending the statement to having all rows. */
  readonly milliseconds: number;
}

export interface OlapSystem {
  readonly name: SystemName;
  /** Where it listens; undefined for DuckDB, which has no server. */
  readonly port: number | undefined;
  run(sql: string): Promise<OlapResult>;
  /** Of lineitem: its rows (or columns), and with its indexes. */
  lineitemBytes(): Promise<{ readonly rows: number; readonly withIndexes: number }>;
  /** RssAnon + RssShmem of the server's process; undefined where several processes share the work. */
  memoryBytes(): number | undefined;
  stop(): Promise<void>;
}

export const systemNames = ['ours', 'postgres', 'duckdb'] as const;
export type SystemName = (typeof systemNames)[number];

export interface OpenOptions {
  /** The system's own directory. */
  readonly directory: string;
  /** Where the files of the tables are. */
  readonly tables: string;
  readonly threads: number;
  /** Of one statement. */
  readonly timeoutSeconds: number;
}

export interface OpenedSystem {
  readonly system: OlapSystem;
  /** Absent when the directory held the data already. */
  readonly loadSeconds?: number;
}
