// SELECT … FOR UPDATE and its kin: locks the rows that pass, leaves out those that are gone or (with
// SKIP LOCKED) held by others. Under a limit it stops at the row that fills it, so that no row is
// locked that the client does not get.

import { columnValue, type Datum } from '#common';
import type { PhysicalLockRows, RowLockStrength, RowLockWait } from '#planner';
import { type Key, type LockPolicy, RowLock, type RowLockMode } from '#storage';
import { again } from '../contract.ts';
import { gatherBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';
import { accessByKey, type RowAccessByKey } from '../write/inherited-access.ts';
import type { Operator, Pulled } from './operator.ts';
import { compileScalar } from './simple-operators.ts';

const modes: Readonly<Record<RowLockStrength, RowLockMode>> = {
  'key share': RowLock.keyShare,
  share: RowLock.share,
  'no key update': RowLock.noKeyUpdate,
  update: RowLock.update,
};
const policies: Readonly<Record<RowLockWait, LockPolicy>> = {
  wait: 'wait',
  nowait: 'nowait',
  'skip locked': 'skip',
};

interface Target {
  readonly access: RowAccessByKey;
  readonly rowKey: number;
  readonly mode: RowLockMode;
  readonly policy: LockPolicy;
}

export class LockRowsOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly input: Operator;
  private readonly targets: readonly Target[];
  private readonly limit: (() => Datum) | undefined;
  private remaining = Infinity;

  constructor(node: PhysicalLockRows, runtime: Runtime) {
    this.runtime = runtime;
    this.input = runtime.buildOperator(node.input);
    this.targets = node.targets.map((target) => ({
      access: accessByKey(target.table, () => runtime.context.catalog),
      rowKey: target.rowKey,
      mode: modes[target.strength],
      policy: policies[target.wait],
    }));
    this.limit = node.limit === undefined ? undefined : compileScalar(node.limit, runtime);
  }

  open(): void {
    const limit = this.limit?.() ?? null;
    this.remaining = limit === null ? Infinity : Number(limit);
    this.input.open();
  }

  next(): Pulled {
    while (this.remaining > 0) {
      const batch = this.input.next();
      if (batch === again || batch === undefined) return batch;
      const selection = new Int32Array(batch.length);
      let count = 0;
      for (let row = 0; row < batch.length && count < this.remaining; row++) {
        if (
          this.targets.every((target) =>
            this.lock(target, columnValue(batch.columns[target.rowKey], row) as Key | null),
          )
        ) {
          selection[count++] = row;
        }
      }
      this.remaining -= count;
      if (count === batch.length) return batch;
      if (count > 0) return gatherBatch(batch, selection, count);
      if (this.runtime.pause()) return again;
    }
    return undefined;
  }

  close(): void {
    this.input.close();
  }

  private lock(target: Target, key: Key | null): boolean {
    if (key === null) return true;
    const { transaction } = this.runtime.context;
    const fetched = target.access.fetchForUpdate(transaction, key, target.mode, target.policy);
    return fetched !== undefined && fetched !== 'skipped';
  }
}
