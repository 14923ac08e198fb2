// The enable_… settings: ways to carry out a node that are taken only where there is no other. As in
// PostgreSQL 15 a disabled one counts as 1e10 dearer in comparisons; the costs that plans carry, by which
// the executor decides, stay what they are.

/** Where the planner has a choice: the setting is enable_ and the name. */
export const choosablePaths = [
  'bitmapscan',
  'hashagg',
  'hashjoin',
  'indexscan',
  'nestloop',
  'partition_pruning',
  'seqscan',
  'sort',
] as const;

export type ChoosablePath = (typeof choosablePaths)[number];

export const disabledCost = 1e10;
