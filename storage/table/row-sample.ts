// A sample of a table's rows, for statistics. Where the rows are in pages, one row is taken from each of
// many leaves drawn at random; in small trees, and where they are not, from a scan of everything.

import type { Batch, TableDescriptor } from '#common';
import type { Key, Transaction } from '../contract.ts';
import type { LayeredReader, PageScans } from '../page-store.ts';
import type { RowSource, TableScan } from './contract.ts';
import { tableAccess } from './table-access.ts';

export interface RowSampleRequest {
  readonly sources: readonly RowSource[];
  /** Rows that are wanted. */
  readonly rows: number;
  readonly random: () => number;
}

export interface RowSample {
  /**
   * Some rows, undefined at the end: every row of the table when `isWhole`, else a row from the next of
   * many random places in key order and, if there is one, the row after it.
   */
  nextBatch(maxRows: number): Batch | undefined;
  readonly isWhole: boolean;
  close(): void;
}

export function openRowSample(
  transaction: Transaction,
  table: TableDescriptor,
  request: RowSampleRequest,
): RowSample {
  const leaves = sampleOf(transaction, table, request);
  // Reading a fair part of all leaves costs as much as reading them all in order.
  if (leaves === undefined || leaves.length < request.rows) {
    const scan = tableAccess(table).openScan(transaction, {
      access: { kind: 'full' },
      sources: request.sources,
    });
    return {
      nextBatch: (maxRows) => scan.nextBatch(maxRows),
      isWhole: true,
      close: () => scan.close(),
    };
  }
  return new LeafSample(transaction, table, request, leaves);
}

function sampleOf(
  reader: Transaction & Partial<LayeredReader>,
  table: TableDescriptor,
  { rows, random }: RowSampleRequest,
): readonly Key[] | undefined {
  const layers = reader.openLayers?.(table.treeId, { lower: '', upper: '' }, false);
  if (layers === undefined) return undefined;
  const { pages } = layers;
  const leaves =
    'sampleLeaves' in pages
      ? (pages as typeof pages & PageScans).sampleLeaves(table.treeId, rows, random)
      : undefined;
  layers.overlay?.close();
  layers.leaves.close();
  return leaves;
}

class LeafSample implements RowSample {
  readonly isWhole = false;
  readonly #transaction: Transaction;
  readonly #table: TableDescriptor;
  readonly #request: RowSampleRequest;
  readonly #leaves: readonly Key[];
  #position = 0;

  constructor(
    transaction: Transaction,
    table: TableDescriptor,
    request: RowSampleRequest,
    leaves: readonly Key[],
  ) {
    this.#transaction = transaction;
    this.#table = table;
    this.#request = request;
    this.#leaves = leaves;
  }

  /** The first row of the next leaf and its neighbour. */
  nextBatch(): Batch | undefined {
    while (this.#position < this.#leaves.length) {
      const scan = this.#openAt(this.#leaves[this.#position++]);
      const batch = scan.nextBatch(2);
      scan.close();
      if (batch !== undefined) return batch;
    }
    return undefined;
  }

  close(): void {
    this.#position = this.#leaves.length;
  }

  #openAt(lower: Key): TableScan {
    return tableAccess(this.#table).openScan(this.#transaction, {
      access: { kind: 'key', bounds: { lower, upper: undefined } },
      sources: this.#request.sources,
    });
  }
}
