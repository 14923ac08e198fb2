// Opens column scans: cuts a table into morsels and reads each from where its rows are.

import type { Key, KeyBounds, ReadView } from '../contract.ts';
import type { LayeredReader } from '../page-store.ts';
import type { BatchShape } from '../table/column-batch.ts';
import type { RowReader, TableAccess } from '../table/contract.ts';
import { viewWithEnds } from '../table/row-sources.ts';
import { scanShape } from '../table/table-access.ts';
import type { BlockCursor, ColumnScan, ColumnScanRequest } from './contract.ts';
import { RowStoreCursor } from './row-store-cursor.ts';
import { ScanCounts } from './scan-counts.ts';

const morselRows = 65536;

/** Scans the table as the reader (a transaction, or an executor thread's snapshot) sees it. */
export function openColumnScan(
  reader: RowReader & Partial<LayeredReader>,
  access: TableAccess,
  request: ColumnScanRequest,
): ColumnScan {
  return new TableColumnScan(reader, access, request);
}

class TableColumnScan implements ColumnScan {
  readonly statistics = new ScanCounts();
  readonly #reader: RowReader & Partial<LayeredReader>;
  readonly #tree: number;
  readonly #shape: BatchShape;
  readonly #view: ReadView | undefined;
  readonly #bounds: readonly KeyBounds[];
  readonly #open = new Set<BlockCursor>();

  constructor(
    reader: RowReader & Partial<LayeredReader>,
    access: TableAccess,
    request: ColumnScanRequest,
  ) {
    this.#reader = reader;
    this.#tree = access.table.treeId;
    this.#shape = scanShape(access, reader, request.sources);
    this.#view = viewWithEnds(request.view, request.sources);
    this.#bounds = pieces(reader.splitKeys?.(this.#tree, morselRows) ?? []);
  }
  get morselCount(): number {
    return this.#bounds.length;
  }
  openMorsel(morsel: number): BlockCursor {
    const range = {
      tree: this.#tree,
      bounds: this.#bounds[morsel],
      view: this.#view,
      shape: this.#shape,
    };
    const cursor = new RowStoreCursor(this.#reader, range, this.statistics);
    this.#open.add(cursor);
    return cursor;
  }
  close(): void {
    for (const cursor of this.#open) cursor.close();
    this.#open.clear();
  }
}

/** The ranges between the keys. */
function pieces(keys: readonly Key[]): KeyBounds[] {
  const ends: (Key | undefined)[] = [...keys, undefined];
  return ends.map((upper, i) => ({ lower: i === 0 ? undefined : ends[i - 1], upper }));
}
