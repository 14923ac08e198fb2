// Values that no transaction takes back: sequences, row ids, and the ids of trees and objects. They
// live in memory; the log gets a value that lies ahead, once per block, and recovery starts from it.
//
// Payloads, little-endian:
//   ids      0  4  next tree id        counter  0  4  counter id
//            4  4  next oid                     4  1  is called
//            8  4  tree (0: none)               5  8  last value, int64
//           12  8  next row id of that tree, float64

import { BuiltinOid } from '#common';
import type { CounterState, TreeId } from './contract.ts';
import { limits } from './limits.ts';
import { RecordKind } from './log/commit-log.ts';
import type { FlushMetadata } from './page-store.ts';

/** Smaller tree ids are the catalog's, which gives them out by hand. */
export const firstTreeId = 1024;

interface Counter {
  state: CounterState;
  /** What recovery would find. */
  logged: bigint;
}

interface RowIds {
  next: number;
  logged: number;
}

export class Counters {
  readonly #append: (kind: RecordKind, payload: Uint8Array) => void;
  readonly #counters = new Map<number, Counter>();
  readonly #rowIds = new Map<TreeId, RowIds>();
  #nextTreeId = firstTreeId;
  #loggedTreeId = firstTreeId;
  #nextOid: number = BuiltinOid.firstUserOid;
  #loggedOid: number = BuiltinOid.firstUserOid;

  constructor(
    metadata: FlushMetadata | undefined,
    append: (kind: RecordKind, payload: Uint8Array) => void,
  ) {
    this.#append = append;
    if (metadata === undefined) return;
    this.#passIds(metadata.nextTreeId, metadata.nextOid);
    for (const { id, lastValue, isCalled } of metadata.counters) {
      this.#restoreCounter(id, BigInt(lastValue), isCalled);
    }
    for (const { tree, next } of metadata.rowIds) this.#restoreRowIds(tree, next);
  }

  allocateTreeId(): TreeId {
    if (this.#nextTreeId >= this.#loggedTreeId) this.#logIds(limits.idBlock, 0);
    return this.#nextTreeId++;
  }

  allocateOid(): number {
    if (this.#nextOid >= this.#loggedOid) this.#logIds(0, limits.idBlock);
    return this.#nextOid++;
  }

  nextRowId(tree: TreeId): number {
    let ids = this.#rowIds.get(tree);
    if (ids === undefined) {
      ids = { next: 1, logged: 1 };
      this.#rowIds.set(tree, ids);
    }
    if (ids.next >= ids.logged) {
      const logged = ids.next + limits.rowIdBlock;
      this.#appendIds(this.#loggedTreeId, this.#loggedOid, tree, logged);
      ids.logged = logged;
    }
    return ids.next++;
  }

  read(id: number): CounterState | undefined {
    return this.#counters.get(id)?.state;
  }

  write(id: number, state: CounterState, logAhead: bigint | undefined): void {
    const counter = this.#counters.get(id);
    const isCovered =
      logAhead !== undefined &&
      counter !== undefined &&
      state.isCalled &&
      isBetween(state.lastValue, counter.state.lastValue, counter.logged);
    if (isCovered) {
      counter.state = state;
      return;
    }
    const logged = logAhead ?? state.lastValue;
    const payload = Buffer.allocUnsafe(13);
    payload.writeUInt32LE(id, 0);
    payload.writeUInt8(state.isCalled || logged !== state.lastValue ? 1 : 0, 4);
    payload.writeBigInt64LE(logged, 5);
    this.#append(RecordKind.counter, payload);
    this.#counters.set(id, { state, logged });
  }

  /** Takes over a record of the log. */
  replay(kind: RecordKind, payload: Uint8Array): void {
    const buffer = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    if (kind === RecordKind.counter) {
      const isCalled = buffer.readUInt8(4) !== 0;
      this.#restoreCounter(buffer.readUInt32LE(0), buffer.readBigInt64LE(5), isCalled);
      return;
    }
    this.#passIds(buffer.readUInt32LE(0), buffer.readUInt32LE(4));
    const tree = buffer.readUInt32LE(8);
    if (tree !== 0) this.#restoreRowIds(tree, buffer.readDoubleLE(12));
  }

  /** A tree in use: its id must not be given out again. */
  passTree(tree: TreeId): void {
    if (tree >= this.#nextTreeId) this.#passIds(tree + 1, this.#nextOid);
  }

  /**
   * For the flush: the state that recovery needs if the log before it is gone. Values are those that
   * were logged ahead, except after the last write (close), when the exact ones are safe.
   */
  snapshot(exact: boolean): Pick<FlushMetadata, 'nextTreeId' | 'nextOid' | 'counters' | 'rowIds'> {
    return {
      nextTreeId: exact ? this.#nextTreeId : this.#loggedTreeId,
      nextOid: exact ? this.#nextOid : this.#loggedOid,
      counters: [...this.#counters].map(([id, { state, logged }]) => ({
        id,
        lastValue: String(exact ? state.lastValue : logged),
        isCalled: state.isCalled || (!exact && logged !== state.lastValue),
      })),
      rowIds: [...this.#rowIds].map(([tree, ids]) => ({
        tree,
        next: exact ? ids.next : ids.logged,
      })),
    };
  }

  /** The counters of a dropped tree are forgotten. */
  dropTree(tree: TreeId): void {
    this.#rowIds.delete(tree);
  }

  #logIds(moreTrees: number, moreOids: number): void {
    const trees = Math.max(this.#loggedTreeId, this.#nextTreeId + moreTrees);
    const oids = Math.max(this.#loggedOid, this.#nextOid + moreOids);
    this.#appendIds(trees, oids, 0, 0);
    this.#loggedTreeId = trees;
    this.#loggedOid = oids;
  }

  #appendIds(trees: number, oids: number, tree: TreeId, nextRowId: number): void {
    const payload = Buffer.allocUnsafe(20);
    payload.writeUInt32LE(trees, 0);
    payload.writeUInt32LE(oids, 4);
    payload.writeUInt32LE(tree, 8);
    payload.writeDoubleLE(nextRowId, 12);
    this.#append(RecordKind.ids, payload);
  }

  #passIds(trees: number, oids: number): void {
    this.#nextTreeId = this.#loggedTreeId = Math.max(this.#nextTreeId, trees);
    this.#nextOid = this.#loggedOid = Math.max(this.#nextOid, oids);
  }

  #restoreCounter(id: number, lastValue: bigint, isCalled: boolean): void {
    this.#counters.set(id, { state: { lastValue, isCalled }, logged: lastValue });
  }

  #restoreRowIds(tree: TreeId, next: number): void {
    const known = this.#rowIds.get(tree)?.next ?? 0;
    if (next > known) this.#rowIds.set(tree, { next, logged: next });
  }
}

function isBetween(value: bigint, from: bigint, to: bigint): boolean {
  return from <= to ? from <= value && value <= to : to <= value && value <= from;
}
