// Where the rows of a query go: to the client as DataRows, or into memory for a cursor or a command.

import { columnValue, type Batch, type Datum } from '#common';
import type { LogPosition } from '#storage';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { RowEncoder } from '../protocol/row-encoder.ts';

export interface RowTarget {
  /** Takes rows from .. to - 1; ordinals name the batch's columns that are results. */
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void;
  values(row: readonly Datum[]): void;
  /** What has been taken depends on the log up to here. */
  require(position: LogPosition): void;
  /** True: wait for drained() before giving more. */
  pressure(): boolean;
  drained(): Promise<void>;
}

export class ClientRows implements RowTarget {
  private readonly output: PortalOutput;
  private readonly encoder: RowEncoder;

  constructor(output: PortalOutput, encoder: RowEncoder) {
    this.output = output;
    this.encoder = encoder;
  }
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void {
    this.output.rows(this.encoder, batch, range, ordinals);
  }
  values(row: readonly Datum[]): void {
    this.output.values(this.encoder, row);
  }
  require(position: LogPosition): void {
    this.output.require(position);
  }
  pressure(): boolean {
    return this.output.pressure();
  }
  drained(): Promise<void> {
    return this.output.drained();
  }
}

/** Keeps rows as values. */
export class CollectedRows implements RowTarget {
  readonly collected: Datum[][] = [];
  dependsOn: LogPosition = 0;

  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void {
    for (let row = range.from; row < range.to; row++) {
      this.collected.push(ordinals.map((ordinal) => columnValue(batch.columns[ordinal], row)));
    }
  }
  values(row: readonly Datum[]): void {
    this.collected.push([...row]);
  }
  require(position: LogPosition): void {
    if (position > this.dependsOn) this.dependsOn = position;
  }
  pressure(): boolean {
    return false;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
}

/** Takes rows and forgets them (EXPLAIN ANALYZE). */
export class CountedRows implements RowTarget {
  rows(): void {}
  values(): void {}
  require(): void {}
  pressure(): boolean {
    return false;
  }
  drained(): Promise<void> {
    return Promise.resolve();
  }
}
