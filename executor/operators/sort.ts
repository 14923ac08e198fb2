// Sort: in memory while it fits, by merging sorted runs on disk otherwise (rows/row-sorter.ts), and with
// a bounded buffer when only the first rows are wanted.

import { type Batch, type Column, columnValue } from '#common';
import type { PhysicalSort } from '#planner';
import { again } from '../contract.ts';
import { type KeyColumn, compareByKey, keyColumn } from '../rows/row-order.ts';
import { RowSorter } from '../rows/row-sorter.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';
import { type ColumnMaker, compileColumn, compileScalar } from './simple-operators.ts';

/** A top-N buffer is cut back to N rows when it holds this many times as many. */
const topRowsSlack = 2;
const topRowsMin = 1024;
const topRowsMax = 8192;

export class SortOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalSort;
  private readonly input: Operator;
  private readonly width: number;
  private readonly keys: readonly KeyColumn[];
  /** Key columns that are not plain input columns, appended to each stored row. */
  private readonly computed: readonly ColumnMaker[];
  private readonly limit: (() => unknown) | undefined;
  private sorter: RowSorter | undefined = undefined;
  private state: 'input' | 'finish' | 'output' = 'input';
  /** Only so many rows are wanted; Infinity when all, or too many for a bounded buffer. */
  private topRows = Infinity;
  private boundary: readonly Column[] | undefined = undefined;

  constructor(node: PhysicalSort, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.input = runtime.buildOperator(node.input);
    this.width = node.types.length;
    const computed: ColumnMaker[] = [];
    // Rows with equal keys come in any order here, also those of one morsel.
    if (node.morselLines !== undefined) computed.push(noMorsel);
    this.keys = node.keys.map((key) => {
      if (key.expression.kind === 'input') return keyColumn(key, key.expression.ordinal);
      computed.push(compileColumn(key.expression, runtime));
      return keyColumn(key, node.input.types.length + computed.length - 1);
    });
    this.computed = computed;
    this.limit = node.limit === undefined ? undefined : compileScalar(node.limit, runtime);
  }

  open(): void {
    this.close();
    this.input.open();
    this.state = 'input';
    const limit = this.limit?.();
    const rows = limit === undefined || limit === null ? Infinity : Math.max(0, Number(limit));
    this.topRows = rows <= topRowsMax ? rows : Infinity;
    const { workMemBytes, spillDirectory } = this.runtime.context;
    this.sorter = new RowSorter({
      keys: this.keys,
      width: this.node.input.types.length + this.computed.length,
      budgetBytes: workMemBytes,
      directory: spillDirectory,
    });
  }

  next(): Pulled {
    const sorter = this.sorter!;
    if (this.state === 'input' && this.readInput(sorter) === again) return again;
    if (this.state === 'finish' && this.catchUp(sorter) === again) return again;
    this.state = 'output';
    if (this.runtime.pause()) return again;
    const batch = sorter.read();
    return batch === undefined ? undefined : this.withoutKeys(batch);
  }

  close(): void {
    this.input.close();
    this.recordSpill();
    this.sorter?.clear();
    this.sorter = undefined;
    this.runtime.letGo(this);
    this.boundary = undefined;
  }

  private readInput(sorter: RowSorter): typeof again | undefined {
    const cutAt = Math.max(this.topRows * topRowsSlack, topRowsMin);
    for (;;) {
      if (this.catchUp(sorter) === again) return again;
      const batch = this.input.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      const extended = this.withKeys(batch);
      if (this.boundary === undefined) sorter.store.appendBatch(extended);
      else this.appendBelowBoundary(sorter, extended, this.boundary);
      if (this.topRows === Infinity) sorter.rowsAdded();
      else if (sorter.store.length > cutAt) this.cutToTop(sorter);
      this.runtime.hold(this, sorter.store.bytes);
    }
    this.input.close();
    sorter.finish();
    this.state = 'finish';
    return undefined;
  }

  /** Lets the sorter do what is due, as long as the time slice lasts. */
  private catchUp(sorter: RowSorter): typeof again | undefined {
    do {
      if (this.runtime.pause()) return again;
    } while (sorter.step());
    return undefined;
  }

  private withKeys(batch: Batch): Batch {
    if (this.computed.length === 0) return batch;
    return {
      length: batch.length,
      columns: [...batch.columns, ...this.computed.map((maker) => maker(batch))],
    };
  }

  private withoutKeys(batch: Batch): Batch {
    if (this.computed.length === 0) return batch;
    return { length: batch.length, columns: batch.columns.slice(0, this.width) };
  }

  /** Keeps the first rows; the last of them is the boundary that later rows must be below. */
  private cutToTop(sorter: RowSorter): void {
    sorter.cutTo(this.topRows);
    if (this.topRows > 0)
      this.boundary = sorter.store.slice(this.topRows - 1, this.topRows).columns;
  }

  private appendBelowBoundary(sorter: RowSorter, batch: Batch, boundary: readonly Column[]): void {
    for (let row = 0; row < batch.length; row++) {
      if (this.isBelow(batch.columns, row, boundary)) sorter.store.appendRow(batch.columns, row);
    }
  }

  private isBelow(columns: readonly Column[], row: number, boundary: readonly Column[]): boolean {
    for (const key of this.keys) {
      const order = compareByKey(
        key,
        columnValue(columns[key.column], row),
        columnValue(boundary[key.column], 0),
      );
      if (order !== 0) return order < 0;
    }
    return false;
  }

  private recordSpill(): void {
    const measurement = this.runtime.measurements?.get(this.node.id);
    if (measurement !== undefined && this.sorter !== undefined) {
      measurement.spilledBytes += this.sorter.spilledBytes;
    }
  }
}

const noMorsel: ColumnMaker = ({ length }) => ({
  values: new Int32Array(length),
  nulls: undefined,
  boolean: false,
});
