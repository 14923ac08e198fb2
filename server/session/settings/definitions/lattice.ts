// The server's own parameters (lattice.…): limits of a statement, and from which cost a plan is compiled, moved
// to threads, compared and planned anew.

import { flag, int4Max, integer, real, settingsOf } from '../definition.ts';

export const latticeLimits = settingsOf('Client Connection Defaults / Statement Behavior', [
  integer(
    'lattice.hold_timeout',
    30_000,
    [0, int4Max],
    'Sets the maximum time that a call which cannot give way may keep the server from other sessions.',
    { unit: 'ms' },
  ),
]);

export const latticeResources = settingsOf('Resource Usage', [
  integer(
    'lattice.statement_memory',
    2097152,
    [64, int4Max],
    'Sets the maximum memory that one statement may hold; past it, it ends with an error.',
    { unit: 'kB' },
  ),
  integer(
    'lattice.server_memory',
    0,
    [0, int4Max],
    'Shows the maximum memory that all statements together may hold.',
    { unit: 'kB', internal: true },
  ),
  integer(
    'lattice.segment_cache',
    0,
    [0, int4Max],
    'Shows the memory for decoded column segments, of all executor threads together.',
    { unit: 'kB', internal: true },
  ),
  real(
    'lattice.compile_cost_min',
    75,
    [-1, Number.MAX_SAFE_INTEGER],
    'Sets the estimated cost from which a part of a plan is compiled; -1: never.',
  ),
  real(
    'lattice.thread_cost_min',
    500,
    [-1, Number.MAX_SAFE_INTEGER],
    'Sets the estimated cost from which a plan that reads runs on an executor thread; -1: never.',
  ),
  real(
    'lattice.parallel_cost_min',
    800,
    [-1, Number.MAX_SAFE_INTEGER],
    'Sets the estimated cost from which threads share a part of a plan; -1: never.',
  ),
  real(
    'lattice.rewrite_cost_min',
    100,
    [-1, Number.MAX_SAFE_INTEGER],
    'Sets the estimated cost from which other forms of a whole plan are compared; -1: never.',
  ),
  flag(
    'lattice.adaptive',
    true,
    'Plans the rest of a statement anew when the rows that it has computed are far from what was estimated.',
  ),
  real(
    'lattice.replan_cost_min',
    1000,
    [0, Number.MAX_SAFE_INTEGER],
    'Sets the estimated cost from which the rest of a statement is planned anew.',
  ),
  real(
    'lattice.replan_factor',
    10,
    [0, Number.MAX_SAFE_INTEGER],
    'Sets by which factor an estimate must be wrong for that; 0: it is done wherever it can be.',
  ),
  flag(
    'lattice.plan_feedback',
    true,
    'Plans statements with what executions have taught about conditions.',
  ),
]);
