// DuckDB on its own database file, in a process of its own (so that its memory can be measured), with as
// many threads as the others. Its tables have no keys or indexes: its scans do not use them, and they
// would make its file larger and its load slower.

import { fork, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { tableFile } from '../generator/write-tables.ts';
import { tables } from '../schema.ts';
import type { DuckdbAnswer, DuckdbRequest } from './duckdb-child.ts';
import type { OlapResult, OpenedSystem, OpenOptions } from './system.ts';

/** False where the package is not installed. */
export function hasDuckdb(): boolean {
  try {
    createRequire(import.meta.url).resolve('@duckdb/node-api');
    return true;
  } catch {
    return false;
  }
}

export async function openDuckdb(options: OpenOptions): Promise<OpenedSystem> {
  mkdirSync(options.directory, { recursive: true });
  const file = join(options.directory, 'tpch.duckdb');
  const child = new DuckdbProcess(file, options.threads);
  const loadSeconds = await loadOnce(child, options);
  return {
    loadSeconds,
    system: {
      name: 'duckdb',
      port: undefined,
      run: (sql) => child.run(sql),
      lineitemBytes: async () => {
        const bytes = await lineitemBytes(child);
        return { rows: bytes, withIndexes: bytes };
      },
      memoryBytes: () => child.memoryBytes(),
      stop: () => child.stop(),
    },
  };
}

async function loadOnce(child: DuckdbProcess, options: OpenOptions): Promise<number | undefined> {
  const mark = join(options.directory, 'loaded');
  if (existsSync(mark)) return undefined;
  const start = performance.now();
  for (const table of tables) {
    await child.run(`CREATE TABLE ${table.name} (${table.columns})`);
    const file = tableFile(options.tables, table.name);
    await child.run(
      `COPY ${table.name} FROM '${file}' (FORMAT csv, DELIMITER '\t', QUOTE '', ESCAPE '', HEADER false)`,
    );
  }
  await child.run('ANALYZE');
  await child.run('CHECKPOINT');
  const seconds = (performance.now() - start) / 1000;
  writeFileSync(mark, `${seconds}\n`);
  return seconds;
}

/** Blocks of the file that lineitem's columns lie in. */
async function lineitemBytes(child: DuckdbProcess): Promise<number> {
  const blocks = await child.run(
    `SELECT count(DISTINCT block_id) FROM pragma_storage_info('lineitem') WHERE block_id >= 0`,
  );
  const size = await child.run('SELECT block_size FROM pragma_database_size()');
  return Number(blocks.rows[0][0]) * Number(size.rows[0][0]);
}

class DuckdbProcess {
  private readonly child: ChildProcess;

  constructor(file: string, threads: number) {
    this.child = fork(join(import.meta.dirname, 'duckdb-child.ts'), [file, String(threads)]);
  }

  async run(sql: string): Promise<OlapResult> {
    const answer = await new Promise<DuckdbAnswer>((resolve, reject) => {
      const ended = (code: number | null): void =>
        reject(new Error(`DuckDB's process ended with ${code}`));
      this.child.once('exit', ended);
      this.child.once('message', (message) => {
        this.child.off('exit', ended);
        resolve(message as DuckdbAnswer);
      });
      const request: DuckdbRequest = { sql };
      this.child.send(request);
    });
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  }

  memoryBytes(): number {
    const status = readFileSync(`/proc/${this.child.pid}/status`, 'utf8');
    const kilobytes = (name: string): number =>
      Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1] ?? 0);
    return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024;
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.child.once('exit', resolve));
    this.child.disconnect();
    await ended;
  }
}
