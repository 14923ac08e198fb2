// Where in a statement an expression stands (PostgreSQL's ParseExprKind): what is allowed there and
// how messages name the place.

export interface ExpressionKind {
  /** "aggregate functions are not allowed in …"; undefined: they are allowed. */
  readonly aggregates: string | undefined;
  /** "window functions are not allowed in …" */
  readonly windows: string | undefined;
  /** "set-returning functions are not allowed in …" */
  readonly sets: string | undefined;
  /** "cannot use subquery in …" */
  readonly subqueries: string | undefined;
  /** "argument of WHERE must be type boolean" */
  readonly name: string;
}

function place(name: string, changes: Partial<ExpressionKind> = {}): ExpressionKind {
  return { aggregates: name, windows: name, sets: name, subqueries: undefined, name, ...changes };
}

function definition(phrase: string, subqueries: string, name: string): ExpressionKind {
  return { aggregates: phrase, windows: phrase, sets: phrase, subqueries, name };
}

const allowed = undefined;

export const ExpressionKinds = {
  callArgument: place('CALL', {
    aggregates: 'CALL arguments',
    windows: 'CALL arguments',
    sets: 'CALL arguments',
    subqueries: 'CALL argument',
  }),
  triggerWhen: place('WHEN', {
    aggregates: 'trigger WHEN conditions',
    windows: 'trigger WHEN conditions',
    sets: 'trigger WHEN conditions',
    subqueries: 'trigger WHEN condition',
  }),
  selectTarget: place('SELECT', { aggregates: allowed, windows: allowed, sets: allowed }),
  returning: place('RETURNING'),
  where: place('WHERE'),
  joinCondition: place('JOIN/ON', {
    aggregates: 'JOIN conditions',
    windows: 'JOIN conditions',
    sets: 'JOIN conditions',
  }),
  fromClause: place('FROM', { aggregates: 'FROM clause of their own query level' }),
  fromFunction: place('function in FROM', {
    aggregates: 'functions in FROM',
    windows: 'functions in FROM',
    sets: allowed,
  }),
  having: place('HAVING', { aggregates: allowed }),
  filter: place('FILTER'),
  windowPartition: place('PARTITION BY', {
    aggregates: allowed,
    windows: 'window definitions',
    sets: 'window definitions',
  }),
  windowOrder: place('ORDER BY', {
    aggregates: allowed,
    windows: 'window definitions',
    sets: 'window definitions',
  }),
  windowFrameRange: place('RANGE', {
    aggregates: 'window RANGE',
    windows: 'window definitions',
    sets: 'window definitions',
  }),
  windowFrameRows: place('ROWS', {
    aggregates: 'window ROWS',
    windows: 'window definitions',
    sets: 'window definitions',
  }),
  windowFrameGroups: place('GROUPS', {
    aggregates: 'window GROUPS',
    windows: 'window definitions',
    sets: 'window definitions',
  }),
  groupBy: place('GROUP BY', { sets: allowed }),
  orderBy: place('ORDER BY', { aggregates: allowed, windows: allowed, sets: allowed }),
  distinctOn: place('DISTINCT ON', { aggregates: allowed, windows: allowed, sets: allowed }),
  limit: place('LIMIT'),
  offset: place('OFFSET'),
  insertTarget: place('INSERT', { aggregates: 'INSERT', sets: allowed }),
  updateSource: place('UPDATE'),
  mergeWhen: place('MERGE WHEN', {
    aggregates: 'MERGE WHEN conditions',
    windows: 'MERGE WHEN conditions',
    sets: 'MERGE WHEN conditions',
  }),
  values: place('VALUES', { sets: 'VALUES' }),
  valuesSingle: place('VALUES', { sets: allowed }),
  columnDefault: definition('DEFAULT expressions', 'DEFAULT expression', 'DEFAULT'),
  check: definition('check constraints', 'check constraint', 'CHECK'),
  generated: definition(
    'column generation expressions',
    'column generation expression',
    'GENERATED AS',
  ),
  indexExpression: definition('index expressions', 'index expression', 'INDEX'),
  indexPredicate: definition('index predicates', 'index predicate', 'WHERE'),
  partitionKey: definition('partition key expressions', 'partition key expression', 'PARTITION BY'),
  partitionBound: definition('partition bound', 'partition bound', 'partition bound'),
  alterColumn: definition('transform expressions', 'transform expression', 'USING'),
  executeParameter: definition('EXECUTE parameters', 'EXECUTE parameter', 'EXECUTE'),
  call: definition('CALL arguments', 'CALL argument', 'CALL'),
  temporal: place('FOR SYSTEM_TIME'),
  policy: place('POLICY', {
    aggregates: 'policy expressions',
    windows: 'policy expressions',
    sets: 'policy expressions',
  }),
  publicationWhere: place('PUBLICATION WHERE', {
    aggregates: 'WHERE',
    windows: 'WHERE',
    sets: 'WHERE',
  }),
  copyWhere: definition('COPY FROM WHERE conditions', 'COPY FROM WHERE condition', 'WHERE'),
} as const;
