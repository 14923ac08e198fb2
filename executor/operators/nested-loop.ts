// Nested-loop join. With bindings the right side is started anew for every left row, which it reads
// through slots; without, its rows are kept and read again.

import {
  type Batch,
  type Column,
  type Datum,
  batchRows,
  columnValue,
  genericColumn,
} from '#common';
import type { PhysicalNestedLoop } from '#planner';
import { CheckedInput } from '../adaptive/checked-input.ts';
import { again } from '../contract.ts';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator, FilterKernel } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { inputOrdinals } from '../expression/walk.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import { RowOutput } from '../rows/row-output.ts';
import type { Runtime } from '../runtime.ts';
import { LateError } from './late-error.ts';
import type { Operator, Pulled } from './operator.ts';

const unread: Column = genericColumn([]);

export class NestedLoopOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalNestedLoop;
  private readonly left: Operator;
  private readonly right: Operator;
  private readonly leftWidth: number;
  private readonly rightWidth: number;
  private readonly bindings: readonly { readonly slot: number; readonly evaluate: Evaluator }[];
  private readonly condition: FilterKernel | undefined;
  private readonly conditionOrdinals: ReadonlySet<number>;
  private readonly output: RowOutput;
  private readonly lateError = new LateError();
  private selection = new Int32Array(batchRows);
  private leftBatch: Batch | undefined = undefined;
  private leftRow = 0;
  /** Rows of the right side that were compared since the statement could last give way. */
  private rowsSincePause = 0;
  /** The right side of the current left row has been started. */
  private started = false;
  private matched = false;
  private kept: BatchBuffer | undefined = undefined;
  private keptComplete = false;
  private keptPosition = 0;

  constructor(node: PhysicalNestedLoop, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    const left = runtime.buildOperator(node.left);
    const isWatched = runtime.plan.adaptive !== undefined && node.bindings.length > 0;
    this.left = isWatched ? new CheckedInput(left, node.left, runtime) : left;
    this.right = runtime.buildOperator(node.right);
    this.leftWidth = node.left.types.length;
    this.rightWidth = node.right.types.length;
    this.bindings = node.bindings.map((binding) => ({
      slot: binding.slot,
      evaluate: compileExpression(binding.expression, runtime),
    }));
    this.condition =
      node.condition === undefined ? undefined : compileFilter(node.condition, runtime);
    this.conditionOrdinals =
      node.condition === undefined ? new Set() : inputOrdinals(node.condition);
    const keepsRight = node.type === 'inner' || node.type === 'left';
    this.output = new RowOutput(this.leftWidth + (keepsRight ? this.rightWidth : 0));
  }

  open(): void {
    this.close();
    this.lateError.clear();
    this.left.open();
    this.output.reset();
    if (this.bindings.length === 0) {
      this.kept = new BatchBuffer(
        this.runtime.context.workMemBytes,
        this.runtime.context.spillDirectory,
      );
      this.right.open();
    }
  }

  next(): Pulled {
    for (;;) {
      if (this.leftBatch === undefined) {
        const batch = this.left.next();
        if (batch === again) return again;
        if (batch === undefined) return this.output.take();
        this.leftBatch = batch;
        this.leftRow = 0;
      }
      this.lateError.raise();
      while (this.leftRow < this.leftBatch.length) {
        try {
          if (!this.started) this.startRight(this.leftBatch);
          if (this.joinRow(this.leftBatch) === again) return again;
        } catch (error) {
          // Rows that are complete come before the error of the next.
          if (this.output.length === 0 || !this.lateError.keep(error)) throw error;
          return this.output.take();
        }
        if (this.output.length >= batchRows) return this.output.take();
      }
      this.leftBatch = undefined;
      if (this.runtime.pause()) return this.output.take() ?? again;
    }
  }

  close(): void {
    this.left.close();
    this.right.close();
    this.kept?.clear();
    this.kept = undefined;
    this.keptComplete = false;
    this.leftBatch = undefined;
    this.started = false;
  }

  private startRight(leftBatch: Batch): void {
    this.started = true;
    this.matched = false;
    this.keptPosition = 0;
    if (this.bindings.length === 0) return;
    const slots = this.runtime.slots;
    for (const binding of this.bindings)
      slots[binding.slot] = binding.evaluate(leftBatch.columns, this.leftRow);
    this.right.open();
  }

  /** Works on the current left row until it is done (undefined), must pause, or the output is full. */
  private joinRow(leftBatch: Batch): typeof again | undefined {
    for (;;) {
      const batch = this.nextRight();
      if (batch === again) return again;
      const done = batch === undefined || this.joinBatch(leftBatch, batch);
      if (done) {
        this.finishRow(leftBatch);
        return undefined;
      }
      if (this.output.length >= batchRows) return undefined;
      this.rowsSincePause += batch.length;
      if (this.rowsSincePause < batchRows) continue;
      this.rowsSincePause = 0;
      if (this.runtime.pause()) return again;
    }
  }

  private nextRight(): Pulled {
    if (this.kept === undefined) return this.right.next();
    if (this.keptPosition < this.kept.batchCount) return this.kept.batch(this.keptPosition++);
    if (this.keptComplete) return undefined;
    const batch = this.right.next();
    if (batch === again) return again;
    if (batch === undefined) {
      this.keptComplete = true;
      this.right.close();
      return undefined;
    }
    this.kept.append(batch);
    this.keptPosition++;
    return batch;
  }

  /** Joins the current left row with a batch of right rows; true when the left row needs no more. */
  private joinBatch(leftBatch: Batch, right: Batch): boolean {
    const count = this.matches(leftBatch, right);
    if (count === 0) return false;
    this.matched = true;
    if (this.node.type === 'semi' || this.node.type === 'anti') return true;
    this.pushMatches(leftBatch, right, count);
    return false;
  }

  /** Selects the rows of `right` that satisfy the condition together with the left row. */
  private matches(leftBatch: Batch, right: Batch): number {
    if (right.length > this.selection.length) this.selection = new Int32Array(right.length);
    if (this.condition === undefined) {
      for (let row = 0; row < right.length; row++) this.selection[row] = row;
      return right.length;
    }
    const columns: Column[] = [];
    for (let i = 0; i < this.leftWidth; i++) {
      columns.push(
        this.conditionOrdinals.has(i) ? this.repeated(leftBatch.columns[i], right.length) : unread,
      );
    }
    columns.push(...right.columns);
    return this.condition({ length: right.length, columns }, this.selection);
  }

  private repeated(column: Column, length: number): Column {
    return genericColumn(new Array<Datum>(length).fill(columnValue(column, this.leftRow)));
  }

  private pushMatches(leftBatch: Batch, right: Batch, count: number): void {
    const target = this.output.columns;
    for (let i = 0; i < this.leftWidth; i++) {
      const value = columnValue(leftBatch.columns[i], this.leftRow);
      const values = target[i];
      for (let k = 0; k < count; k++) values.push(value);
    }
    for (let i = 0; i < this.rightWidth; i++) {
      const column = right.columns[i];
      const values = target[this.leftWidth + i];
      for (let k = 0; k < count; k++) values.push(columnValue(column, this.selection[k]));
    }
    this.output.length += count;
  }

  private finishRow(leftBatch: Batch): void {
    const { type } = this.node;
    if (type === 'semi' ? this.matched : type === 'anti' && !this.matched) {
      this.output.pushRow(leftBatch.columns, this.leftRow);
    } else if (type === 'left' && !this.matched) {
      this.pushNullExtended(leftBatch);
    }
    if (this.kept === undefined) this.right.close();
    this.leftRow++;
    this.started = false;
  }

  private pushNullExtended(leftBatch: Batch): void {
    const target = this.output.columns;
    for (let i = 0; i < this.leftWidth; i++)
      target[i].push(columnValue(leftBatch.columns[i], this.leftRow));
    for (let i = 0; i < this.rightWidth; i++) target[this.leftWidth + i].push(null);
    this.output.length++;
  }
}
