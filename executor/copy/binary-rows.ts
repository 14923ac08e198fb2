// COPY's binary format (PostgreSQL manual, COPY, "Binary Format"):
//
//   header   "PGCOPY\n\377\r\n\0", flags int32, length of the extension int32, extension
//   row      field count int16, then per field its length int32 (-1: null) and its bytes
//   trailer  field count -1

import { databaseError, valueBytesMax } from '#common';
import { tooLongRow } from './copy-errors.ts';
import type { Field, FieldRows } from './field-rows.ts';

export const binarySignature: Buffer = Buffer.from('PGCOPY\n\u00ff\r\n\0', 'latin1');

export class BinaryRows implements FieldRows {
  private pending: Buffer = Buffer.alloc(0);
  /** What has come since; put together with the rest once a row may be complete. */
  private chunks: Buffer[] = [];
  private bytes = 0;
  /** So many bytes are needed to go on. */
  private bytesWanted = 0;
  private headerRead = false;
  ended = false;

  get isBetweenRows(): boolean {
    return this.bytes === 0;
  }

  push(chunk: Uint8Array, rows: Field[][]): void {
    if (this.ended) return;
    this.bytes += chunk.length;
    if (this.bytes < this.bytesWanted) {
      this.chunks.push(Buffer.from(chunk));
      return;
    }
    this.pending = Buffer.concat([this.pending, ...this.chunks, chunk]);
    this.chunks = [];
    if (!this.headerRead && !this.readHeader()) return;
    let offset = 0;
    while (!this.ended) {
      const end = this.readRow(offset, rows);
      if (end < 0) break;
      offset = end;
    }
    this.pending = this.pending.subarray(offset);
    this.bytes = this.pending.length;
    this.bytesWanted -= offset;
  }

  finish(): void {
    if (this.ended) return;
    if (!this.headerRead)
      throw databaseError('badCopyFileFormat', 'COPY file signature not recognized');
    if (this.bytes > 0) throw databaseError('badCopyFileFormat', 'unexpected EOF in COPY data');
  }

  private readHeader(): boolean {
    const { pending } = this;
    const fixed = binarySignature.length + 8;
    if (pending.length < fixed) return false;
    if (!pending.subarray(0, binarySignature.length).equals(binarySignature)) {
      throw databaseError('badCopyFileFormat', 'COPY file signature not recognized');
    }
    const flags = pending.readUInt32BE(binarySignature.length);
    if ((flags & 0xffff0000) !== 0)
      throw databaseError('badCopyFileFormat', 'unrecognized critical flags in COPY file header');
    const extension = pending.readInt32BE(binarySignature.length + 4);
    if (extension < 0)
      throw databaseError('badCopyFileFormat', 'invalid COPY file header (missing length)');
    if (extension > valueBytesMax) throw tooLongRow();
    this.bytesWanted = fixed + extension;
    if (pending.length < this.bytesWanted) return false;
    this.pending = pending.subarray(fixed + extension);
    this.headerRead = true;
    return true;
  }

  /** Where the next row begins; -1 when this one is not complete. */
  private readRow(start: number, rows: Field[][]): number {
    const { pending } = this;
    if (!this.has(start + 2)) return -1;
    const count = pending.readInt16BE(start);
    if (count === -1) {
      this.ended = true;
      return start + 2;
    }
    const fields: Field[] = [];
    let offset = start + 2;
    for (let index = 0; index < count; index++) {
      if (!this.has(offset + 4)) return -1;
      const length = pending.readInt32BE(offset);
      offset += 4;
      if (length === -1) {
        fields.push(null);
        continue;
      }
      if (length < 0) throw databaseError('badCopyFileFormat', 'invalid field size');
      if (offset + length - start > valueBytesMax) throw tooLongRow();
      if (!this.has(offset + length)) return -1;
      fields.push(pending.subarray(offset, offset + length));
      offset += length;
    }
    rows.push(fields);
    return offset;
  }

  private has(bytes: number): boolean {
    this.bytesWanted = bytes;
    return this.pending.length >= bytes;
  }
}
