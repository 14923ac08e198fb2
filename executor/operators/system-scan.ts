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
  private rows: readonly (readonly Datum[])[] | undefined = undefined;
  private position = 0;

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
    this.position = 0;
  }

  next(): Pulled {
    this.rows ??= installedSystemRelations().rows(
      this.node.relationOid,
      this.lookups.map(({ column, value }) => ({ column, value: value() })),
      this.runtime.context,
    );
    while (this.position < this.rows.length) {
      if (this.runtime.pause()) return again;
      const end = Math.min(this.position + batchRows, this.rows.length);
      const rows = this.rows.slice(this.position, end);
      this.position = end;
      const columns = this.node.columns;
      const batch = batchOfRows(
        rows.map((row) => columns.map((ordinal) => row[ordinal] ?? null)),
        columns.length,
      );
      if (this.filter === undefined) return batch;
      const count = this.filter(batch, this.selection);
      if (count > 0)
        return count === batch.length ? batch : gatherBatch(batch, this.selection, count);
    }
    return undefined;
  }

  close(): void {
    this.rows = undefined;
  }
}
