// The log's files. A segment "<position, 16 hex digits>.log" holds the records from that position on:
//
//   offset  bytes
//        0      8  "LATTLOG1"
//        8      8  position of the first record
//       16      4  crc32 of the first 16 bytes
//       20     12  zero
//       32      …  records, one after the other (record.ts), then zeros
//
// A record at position p of a segment that starts at s is at file offset 32 + p - s. A segment ends
// where the next one starts; only the last one may have a torn tail.

import { crc32 } from 'node:zlib';
import { join } from 'node:path';

import type { LogPosition } from '../contract.ts';
import { logCorrupted } from '../errors.ts';
import type { LogRecord } from './commit-log.ts';
import type { FileLayer, LogFile } from './file-layer.ts';
import { frameBytes, readPosition, readRecord, writePosition } from './record.ts';

export const segmentHeaderBytes = 32;
const magic = 'LATTLOG1';
/** Files are read in pieces of this size; a larger record gets a larger piece. */
const readBytes = 4 * 1024 * 1024;

export interface Segment {
  readonly start: LogPosition;
  readonly file: LogFile;
}

export function segmentPath(directory: string, start: LogPosition): string {
  return join(directory, `${start.toString(16).padStart(16, '0')}.log`);
}

export function writeSegmentHeader(file: LogFile, start: LogPosition): void {
  const header = Buffer.alloc(segmentHeaderBytes);
  header.write(magic, 0, 'latin1');
  writePosition(header, 8, start);
  header.writeUInt32LE(crc32(header.subarray(0, 16)), 16);
  file.write(header, header.length, 0);
}

/** Opens all segments, oldest first. A last one that never got its header is removed. */
export function openSegments(files: FileLayer, directory: string): Segment[] {
  const names = files.list(directory).filter((name) => /^[0-9a-f]{16}\.log$/.test(name));
  names.sort();
  const segments: Segment[] = [];
  for (const [ordinal, name] of names.entries()) {
    const start = Number.parseInt(name.slice(0, 16), 16);
    const file = files.open(join(directory, name));
    if (hasHeader(file, start)) {
      segments.push({ start, file });
    } else if (ordinal === names.length - 1) {
      file.close();
      files.remove(join(directory, name));
    } else {
      const reason = 'bad segment header';
      throw logCorrupted({ file: file.path, offset: 0, position: start, reason });
    }
  }
  return segments;
}

function hasHeader(file: LogFile, start: LogPosition): boolean {
  const header = Buffer.alloc(segmentHeaderBytes);
  if (file.read(header, header.length, 0) < header.length) return false;
  return (
    header.toString('latin1', 0, 8) === magic &&
    readPosition(header, 8) === start &&
    header.readUInt32LE(16) === crc32(header.subarray(0, 16))
  );
}

/**
 * Visits the valid records of one segment from a position on; returns the position where they stop.
 * Payloads are views into fresh buffers.
 */
export function readSegment(
  segment: Segment,
  from: LogPosition,
  visit: (record: LogRecord) => void,
): LogPosition {
  let position = from;
  let pieceBytes = readBytes;
  for (;;) {
    const piece = Buffer.allocUnsafeSlow(pieceBytes);
    const fileOffset = segmentHeaderBytes + position - segment.start;
    const count = segment.file.read(piece, pieceBytes, fileOffset);
    const source = piece.subarray(0, count);
    let offset = 0;
    for (;;) {
      const frame = readRecord(source, offset, position);
      if (frame === undefined) break;
      const end = offset + frameBytes + frame.payloadBytes;
      const next = position + end - offset;
      visit({
        position,
        end: next,
        epoch: frame.epoch,
        kind: frame.kind,
        payload: source.subarray(offset + frameBytes, end),
      });
      offset = end;
      position = next;
    }
    if (count < pieceBytes) return position;
    if (offset > 0) {
      pieceBytes = readBytes;
      continue;
    }
    const needed = frameBytes + source.readUInt32LE(0);
    if (readPosition(source, 8) !== position || needed <= pieceBytes) return position;
    if (segmentHeaderBytes + needed > segment.file.size()) return position;
    pieceBytes = needed;
  }
}

/**
 * After the records stop at `end` in the last segment: is that a torn tail, or damage? A valid record
 * further on, appended when `end` had been synced, proves damage.
 */
export function assertTornTail(segment: Segment, end: LogPosition): void {
  const endOffset = segmentHeaderBytes + end - segment.start;
  const size = segment.file.size();
  if (size <= endOffset) return;
  const rest = Buffer.allocUnsafeSlow(size - endOffset);
  const count = segment.file.read(rest, rest.length, endOffset);
  const source = rest.subarray(0, count);
  for (let offset = 1; offset + frameBytes <= source.length; offset++) {
    // The cheap test first: the low half of the position that a record here must carry.
    if (source[offset + 8] !== ((end + offset) & 0xff)) continue;
    const frame = readRecord(source, offset, end + offset);
    if (frame !== undefined && frame.synced > end) {
      throw logCorrupted({
        file: segment.file.path,
        offset: endOffset,
        position: end,
        reason: 'bad record before later valid ones',
      });
    }
  }
}

/** Zeroes what follows the last record, so that no leftover can ever be taken for a record. */
export function eraseTail(segment: Segment, end: LogPosition): boolean {
  let offset = segmentHeaderBytes + end - segment.start;
  const size = segment.file.size();
  const piece = Buffer.allocUnsafeSlow(readBytes);
  const zeros = Buffer.alloc(readBytes);
  let erased = false;
  while (offset < size) {
    const count = segment.file.read(piece, Math.min(readBytes, size - offset), offset);
    if (count === 0) break;
    if (piece.compare(zeros, 0, count, 0, count) !== 0) {
      segment.file.write(zeros, count, offset);
      erased = true;
    }
    offset += count;
  }
  return erased;
}
