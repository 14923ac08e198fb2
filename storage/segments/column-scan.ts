// Opens column scans: cuts a table into morsels and reads each from where its rows are.

import { join } from 'node:path';
import type { Key, KeyBounds, ReadView } from '../contract.ts';
import type { LayeredReader, SegmentLayers } from '../page-store.ts';
import type { BatchShape } from '../table/column-batch.ts';
import type { RowReader, RowSource, TableAccess } from '../table/contract.ts';
import { viewWithEnds } from '../table/row-sources.ts';
import { scanShape } from '../table/table-access.ts';
import { openSegment } from './block-cache.ts';
import { columnBounds } from './column-bounds.ts';
import { DamagedSegment } from './damaged-segment.ts';
import type { BlockCursor, ColumnBounds, ColumnScan, ColumnScanRequest } from './contract.ts';
import { RowStoreCursor } from './row-store-cursor.ts';
import { ScanCounts } from './scan-counts.ts';
import { openSegmentEntry } from './segment-cursor.ts';
import { segmentsHave } from './segment-sources.ts';
import { WantedRows } from './wanted-rows.ts';

const morselRows = 65536;

type Reader = RowReader & Partial<LayeredReader>;

/** Scans the table as the reader (a transaction, or an executor thread's snapshot) sees it. */
export function openColumnScan(
  reader: Reader,
  access: TableAccess,
  request: ColumnScanRequest,
): ColumnScan {
  const shape = scanShape(access, reader, request.sources);
  const layers = openLayers(reader, shape, request);
  if (layers === undefined) {
    return new RowStoreScan(reader, shape, viewWithEnds(request.view, request.sources));
  }
  const counts = new ScanCounts();
  const { conditions, sources, view } = request;
  const wanted = new WantedRows(layers, { sources, wanted: request.wanted ?? [] });
  const scan = { reader, access, shape, conditions, wanted, layers, view, counts };
  return new MorselScan(counts, {
    morselCount: layers.directory.entries.length,
    openMorsel: (position) => openSegmentEntry(scan, position),
    boundsOf: (column) => boundsIn(layers, sources[column]),
    close: () => layers.close(),
  });
}

/** undefined: segments do not serve the request. */
function openLayers(
  reader: Reader,
  shape: BatchShape,
  { sources, view }: ColumnScanRequest,
): SegmentLayers | undefined {
  if (!segmentsHave(sources)) return undefined;
  if (view === undefined || view.kind === 'statement') {
    return reader.openSegments?.(shape.treeId, undefined);
  }
  return view.kind === 'asOf' ? reader.openSegments?.(shape.treeId, view.at) : undefined;
}

interface MorselSource {
  readonly morselCount: number;
  openMorsel(morsel: number): BlockCursor;
  boundsOf(column: number): ColumnBounds | undefined;
  close(): void;
}

/** Damage is told by who reads the rows. */
function boundsIn(
  { directory, folder }: SegmentLayers,
  source: RowSource,
): ColumnBounds | undefined {
  if (source.kind !== 'attribute') return undefined;
  try {
    const files = directory.entries.flatMap(({ current }) =>
      current === undefined ? [] : [openSegment(join(folder, current))],
    );
    return columnBounds(files, source.attributeNumber);
  } catch (error) {
    if (error instanceof DamagedSegment) return undefined;
    throw error;
  }
}

class MorselScan implements ColumnScan {
  readonly statistics: ScanCounts;
  readonly morselCount: number;
  readonly #source: MorselSource;
  readonly #open = new Set<BlockCursor>();

  constructor(statistics: ScanCounts, source: MorselSource) {
    this.statistics = statistics;
    this.morselCount = source.morselCount;
    this.#source = source;
  }
  openMorsel(morsel: number): BlockCursor {
    const cursor = this.#source.openMorsel(morsel);
    this.#open.add(cursor);
    return cursor;
  }
  boundsOf(column: number): ColumnBounds | undefined {
    return this.#source.boundsOf(column);
  }
  close(): void {
    for (const cursor of this.#open) cursor.close();
    this.#open.clear();
    this.#source.close();
  }
}

class RowStoreScan extends MorselScan {
  constructor(reader: Reader, shape: BatchShape, view: ReadView | undefined) {
    const counts = new ScanCounts();
    const tree = shape.treeId;
    const bounds = pieces(reader.splitKeys?.(tree, morselRows) ?? []);
    super(counts, {
      morselCount: bounds.length,
      openMorsel: (morsel) =>
        new RowStoreCursor(reader, { tree, bounds: bounds[morsel], view, shape }, counts),
      boundsOf: () => undefined,
      close: () => {},
    });
  }
}

/** The ranges between the keys. */
function pieces(keys: readonly Key[]): KeyBounds[] {
  const ends: (Key | undefined)[] = [...keys, undefined];
  return ends.map((upper, i) => ({ lower: i === 0 ? undefined : ends[i - 1], upper }));
}
