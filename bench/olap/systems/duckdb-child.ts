// The process that DuckDB runs in: takes statements from its parent and answers with rows as text.
// Arguments: the database file, the number of threads.

import { DuckDBInstance } from '@duckdb/node-api';
import type { OlapResult } from './system.ts';

export interface DuckdbRequest {
  readonly sql: string;
}

export type DuckdbAnswer =
  | { readonly result: OlapResult; readonly error?: undefined }
  | { readonly error: string };

const [file, threads] = process.argv.slice(2);
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
