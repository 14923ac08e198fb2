// tid: where a row lies, written as (block,offset). A value is the number block * 65536 + offset, so
// that numbers compare as positions do.

import type { ByteWriter } from '../byte-writer.ts';
import { compareIntegers } from '../compare.ts';
import { encodeInt8 } from '../key-values.ts';
import { expectLength, invalidInput, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from './contract.ts';

const offsetCount = 65536;
const blockCount = 4294967296;

export function tupleId(block: number, offset: number): number {
  return block * offsetCount + offset;
}

/** A negative block number is the one with the same 32 bits. */
function parseTupleId(text: string): number {
  const match = /^\s*\(\s*([-+]?\d+),\s*(\d+)\)/.exec(text);
  if (match === null) throw invalidInput('tid', text);
  const block = Number(match[1]);
  const offset = Number(match[2]);
  if (block >= blockCount || block < -blockCount / 2 || offset >= offsetCount)
    throw invalidInput('tid', text);
  return tupleId(block < 0 ? block + blockCount : block, offset);
}

function formatTupleId(value: number): string {
  return `(${Math.floor(value / offsetCount)},${value % offsetCount})`;
}

const storedBytes = 6;

function write(writer: ByteWriter, value: number): void {
  writer.int32(Math.floor(value / offsetCount) | 0);
  writer.int16(((value % offsetCount) << 16) >> 16);
}

export const tupleIdTypes: readonly AnyValueType[] = [
  valueType<number>({
    oid: TypeOid.tid,
    io: typeIo<number>({
      input: parseTupleId,
      output: formatTupleId,
      receive: (bytes) => {
        expectLength(bytes, storedBytes);
        return tupleId(bytes.readUInt32BE(0), bytes.readUInt16BE(4));
      },
      send: (value, writer) => write(writer, value),
    }),
    codec: {
      write,
      read: (buffer, start) => tupleId(buffer.readUInt32BE(start), buffer.readUInt16BE(start + 4)),
    },
    order: { compare: compareIntegers, hashKey: (value) => value, encodeKey: encodeInt8 },
  }),
];
