// Long jobs over a table's rows, in slices: filling a new index, copying rows into new trees. The
// caller holds a table lock that keeps writers out.

import { DatabaseError, type Datum, type IndexDescriptor, type TableDescriptor } from '#common';
import { type TableBuild, tableAccess } from '#storage';
import { again } from '../contract.ts';
import type { UtilityStep } from './contract.ts';
import { prepareIndexComputations } from '../write/index-computations.ts';
import type { DdlStatement } from './statement.ts';
import { fireTableRewrite } from './event-firing.ts';
import { dropTrees } from './table-trees.ts';

/** Rows between two turns of the event loop. */
const rowsPerStep = 1024;

type Work = Generator<Exclude<UtilityStep, undefined>, void>;

/** Fills an index that the (stored) table has and whose tree is empty. 23505. */
export function* fillIndex(
  ddl: DdlStatement,
  table: TableDescriptor,
  index: IndexDescriptor,
): Work {
  prepareIndexComputations(table, ddl.executionContext);
  yield* runBuild(ddl, table, tableAccess(table).buildIndex(ddl.transaction, index));
}

export interface Rewrite {
  readonly from: TableDescriptor;
  /** The same table over new, empty trees. */
  readonly to: TableDescriptor;
  readonly convert?: (row: Datum[]) => readonly Datum[];
  /** Of table_rewrite; absent: a rewrite that PostgreSQL would not make. */
  readonly reason?: number;
}

/** pg_event_trigger_table_rewrite_reason(): bits. */
export const RewriteReason = { defaultValue: 2, columnType: 4 } as const;

/** Copies the rows and forgets the old trees. History stays behind. 23505. */
export function* rewriteTable(ddl: DdlStatement, { from, to, convert, reason }: Rewrite): Work {
  if (reason !== undefined) fireTableRewrite(ddl, from, reason);
  prepareIndexComputations(to, ddl.executionContext);
  const build = tableAccess(from).rewriteInto(ddl.transaction, tableAccess(to), convert);
  yield* runBuild(ddl, to, build);
  dropTrees(ddl, from);
}

/** The event loop gets a turn after every step; a build that waits for its writer thread is awaited. */
function* runBuild(ddl: DdlStatement, table: TableDescriptor, build: TableBuild): Work {
  const schema = ddl.schemaByOid(table.schemaOid).name;
  const { interrupt } = ddl.context;
  try {
    while (!build.step(rowsPerStep)) {
      interrupt.check();
      yield build.waiting ?? again;
    }
  } catch (error) {
    throw withSchema(error, schema);
  } finally {
    build.close();
  }
}

/** The row layer names the table and the constraint; it knows no schemas. */
function withSchema(error: unknown, schema: string): unknown {
  if (!(error instanceof DatabaseError) || error.table === undefined || error.schema !== undefined)
    return error;
  const { detail, table, constraint } = error;
  return new DatabaseError(error.sqlState, error.message, {
    schema,
    table,
    ...(detail === undefined ? {} : { detail }),
    ...(constraint === undefined ? {} : { constraint }),
  });
}
