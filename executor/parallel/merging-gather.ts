// The coordinator's end of rows that every thread has sorted for itself: its own and those of the helpers, merged
// (compile/block-merge.ts). A round needs a batch of each thread, so rows come out when all who have joined have
// sorted theirs; a helper that is ahead waits for its batches to be read, as it does without an order.

import type { MessagePort } from 'node:worker_threads';

import type { Batch, Vector } from '#common';
import type { PhysicalGather } from '#planner';
import { BlockMerge, type MergedShape, type SortedBlocks } from '../compile/block-merge.ts';
import { vectorOfColumn } from '../compile/datum-vector.ts';
import type { OrderedRows } from '../compile/ordered-rows.ts';
import { VectorBatch } from '../compile/vector-batch.ts';
import { gathered as gatheredValues } from '../compile/vector-values.ts';
import { again } from '../contract.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import { keyColumn } from '../rows/row-order.ts';
import type { Runtime } from '../runtime.ts';
import { decodeBatch } from '../threads/value-transfer.ts';
import { GatheredRun } from './gathered-run.ts';
import { SplitBatches } from './split-batches.ts';
import type { TeamRun } from './team.ts';

export class MergingGatherOperator implements Operator {
  private readonly node: PhysicalGather;
  private readonly runtime: Runtime;
  private readonly gathered: GatheredRun;
  /** Of what threads send: also keys that are put out no more. */
  private readonly shape: MergedShape;
  private readonly split = new SplitBatches();
  private own = new ThreadRows();
  private helpers = new Map<MessagePort, ThreadRows>();
  private merge: BlockMerge | undefined = undefined;
  private ended = true;

  constructor(node: PhysicalGather, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.gathered = new GatheredRun(node, runtime);
    const types = node.input.types.map(({ oid }) => oid);
    const keys = node.keys!.map((key) =>
      keyColumn(key, key.expression.kind === 'input' ? key.expression.ordinal : -1),
    );
    this.shape = { types, keys };
  }

  open(): void {
    this.gathered.open();
    this.split.clear();
    this.own = new ThreadRows();
    this.helpers = new Map();
    this.merge = undefined;
    this.ended = false;
  }

  next(): Pulled {
    return this.split.next(() => this.nextLarge());
  }

  nextLarge(): Pulled {
    if (this.ended) return undefined;
    const { gathered } = this;
    const run = gathered.begin();
    if (run === again || this.fill(run) === again) return again;
    this.merge ??= new BlockMerge([this.own, ...this.helpers.values()], this.shape);
    const rows = this.merge.next(() => this.runtime.context.interrupt.check());
    if (rows !== undefined) return this.batchOf(rows);
    gathered.finish(run);
    this.ended = true;
    return undefined;
  }

  close(): void {
    this.ended = true;
    this.gathered.close();
    this.own = new ThreadRows();
    this.helpers = new Map();
    this.merge = undefined;
  }

  /** Until there is a batch of each thread that has more. */
  private fill(run: TeamRun): typeof again | undefined {
    const { gathered, own } = this;
    const seen = run.control.signals;
    this.sortArrived(run);
    if (!own.isReady) {
      const pulled = gathered.pullOwn(run);
      if (pulled === again) return again;
      if (pulled === undefined) own.isComplete = true;
      else own.add(vectorsOf(pulled, this.shape.types));
    }
    // Its rows are sorted, so there are no more morsels.
    const joined = gathered.closeJoining(run);
    const waiting = [...this.helpers.values()].some(({ isReady }) => !isReady);
    if (waiting || this.helpers.size < joined) return gathered.wait(run, seen);
    return undefined;
  }

  private sortArrived(run: TeamRun): void {
    const { team } = this.gathered;
    team.poll();
    const fragment = team.fragment(this.node.fragment);
    for (let arrived = run.take(); arrived !== undefined; arrived = run.take()) {
      const { batch, port } = arrived;
      const decoded = decodeBatch(batch, fragment);
      this.helper(port, run).add(vectorsOf(decoded, this.shape.types));
    }
    for (const port of run.ended) this.helper(port, run).isComplete = true;
  }

  private helper(port: MessagePort, run: TeamRun): ThreadRows {
    let rows = this.helpers.get(port);
    if (rows === undefined) {
      rows = new ThreadRows(() => run.noteRead(port));
      this.helpers.set(port, rows);
    }
    return rows;
  }

  private batchOf(rows: OrderedRows): Batch {
    const vectors = this.node.types.map((_type, column) =>
      gatheredValues(rows.vector(column), rows.order),
    );
    return new VectorBatch(rows.order.length, vectors, this.shape.types.slice(0, vectors.length));
  }
}

interface Rows {
  readonly length: number;
  readonly vectors: readonly (Vector | undefined)[];
}

function vectorsOf(batch: Batch, types: readonly number[]): Rows {
  const { length } = batch;
  if (batch instanceof VectorBatch) return { length, vectors: batch.vectors };
  const vectors = types.map((type, i) => vectorOfColumn(batch.columns[i], type, length));
  return { length, vectors };
}

/** What one thread has sorted. */
class ThreadRows implements SortedBlocks {
  private readonly onRead: () => void;
  private waiting: Rows[] = [];
  private position = 0;
  /** Nothing more comes. */
  isComplete = false;
  vectors: readonly (Vector | undefined)[] = [];
  row = 0;
  length = 0;

  constructor(onRead: () => void = () => {}) {
    this.onRead = onRead;
  }

  /** Does fill() know what is next? */
  get isReady(): boolean {
    return this.row < this.length || this.position < this.waiting.length || this.isComplete;
  }

  add(rows: Rows): void {
    this.waiting.push(rows);
  }

  fill(): boolean {
    if (this.row < this.length) return true;
    if (this.position === this.waiting.length) return false;
    const { length, vectors } = this.waiting[this.position++];
    if (this.position === this.waiting.length) {
      this.waiting = [];
      this.position = 0;
    }
    this.vectors = vectors;
    this.length = length;
    this.row = 0;
    this.onRead();
    return true;
  }
}
