// Bounds of the binder, so that no statement makes it use stack or memory without bound.

export const bindLimits = {
  /** Nested expressions, subqueries and views; 54001. */
  nestingDepthMax: 2000,
  /** Views inside views; 54001. */
  viewDepthMax: 100,
  /** Parsed stored definitions that are kept. */
  storedTextsMax: 2000,
  /** Grouping sets of one GROUP BY after expansion, as in PostgreSQL; 54001. */
  groupingSetsMax: 4096,
  /** Highest $n; 42P02 beyond, as PostgreSQL's wire protocol cannot carry more. */
  parametersMax: 65535,
} as const;
