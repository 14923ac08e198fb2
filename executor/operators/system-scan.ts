// Reads a relation of pg_catalog or information_schema, which the system catalog computes.

import { type Datum, batchRows } from '#common';
import type { PhysicalSystemScan } from '#planner';
import { again } from '../contract.ts';
import type { FilterKernel } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import { batchOfRows, gatherBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';
import { installedSystemRelations } from '../system-relations.ts';
import type { Operator, Pulled } from './operator.ts';
import { compileScalar } from './simple-operators.ts';

export class SystemScanOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalSystemScan;
  private readonly filter: FilterKernel | undefined;
  private readonly lookups: readonly { readonly column: number; readonly value: () => Datum }[];
  private readonly selection = new Int32Array(batchRows);
  private rows: Iterator<readonly Datum[]> | undefined = undefined;

  constructor(node: PhysicalSystemScan, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.filter = node.filter === undefined ? undefined : compileFilter(node.filter, runtime);
    this.lookups = node.lookups.map((lookup) => ({
      column: lookup.column,
      value: compileScalar(lookup.value, runtime),
    }));
  }

  open(): void {
    this.rows = undefined;
  }

  next(): Pulled {
    this.rows ??= this.start();
    for (;;) {
      if (this.runtime.pause()) return again;
      const rows: (readonly Datum[])[] = [];
      while (rows.length < batchRows) {
        const { done, value } = this.rows.next();
        if (done === true) break;
        rows.push(value);
      }
      if (rows.length === 0) return undefined;
      const batch = batchOfRows(rows, this.node.columns.length);
      if (this.filter === undefined) return batch;
      const count = this.filter(batch, this.selection);
      if (count > 0)
        return count === batch.length ? batch : gatherBatch(batch, this.selection, count);
    }
  }

  private start(): Iterator<readonly Datum[]> {
    const lookups = this.lookups.map(({ column, value }) => ({ column, value: value() }));
    const { relationOid, columns } = this.node;
    const { context } = this.runtime;
    const rows = installedSystemRelations().rows(relationOid, { columns, lookups }, context);
    return rows[Symbol.iterator]();
  }

  close(): void {
    this.rows = undefined;
  }
}
