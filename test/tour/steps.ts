// The steps of the tour, in order. Each shows one capability on the sample of a bicycle workshop, and
// checks what it shows.

import type { Stage } from './stage.ts';
import { columnSegments, copy, explain, files, prepared } from './steps/analytics.ts';
import {
  functionsAndTriggers,
  partitionsAndMerge,
  rightsAndPolicies,
  textSearch,
} from './steps/applications.ts';
import { createTables, documents, queries, upsert } from './steps/tables.ts';
import {
  notifications,
  queue,
  recovery,
  serializable,
  timeTravel,
  transactions,
} from './steps/transactions.ts';

export interface Step {
  readonly title: string;
  readonly text: string;
  run(stage: Stage): Promise<void>;
}

export const steps: readonly Step[] = [
  {
    title: 'Tables and constraints',
    text: 'PostgreSQL’s DDL: identity, serial, foreign keys, checks, partial indexes. Violations name what they violate.',
    run: createTables,
  },
  {
    title: 'Joins, recursive queries, windows',
    text: 'The parser is PostgreSQL’s own grammar; results are the same, row by row.',
    run: queries,
  },
  { title: 'Upsert', text: 'ON CONFLICT … RETURNING.', run: upsert },
  {
    title: 'Transactions and savepoints',
    text: 'An error fails the block until a savepoint; DDL is part of the transaction.',
    run: transactions,
  },
  {
    title: 'A queue with row locks',
    text: 'Two mechanics take work at the same time; neither waits, neither gets the other’s.',
    run: queue,
  },
  {
    title: 'SERIALIZABLE',
    text: 'Each sees two repairs at work and adds one, which no serial order allows: one must try again.',
    run: serializable,
  },
  {
    title: 'Time travel',
    text: 'Every table keeps its past: AS OF, FROM … TO, and the pseudo-columns _tx_from and _tx_to.',
    run: timeTravel,
  },
  { title: 'jsonb and arrays', text: '', run: documents },
  {
    title: 'Functions and triggers',
    text: 'PL/pgSQL, and errors that applications can tell apart.',
    run: functionsAndTriggers,
  },
  {
    title: 'Rights and row policies',
    text: 'Grants by column; a policy is part of every plan that reads the table.',
    run: rightsAndPolicies,
  },
  { title: 'Partitions and MERGE', text: '', run: partitionsAndMerge },
  {
    title: 'Full-text search',
    text: 'Words, not letters: “brakes” finds “braking”.',
    run: textSearch,
  },
  { title: 'Fifty thousand readings', text: 'Bulk writes, dates, grouping.', run: copy },
  { title: 'Out to Parquet, and back as a table', text: '', run: files },
  {
    title: 'The same table, by columns',
    text: 'Column segments beside the rows: small, read by long scans, and never stale.',
    run: columnSegments,
  },
  {
    title: 'EXPLAIN ANALYZE',
    text: 'What the planner chose and what each step did: compiled code, and blocks of columns whose bounds ruled them out.',
    run: explain,
  },
  { title: 'Prepared statements and cursors', text: '', run: prepared },
  { title: 'LISTEN and NOTIFY', text: '', run: notifications },
  {
    title: 'Crash and recovery',
    text: 'A commit that was answered is on disk: kill -9 does not lose it.',
    run: recovery,
  },
];
