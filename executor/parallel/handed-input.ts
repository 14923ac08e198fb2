// The coordinator's end of rows that are handed to all threads: runs what makes them, and keeps them in the form
// in which they go to other threads. Should there be too many, none is kept, and whoever reads them runs what
// makes them anew.

import { again } from '../contract.ts';
import { handedBytesMax } from '../limits.ts';
import { type Operator, pullLarge } from '../operators/operator.ts';
import type { TransferredBatch } from '../threads/protocol.ts';
import { encodeBatch } from '../threads/value-transfer.ts';
import type { HandedRows } from './contract.ts';

/** Of a value that is not in a typed array. */
const valueBytes = 40;

export class HandedInput {
  private readonly operator: Operator;
  private readonly bytesMax: number;
  private readonly ordinals: readonly number[];
  private batches: TransferredBatch[] = [];
  private bytes = 0;
  private state: 'reading' | 'kept' | 'tooMany' = 'reading';

  constructor(operator: Operator, width: number, bytesMax = handedBytesMax) {
    this.operator = operator;
    this.bytesMax = bytesMax;
    this.ordinals = Array.from({ length: width }, (_value, ordinal) => ordinal);
  }

  open(): void {
    this.close();
    this.state = 'reading';
    this.operator.open();
  }

  /** Reads on; undefined when all is there. */
  read(): typeof again | undefined {
    while (this.state === 'reading') {
      const pulled = pullLarge(this.operator);
      if (pulled === again) return again;
      if (pulled === undefined) {
        this.state = 'kept';
        this.operator.close();
        break;
      }
      const copied: ArrayBuffer[] = [];
      this.batches.push(encodeBatch(pulled, this.ordinals, copied));
      this.bytes += pulled.length * valueBytes;
      for (const { byteLength } of copied) this.bytes += byteLength;
      if (this.bytes > this.bytesMax) this.giveUp();
    }
    return undefined;
  }

  get rows(): HandedRows {
    return this.state === 'kept' ? this.batches : this.operator;
  }

  close(): void {
    this.operator.close();
    this.batches = [];
    this.bytes = 0;
  }

  private giveUp(): void {
    this.close();
    this.state = 'tooMany';
  }
}
