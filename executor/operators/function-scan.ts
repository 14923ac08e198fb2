// FROM function(…): the rows of one or several calls side by side; shorter ones are filled with nulls.

import { type Batch, type Datum, batchRows } from '#common';
import { notYet } from '#functions';
import type { PhysicalFunctionScan } from '#planner';
import { again } from '../contract.ts';
import { type FilterKernel, noColumns } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { gatherBatch } from '../rows/gather.ts';
import { RowOutput } from '../rows/row-output.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import {
  type SetEvaluator,
  type SetRow,
  compileSet,
  returnsRows,
  rowColumns,
} from './set-returning.ts';

export class FunctionScanOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalFunctionScan;
  private readonly calls: readonly {
    readonly evaluate: SetEvaluator;
    readonly columnCount: number;
    readonly spreads: boolean;
  }[];
  private readonly filter: FilterKernel | undefined;
  private readonly selection = new Int32Array(batchRows);
  private readonly output: RowOutput;
  /** Rows of some calls that wait for those of the others. */
  private ready: (IteratorResult<SetRow> | undefined)[] = [];
  private waits = false;
  private iterators: (Iterator<SetRow> | undefined)[] | undefined = undefined;
  private ordinal = 0;

  constructor(node: PhysicalFunctionScan, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.calls = node.calls.map(({ call, columnCount }) => ({
      evaluate: compileSet(call, runtime),
      columnCount,
      spreads: returnsRows(call),
    }));
    this.filter = node.filter === undefined ? undefined : compileFilter(node.filter, runtime);
    this.output = new RowOutput(node.types.length);
  }

  open(): void {
    this.close();
    this.ordinal = 0;
    this.iterators = undefined;
    this.ready = [];
    this.waits = false;
    this.output.reset();
  }

  next(): Pulled {
    this.iterators ??= this.calls.map(({ evaluate }) => evaluate(noColumns, 0));
    for (;;) {
      if (this.runtime.pause()) return again;
      while (this.output.length < batchRows && this.readRow(this.iterators));
      if (this.output.length === 0 && this.waits) return again;
      const batch = this.output.take();
      if (batch === undefined) return undefined;
      const kept = this.applyFilter(batch);
      if (kept.length > 0) return kept;
    }
  }

  close(): void {
    for (const iterator of this.iterators ?? []) iterator?.return?.();
    this.iterators = [];
  }

  /** False when every call is at its end, or one of them has no row yet (`waits`). */
  private readRow(iterators: (Iterator<SetRow> | undefined)[]): boolean {
    for (let i = 0; i < iterators.length; i++) {
      const next = this.ready[i] ?? iterators[i]?.next();
      this.waits = next?.value === notYet;
      if (this.waits) return false;
      this.ready[i] = next;
    }
    const results = this.ready;
    this.ready = [];
    const values: Datum[] = [];
    let any = false;
    for (let i = 0; i < iterators.length; i++) {
      const { columnCount, spreads } = this.calls[i];
      const result = results[i];
      if (result === undefined || result.done === true) {
        iterators[i] = undefined;
        for (let k = 0; k < columnCount; k++) values.push(null);
      } else {
        any = true;
        rowColumns(result.value, columnCount, values, spreads);
      }
    }
    if (!any) return false;
    if (this.node.ordinality) values.push(++this.ordinal);
    this.output.pushValues(values);
    return true;
  }

  private applyFilter(batch: Batch): Batch {
    if (this.filter === undefined) return batch;
    const count = this.filter(batch, this.selection);
    return count === batch.length ? batch : gatherBatch(batch, this.selection, count);
  }
}
