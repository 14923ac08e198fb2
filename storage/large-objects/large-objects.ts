// Large objects (PostgreSQL's manual, chapter 35): streams of bytes with an oid, an owner and rights, as
// rows of two trees that all databases share.
//
//   tree 3: database oid (4), object's oid (4)                   -> JSON {owner, acl?, comment?}
//   tree 4: database oid (4), object's oid (4), page number (4)  -> up to 2048 bytes
//
// Oids and page numbers are big-endian. Pages that were never written are left out and read as zeros; the
// last one says where the object ends. Whoever writes locks the rows that he touches.

import { type Key, RowLock, type ReadView, type Transaction, type TreeId } from '../contract.ts';

const objectTreeId: TreeId = 3;
const pageTreeId: TreeId = 4;
/** The trees whose former versions nobody asks for. */
export const largeObjectTrees: readonly TreeId[] = [objectTreeId, pageTreeId];

/** PostgreSQL's LOBLKSIZE: what pg_largeobject shows as a page. */
export const largeObjectPageBytes = 2048;
/** PostgreSQL's MAX_LARGE_OBJECT_SIZE. */
export const largeObjectBytesMax = 2147483647 * largeObjectPageBytes;

export interface LargeObjectFacts {
  readonly owner: number;
  readonly acl?: readonly string[];
  readonly comment?: string;
}

const latest: ReadView = { kind: 'latest' };

/** Those of one database, in one transaction. */
export class LargeObjects {
  private readonly transaction: Transaction;
  private readonly database: Key;

  constructor(transaction: Transaction, databaseOid: number) {
    this.transaction = transaction;
    this.database = fourBytes(databaseOid);
  }

  find(oid: number, view?: ReadView): LargeObjectFacts | undefined {
    const value = this.transaction.get(objectTreeId, this.keyOf(oid), view);
    return value === undefined ? undefined : decodeFacts(value);
  }

  /** The newest state, locked: nobody else changes or removes it before this transaction ends. */
  forUpdate(oid: number): LargeObjectFacts | undefined {
    this.lock(objectTreeId, this.keyOf(oid));
    return this.find(oid, latest);
  }

  put(oid: number, facts: LargeObjectFacts): void {
    this.transaction.put(objectTreeId, this.keyOf(oid), encodeFacts(facts));
  }

  /** With all its bytes. */
  remove(oid: number): void {
    this.transaction.remove(objectTreeId, this.keyOf(oid));
    this.removePages(oid, 0);
  }

  *all(): Iterable<{ readonly oid: number; readonly facts: LargeObjectFacts }> {
    const cursor = this.transaction.scan(objectTreeId, prefixBounds(this.database));
    try {
      while (cursor.next())
        yield { oid: numberAt(cursor.key, 4), facts: decodeFacts(cursor.value) };
    } finally {
      cursor.close();
    }
  }

  /** Of one object, or of all. */
  *pages(
    oid?: number,
  ): Iterable<{ readonly oid: number; readonly page: number; readonly data: Uint8Array }> {
    const prefix = oid === undefined ? this.database : this.keyOf(oid);
    const cursor = this.transaction.scan(pageTreeId, prefixBounds(prefix));
    try {
      while (cursor.next()) {
        const { key } = cursor;
        yield { oid: numberAt(key, 4), page: numberAt(key, 8), data: cursor.value.slice() };
      }
    } finally {
      cursor.close();
    }
  }

  size(oid: number, view?: ReadView): number {
    const bounds = prefixBounds(this.keyOf(oid));
    const cursor = this.transaction.scan(pageTreeId, bounds, {
      backward: true,
      ...(view === undefined ? {} : { view }),
    });
    try {
      if (!cursor.next()) return 0;
      return numberAt(cursor.key, 8) * largeObjectPageBytes + cursor.value.length;
    } finally {
      cursor.close();
    }
  }

  /** The bytes from an offset, fewer where the object ends. */
  read(oid: number, offset: number, length: number, view?: ReadView): Uint8Array {
    const end = Math.min(offset + length, this.size(oid, view));
    if (end <= offset) return new Uint8Array(0);
    const bytes = new Uint8Array(end - offset);
    const first = Math.floor(offset / largeObjectPageBytes);
    const last = Math.floor((end - 1) / largeObjectPageBytes);
    const cursor = this.transaction.scan(
      pageTreeId,
      { lower: this.pageKey(oid, first), upper: this.pageKey(oid, last + 1) },
      view === undefined ? {} : { view },
    );
    try {
      while (cursor.next()) {
        const start = numberAt(cursor.key, 8) * largeObjectPageBytes;
        const from = Math.max(offset - start, 0);
        const to = Math.min(cursor.value.length, end - start);
        if (to > from) bytes.set(cursor.value.subarray(from, to), start + from - offset);
      }
    } finally {
      cursor.close();
    }
    return bytes;
  }

  write(oid: number, offset: number, bytes: Uint8Array): void {
    let done = 0;
    while (done < bytes.length) {
      const at = offset + done;
      const page = Math.floor(at / largeObjectPageBytes);
      const start = at - page * largeObjectPageBytes;
      const count = Math.min(bytes.length - done, largeObjectPageBytes - start);
      const key = this.pageKey(oid, page);
      this.lock(pageTreeId, key);
      const before = this.transaction.get(pageTreeId, key, latest);
      const after = new Uint8Array(Math.max(start + count, before?.length ?? 0));
      if (before !== undefined) after.set(before);
      after.set(bytes.subarray(done, done + count), start);
      this.transaction.put(pageTreeId, key, after);
      done += count;
    }
  }

  /** Cuts off or, with zeros, fills up. */
  truncate(oid: number, length: number): void {
    const page = Math.floor(length / largeObjectPageBytes);
    const kept = length - page * largeObjectPageBytes;
    const size = this.size(oid, latest);
    this.removePages(oid, kept === 0 ? page : page + 1);
    if (length > size) {
      if (length > 0) this.write(oid, length - 1, new Uint8Array(1));
      return;
    }
    if (kept === 0) {
      // The last byte of the page before says where the object ends, if nothing else does.
      if (length > 0) this.write(oid, length - 1, this.lastByte(oid, length - 1));
      return;
    }
    const key = this.pageKey(oid, page);
    this.lock(pageTreeId, key);
    const before = this.transaction.get(pageTreeId, key, latest);
    const after = new Uint8Array(kept);
    if (before !== undefined) after.set(before.subarray(0, kept));
    this.transaction.put(pageTreeId, key, after);
  }

  private lastByte(oid: number, at: number): Uint8Array {
    const found = this.read(oid, at, 1, latest);
    return found.length === 1 ? found : new Uint8Array(1);
  }

  private removePages(oid: number, from: number): void {
    const { upper } = prefixBounds(this.keyOf(oid));
    const bounds = { lower: this.pageKey(oid, from), upper };
    const keys: Key[] = [];
    const cursor = this.transaction.scan(pageTreeId, bounds, { view: latest });
    try {
      while (cursor.next()) keys.push(cursor.key);
    } finally {
      cursor.close();
    }
    for (const key of keys) {
      this.lock(pageTreeId, key);
      this.transaction.remove(pageTreeId, key);
    }
  }

  private lock(tree: TreeId, key: Key): void {
    this.transaction.lock(tree, key, RowLock.update, { checkSnapshot: false });
  }

  private keyOf(oid: number): Key {
    return this.database + fourBytes(oid);
  }

  private pageKey(oid: number, page: number): Key {
    return this.keyOf(oid) + fourBytes(page);
  }
}

function fourBytes(value: number): Key {
  return String.fromCharCode(
    (value >>> 24) & 255,
    (value >>> 16) & 255,
    (value >>> 8) & 255,
    value & 255,
  );
}

function numberAt(key: Key, at: number): number {
  return (
    ((key.charCodeAt(at) << 24) |
      (key.charCodeAt(at + 1) << 16) |
      (key.charCodeAt(at + 2) << 8) |
      key.charCodeAt(at + 3)) >>>
    0
  );
}

/** All keys that begin so. An oid of all ones is never given. */
function prefixBounds(prefix: Key): { readonly lower: Key; readonly upper: Key } {
  const last = prefix.charCodeAt(prefix.length - 1);
  if (last < 255)
    return { lower: prefix, upper: prefix.slice(0, -1) + String.fromCharCode(last + 1) };
  return { lower: prefix, upper: prefixBounds(prefix.slice(0, -1)).upper };
}

function encodeFacts(facts: LargeObjectFacts): Uint8Array {
  return Buffer.from(JSON.stringify(facts), 'utf8');
}

function decodeFacts(value: Uint8Array): LargeObjectFacts {
  return JSON.parse(Buffer.from(value).toString('utf8')) as LargeObjectFacts;
}
