// Keys of history trees: the row's key, then its version's `from` descending, so that the newest
// closed version of a key comes first and "the version at a time" is one search.
//
//   key bytes, 00 escaped as 00 FF | 00 01 | 2^53 - 1 - from (7 bytes, big-endian)
//
// The terminator 00 01 sorts below an escaped 00 and below every other continuation, so history keys
// order exactly as the rows' keys do, whether or not one key is a prefix of another.

import type { CommitTimestamp, Key } from '../contract.ts';

const terminator = '\x00\x01';
const timeBytes = 7;
const zeroByte = /\x00/g;

function historyPrefix(key: Key): string {
  return (key.includes('\x00') ? key.replace(zeroByte, '\x00\xff') : key) + terminator;
}
export function historyKey(key: Key, from: CommitTimestamp): string {
  return historyPrefix(key) + descendingTime(from);
}
function descendingTime(from: CommitTimestamp): string {
  const complement = Number.MAX_SAFE_INTEGER - from;
  const high = Math.floor(complement / 0x100000000);
  const low = complement >>> 0;
  return String.fromCharCode(
    high >>> 16,
    (high >>> 8) & 255,
    high & 255,
    low >>> 24,
    (low >>> 16) & 255,
    (low >>> 8) & 255,
    low & 255,
  );
}

export function historyKeyFrom(stored: string): CommitTimestamp {
  let complement = 0;
  for (let i = stored.length - timeBytes; i < stored.length; i++) {
    complement = complement * 256 + stored.charCodeAt(i);
  }
  return Number.MAX_SAFE_INTEGER - complement;
}
export function historyKeyRow(stored: string): Key {
  const escaped = stored.slice(0, stored.length - timeBytes - terminator.length);
  return escaped.includes('\x00') ? escaped.replaceAll('\x00\xff', '\x00') : escaped;
}
/** Do two history keys belong to one row? */
export function sameHistoryRow(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  for (let i = a.length - timeBytes - 1; i >= 0; i--) {
    if (a.charCodeAt(i) !== b.charCodeAt(i)) return false;
  }
  return true;
}
/** A bound on rows' keys as a bound on history keys: all versions of `key` and above are at or above it. */
export function historyBound(key: Key | undefined): string | undefined {
  if (key === undefined) return undefined;
  return key.includes('\x00') ? key.replace(zeroByte, '\x00\xff') : key;
}
