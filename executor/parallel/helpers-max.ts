import type { FunctionContext } from '#functions';

/** How many threads may help with one statement, by PostgreSQL's settings for its worker processes. */
export function helpersMax(functions: FunctionContext): number {
  const perGather = functions.setting('max_parallel_workers_per_gather');
  const inAll = functions.setting('max_parallel_workers');
  return Math.min(Number(perGather ?? Infinity), Number(inAll ?? Infinity));
}
