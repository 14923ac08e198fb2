/**
 * Goal: a query has the same rows on every path through the executor.
 * Method: generated queries (seed printed; repeat with TEST_SEED, more with PATH_COUNT, longer with PATH_SECONDS) over
 * random data run interpreted; then in other forms of the whole plan (common parts computed once, groups made below
 * joins), compiled, on an executor thread, shared by several threads, and with so little memory that joins, groups
 * and sorts go to disk, each over rows and over column segments (path-comparison.ts). The tables have no indexes,
 * which generated.test.ts reads.
 */
import { test } from 'node:test';
import { pathComparison, pathCount } from './path-comparison.ts';
import { setupStatements } from './query-generator.ts';
import { QueryShapes } from './query-shapes.ts';
import { valueStatements } from './query-values.ts';

const count = pathCount(200);
const compare = await pathComparison({
  tables: ['r1', 'r2', 'r3', 'r4', 'r5'],
  statements: (random) =>
    [...setupStatements(random), ...valueStatements(random)].filter(
      (statement) => !statement.startsWith('CREATE INDEX'),
    ),
  generator: (random) => new QueryShapes(random),
  count,
  secondsMax: 90,
  // Which of equal numerics stands for a group is not defined, so 1.5 and 1.50 are taken for the same.
  comparable: (answer) => answer.replaceAll(/(\d+\.\d*?)0+\b/g, '$1'),
});

test(`${count} generated queries on every path`, { timeout: 240_000 }, compare);
