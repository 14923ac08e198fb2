// The process that DuckDB runs in: takes statements from its parent and answers with rows as text.
// Arguments: the database file, the number of threads.

import type { OlapResult } from './system.ts';

export interface DuckdbRequest {
  readonly sql: string;
}

export type DuckdbAnswer =
  | { readonly result: OlapResult; readonly error?: undefined }
  | { readonly error: string };

/** The part of @duckdb/node-api that is used here. */
interface DuckdbModule {
  readonly DuckDBInstance: {
    create(path: string, options: Record<string, string>): Promise<DuckdbInstance>;
  };
}
interface DuckdbInstance {
  connect(): Promise<{ runAndReadAll(sql: string): Promise<DuckdbReader> }>;
}
interface DuckdbReader {
  getRows(): readonly (readonly ({ toString(): string } | null)[])[];
  columnTypes(): readonly { toString(): string }[];
}

const [file, threads] = process.argv.slice(2);
const packageName: string = '@duckdb/node-api';
const { DuckDBInstance } = (await import(packageName)) as DuckdbModule;
const instance = await DuckDBInstance.create(file, { threads });
const connection = await instance.connect();

async function answer({ sql }: DuckdbRequest): Promise<DuckdbAnswer> {
  try {
    const start = performance.now();
    const reader = await connection.runAndReadAll(sql);
    const milliseconds = performance.now() - start;
    const floatColumns = reader.columnTypes().map((type) => /^(DOUBLE|FLOAT)$/.test(String(type)));
    const rows = reader
      .getRows()
      .map((row) => row.map((value) => (value === null ? null : value.toString())));
    return { result: { rows, floatColumns, milliseconds } };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

process.on('message', (request: DuckdbRequest) => {
  void answer(request).then((reply) => process.send?.(reply));
});
process.on('disconnect', () => process.exit(0));
