// Aggregation: plain (one group), over grouped input, by hashing, and with several grouping sets.

import { type Batch, type Column, type Datum, batchRows, genericColumn } from '#common';
import type { PhysicalAggregate } from '#planner';
import { again } from '../contract.ts';
import type { Runtime } from '../runtime.ts';
import { GroupTable } from './group-table.ts';
import type { Operator, Pulled } from './operator.ts';
import { PacedInput } from './paced-input.ts';
import { type ColumnMaker, compileColumn } from './simple-operators.ts';

type State = 'input' | 'groups' | 'partition' | 'done';

export class AggregateOperator implements Operator {
  private readonly runtime: Runtime;
  private readonly node: PhysicalAggregate;
  private readonly input: PacedInput;
  private readonly keyMakers: readonly ColumnMaker[];
  private readonly tables: readonly GroupTable[];
  /** Input arrives grouped by the keys, and groups leave as soon as they are complete. */
  private readonly streaming: boolean;
  private state: State = 'done';
  private tablePosition = 0;
  private partition: (() => Batch | undefined) | undefined = undefined;

  constructor(node: PhysicalAggregate, runtime: Runtime) {
    this.runtime = runtime;
    this.node = node;
    this.input = new PacedInput(runtime.buildOperator(node.input), runtime);
    this.keyMakers = node.groupKeys.map((key) => compileColumn(key, runtime));
    const sets = node.groupingSets ?? [node.groupKeys.map((_key, position) => position)];
    this.streaming = node.strategy === 'sorted' && node.groupingSets === undefined;
    this.tables = sets.map(
      (set) =>
        new GroupTable(
          {
            groupKeys: node.groupKeys,
            aggregates: node.aggregates,
            set,
            inputWidth: node.input.types.length,
            spills: !this.streaming,
          },
          runtime,
        ),
    );
  }

  open(): void {
    this.close();
    this.input.open();
    this.state = 'input';
  }

  next(): Pulled {
    for (;;) {
      switch (this.state) {
        case 'input': {
          const pulled = this.readInput();
          if (pulled !== undefined) return pulled;
          break;
        }
        case 'groups': {
          const table = this.tables[this.tablePosition];
          const batch = table.nextGroups(false);
          if (batch !== undefined) return this.withGrouping(batch, table);
          this.startPartition(table);
          break;
        }
        case 'partition': {
          if (this.readPartition() === again) return again;
          break;
        }
        case 'done':
          return undefined;
      }
    }
  }

  close(): void {
    this.input.close();
    for (const table of this.tables) table.clear();
    this.tablePosition = 0;
    this.partition = undefined;
    this.state = 'done';
  }

  private readInput(): Pulled {
    for (;;) {
      if (this.runtime.pause()) return again;
      const batch = this.input.next();
      if (batch === again) return again;
      if (batch === undefined) break;
      const keyColumns = this.keyMakers.map((maker) => maker(batch));
      for (const table of this.tables) table.addBatch(batch, keyColumns);
      this.input.done();
      if (this.streaming && this.tables[0].groupCount > batchRows) {
        const complete = this.completeGroups(this.tables[0]);
        if (complete !== undefined) return complete;
      }
    }
    for (const table of this.tables) {
      if (table.set.length === 0) table.addEmptyGroup();
    }
    this.input.close();
    this.state = 'groups';
    return undefined;
  }

  /** All groups but the last are complete. They leave as one batch, whatever its length. */
  private completeGroups(table: GroupTable): Batch | undefined {
    const parts: Batch[] = [];
    for (let batch = table.nextGroups(true); batch !== undefined; batch = table.nextGroups(true)) {
      parts.push(batch);
    }
    table.dropEmitted();
    return parts.length === 0 ? undefined : concatenate(parts);
  }

  private startPartition(table: GroupTable): void {
    this.partition = table.nextPartition();
    if (this.partition !== undefined) {
      this.state = 'partition';
      return;
    }
    const measurement = this.runtime.measurements?.get(this.node.id);
    if (measurement !== undefined) measurement.spilledBytes += table.spilledBytes;
    this.tablePosition++;
    if (this.tablePosition >= this.tables.length) this.state = 'done';
  }

  private readPartition(): typeof again | undefined {
    const table = this.tables[this.tablePosition];
    for (;;) {
      if (this.runtime.pause()) return again;
      const batch = this.partition!();
      if (batch === undefined) break;
      table.addBatch(
        batch,
        this.keyMakers.map((maker) => maker(batch)),
      );
    }
    this.state = 'groups';
    return undefined;
  }

  /** Columns past keys and aggregates are GROUPING() bits, one per key: 1 when the key is left out. */
  private withGrouping(batch: Batch, table: GroupTable): Batch {
    const missing = this.node.types.length - batch.columns.length;
    if (missing <= 0) return batch;
    const columns: Column[] = [...batch.columns];
    for (let key = 0; key < missing; key++) {
      const bit = table.set.includes(key) ? 0 : 1;
      columns.push(genericColumn(new Array<Datum>(batch.length).fill(bit)));
    }
    return { length: batch.length, columns };
  }
}

function concatenate(parts: readonly Batch[]): Batch {
  if (parts.length === 1) return parts[0];
  const columns = parts[0].columns.map((_column, i) =>
    genericColumn(parts.flatMap((part) => part.columns[i].values as Datum[])),
  );
  return { length: parts.reduce((sum, part) => sum + part.length, 0), columns };
}
