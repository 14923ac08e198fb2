// How often tables and indexes are used (pg_stat_user_tables, pg_stat_user_indexes): counted since the
// server started, also for transactions that are rolled back. Whoever counts keeps the object of its
// table, so that counting is an addition; a reset sets the numbers of the same objects to zero. Work on
// executor threads is not counted.

import { countedObjectsMax } from './limits.ts';

export interface TableUse {
  sequentialScans: number;
  sequentialRows: number;
  indexScans: number;
  indexRows: number;
  inserted: number;
  updated: number;
  deleted: number;
}

export interface IndexUse {
  scans: number;
  entries: number;
}

const tables = new Map<number, TableUse>();
const indexes = new Map<number, IndexUse>();

/** Of a table by its oid, which no other table ever has. */
export function tableUse(oid: number): TableUse {
  return tables.get(oid) ?? keep(tables, oid, unused());
}

export function indexUse(oid: number): IndexUse {
  return indexes.get(oid) ?? keep(indexes, oid, { scans: 0, entries: 0 });
}

/** Of a table or an index. */
export function resetUse(oid: number): void {
  const table = tables.get(oid);
  if (table !== undefined) Object.assign(table, unused());
  const index = indexes.get(oid);
  if (index !== undefined) Object.assign(index, { scans: 0, entries: 0 });
}

/** Of very many tables the one that came first is forgotten. */
function keep<Use>(uses: Map<number, Use>, oid: number, use: Use): Use {
  if (uses.size >= countedObjectsMax) {
    for (const first of uses.keys()) {
      uses.delete(first);
      break;
    }
  }
  uses.set(oid, use);
  return use;
}

function unused(): TableUse {
  return {
    sequentialScans: 0,
    sequentialRows: 0,
    indexScans: 0,
    indexRows: 0,
    inserted: 0,
    updated: 0,
    deleted: 0,
  };
}
