// The way of COPY and INSERT … SELECT into a table that nobody else can be using: rows go straight
// into new pages, never through the log or the memtable.
//
// It is safe when the trees are this transaction's own (fresh), or when they hold nothing at all (no
// page, nothing in memory, not even deletions that a flush would apply later) and an EXCLUSIVE table
// lock keeps writers out until the commit. In the second case the new trees stay hidden from readers
// until then, from this transaction's too.

import { DatabaseError, type Datum, SqlState, type TableDescriptor } from '#common';
import { type KeyBounds, TableLock, type Transaction, type TreeId } from '../contract.ts';
import type { LayeredReader } from '../page-store.ts';
import type { BulkLoad, BulkLoadOptions } from './contract.ts';
import type { CompiledTable } from './table-access.ts';
import { TableFiller } from './table-filler.ts';

export function openBulkLoad(
  transaction: Transaction & Partial<LayeredReader>,
  access: CompiledTable,
  options: BulkLoadOptions,
): BulkLoad | undefined {
  const { table } = access;
  if (table.persistence === 'temporary' || !(options.fresh || options.lastStatement))
    return undefined;
  const trees = [
    table.treeId,
    ...[...access.indexes, ...access.inverted].map(({ index }) => index.treeId),
  ];
  const hidden = !options.fresh;
  if (!trees.every((tree) => isUntouched(transaction, tree))) return undefined;
  // The rows cannot be found before the load is finished.
  if (refersToItself(table)) return undefined;
  if (hidden) {
    // A SERIALIZABLE reader must learn what it has missed, and loads leave no trace in the journal.
    if (transaction.isolation === 'serializable') return undefined;
    if (!lockAgainstWriters(transaction, table.oid)) return undefined;
    if (!trees.every((tree) => isUntouched(transaction, tree))) return undefined;
  }
  const filler = new TableFiller(transaction, access, { hidden });
  return {
    isHidden: hidden,
    addRow: (row: readonly Datum[]) => filler.addRow(row),
    addTuple: (buffer: Buffer, end: number) => filler.addTuple(buffer, 0, end),
    get backlogBytes() {
      return filler.backlogBytes;
    },
    whenTaken: () => filler.whenTaken(),
    finish: () => filler.finish('insert'),
    abort: () => filler.abort(),
  };
}

const everything: KeyBounds = { lower: undefined, upper: undefined };

/** Nothing in pages and nothing in memory, whoever asks. */
function isUntouched(transaction: Transaction & Partial<LayeredReader>, tree: TreeId): boolean {
  const layers = transaction.openLayers?.(tree, everything, false);
  if (layers === undefined) return false;
  const untouched = layers.overlay === undefined && layers.leaves.nextLeaf() === undefined;
  layers.overlay?.close();
  layers.leaves.close();
  return untouched;
}

/** Its foreign key checks would look for rows of this load. */
function refersToItself(table: TableDescriptor): boolean {
  return table.constraints.some(
    (constraint) => constraint.type === 'foreign' && constraint.referencedTable === table.oid,
  );
}

function lockAgainstWriters(transaction: Transaction, tableOid: number): boolean {
  try {
    transaction.lockTable(tableOid, TableLock.exclusive, 'nowait');
    return true;
  } catch (error) {
    if (error instanceof DatabaseError && error.sqlState === SqlState.lockNotAvailable)
      return false;
    throw error;
  }
}
