// Opens column scans: cuts a table into morsels and reads each from where its rows are.

import type { CommitTimestamp, Key, KeyBounds, ReadView } from '../contract.ts';
import type { LayeredReader, SegmentLayers } from '../page-store.ts';
import type { BatchShape } from '../table/column-batch.ts';
import type { RowReader, TableAccess } from '../table/contract.ts';
import { viewWithEnds } from '../table/row-sources.ts';
import { scanShape } from '../table/table-access.ts';
import type { BlockCursor, ColumnScan, ColumnScanRequest } from './contract.ts';
import { RowStoreCursor } from './row-store-cursor.ts';
import { ScanCounts } from './scan-counts.ts';
import { openSegmentEntry } from './segment-cursor.ts';
import { segmentsHave } from './segment-sources.ts';

const morselRows = 65536;

type Reader = RowReader & Partial<LayeredReader>;

/** Scans the table as the reader (a transaction, or an executor thread's snapshot) sees it. */
export function openColumnScan(
  reader: Reader,
  access: TableAccess,
  request: ColumnScanRequest,
): ColumnScan {
  const shape = scanShape(access, reader, request.sources);
  const layers = segmentsHave(request.sources) ? reader.openSegments?.(shape.treeId) : undefined;
  const at = layers === undefined ? undefined : momentOf(layers, request.view);
  if (layers === undefined || at === undefined) {
    return new RowStoreScan(reader, shape, viewWithEnds(request.view, request.sources));
  }
  const counts = new ScanCounts();
  const { conditions, view } = request;
  const scan = { reader, access, shape, conditions, layers, at, view, counts };
  return new MorselScan(counts, layers.directory.entries.length, (position) =>
    openSegmentEntry(scan, position),
  );
}

/** The moment that the view shows; undefined: segments do not serve it. */
function momentOf(layers: SegmentLayers, view: ReadView | undefined): CommitTimestamp | undefined {
  if (view === undefined || view.kind === 'statement') return layers.at;
  return view.kind === 'asOf' ? Math.min(view.at, layers.at) : undefined;
}

class MorselScan implements ColumnScan {
  readonly statistics: ScanCounts;
  readonly morselCount: number;
  readonly #openMorsel: (morsel: number) => BlockCursor;
  readonly #open = new Set<BlockCursor>();

  constructor(
    statistics: ScanCounts,
    morselCount: number,
    openMorsel: (morsel: number) => BlockCursor,
  ) {
    this.statistics = statistics;
    this.morselCount = morselCount;
    this.#openMorsel = openMorsel;
  }
  openMorsel(morsel: number): BlockCursor {
    const cursor = this.#openMorsel(morsel);
    this.#open.add(cursor);
    return cursor;
  }
  close(): void {
    for (const cursor of this.#open) cursor.close();
    this.#open.clear();
  }
}

class RowStoreScan extends MorselScan {
  constructor(reader: Reader, shape: BatchShape, view: ReadView | undefined) {
    const counts = new ScanCounts();
    const tree = shape.treeId;
    const bounds = pieces(reader.splitKeys?.(tree, morselRows) ?? []);
    super(
      counts,
      bounds.length,
      (morsel) => new RowStoreCursor(reader, { tree, bounds: bounds[morsel], view, shape }, counts),
    );
  }
}

/** The ranges between the keys. */
function pieces(keys: readonly Key[]): KeyBounds[] {
  const ends: (Key | undefined)[] = [...keys, undefined];
  return ends.map((upper, i) => ({ lower: i === 0 ? undefined : ends[i - 1], upper }));
}
