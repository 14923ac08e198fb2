/**
 * Goal: comparisons under ICU's collations, nondeterministic ones among them, are the same on every path through the
 * executor: no path goes by bytes.
 * Method: generated queries (seed printed; repeat with TEST_SEED, more with PATH_COUNT) over texts that differ in
 * case and accents, on every path, over rows and over column segments (path-comparison.ts).
 */
import { test } from 'node:test';
import { collatedTables, CollationQueries } from './collation-generator.ts';
import { pathComparison, pathCount } from './path-comparison.ts';

const count = pathCount(150);
const compare = await pathComparison({
  tables: ['t', 'u'],
  statements: collatedTables,
  generator: (random) => new CollationQueries(random),
  count,
  secondsMax: 45,
});

test(`${count} queries over collated texts`, { timeout: 240_000 }, compare);
