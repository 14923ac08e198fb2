// WITH queries: computed at most once per execution and kept. A recursive one runs its step over the
// rows that the step before it added (the working table) until it adds none.

import { type Batch, DatabaseError, type Datum, columnValue, equalityType } from '#common';
import type { PhysicalCte, PhysicalCteScan } from '#planner';
import { again } from '../contract.ts';
import { BatchBuffer } from '../rows/batch-buffer.ts';
import { gatherBatch } from '../rows/gather.ts';
import { type HashKey, type KeyHasher, keyHasher } from '../rows/key-hash.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

const entryBytes = 40;

/** One definition in one execution. Scans pull it forward as they need rows. */
export class CteState {
  private readonly runtime: Runtime;
  private readonly definition: PhysicalCte;
  private readonly hash: KeyHasher | undefined;
  private producer: Operator | undefined = undefined;
  private step: Operator | undefined = undefined;
  private result: BatchBuffer | undefined = undefined;
  private state: 'idle' | 'first' | 'step' | 'done' = 'idle';
  /** Batches of the result that the running step reads, and from where its own output starts. */
  private workingStart = 0;
  private workingEnd = 0;
  private running = false;
  private failure: DatabaseError | undefined = undefined;
  /** Values of the outer slots that the rows are for. */
  private outerValues: readonly Datum[] | undefined = undefined;
  private readonly seen = new Set<HashKey>();
  private seenBytes = 0;

  constructor(definition: PhysicalCte, runtime: Runtime) {
    this.runtime = runtime;
    this.definition = definition;
    const distinct = definition.step !== undefined && !definition.all;
    this.hash = distinct ? keyHasher(definition.plan.types.map(equalityType)) : undefined;
  }

  /** Batch at a position of the result; produces it when it is not there yet. */
  batch(position: number): Pulled {
    while (position >= (this.result?.batchCount ?? 0)) {
      if (this.state === 'done') return undefined;
      if (this.advanceOrFail() === again) return again;
    }
    return this.result!.batch(position);
  }

  /** To be called when a scan opens: rows for another row of the enclosing query are forgotten. */
  follow(): void {
    const { outerSlots } = this.definition;
    if (outerSlots === undefined) return;
    const { slots } = this.runtime;
    const known = this.outerValues;
    if (known !== undefined && outerSlots.every((slot, at) => Object.is(slots[slot], known[at])))
      return;
    this.reset();
    this.outerValues = outerSlots.map((slot) => slots[slot]);
  }

  /** Runs the query to its end without reading its rows. */
  finish(): typeof again | undefined {
    while (this.state !== 'done') {
      if (this.advanceOrFail() === again) return again;
    }
    return undefined;
  }

  /** How far it is: nothing is there yet, a part, or all of it. */
  get progress(): 'none' | 'part' | 'all' {
    if (this.failure !== undefined) return 'part';
    if (this.state === 'done' && this.result !== undefined) return 'all';
    return (this.result?.rows ?? 0) === 0 ? 'none' : 'part';
  }

  get rows(): number {
    return this.result?.rows ?? 0;
  }

  /** Gives the rows away; it has none any more. */
  take(): BatchBuffer {
    const taken = this.result!;
    this.result = undefined;
    return taken;
  }

  /** Has these rows, and computes none. */
  fill(rows: BatchBuffer): void {
    this.result = rows;
    this.state = 'done';
  }

  /** Inside the step: the rows of the working table. */
  get inStep(): boolean {
    return this.running;
  }

  workingBatch(position: number): Batch | undefined {
    const absolute = this.workingStart + position;
    return absolute < this.workingEnd ? this.result!.batch(absolute) : undefined;
  }

  reset(): void {
    this.close();
    this.state = 'idle';
  }

  close(): void {
    this.producer?.close();
    this.step?.close();
    this.result?.clear();
    this.result = undefined;
    this.seen.clear();
    this.seenBytes = 0;
    this.workingStart = 0;
    this.workingEnd = 0;
    this.running = false;
    this.failure = undefined;
    this.outerValues = undefined;
    this.state = 'done';
  }

  /** Whoever reads on after an error gets it again: a subquery may have kept it for later. */
  private advanceOrFail(): typeof again | undefined {
    if (this.failure !== undefined) throw this.failure;
    try {
      return this.advance();
    } catch (error) {
      if (error instanceof DatabaseError) this.failure = error;
      throw error;
    }
  }

  private advance(): typeof again | undefined {
    if (this.state === 'idle') this.start();
    return this.state === 'first' ? this.advanceFirst() : this.advanceStep();
  }

  private start(): void {
    const { workMemBytes, spillDirectory } = this.runtime.context;
    this.result = new BatchBuffer(workMemBytes, spillDirectory);
    this.producer ??= this.runtime.buildOperator(this.definition.plan);
    this.producer.open();
    this.state = 'first';
  }

  private advanceFirst(): typeof again | undefined {
    const batch = this.producer!.next();
    if (batch === again) return again;
    if (batch !== undefined) {
      this.append(batch);
      return undefined;
    }
    this.producer!.close();
    if (this.definition.step === undefined) this.state = 'done';
    else this.startStep();
    return undefined;
  }

  private startStep(): void {
    this.workingStart = this.workingEnd;
    this.workingEnd = this.result!.batchCount;
    if (this.workingStart === this.workingEnd) {
      this.state = 'done';
      return;
    }
    this.state = 'step';
    this.step ??= this.runtime.buildOperator(this.definition.step!);
    this.running = true;
    this.step.open();
    this.running = false;
  }

  private advanceStep(): typeof again | undefined {
    if (this.state !== 'step') return undefined;
    if (this.runtime.pause()) return again;
    this.running = true;
    let batch: Pulled;
    try {
      batch = this.step!.next();
    } finally {
      this.running = false;
    }
    if (batch === again) return again;
    if (batch !== undefined) this.append(batch);
    else {
      this.step!.close();
      this.startStep();
    }
    return undefined;
  }

  private append(batch: Batch): void {
    const kept = this.hash === undefined ? batch : this.withoutSeen(batch, this.hash);
    if (kept.length > 0) this.result!.append(kept);
  }

  private withoutSeen(batch: Batch, hash: KeyHasher): Batch {
    const selection = new Int32Array(batch.length);
    const values: Datum[] = batch.columns.map(() => null);
    let count = 0;
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < values.length; i++) values[i] = columnValue(batch.columns[i], row);
      const key = hash(values);
      if (this.seen.has(key)) continue;
      this.seen.add(key);
      this.seenBytes += entryBytes + valueBytes(key);
      selection[count++] = row;
    }
    this.runtime.checkUnspillable(this, this.seenBytes);
    return count === batch.length ? batch : gatherBatch(batch, selection, count);
  }
}

export function cteState(runtime: Runtime, cteId: number): CteState {
  let state = runtime.ctes.get(cteId);
  if (state === undefined) {
    const definition = runtime.plan.ctes.find((cte) => cte.cteId === cteId)!;
    state = new CteState(definition, runtime);
    runtime.ctes.set(cteId, state);
  }
  return state;
}

export class CteScanOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalCteScan;
  private state: CteState | undefined = undefined;
  private position = 0;
  private working = false;

  constructor(node: PhysicalCteScan, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
  }

  open(): void {
    this.state = cteState(this.runtime, this.node.cteId);
    this.state.follow();
    this.working = this.state.inStep;
    this.position = 0;
  }

  next(): Pulled {
    const state = this.state!;
    const batch = this.working ? state.workingBatch(this.position) : state.batch(this.position);
    if (batch === again || batch === undefined) return batch;
    this.position++;
    return {
      length: batch.length,
      columns: this.node.columns.map((ordinal) => batch.columns[ordinal]),
    };
  }

  close(): void {
    this.position = 0;
  }
}
