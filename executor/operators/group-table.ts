// The groups of one grouping set: key values, aggregate states, and the way from a key to its group.
// Past work_mem no new groups are made: rows of unknown groups go to partitions on disk, and each
// partition is aggregated like an input of its own when the groups in memory are put out.

import {
  type AggregateExpression,
  type Batch,
  type Column,
  type Datum,
  type Expression,
  batchRows,
  columnValue,
  genericColumn,
} from '#common';
import { spillLevelsMax, spillPartitions } from '../limits.ts';
import { type HashKey, type KeyHasher, keyHasher } from '../rows/key-hash.ts';
import { Partitions } from '../rows/partitions.ts';
import { RowStore } from '../rows/row-store.ts';
import type { Runtime } from '../runtime.ts';
import { AggregateCall } from './aggregate-call.ts';

const groupBytes = 64;

export interface GroupTableOptions {
  readonly groupKeys: readonly Expression[];
  readonly aggregates: readonly AggregateExpression[];
  /** Positions in groupKeys of the keys of this set. */
  readonly set: readonly number[];
  readonly inputWidth: number;
  /** May groups be put off to disk? Not when their order matters. */
  readonly spills: boolean;
}

interface WaitingPartition {
  readonly parts: Partitions;
  readonly partition: number;
  readonly level: number;
}

export class GroupTable {
  readonly set: readonly number[];
  private readonly runtime: Runtime;
  private readonly options: GroupTableOptions;
  private readonly calls: readonly AggregateCall[];
  private readonly hash: KeyHasher;
  private groups = new Map<HashKey, number>();
  private readonly keys: RowStore;
  private groupOf = new Int32Array(batchRows);
  private spilled: Partitions | undefined = undefined;
  private waiting: WaitingPartition[] = [];
  private allPartitions: Partitions[] = [];
  private level = 0;
  private emitted = 0;
  spilledBytes = 0;

  constructor(options: GroupTableOptions, runtime: Runtime) {
    this.runtime = runtime;
    this.options = options;
    this.set = options.set;
    this.calls = options.aggregates.map((aggregate) => new AggregateCall(aggregate, runtime));
    this.hash = keyHasher(options.set.map((position) => options.groupKeys[position].type.oid));
    this.keys = new RowStore(options.set.length);
  }

  get groupCount(): number {
    return this.keys.length;
  }

  /** A set without keys has its one group even without rows. */
  addEmptyGroup(): void {
    if (this.keys.length === 0) this.addGroup(true, []);
  }

  /** `keyColumns`: the evaluated group keys of the whole query, one column each. */
  addBatch(batch: Batch, keyColumns: readonly Column[]): void {
    if (batch.length > this.groupOf.length) this.groupOf = new Int32Array(batch.length);
    if (this.set.length === 0) {
      if (this.keys.length === 0) this.addGroup(true, []);
      this.groupOf.fill(0, 0, batch.length);
    } else if (this.set.length === 1) {
      this.assignByOneKey(batch, keyColumns[this.set[0]]);
    } else {
      this.assignByKeys(batch, keyColumns);
    }
    for (const call of this.calls) call.stepBatch(batch, this.groupOf);
    this.checkMemory();
  }

  /** Groups not put out yet, up to a batch of them; undefined when all are out. */
  nextGroups(keepLast: boolean): Batch | undefined {
    const end = Math.min(this.keys.length - (keepLast ? 1 : 0), this.emitted + batchRows);
    if (end <= this.emitted) return undefined;
    const start = this.emitted;
    this.emitted = end;
    return {
      length: end - start,
      columns: [...this.keyOutput(start, end), ...this.resultOutput(start, end)],
    };
  }

  /** Forgets the groups that are out; the last one stays. For input that arrives grouped. */
  dropEmitted(): void {
    const last = this.keys.columns.map((values) => values[values.length - 1]!);
    this.keys.clear();
    this.groups = new Map([[this.set.length === 0 ? true : this.hash(last), 0]]);
    this.keys.appendValues(last);
    for (const call of this.calls) call.keepLastGroup();
    this.emitted = 0;
  }

  /** The next partition on disk as a source of input batches; undefined when there is none. */
  nextPartition(): (() => Batch | undefined) | undefined {
    this.queueSpilled();
    this.forgetGroups();
    const next = this.waiting.pop();
    if (next === undefined) return undefined;
    this.level = next.level;
    let block = 0;
    return () => {
      if (block < next.parts.blockCount(next.partition))
        return next.parts.read(next.partition, block++);
      next.parts.release(next.partition);
      return undefined;
    };
  }

  clear(): void {
    this.forgetGroups();
    for (const parts of this.allPartitions) parts.close();
    this.allPartitions = [];
    this.waiting = [];
    this.spilled = undefined;
    this.level = 0;
  }

  private forgetGroups(): void {
    this.runtime.letGo(this);
    this.groups = new Map();
    this.keys.clear();
    for (const call of this.calls) call.clear();
    this.emitted = 0;
  }

  private assignByOneKey(batch: Batch, column: Column): void {
    const values: Datum[] = [null];
    for (let row = 0; row < batch.length; row++) {
      values[0] = columnValue(column, row);
      this.groupOf[row] = this.groupFor(this.hash(values), values, batch, row);
    }
  }

  private assignByKeys(batch: Batch, keyColumns: readonly Column[]): void {
    const columns = this.set.map((position) => keyColumns[position]);
    const values: Datum[] = columns.map(() => null);
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < columns.length; i++) values[i] = columnValue(columns[i], row);
      this.groupOf[row] = this.groupFor(this.hash(values), values, batch, row);
    }
  }

  /** The row's group, made when new; -1 when the row went to disk. */
  private groupFor(key: HashKey, values: readonly Datum[], batch: Batch, row: number): number {
    const known = this.groups.get(key);
    if (known !== undefined) return known;
    if (this.spilled !== undefined) {
      this.spilled.addRow(key, batch, row);
      return -1;
    }
    return this.addGroup(key, values);
  }

  private addGroup(key: HashKey, values: readonly Datum[]): number {
    const group = this.keys.length;
    this.groups.set(key, group);
    this.keys.appendValues(values);
    for (const call of this.calls) call.addGroup();
    return group;
  }

  private checkMemory(): void {
    let bytes = this.keys.bytes + this.keys.length * groupBytes;
    for (const call of this.calls) bytes += call.bytes;
    this.runtime.hold(this, bytes);
    const canSpill = this.options.spills && this.set.length > 0 && this.level < spillLevelsMax;
    if (!canSpill) this.runtime.checkUnspillable(this, bytes);
    else if (this.spilled === undefined && bytes > this.runtime.context.workMemBytes) {
      this.spilled = new Partitions(
        this.options.inputWidth,
        this.runtime.context.spillDirectory,
        this.level,
      );
      this.allPartitions.push(this.spilled);
    } else if (this.spilled !== undefined) this.runtime.checkUnspillable(this, bytes);
  }

  private queueSpilled(): void {
    const { spilled } = this;
    if (spilled === undefined) return;
    spilled.finish();
    this.spilledBytes += spilled.bytes;
    for (let partition = 0; partition < spillPartitions; partition++) {
      if (spilled.rowCount(partition) > 0)
        this.waiting.push({ parts: spilled, partition, level: this.level + 1 });
    }
    this.spilled = undefined;
  }

  /** One column per group key of the query; keys outside of this set are null. */
  private keyOutput(start: number, end: number): Column[] {
    return this.options.groupKeys.map((_key, position) => {
      const inSet = this.set.indexOf(position);
      if (inSet === -1) return genericColumn(new Array<Datum>(end - start).fill(null));
      return genericColumn(this.keys.columns[inSet].slice(start, end));
    });
  }

  private resultOutput(start: number, end: number): Column[] {
    return this.calls.map((call) => {
      const values: Datum[] = [];
      for (let group = start; group < end; group++) values.push(call.finish(group));
      return genericColumn(values);
    });
  }
}
