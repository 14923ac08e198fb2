// A temporary file of batches. It is removed from its directory as soon as it is open, so a crash
// leaves nothing behind. Blocks are written at the end and read in any order.
//
//   block: rows u32 | columns u32 | values of column 0 … | values of column 1 … (value-codec.ts)

import { randomUUID } from 'node:crypto';
import { closeSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { join } from 'node:path';

import { type Batch, type Datum, genericColumn, columnValue } from '#common';
import { spillError } from '../errors.ts';
import { ValueReader, ValueWriter } from './value-codec.ts';

interface Block {
  readonly offset: number;
  readonly bytes: number;
}

export class SpillFile {
  private readonly directory: string;
  private descriptor: number | undefined = undefined;
  private readonly blocks: Block[] = [];
  private end = 0;

  constructor(directory: string) {
    this.directory = directory;
  }

  get blockCount(): number {
    return this.blocks.length;
  }

  get bytes(): number {
    return this.end;
  }

  /** Appends a batch as one block. */
  write(batch: Batch): void {
    const writer = new ValueWriter();
    writer.uint32(batch.length);
    writer.uint32(batch.columns.length);
    for (const column of batch.columns) {
      for (let row = 0; row < batch.length; row++) writer.value(columnValue(column, row));
    }
    this.append(writer.finish());
  }

  /** Appends a block of any content. */
  append(bytes: Uint8Array): void {
    try {
      this.descriptor ??= openTemporary(this.directory);
      let written = 0;
      while (written < bytes.length) {
        written += writeSync(
          this.descriptor,
          bytes,
          written,
          bytes.length - written,
          this.end + written,
        );
      }
    } catch (error) {
      throw spillError(error);
    }
    this.blocks.push({ offset: this.end, bytes: bytes.length });
    this.end += bytes.length;
  }

  read(position: number): Batch {
    const reader = new ValueReader(this.block(position));
    const length = reader.uint32();
    const width = reader.uint32();
    const columns = [];
    for (let i = 0; i < width; i++) {
      const values: Datum[] = [];
      for (let row = 0; row < length; row++) values.push(reader.value());
      columns.push(genericColumn(values));
    }
    return { length, columns };
  }

  /** The bytes of a block. */
  block(position: number): Buffer {
    const block = this.blocks[position];
    const bytes = Buffer.allocUnsafe(block.bytes);
    let done = 0;
    while (done < block.bytes) {
      const count = readSync(
        this.descriptor!,
        bytes,
        done,
        block.bytes - done,
        block.offset + done,
      );
      if (count === 0) throw new Error('a spill file is shorter than what was written to it');
      done += count;
    }
    return bytes;
  }

  close(): void {
    if (this.descriptor !== undefined) closeSync(this.descriptor);
    this.descriptor = undefined;
    this.blocks.length = 0;
    this.end = 0;
  }
}

function openTemporary(directory: string): number {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `spill-${process.pid}-${randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return descriptor;
}
