// Reads through an index in two steps: first the keys of the rows that some entries name, then the rows.

import type { Batch } from '#common';
import {
  type Key,
  type KeyBounds,
  openEnd,
  type ReadView,
  type TreeId,
  type VersionCursor,
} from '../contract.ts';
import type { LayeredReader } from '../page-store.ts';
import { type BatchShape, buildBatch, RowRun } from './column-batch.ts';
import type { RowKeyCursor, RowReader, TableScan } from './contract.ts';
import { entryRowKey } from './index-format.ts';
import { isBeforeIndex } from './index-scan.ts';

/** undefined: the index says nothing of the view's time. */
export function openEntryKeys(
  reader: RowReader & Partial<LayeredReader>,
  request: {
    readonly tree: TreeId;
    readonly bounds: KeyBounds;
    readonly view: ReadView | undefined;
  },
): RowKeyCursor | undefined {
  const { tree, bounds, view } = request;
  if (isBeforeIndex(reader, tree, view)) return undefined;
  return new EntryKeys(reader.scan(tree, bounds, view === undefined ? {} : { view }));
}

class EntryKeys implements RowKeyCursor {
  readonly #entries: VersionCursor;

  constructor(entries: VersionCursor) {
    this.#entries = entries;
  }
  next(): Key | undefined {
    const entries = this.#entries;
    return entries.next() ? entryRowKey(entries.key, entries.value) : undefined;
  }
  close(): void {
    this.#entries.close();
  }
}

/** Rows by a list of keys. */
export class KeyedScan implements TableScan {
  readonly #reader: RowReader;
  readonly #keys: readonly Key[];
  readonly #rowTree: TreeId;
  readonly #view: ReadView | undefined;
  readonly #shape: BatchShape;
  #position = 0;

  constructor(
    reader: RowReader,
    request: {
      readonly keys: readonly Key[];
      readonly rowTree: TreeId;
      readonly view: ReadView | undefined;
      readonly shape: BatchShape;
    },
  ) {
    this.#reader = reader;
    this.#keys = request.keys;
    this.#rowTree = request.rowTree;
    this.#view = request.view;
    this.#shape = request.shape;
  }
  nextBatch(maxRows: number): Batch | undefined {
    const run = new RowRun(this.#shape.sources);
    if (this.#view?.kind === 'range') return this.#nextVersions(run, maxRows, this.#view);
    while (run.length < maxRows && this.#position < this.#keys.length) {
      const key = this.#keys[this.#position++];
      const tuple = this.#reader.get(this.#rowTree, key, this.#view);
      if (tuple === undefined) continue;
      if (run.keys !== undefined) run.keys.push(key);
      if (run.froms !== undefined) {
        run.froms.push(this.#reader.lastReadFrom);
        run.tos!.push(openEnd);
      }
      const copy = Buffer.from(tuple);
      run.tuples.push(copy, 0, copy.length);
    }
    return run.length === 0 ? undefined : buildBatch(this.#shape, run);
  }
  /** A view of versions shows when each ended. */
  #nextVersions(run: RowRun, maxRows: number, view: ReadView): Batch | undefined {
    while (run.length < maxRows && this.#position < this.#keys.length) {
      const key = this.#keys[this.#position++];
      const versions = this.#reader.scan(
        this.#rowTree,
        { lower: key, upper: `${key}\0` },
        { view },
      );
      while (versions.next()) {
        run.keys?.push(key);
        run.froms?.push(versions.from);
        run.tos?.push(versions.to);
        const copy = Buffer.from(versions.value);
        run.tuples.push(copy, 0, copy.length);
      }
      versions.close();
    }
    return run.length === 0 ? undefined : buildBatch(this.#shape, run);
  }
  close(): void {
    this.#position = this.#keys.length;
  }
}
