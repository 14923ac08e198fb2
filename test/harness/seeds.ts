// Which random cases a run of the tests tries. `npm test` always tries the same ones, so that a failure belongs to
// the change under test and can be repeated; `npm run test:soak` tries new ones, as does TEST_SEED=random.
// Loaded with --import by `npm test`, it also sets the seed of every fast-check property.

import type { TestContext } from 'node:test';
import fc from 'fast-check';

const usualSeed = 20_231_117;

/** TEST_SEED: absent for the usual cases, a number for those of that seed, `random` for new ones. */
const chosen = process.env['TEST_SEED'] ?? String(usualSeed);

if (chosen !== 'random') fc.configureGlobal({ seed: Number(chosen) });

/** The seed of one test, below 2³¹; printed with the test's result. */
export function testSeed(context: TestContext): number {
  const seed = chosen === 'random' ? Date.now() % 1_000_000 : Number(chosen);
  context.diagnostic(`seed ${seed} (repeat with TEST_SEED=${seed})`);
  return seed;
}
