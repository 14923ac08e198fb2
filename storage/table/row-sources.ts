// What the sources of one scan or point read need, worked out once: columns, times, keys.

import { type Datum, tupleHeader, tupleId, TypeOid } from '#common';
import { type CommitTimestamp, type Key, openEnd, type ReadView } from '../contract.ts';
import type { PseudoColumn, RowSource } from './contract.ts';
import type { RowFormat } from './row-format.ts';
import { hiddenRowId } from './row-id.ts';

/** Microseconds from 1970-01-01 to 2000-01-01, where SQL's timestamps start. */
export const epochDifference = 946_684_800_000_000;
/** Versions from here on are a transaction's own, not committed yet. */
const uncommittedFrom: CommitTimestamp = openEnd - 1;

/** A row as its reader met it. */
export interface RowVersionFacts {
  readonly buffer: Buffer;
  readonly start: number;
  readonly end: number;
  readonly key: Key;
  readonly from: CommitTimestamp;
  readonly to: CommitTimestamp;
}

export function needsKeys(sources: readonly RowSource[]): boolean {
  return sources.some(
    (source) => source.kind === 'rowKey' || (source.kind === 'pseudo' && source.name === 'ctid'),
  );
}
export function needsTimes(sources: readonly RowSource[]): boolean {
  return sources.some((source) => source.kind === 'pseudo' && source.name.startsWith('_'));
}

/**
 * A cursor over a moment does not know when a version ended, a cursor over a period does: when the end
 * is asked for, the moment becomes a period without length.
 */
export function viewWithEnds(
  view: ReadView | undefined,
  sources: readonly RowSource[],
): ReadView | undefined {
  if (view === undefined || view.kind !== 'asOf' || !needsEnds(sources)) return view;
  return { kind: 'range', from: view.at, to: view.at, inclusive: true };
}
export function needsEnds(sources: readonly RowSource[]): boolean {
  return sources.some((source) => source.kind === 'pseudo' && source.name === '_tx_to');
}

/** One source of one row. `startTimestamp` stands in for the commit time of a transaction's own writes. */
export function sourceValue(
  format: RowFormat,
  tableOid: number,
  source: RowSource,
  row: RowVersionFacts,
  startTimestamp: number,
): Datum {
  if (source.kind === 'attribute') {
    return format.readAttribute(row.buffer, row.start, row.end, source.attributeNumber);
  }
  if (source.kind === 'rowKey') return row.key;
  switch (source.name) {
    case '_tx_from':
      return sqlTimestamp(row.from, startTimestamp);
    case '_tx_to':
      return sqlTimestamp(row.to, startTimestamp);
    case '_valid_from':
      return sqlTimestamp(tupleHeader(row.buffer, row.start).validFrom ?? row.from, startTimestamp);
    case '_valid_to':
      return sqlTimestamp(tupleHeader(row.buffer, row.start).validTo ?? openEnd, startTimestamp);
    case 'tableoid':
      return tableOid;
    case 'ctid':
      return tupleIdentifier(format, row.key);
    case 'xmin':
      return versionNumber(row);
    case 'xmax':
    case 'cmin':
    case 'cmax':
      return 0;
  }
}

/** The type of a pseudo-column's values. */
export function pseudoType(name: PseudoColumn): number {
  return pseudoTypes[name];
}

const pseudoTypes: Readonly<Record<PseudoColumn, number>> = {
  _tx_from: TypeOid.timestamptz,
  _tx_to: TypeOid.timestamptz,
  _valid_from: TypeOid.timestamptz,
  _valid_to: TypeOid.timestamptz,
  tableoid: TypeOid.oid,
  ctid: TypeOid.tid,
  xmin: TypeOid.xid,
  xmax: TypeOid.xid,
  cmin: TypeOid.cid,
  cmax: TypeOid.cid,
};

function sqlTimestamp(time: CommitTimestamp, startTimestamp: number): number {
  if (time === openEnd) return Infinity;
  return (time === uncommittedFrom ? startTimestamp : time) - epochDifference;
}

/** As many as PostgreSQL puts on a page when they are short. */
const rowsPerBlock = 226;

/** A (block,offset) that tells the rows of a table apart: from the hidden row id, or a hash of the key. */
function tupleIdentifier(format: RowFormat, key: Key): number {
  if (format.hiddenKey) {
    const place = hiddenRowId(key) - 1;
    return tupleId(Math.floor(place / rowsPerBlock), (place % rowsPerBlock) + 1);
  }
  let high = 0x811c9dc5;
  let low = 0x1234567;
  for (let i = 0; i < key.length; i++) {
    high = Math.imul(high ^ key.charCodeAt(i), 0x01000193);
    low = Math.imul(low + key.charCodeAt(i), 0x5bd1e995);
    low ^= low >>> 13;
  }
  return tupleId(high >>> 0, ((low >>> 0) % 65535) + 1);
}

/** The first number that PostgreSQL gives a transaction of a user. */
const firstVersionNumber = 3;

/**
 * xmin: transactions have no numbers here, so it is made from what the version says. It is the same
 * before and after the commit, and another one once the row has changed, which is what clients compare.
 */
function versionNumber({ buffer, start, end }: RowVersionFacts): number {
  let hash = 0x811c9dc5;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ buffer[i], 0x01000193);
  hash ^= hash >>> 15;
  return Math.max(firstVersionNumber, hash >>> 0);
}
