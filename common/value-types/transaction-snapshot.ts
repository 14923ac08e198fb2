// pg_snapshot and txid_snapshot: which transactions a moment sees, as "xmin:xmax:xip,xip…" (manual, 9.27.10).
// All below xmin are over, xmax and later have not begun, those listed were in progress. The value is its
// canonical text.

import { databaseError, type DatabaseError } from '../errors.ts';
import { typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from './contract.ts';

export interface SnapshotParts {
  readonly xmin: bigint;
  readonly xmax: bigint;
  /** Ascending. */
  readonly inProgress: readonly bigint[];
}

const largest = (1n << 63n) - 1n;

export function snapshotParts(text: string): SnapshotParts {
  const [xmin, xmax, list] = text.split(':');
  return {
    xmin: BigInt(xmin),
    xmax: BigInt(xmax),
    inProgress: list === '' ? [] : list.split(',').map(BigInt),
  };
}

function parseSnapshot(typeName: string, text: string): string {
  const match = /^(\d{1,20}):(\d{1,20}):((?:\d{1,20}(?:,\d{1,20})*)?)$/.exec(text);
  if (match === null) throw invalidSnapshot(typeName, text);
  const parts = snapshotParts(text);
  if (!isOrdered(parts)) throw invalidSnapshot(typeName, text);
  return snapshotText(parts);
}

function isOrdered({ xmin, xmax, inProgress }: SnapshotParts): boolean {
  if (xmin === 0n || xmax < xmin || xmax > largest) return false;
  return inProgress.every(
    (id, at) => id >= xmin && id < xmax && (at === 0 || id >= inProgress[at - 1]),
  );
}

function snapshotText({ xmin, xmax, inProgress }: SnapshotParts): string {
  return `${xmin}:${xmax}:${[...new Set(inProgress)].join(',')}`;
}

function invalidSnapshot(typeName: string, text: string): DatabaseError {
  return databaseError(
    'invalidTextRepresentation',
    `invalid input syntax for type ${typeName}: "${text}"`,
  );
}

/** nxip int4, xmin int8, xmax int8, then nxip × int8. */
function receiveSnapshot(bytes: Buffer): string {
  const count = bytes.length < 20 ? -1 : bytes.readInt32BE(0);
  if (count < 0 || bytes.length !== 20 + 8 * count) throw invalidSnapshotData();
  const at = (place: number): bigint => bytes.readBigInt64BE(4 + 8 * place);
  const inProgress = Array.from({ length: count }, (_, place) => at(place + 2));
  const parts = { xmin: at(0), xmax: at(1), inProgress };
  if (!isOrdered(parts)) throw invalidSnapshotData();
  return snapshotText(parts);
}

function invalidSnapshotData(): DatabaseError {
  return databaseError('invalidBinaryRepresentation', 'invalid external pg_snapshot data');
}

function snapshotType(oid: number): AnyValueType {
  return valueType<string>({
    oid,
    io: typeIo<string>({
      input: (text) => parseSnapshot('pg_snapshot', text),
      output: (value) => value,
      receive: receiveSnapshot,
      send: (value, writer) => {
        const { xmin, xmax, inProgress } = snapshotParts(value);
        writer.int32(inProgress.length);
        for (const id of [xmin, xmax, ...inProgress]) writer.int64(id);
      },
    }),
  });
}

export const snapshotTypes: readonly AnyValueType[] = [
  snapshotType(TypeOid.pg_snapshot),
  snapshotType(TypeOid.txid_snapshot),
];
