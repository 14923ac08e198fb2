// The in-memory part of a hash join: candidates are the pairs with equal keys; a condition narrows
// them; what the join type keeps of either side is decided from which rows met a partner.

import {
  type Batch,
  type Column,
  batchRows,
  columnValue,
  genericColumn,
  type Datum,
} from '#common';
import type { PhysicalHashJoin } from '#planner';
import type { FilterKernel } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { gatherColumn } from '../rows/gather.ts';
import { RowTable } from '../rows/hash-table.ts';
import type { HashKey } from '../rows/key-hash.ts';
import { RowOutput } from '../rows/row-output.ts';
import type { Runtime } from '../runtime.ts';

export class JoinProbe {
  readonly table: RowTable;
  private readonly type: PhysicalHashJoin['type'];
  private readonly leftWidth: number;
  private readonly rightWidth: number;
  private readonly condition: FilterKernel | undefined;
  private readonly output: RowOutput;
  private readonly keepsLeft: boolean;
  private readonly keepsRight: boolean;
  /** Which build rows met a partner; only for right and full joins. */
  private rightMatched = new Uint8Array(0);
  private unmatchedPosition = 0;
  private leftBatch: Batch | undefined = undefined;
  private leftKeys: readonly (HashKey | undefined)[] = [];
  private leftMatched = new Uint8Array(0);
  /** Where the enumeration of candidates stands: left row and build row (-1: not looked up yet). */
  private leftRow = 0;
  private buildRow = -1;
  private readonly pairLeft = new Int32Array(batchRows);
  private readonly pairRight = new Int32Array(batchRows);
  private readonly selection = new Int32Array(batchRows);

  constructor(node: PhysicalHashJoin, runtime: Runtime) {
    this.type = node.type;
    this.leftWidth = node.left.types.length;
    this.rightWidth = node.right.types.length;
    this.condition =
      node.condition === undefined ? undefined : compileFilter(node.condition, runtime);
    this.table = new RowTable(this.rightWidth);
    this.keepsLeft = node.type === 'left' || node.type === 'full';
    this.keepsRight = node.type === 'right' || node.type === 'full';
    const leftOnly = node.type === 'semi' || node.type === 'anti';
    this.output = new RowOutput(leftOnly ? this.leftWidth : this.leftWidth + this.rightWidth);
  }

  reset(): void {
    this.table.clear();
    this.output.reset();
    this.rightMatched = new Uint8Array(0);
    this.unmatchedPosition = 0;
    this.leftBatch = undefined;
  }

  addBuildBatch(batch: Batch, keys: readonly (HashKey | undefined)[]): void {
    for (let row = 0; row < batch.length; row++) {
      const key = keys[row];
      if (key !== undefined || this.keepsRight) this.table.add(batch, row, key);
    }
  }

  startLeftBatch(batch: Batch, keys: readonly (HashKey | undefined)[]): void {
    this.leftBatch = batch;
    this.leftKeys = keys;
    this.leftMatched = new Uint8Array(batch.length);
    this.leftRow = 0;
    this.buildRow = -1;
    if (this.keepsRight && this.rightMatched.length < this.table.rows.length) {
      this.rightMatched = new Uint8Array(this.table.rows.length);
    }
  }

  /** A full batch of output, or undefined when the current left batch is used up. */
  nextMatched(): Batch | undefined {
    while (this.leftBatch !== undefined) {
      const pairs = this.enumerate(this.leftBatch);
      if (pairs === 0) {
        this.finishLeftBatch(this.leftBatch);
        this.leftBatch = undefined;
      } else {
        this.take(this.leftBatch, pairs);
      }
      if (this.output.length >= batchRows) return this.output.take();
    }
    return undefined;
  }

  /** What is left in the output at the end of the left side. */
  flush(): Batch | undefined {
    return this.output.take();
  }

  /** Build rows without a partner, for right and full joins. */
  nextUnmatchedRight(): Batch | undefined {
    if (!this.keepsRight) return undefined;
    const rows = this.table.rows;
    const positions: number[] = [];
    while (this.unmatchedPosition < rows.length && positions.length < batchRows) {
      const position = this.unmatchedPosition++;
      if (this.rightMatched[position] !== 1) positions.push(position);
    }
    if (positions.length === 0) return undefined;
    const columns: Column[] = [];
    for (let i = 0; i < this.leftWidth; i++) columns.push(nullColumn(positions.length));
    const right = rows.gather(Int32Array.from(positions), 0, positions.length);
    return { length: positions.length, columns: [...columns, ...right.columns] };
  }

  /** Fills pairLeft and pairRight with the next candidates; 0 when there are no more. */
  private enumerate(batch: Batch): number {
    let pairs = 0;
    const limit = this.pairLeft.length;
    const firstMatchOnly = this.type === 'semi' || this.type === 'anti';
    while (this.leftRow < batch.length) {
      if (this.buildRow === -1) {
        const key = this.leftKeys[this.leftRow];
        if (key !== undefined) this.buildRow = this.table.find(key);
      }
      while (this.buildRow !== -1 && pairs < limit) {
        this.pairLeft[pairs] = this.leftRow;
        this.pairRight[pairs] = this.buildRow;
        pairs++;
        this.buildRow =
          firstMatchOnly && this.condition === undefined ? -1 : this.table.next(this.buildRow);
      }
      if (this.buildRow !== -1) return pairs;
      this.leftRow++;
      if (pairs === limit) return pairs;
    }
    return pairs;
  }

  /** Applies the condition to the candidates and puts out or marks those that remain. */
  private take(batch: Batch, pairs: number): void {
    let count = pairs;
    const rightColumns = this.table.rows.columns;
    if (this.condition === undefined) {
      for (let i = 0; i < pairs; i++) this.selection[i] = i;
    } else {
      const columns = batch.columns.map((column) => gatherColumn(column, this.pairLeft, pairs));
      for (const values of rightColumns)
        columns.push(genericColumn(pick(values, this.pairRight, pairs)));
      count = this.condition({ length: pairs, columns }, this.selection);
    }
    for (let k = 0; k < count; k++) {
      const pair = this.selection[k];
      this.leftMatched[this.pairLeft[pair]] = 1;
      if (this.keepsRight) this.rightMatched[this.pairRight[pair]] = 1;
    }
    if (this.type === 'semi' || this.type === 'anti') return;
    this.push(batch, count);
  }

  private push(batch: Batch, count: number): void {
    const target = this.output.columns;
    const { pairLeft, pairRight, selection } = this;
    for (let i = 0; i < this.leftWidth; i++) {
      const column = batch.columns[i];
      const values = target[i];
      for (let k = 0; k < count; k++) values.push(columnValue(column, pairLeft[selection[k]]));
    }
    for (let i = 0; i < this.rightWidth; i++) {
      const source = this.table.rows.columns[i];
      const values = target[this.leftWidth + i];
      for (let k = 0; k < count; k++) values.push(source[pairRight[selection[k]]]);
    }
    this.output.length += count;
  }

  private finishLeftBatch(batch: Batch): void {
    const wanted = this.type === 'semi' ? 1 : 0;
    if (this.type !== 'semi' && this.type !== 'anti' && !this.keepsLeft) return;
    for (let row = 0; row < batch.length; row++) {
      if (this.leftMatched[row] !== wanted) continue;
      const target = this.output.columns;
      for (let i = 0; i < this.leftWidth; i++) target[i].push(columnValue(batch.columns[i], row));
      for (let i = this.leftWidth; i < target.length; i++) target[i].push(null);
      this.output.length++;
    }
  }
}

function pick(values: readonly Datum[], positions: Int32Array, count: number): Datum[] {
  const picked: Datum[] = [];
  for (let i = 0; i < count; i++) picked.push(values[positions[i]]);
  return picked;
}

function nullColumn(length: number): Column {
  return genericColumn(new Array<Datum>(length).fill(null));
}
