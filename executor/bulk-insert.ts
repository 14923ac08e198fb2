// INSERT … SELECT of many rows into a table that nobody else can be using: rows go straight into new
// pages, as COPY's do (storage/table/bulk-load.ts), so its size is bounded by the disk, not by memory.

import type { Batch, TableDescriptor } from '#common';
import type { ObservedFractions, PhysicalPlan } from '#planner';
import { tableAccess, type BulkLoad, type BulkLoadOptions } from '#storage';
import type { again } from './contract.ts';
import { type ExecutionContext } from './contract.ts';
import { executePlan, type MeasuredExecution } from './execute-plan.ts';
import { hasMembers } from './write/inherited-access.ts';

/** Fewer rows are not worth the lock that a bulk load takes. */
const rowsMin = 1000;
/** Rows wait while the writer has this much to do. */
const backlogBytesMax = 16 << 20;

/** Rows of this table need nothing but the table's own trees: no triggers, no partitions. */
export function takesBulkLoad(table: TableDescriptor): boolean {
  return (
    (table.triggers ?? []).length === 0 && !hasMembers(table) && table.partitionBound === undefined
  );
}

/** Is this worth asking for a bulk load? */
export function mayInsertInBulk(plan: PhysicalPlan): boolean {
  const { root, relations } = plan;
  return (
    root.kind === 'insert' &&
    takesBulkLoad(root.table) &&
    root.source.estimatedRows >= rowsMin &&
    root.onConflict === undefined &&
    root.returning === undefined &&
    relations.filter((relation) => relation.access === 'write').length === 1
  );
}

/** undefined: the table is not empty or not alone. May throw a LockWait. */
export function bulkInsert(
  plan: PhysicalPlan,
  context: ExecutionContext,
  optionsFor: (tableOid: number) => BulkLoadOptions,
): BulkInsert | undefined {
  if (plan.root.kind !== 'insert') return undefined;
  const { table } = plan.root;
  const load = tableAccess(table).openBulkLoad(context.transaction, optionsFor(table.oid));
  if (load === undefined) return undefined;
  const feeding = { ...context, bulkLoad: { tableOid: table.oid, load } };
  return new BulkInsert(executePlan(plan, feeding), load);
}

/** A promise means: wait for it, then call next() again. */
export class BulkInsert {
  private readonly execution: MeasuredExecution;
  private readonly load: BulkLoad;
  private state: 'reading' | 'finishing' | 'done' = 'reading';
  private failure: Error | undefined;

  constructor(execution: MeasuredExecution, load: BulkLoad) {
    this.execution = execution;
    this.load = load;
  }

  get replanned(): undefined {
    return undefined;
  }

  get observed(): ObservedFractions | undefined {
    return undefined;
  }

  get measurements(): undefined {
    return undefined;
  }
  get rowCount(): number {
    return this.execution.rowCount;
  }

  next(): Batch | typeof again | Promise<void> | undefined {
    if (this.failure !== undefined) throw this.failure;
    if (this.state === 'done') return undefined;
    if (this.load.backlogBytes > backlogBytesMax) return this.load.whenTaken();
    const pulled = this.execution.next();
    if (pulled !== undefined) return pulled;
    this.state = 'finishing';
    return this.load.finish().then(
      () => {
        this.state = 'done';
      },
      (error: Error) => {
        this.failure = error;
      },
    );
  }

  close(): void {
    if (this.state === 'reading') this.load.abort();
    this.execution.close();
  }
}
