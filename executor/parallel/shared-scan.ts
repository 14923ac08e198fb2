// The interpreted reader of a scan that threads share: the blocks of the morsels that this thread takes, as
// batches. Compiled pipelines read the same blocks by themselves (compile/scan-source.ts).

import { type Batch, batchRows } from '#common';
import type { PhysicalScan } from '#planner';
import type { SourceBlock } from '../compile/block-source.ts';
import { columnOfVector } from '../compile/datum-vector.ts';
import { PipelineState } from '../compile/pipeline-state.ts';
import { ScanSource } from '../compile/scan-source.ts';
import { again } from '../contract.ts';
import type { FilterKernel } from '../expression/environment.ts';
import { compileFilter } from '../expression/filter.ts';
import type { Operator, Pulled } from '../operators/operator.ts';
import { gatherBatch } from '../rows/gather.ts';
import type { Runtime } from '../runtime.ts';

export class SharedScanOperator implements Operator {
  private readonly node: PhysicalScan;
  private readonly runtime: Runtime;
  private readonly state: PipelineState;
  private readonly source: ScanSource;
  private readonly filter: FilterKernel | undefined;
  private readonly selection = new Int32Array(batchRows);
  private block: SourceBlock | undefined = undefined;
  /** In the block. */
  private row = 0;

  constructor(node: PhysicalScan, runtime: Runtime) {
    this.node = node;
    this.runtime = runtime;
    this.state = new PipelineState(runtime);
    this.source = new ScanSource(node, this.state);
    this.filter = node.filter === undefined ? undefined : compileFilter(node.filter, runtime);
  }

  open(): void {
    this.state.begin();
    this.source.open();
    this.block = undefined;
  }

  next(): Pulled {
    for (;;) {
      if (this.runtime.pause()) return again;
      if (this.block === undefined) {
        this.block = this.source.next();
        if (this.block === undefined) return undefined;
        this.row = 0;
      }
      const batch = this.filtered(this.nextRows(this.block));
      if (batch.length > 0) return batch;
    }
  }

  close(): void {
    this.source.close();
    this.block = undefined;
  }

  /** Some rows of the block: all places from one on, of which the selected ones stay. */
  private nextRows(block: SourceBlock): Batch {
    const start = this.row;
    const end = Math.min(block.length, start + batchRows);
    this.row = end;
    if (end === block.length) this.block = undefined;
    const columns = this.node.types.map((type, i) =>
      columnOfVector(block.vector(i), type.oid, { start, end }),
    );
    const batch = { length: end - start, columns };
    const { selection: selected } = block;
    if (selected === undefined) return batch;
    let count = 0;
    for (let i = 0; i < block.selected; i++) {
      const place = selected[i];
      if (place >= start && place < end) this.selection[count++] = place - start;
    }
    return gatherBatch(batch, this.selection, count);
  }

  private filtered(batch: Batch): Batch {
    if (this.filter === undefined || batch.length === 0) return batch;
    const count = this.filter(batch, this.selection);
    return count === batch.length ? batch : gatherBatch(batch, this.selection, count);
  }
}
