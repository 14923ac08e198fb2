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
  vacuums: number;
  /** Microseconds since 1970; 0: never. */
  vacuumedAt: number;
  /** `inserted` at that time. */
  insertsVacuumed: number;
  analyses: number;
  automaticAnalyses: number;
  /** Rows inserted, updated and deleted when the table was last analysed. */
  changesAnalyzed: number;
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

/** The same without counting from now on; undefined: it was never used. */
export function tableUseOf(oid: number): TableUse | undefined {
  return tables.get(oid);
}

export function indexUseOf(oid: number): IndexUse | undefined {
  return indexes.get(oid);
}

/** VACUUM has been run, at a moment in microseconds since 1970. */
export function noteVacuum(tableOid: number, atMicros: number): void {
  const use = tableUse(tableOid);
  use.vacuums++;
  use.vacuumedAt = atMicros;
  use.insertsVacuumed = use.inserted;
}

export function noteAnalysis(tableOid: number, isAutomatic: boolean): void {
  const use = tableUse(tableOid);
  if (isAutomatic) use.automaticAnalyses++;
  else use.analyses++;
  use.changesAnalyzed = use.inserted + use.updated + use.deleted;
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
    vacuums: 0,
    vacuumedAt: 0,
    insertsVacuumed: 0,
    analyses: 0,
    automaticAnalyses: 0,
    changesAnalyzed: 0,
  };
}
