// INTERSECT and EXCEPT, with ALL or without: counts of the right side's rows by whole-row hash, nulls
// being equal, decide for each left row whether it stays.

import { type Batch, type Datum, batchRows, columnValue } from '#common';
import type { PhysicalSetOperation } from '#planner';
import { again } from '../contract.ts';
import { gatherBatch } from '../rows/gather.ts';
import { type HashKey, type KeyHasher, keyHasher } from '../rows/key-hash.ts';
import { valueBytes } from '../rows/value-size.ts';
import type { Runtime } from '../runtime.ts';
import type { Operator, Pulled } from './operator.ts';

const entryBytes = 48;

export class SetOperationOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalSetOperation;
  private readonly left: Operator;
  private readonly right: Operator;
  private readonly hash: KeyHasher;
  /** Right rows by key that no left row has used up (ALL), or 1 (without ALL). */
  private readonly counts = new Map<HashKey, number>();
  /** Left rows already put out or decided against, without ALL. */
  private readonly emitted = new Set<HashKey>();
  private bytes = 0;
  private built = false;
  private selection = new Int32Array(batchRows);

  constructor(node: PhysicalSetOperation, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.left = runtime.buildOperator(node.left);
    this.right = runtime.buildOperator(node.right);
    this.hash = keyHasher(node.types.map((type) => type.oid));
  }

  open(): void {
    this.close();
    this.left.open();
    this.right.open();
  }

  next(): Pulled {
    if (!this.built && this.build() === again) return again;
    for (;;) {
      const batch = this.left.next();
      if (batch === again || batch === undefined) return batch;
      const count = this.select(batch);
      if (count === batch.length) return batch;
      if (count > 0) return gatherBatch(batch, this.selection, count);
      if (this.runtime.pause()) return again;
    }
  }

  close(): void {
    this.left.close();
    this.right.close();
    this.counts.clear();
    this.emitted.clear();
    this.bytes = 0;
    this.built = false;
  }

  private build(): typeof again | undefined {
    for (;;) {
      const batch = this.right.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      for (const key of this.keys(batch)) {
        const count = this.counts.get(key);
        if (count === undefined) this.account(key);
        this.counts.set(key, this.node.all ? (count ?? 0) + 1 : 1);
      }
      this.runtime.checkUnspillable(this, this.bytes);
    }
    this.built = true;
    return undefined;
  }

  private account(key: HashKey): void {
    this.bytes += entryBytes + valueBytes(key);
  }

  private keys(batch: Batch): HashKey[] {
    const keys: HashKey[] = [];
    const values: Datum[] = batch.columns.map(() => null);
    for (let row = 0; row < batch.length; row++) {
      for (let i = 0; i < values.length; i++) values[i] = columnValue(batch.columns[i], row);
      keys.push(values.length === 0 ? true : this.hash(values));
    }
    return keys;
  }

  private select(batch: Batch): number {
    if (batch.length > this.selection.length) this.selection = new Int32Array(batch.length);
    const keys = this.keys(batch);
    let kept = 0;
    for (let row = 0; row < batch.length; row++) {
      if (this.keeps(keys[row])) this.selection[kept++] = row;
    }
    this.runtime.checkUnspillable(this, this.bytes);
    return kept;
  }

  private keeps(key: HashKey): boolean {
    const intersect = this.node.operation === 'intersect';
    const count = this.counts.get(key) ?? 0;
    if (this.node.all) {
      if (count > 0) this.counts.set(key, count - 1);
      return count > 0 === intersect;
    }
    if (count > 0 !== intersect || this.emitted.has(key)) return false;
    this.emitted.add(key);
    this.account(key);
    return true;
  }
}
