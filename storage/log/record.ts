// The frame of a log record, little-endian:
//
//   offset  bytes
//        0      4  length of the payload
//        4      4  crc32 of everything from offset 8 to the end of the payload
//        8      8  position of this record in the log
//       16      8  position before which everything was synced when this record was appended
//       24      4  epoch
//       28      1  kind
//       29      3  zero
//       32      …  payload
//
// The position makes bytes that are left over or displaced invalid. The synced position proves, when
// a record before it turns out bad, that the bad one had been durable: damage, not a torn tail.

import { crc32 } from 'node:zlib';

import type { LogPosition } from '../contract.ts';
import type { RecordKind } from './commit-log.ts';

export const frameBytes = 32;
const highUnit = 4294967296;

export interface Frame {
  readonly payloadBytes: number;
  readonly position: LogPosition;
  readonly synced: LogPosition;
  readonly epoch: number;
  readonly kind: RecordKind;
}

/** Writes frame and payload at `offset`; the target has room. */
export function writeRecord(
  target: Buffer,
  offset: number,
  frame: Frame,
  payload: Uint8Array,
): number {
  target.set(payload, offset + frameBytes);
  target.writeUInt32LE(frame.payloadBytes, offset);
  writePosition(target, offset + 8, frame.position);
  writePosition(target, offset + 16, frame.synced);
  target.writeUInt32LE(frame.epoch, offset + 24);
  target.writeUInt32LE(frame.kind, offset + 28);
  const end = offset + frameBytes + frame.payloadBytes;
  target.writeUInt32LE(crc32(target.subarray(offset + 8, end)), offset + 4);
  return end;
}

/** The frame at `offset`, or undefined when the bytes there are no valid record at that position. */
export function readRecord(
  source: Buffer,
  offset: number,
  position: LogPosition,
): Frame | undefined {
  if (offset + frameBytes > source.length) return undefined;
  if (readPosition(source, offset + 8) !== position) return undefined;
  const payloadBytes = source.readUInt32LE(offset);
  const end = offset + frameBytes + payloadBytes;
  if (end > source.length) return undefined;
  const kind = source.readUInt32LE(offset + 28);
  if (kind === 0) return undefined;
  if (crc32(source.subarray(offset + 8, end)) !== source.readUInt32LE(offset + 4)) return undefined;
  return {
    payloadBytes,
    position,
    synced: readPosition(source, offset + 16),
    epoch: source.readUInt32LE(offset + 24),
    kind: kind as RecordKind,
  };
}

export function writePosition(target: Buffer, offset: number, position: LogPosition): void {
  target.writeUInt32LE(position % highUnit, offset);
  target.writeUInt32LE(Math.floor(position / highUnit), offset + 4);
}

export function readPosition(source: Buffer, offset: number): LogPosition {
  return source.readUInt32LE(offset) + source.readUInt32LE(offset + 4) * highUnit;
}
