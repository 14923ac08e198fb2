// COPY of many rows into a table with a primary key: psql feeds the same file to both servers.

import { execFile } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { once } from 'node:events';
import { promisify } from 'node:util';

const run = promisify(execFile);

interface CopyRun {
  readonly ours: number;
  readonly theirs: number;
  readonly rows: number;
  readonly rounds: number;
  readonly directory: string;
}

/** One row of the report: seconds, and PostgreSQL's time over ours. */
export async function copyComparison(options: CopyRun): Promise<string> {
  const file = join(options.directory, 'rows.tsv');
  await writeRows(file, options.rows);
  const ours: number[] = [];
  const theirs: number[] = [];
  for (let round = 0; round < options.rounds; round++) {
    ours.push(await timeCopy(options.ours, file));
    theirs.push(await timeCopy(options.theirs, file));
  }
  const ratios = ours
    .map((value, round) => theirs[round] / value)
    .toSorted((left, right) => left - right);
  const middle = (values: readonly number[]): number =>
    values.toSorted((left, right) => left - right)[values.length >> 1];
  const ratio = ratios[ratios.length >> 1];
  return `| COPY of ${options.rows} rows with a primary key (s) | ${middle(ours).toFixed(2)} | ${middle(theirs).toFixed(2)} | ${ratio.toFixed(2)} | 1 |`;
}

async function writeRows(file: string, rows: number): Promise<void> {
  const stream = createWriteStream(file);
  const filler = 'x'.repeat(84);
  for (let id = 1; id <= rows; id++) {
    if (!stream.write(`${id}\t${(id % 100) + 1}\t${(id * 7919) % 100_000}\t${filler}\n`))
      await once(stream, 'drain');
  }
  stream.end();
  await once(stream, 'finish');
}

async function timeCopy(port: number, file: string): Promise<number> {
  const psql = (sql: string): Promise<unknown> =>
    run('psql', [
      '-X',
      '-q',
      '-v',
      'ON_ERROR_STOP=1',
      '-h',
      '127.0.0.1',
      '-p',
      String(port),
      '-U',
      'postgres',
      '-d',
      'postgres',
      '-c',
      sql,
    ]);
  await psql('DROP TABLE IF EXISTS bench_copy');
  await psql(
    'CREATE TABLE bench_copy (id int PRIMARY KEY, branch int, balance int, filler char(84))',
  );
  const start = performance.now();
  await psql(`\\copy bench_copy FROM '${file}'`);
  return (performance.now() - start) / 1000;
}
