// Builds a fresh tree bottom-up from records that arrive in buffers, in the writer thread. Records in
// key order go straight into full leaves. The first record out of order starts sorted runs
// (sorted-runs.ts), which are merged into the tree at the end.
//
// Pages are written in synced LMDB transactions of some megabytes. Until finish() writes the root
// record nothing points at them; the ids that each transaction used are noted in `state`, so that a
// crash in mid-load leaves no garbage (discardUnfinishedLoads).

import { asBuffer } from '#common';
import type { TreeId } from '../contract.ts';
import { EntryKind, EntryList, inlineValueBytesMax } from './page-format.ts';
import type { LeafRecord } from './leaf-filler.ts';
import { LevelFiller } from './level-filler.ts';
import { type PageEnvironment, readCounters, writeCounters } from './page-environment.ts';
import { PageTreeWriter } from './page-tree-writer.ts';
import { removeSegments } from './segment-directory.ts';
import { LoadReader, type LoadRecords, SortedRuns } from './sorted-runs.ts';
import { type ChangeNotice, currentSlot, hidden, unadopted } from './tree-root.ts';

/** Input gathered for one LMDB transaction. */
const transactionInputBytes = 24 * 1024 * 1024;
/** Sorted entries applied to an existing tree at a time. */
const editsPerTransaction = 50_000;
/** Keys of `state` from here on note what unfinished loads wrote. */
const firstLoadKey = 1000;

/** Structured-cloneable. */
export interface LoadResult {
  readonly rows: number;
  readonly duplicate: string | undefined;
  readonly notice: ChangeNotice;
}

/** Half-open ranges of ids. */
interface UsedIds {
  readonly pages: [number, number][];
  readonly chunks: [number, number][];
}

export interface LoadOptions {
  readonly tree: TreeId;
  /** Unique in the life of the writer thread. */
  readonly loadNumber: number;
  /** Nobody reads the tree before it is adopted. */
  readonly hidden: boolean;
  readonly spillDirectory: string;
}

export class TreeLoader {
  readonly #environment: PageEnvironment;
  readonly #tree: TreeId;
  readonly #slot: number;
  readonly #bulkTimestamp: number;
  readonly #stateKey: number;
  readonly #used: UsedIds = { pages: [], chunks: [] };
  readonly #changed = { innerPages: [] as number[], treeSlots: [] as number[] };
  readonly #runs: SortedRuns;
  readonly #filler: LevelFiller;
  /** The last record that was added in order. */
  readonly #last = new SortedRecord();
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  #sorted = true;
  #duplicate: string | undefined;
  #rows = 0;
  #valueBytes = 0;

  constructor(environment: PageEnvironment, options: LoadOptions) {
    this.#environment = environment;
    this.#tree = options.tree;
    this.#slot = currentSlot(options.tree);
    this.#bulkTimestamp = options.hidden ? hidden : unadopted;
    this.#stateKey = firstLoadKey + options.loadNumber;
    this.#runs = new SortedRuns(options.spillDirectory, `load-${options.loadNumber}`);
    this.#filler = new LevelFiller(environment, this.#slot);
  }

  add(bytes: Uint8Array): void {
    if (!this.#sorted) {
      this.#runs.add(bytes);
      return;
    }
    this.#waiting.push(bytes);
    this.#waitingBytes += bytes.length;
    if (this.#waitingBytes >= transactionInputBytes)
      this.#transaction((writer) => this.#drain(writer));
  }
  finish(): LoadResult {
    this.#transaction((writer) => {
      this.#drain(writer);
      this.#closeSortedPart(writer);
    });
    if (!this.#sorted) this.#mergeRuns();
    if (this.#duplicate !== undefined) this.abort();
    this.#runs.close();
    const sequence = this.#complete();
    return { rows: this.#rows, duplicate: this.#duplicate, notice: { ...this.#changed, sequence } };
  }
  abort(): void {
    this.#runs.close();
    this.#waiting = [];
    this.#environment.root.transactionSync(() => {
      void this.#environment.roots.remove(this.#slot);
      removeIds(this.#environment, this.#used);
      void this.#environment.state.remove(this.#stateKey);
    });
  }

  #drain(writer: PageTreeWriter): void {
    for (const bytes of this.#waiting) {
      if (this.#sorted) this.#addSorted(writer, bytes);
      else this.#runs.add(bytes);
    }
    this.#waiting = [];
    this.#waitingBytes = 0;
  }
  #addSorted(writer: PageTreeWriter, bytes: Uint8Array): void {
    const reader = new LoadReader(bytes);
    const last = this.#last;
    while (reader.nextBytes()) {
      if (this.#rows > 0 && !last.isBefore(reader)) {
        this.#sorted = false;
        this.#runs.add(bytes.subarray(reader.recordStart));
        return;
      }
      this.#rows++;
      this.#valueBytes += reader.end - reader.start;
      last.moveTo(reader);
      if (reader.end - reader.start > inlineValueBytesMax)
        last.refer(asBuffer(writer.writeLarge(reader.source, reader.start, reader.end)));
      this.#filler.add(last);
    }
  }

  /** Writes the levels above the leaves and the root record, which makes the tree readable. */
  #closeSortedPart(writer: PageTreeWriter): void {
    const top = this.#filler.finish();
    if (top === undefined) return;
    writer.writeRoot(this.#slot, {
      ...top,
      rows: this.#rows,
      valueBytes: this.#valueBytes,
      bulkTimestamp: this.#bulkTimestamp,
    });
  }
  #mergeRuns(): void {
    const merge = this.#runs.merge();
    let more = merge.next();
    while (more && this.#duplicate === undefined) {
      this.#transaction((writer) => {
        const edits = new EntryList();
        while (more && edits.length < editsPerTransaction) {
          if (merge.key === edits.keys.at(-1)) this.#duplicate = merge.key;
          pushRecord(writer, merge, edits);
          more = merge.next();
        }
        if (this.#duplicate !== undefined) return;
        this.#rows += edits.length;
        writer.apply(this.#slot, edits, (edit, _old, position) => {
          if (position !== undefined) this.#duplicate = edits.keys[edit];
        });
      });
    }
  }
  /** The tree is complete; from here on it is unadopted rather than unfinished. */
  #complete(): number {
    return this.#environment.root.transactionSync(() => {
      void this.#environment.state.remove(this.#stateKey);
      const counters = readCounters(this.#environment);
      counters.sequence++;
      // Segments of a tree that was empty again know nothing of these rows.
      const writer = new PageTreeWriter(this.#environment, counters, this.#changed);
      const { sequence } = counters;
      removeSegments({ environment: this.#environment, writer, sequence }, this.#tree);
      writeCounters(this.#environment, counters);
      return counters.sequence;
    });
  }

  /** One synced LMDB transaction with a note of the ids that it used. */
  #transaction(write: (writer: PageTreeWriter) => void): void {
    const environment = this.#environment;
    environment.root.transactionSync(() => {
      const counters = readCounters(environment);
      const firstPage = counters.nextPageId;
      const firstChunk = counters.nextChunkId;
      this.#filler.counters = counters;
      write(new PageTreeWriter(environment, counters, this.#changed));
      if (counters.nextPageId > firstPage) this.#used.pages.push([firstPage, counters.nextPageId]);
      if (counters.nextChunkId > firstChunk)
        this.#used.chunks.push([firstChunk, counters.nextChunkId]);
      writeCounters(environment, counters);
      void environment.state.put(this.#stateKey, Buffer.from(JSON.stringify(this.#used)));
    });
  }
}

/** Where a record of a sorted load lies: one object for all of them. */
class SortedRecord implements LeafRecord {
  source: Buffer = Buffer.alloc(0);
  keyStart = 0;
  keyEnd = 0;
  valueSource: Buffer = this.source;
  valueStart = 0;
  valueEnd = 0;
  isLarge = false;

  moveTo(reader: LoadReader): void {
    this.source = reader.source;
    this.keyStart = reader.keyStart;
    this.keyEnd = reader.start;
    this.valueSource = reader.source;
    this.valueStart = reader.start;
    this.valueEnd = reader.end;
    this.isLarge = false;
  }
  /** The value is elsewhere; its reference takes its place. */
  refer(reference: Buffer): void {
    this.valueSource = reference;
    this.valueStart = 0;
    this.valueEnd = reference.length;
    this.isLarge = true;
  }
  /** Is this key less than the next one? */
  isBefore(next: LoadReader): boolean {
    const { source, keyStart, keyEnd } = this;
    const length = keyEnd - keyStart;
    const nextLength = next.start - next.keyStart;
    const common = length < nextLength ? length : nextLength;
    for (let index = 0; index < common; index++) {
      const difference = source[keyStart + index] - next.source[next.keyStart + index];
      if (difference !== 0) return difference < 0;
    }
    return length < nextLength;
  }
}

function pushRecord(writer: PageTreeWriter, record: LoadRecords, into: EntryList): void {
  if (record.end - record.start > inlineValueBytesMax) {
    const reference = writer.writeLarge(record.source, record.start, record.end);
    into.push(record.key, 0, reference, 0, reference.length, EntryKind.large);
  } else {
    into.push(record.key, 0, record.source, record.start, record.end, EntryKind.inline);
  }
}

function removeIds(environment: PageEnvironment, used: UsedIds): void {
  for (const [first, end] of used.pages) {
    for (let id = first; id < end; id++) void environment.pages.remove(id);
  }
  for (const [first, end] of used.chunks) {
    for (let id = first; id < end; id++) void environment.large.remove(id);
  }
}

/** After a crash: removes what loads wrote that never finished. */
export function discardUnfinishedLoads(environment: PageEnvironment): void {
  const keys = [...environment.state.getKeys({ start: firstLoadKey })];
  if (keys.length === 0) return;
  environment.root.transactionSync(() => {
    for (const key of keys) {
      const noted = environment.state.getBinary(key);
      if (noted !== undefined) removeIds(environment, JSON.parse(noted.toString()) as UsedIds);
      void environment.state.remove(key);
    }
    for (const slot of environment.roots.getKeys()) {
      const root = environment.roots.getBinary(slot);
      if (root !== undefined && environment.pages.getBinary(root.readUInt32LE(0)) === undefined) {
        void environment.roots.remove(slot);
      }
    }
  });
}
