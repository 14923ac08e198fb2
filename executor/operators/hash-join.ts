// Hash join: a table of the right side, probed with the left side in its order. When the table grows
// past work_mem, both sides are partitioned to disk and the partitions are joined one after another,
// again partitioned when one is still too large (Grace hash join).
//
// A row with a null key never matches. It still shows up in the outer joins that keep its side.

import { type Batch, batchRows } from '#common';
import type { PhysicalHashJoin } from '#planner';
import { again } from '../contract.ts';
import { spillLevelsMax, spillPartitions } from '../limits.ts';
import { Partitions } from '../rows/partitions.ts';
import type { Runtime } from '../runtime.ts';
import { type JoinKeys, compileJoinKeys } from './join-keys.ts';
import { JoinProbe } from './join-probe.ts';
import type { Operator, Pulled } from './operator.ts';

/** Batches of one side: the child operator, or a partition on disk. */
interface Source {
  next(): Pulled;
}

/** A pair of partitions that waits to be joined. */
interface PartitionPair {
  readonly left: Partitions;
  readonly right: Partitions;
  readonly partition: number;
  readonly level: number;
}

type State = 'build' | 'partitionLeft' | 'probe' | 'unmatched' | 'done';

export class HashJoinOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalHashJoin;
  private readonly left: Operator;
  private readonly right: Operator;
  private readonly leftKeys: JoinKeys;
  private readonly rightKeys: JoinKeys;
  private readonly probe: JoinProbe;
  private state: State = 'done';
  private level = 0;
  private leftSource: Source | undefined = undefined;
  private rightSource: Source | undefined = undefined;
  private leftParts: Partitions | undefined = undefined;
  private rightParts: Partitions | undefined = undefined;
  private waiting: PartitionPair[] = [];
  /** The table has become too large: its rows up to spilledRows are in partitions already. */
  private spilling = false;
  private spilledRows = 0;
  private allPartitions: Partitions[] = [];

  constructor(node: PhysicalHashJoin, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.left = runtime.buildOperator(node.left);
    this.right = runtime.buildOperator(node.right);
    this.leftKeys = compileJoinKeys(node.leftKeys, runtime);
    this.rightKeys = compileJoinKeys(node.rightKeys, runtime);
    this.probe = new JoinProbe(node, runtime);
  }

  open(): void {
    this.close();
    this.left.open();
    this.right.open();
    this.leftSource = this.left;
    this.rightSource = this.right;
    this.level = 0;
    this.state = 'build';
  }

  next(): Pulled {
    for (;;) {
      switch (this.state) {
        case 'build': {
          if (this.build() === again) return again;
          break;
        }
        case 'partitionLeft': {
          if (this.partitionLeft() === again) return again;
          break;
        }
        case 'probe': {
          const pulled = this.probeLeft();
          if (pulled !== undefined) return pulled;
          break;
        }
        case 'unmatched': {
          const batch = this.probe.nextUnmatchedRight();
          if (batch !== undefined) return batch;
          this.startNextPartition();
          break;
        }
        case 'done':
          return undefined;
      }
    }
  }

  close(): void {
    this.left.close();
    this.right.close();
    this.probe.reset();
    this.runtime.letGo(this);
    for (const partitions of this.allPartitions) partitions.close();
    this.allPartitions = [];
    this.waiting = [];
    this.leftParts = undefined;
    this.rightParts = undefined;
    this.spilling = false;
    this.state = 'done';
  }

  /** Reads the right side into the table, or into partitions once the table is too large. */
  private build(): typeof again | undefined {
    const budget = this.runtime.context.workMemBytes;
    for (;;) {
      if (this.spilling && this.spillTable() === again) return again;
      if (this.runtime.pause()) return again;
      const batch = this.rightSource!.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      const keys = this.rightKeys(batch);
      if (this.rightParts !== undefined) {
        for (let row = 0; row < batch.length; row++) this.rightParts.addRow(keys[row], batch, row);
        continue;
      }
      this.probe.addBuildBatch(batch, keys);
      this.runtime.hold(this, this.probe.table.bytes);
      if (this.probe.table.bytes > budget && this.level < spillLevelsMax) {
        this.spilling = true;
        this.spilledRows = 0;
      }
    }
    if (this.rightParts === undefined) {
      if (this.probe.table.rows.length === 0 && this.emptyWithoutRight()) this.state = 'unmatched';
      else this.state = 'probe';
    } else {
      this.rightParts.finish();
      this.leftParts = this.newPartitions(this.node.left.types.length);
      this.state = 'partitionLeft';
    }
    return this.level === 0 && this.runtime.adaptive !== undefined ? this.report() : undefined;
  }

  /** The table is complete: the rest of the statement may be planned anew. */
  private report(): typeof again | undefined {
    const { right } = this.node;
    const { rows } = this.probe.table;
    const breaker = {
      nodeId: right.id,
      rows: rows.length,
      isReduced: false,
      ordinals: this.state === 'partitionLeft' ? undefined : right.types.map((_type, i) => i),
      *batches() {
        for (let start = 0; start < rows.length; start += batchRows)
          yield rows.slice(start, Math.min(start + batchRows, rows.length));
      },
    };
    return this.runtime.reached(breaker) ? again : undefined;
  }

  /** Without right rows these joins have no rows: the left side need not be read. */
  private emptyWithoutRight(): boolean {
    const { type } = this.node;
    return type === 'inner' || type === 'semi' || type === 'right';
  }

  private newPartitions(width: number): Partitions {
    const partitions = new Partitions(width, this.runtime.context.spillDirectory, this.level);
    this.allPartitions.push(partitions);
    return partitions;
  }

  /** Moves the table's rows to partitions, some thousand in a time slice. */
  private spillTable(): typeof again | undefined {
    const table = this.probe.table;
    this.rightParts ??= this.newPartitions(this.node.right.types.length);
    const total = table.rows.length;
    while (this.spilledRows < total) {
      if (this.runtime.pause()) return again;
      const end = Math.min(this.spilledRows + batchRows, total);
      const batch = table.rows.slice(this.spilledRows, end);
      const keys = this.rightKeys(batch);
      for (let row = 0; row < batch.length; row++) this.rightParts.addRow(keys[row], batch, row);
      this.spilledRows = end;
    }
    this.spilling = false;
    this.probe.reset();
    return undefined;
  }

  private partitionLeft(): typeof again | undefined {
    for (;;) {
      if (this.runtime.pause()) return again;
      const batch = this.leftSource!.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      const keys = this.leftKeys(batch);
      for (let row = 0; row < batch.length; row++) this.leftParts!.addRow(keys[row], batch, row);
    }
    this.leftParts!.finish();
    this.recordSpill(this.leftParts!.bytes + this.rightParts!.bytes);
    for (let partition = spillPartitions - 1; partition >= 0; partition--) {
      this.waiting.push({
        left: this.leftParts!,
        right: this.rightParts!,
        partition,
        level: this.level + 1,
      });
    }
    this.leftParts = undefined;
    this.rightParts = undefined;
    this.startNextPartition();
    return undefined;
  }

  private startNextPartition(): void {
    this.probe.reset();
    const pair = this.waiting.pop();
    if (pair === undefined) {
      this.state = 'done';
      return;
    }
    this.level = pair.level;
    this.leftSource = partitionSource(pair.left, pair.partition);
    this.rightSource = partitionSource(pair.right, pair.partition);
    this.state = 'build';
  }

  private probeLeft(): Pulled {
    for (;;) {
      const ready = this.probe.nextMatched();
      if (ready !== undefined) return ready;
      if (this.runtime.pause()) return again;
      const batch = this.leftSource!.next();
      if (batch === again) return again;
      if (batch === undefined) {
        this.state = 'unmatched';
        return this.probe.flush();
      }
      this.probe.startLeftBatch(batch, this.leftKeys(batch));
    }
  }

  private recordSpill(bytes: number): void {
    const measurement = this.runtime.measurements?.get(this.node.id);
    if (measurement !== undefined) measurement.spilledBytes += bytes;
  }
}

function partitionSource(partitions: Partitions, partition: number): Source {
  let block = 0;
  return {
    next(): Batch | undefined {
      if (block < partitions.blockCount(partition)) return partitions.read(partition, block++);
      partitions.release(partition);
      return undefined;
    },
  };
}
