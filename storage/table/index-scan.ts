// Scans through a secondary index: entries in index order, rows fetched by key, unless every source can
// be read from the entry itself. Views of a moment before the index was built, views of many versions, and
// snapshots that began before, are answered from the row tree instead: the index says nothing of what was
// before it.

import { type Batch, type Column, type Datum, genericColumn } from '#common';
import {
  type Key,
  type KeyBounds,
  type ReadView,
  type TreeId,
  type VersionCursor,
  openEnd,
} from '../contract.ts';
import { catalogTreeId, indexBirthKey } from '../catalog/catalog-rows.ts';
import { type BatchShape, buildBatch, RowRun } from './column-batch.ts';
import type { LayeredReader } from '../page-store.ts';
import type { RowReader, RowSource, TableScan } from './contract.ts';
import { entryRowKey, type IndexFormat } from './index-format.ts';

export interface IndexScanRequest {
  readonly index: IndexFormat;
  readonly rowTree: TreeId;
  readonly bounds: KeyBounds;
  readonly backward: boolean;
  readonly view: ReadView | undefined;
  readonly shape: BatchShape;
}

export function openIndexScan(
  reader: RowReader & Partial<LayeredReader>,
  request: IndexScanRequest,
): TableScan {
  const { view, index, bounds, backward } = request;
  const tree = index.index.treeId;
  if (isBeforeIndex(reader, tree, view)) return new PastIndexScan(reader, request);
  const entries = reader.scan(tree, bounds, view === undefined ? { backward } : { backward, view });
  return isCovered(index, request.shape.sources)
    ? new CoveringScan(entries, request)
    : new FetchingScan(entries, reader, request);
}

/** Does the view show rows as they were before anybody can say that the index had them? */
export function isBeforeIndex(
  reader: RowReader & Partial<LayeredReader>,
  tree: TreeId,
  view: ReadView | undefined,
): boolean {
  if (view?.kind === 'range') return true;
  if (view?.kind === 'asOf') {
    if (reader.isYounger === undefined || reader.isYounger(tree, view.at)) return true;
    return reader.get(catalogTreeId, indexBirthKey(tree), view) === undefined;
  }
  return view?.kind !== 'latest' && reader.isYounger?.(tree) === true;
}

function isCovered(index: IndexFormat, sources: readonly RowSource[]): boolean {
  return sources.every(
    (source) =>
      source.kind === 'rowKey' ||
      (source.kind === 'attribute' && index.readable.has(source.attributeNumber)) ||
      (source.kind === 'pseudo' && source.name === 'tableoid'),
  );
}

class FetchingScan implements TableScan {
  readonly #entries: VersionCursor;
  readonly #reader: RowReader;
  readonly #request: IndexScanRequest;

  constructor(entries: VersionCursor, reader: RowReader, request: IndexScanRequest) {
    this.#entries = entries;
    this.#reader = reader;
    this.#request = request;
  }
  nextBatch(maxRows: number): Batch | undefined {
    const { shape, rowTree, view } = this.#request;
    const run = new RowRun(shape.sources);
    const entries = this.#entries;
    while (run.length < maxRows && entries.next()) {
      const rowKey = entryRowKey(entries.key, entries.value);
      const tuple = this.#reader.get(rowTree, rowKey, view);
      // Entry and row are written by one commit, so a visible entry has its row.
      if (tuple === undefined) continue;
      if (run.keys !== undefined) run.keys.push(rowKey);
      if (run.froms !== undefined) {
        run.froms.push(this.#reader.lastReadFrom);
        run.tos!.push(openEnd);
      }
      const copy = Buffer.from(tuple);
      run.tuples.push(copy, 0, copy.length);
    }
    return run.length === 0 ? undefined : buildBatch(shape, run);
  }
  close(): void {
    this.#entries.close();
  }
}

class CoveringScan implements TableScan {
  readonly #entries: VersionCursor;
  readonly #request: IndexScanRequest;

  constructor(entries: VersionCursor, request: IndexScanRequest) {
    this.#entries = entries;
    this.#request = request;
  }
  nextBatch(maxRows: number): Batch | undefined {
    const { index, shape } = this.#request;
    const { sources } = shape;
    const positions = sources.map((source) =>
      source.kind === 'attribute' ? index.readable.get(source.attributeNumber)! : -1,
    );
    const columns: Datum[][] = sources.map(() => []);
    const decodes = positions.some((position) => position >= 0);
    const entries = this.#entries;
    let length = 0;
    for (; length < maxRows && entries.next(); length++) {
      const { key } = entries;
      const values = decodes ? index.codec.decode(key) : [];
      for (let i = 0; i < sources.length; i++) {
        const position = positions[i];
        columns[i].push(
          position >= 0
            ? values[position]!
            : sources[i].kind === 'rowKey'
              ? entryRowKey(key, entries.value)
              : shape.tableOid,
        );
      }
    }
    return length === 0
      ? undefined
      : { length, columns: columns.map((values): Column => genericColumn(values)) };
  }
  close(): void {
    this.#entries.close();
  }
}

interface PastRow {
  readonly entryKey: Key;
  readonly rowKey: Key;
  readonly tuple: Buffer;
  readonly from: number;
  readonly to: number;
}

/** All row versions of the view whose index key lies in the bounds, in index order. */
class PastIndexScan implements TableScan {
  readonly #reader: RowReader;
  readonly #request: IndexScanRequest;
  #rows: PastRow[] | undefined;
  #position = 0;

  constructor(reader: RowReader, request: IndexScanRequest) {
    this.#reader = reader;
    this.#request = request;
  }
  nextBatch(maxRows: number): Batch | undefined {
    this.#rows ??= this.#collect();
    const { shape } = this.#request;
    const run = new RowRun(shape.sources);
    while (run.length < maxRows && this.#position < this.#rows.length) {
      const row = this.#rows[this.#position++];
      run.keys?.push(row.rowKey);
      run.froms?.push(row.from);
      run.tos?.push(row.to);
      run.tuples.push(row.tuple, 0, row.tuple.length);
    }
    return run.length === 0 ? undefined : buildBatch(shape, run);
  }
  #collect(): PastRow[] {
    const { index, rowTree, bounds, backward, view, shape } = this.#request;
    const { lower, upper } = bounds;
    const rows: PastRow[] = [];
    const everything = { lower: undefined, upper: undefined };
    const versions = this.#reader.scan(rowTree, everything, view === undefined ? {} : { view });
    while (versions.next()) {
      const rowKey = versions.key;
      const row = shape.format.decode(versions.value);
      const entry = index.entry(row, rowKey);
      if (entry === undefined) continue;
      if ((lower !== undefined && entry.key < lower) || (upper !== undefined && entry.key >= upper))
        continue;
      const tuple = Buffer.from(versions.value);
      rows.push({ entryKey: entry.key, rowKey, tuple, from: versions.from, to: versions.to });
    }
    versions.close();
    rows.sort((a, b) =>
      a.entryKey < b.entryKey ? -1 : a.entryKey > b.entryKey ? 1 : a.from - b.from,
    );
    return backward ? rows.toReversed() : rows;
  }
  close(): void {
    this.#rows = [];
  }
}
