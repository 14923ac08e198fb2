// Real storage in a temporary directory, tables made by hand, and plans over them: for tests of scans
// and writes that must not depend on the parser and the catalog.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import {
  type ConstraintDescriptor,
  type Datum,
  type IndexDescriptor,
  type SqlType,
  type TableDescriptor,
} from '#common';
import type { Catalog, PhysicalPlan } from '#planner';
import { currentVersions } from '#planner';
import { type OpenStorage, type Transaction, openStorage } from '#storage';
import { type ExecutionContext, again } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { batchRowsOf, testContext } from './plans.ts';

export async function withStorage(
  run: (storage: OpenStorage) => Promise<void> | void,
): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'lattice-executor-'));
  const storage = await openStorage({
    directory,
    onFatal: (error) => {
      throw error;
    },
  });
  try {
    await run(storage);
  } finally {
    await storage.close();
    rmSync(directory, { recursive: true });
  }
}

export interface TableShape {
  readonly name: string;
  readonly columns: readonly {
    readonly name: string;
    readonly type: SqlType;
    readonly notNull?: boolean;
  }[];
  /** Attribute numbers of the primary key. */
  readonly key?: readonly number[];
  readonly unique?: readonly (readonly number[])[];
  readonly constraints?: readonly ConstraintDescriptor[];
  readonly referencedBy?: TableDescriptor['referencedBy'];
  readonly oid?: number;
}

export function makeTable(storage: OpenStorage, shape: TableShape): TableDescriptor {
  const oid = shape.oid ?? storage.allocateOid();
  const indexes: IndexDescriptor[] = [];
  if (shape.key !== undefined)
    indexes.push(
      makeIndex(storage, { oid, name: `${shape.name}_pkey`, columns: shape.key, clustered: true }),
    );
  (shape.unique ?? []).forEach((columns, i) =>
    indexes.push(
      makeIndex(storage, { oid, name: `${shape.name}_unique_${i}`, columns, clustered: false }),
    ),
  );
  const columns = shape.columns.map((column, i) => ({
    name: column.name,
    attributeNumber: i + 1,
    type: column.type,
    notNull: column.notNull ?? (shape.key ?? []).includes(i + 1),
    dropped: false,
  }));
  return {
    kind: 'table',
    oid,
    name: shape.name,
    schemaOid: 2200,
    owner: 10,
    treeId: storage.allocateTreeId(),
    persistence: 'permanent',
    columns,
    tupleVersions: [
      {
        version: 1,
        columns: columns.map(({ attributeNumber, type }) => ({ attributeNumber, type })),
      },
    ],
    keyColumns: shape.key ?? [],
    rowTypeOid: 0,
    indexes,
    constraints: shape.constraints ?? [],
    referencedBy: shape.referencedBy ?? [],
  };
}

function makeIndex(
  storage: OpenStorage,
  parts: {
    readonly oid: number;
    readonly name: string;
    readonly columns: readonly number[];
    readonly clustered: boolean;
  },
): IndexDescriptor {
  return {
    kind: 'index',
    oid: storage.allocateOid(),
    name: parts.name,
    schemaOid: 2200,
    tableOid: parts.oid,
    treeId: storage.allocateTreeId(),
    method: 'btree',
    unique: true,
    nullsNotDistinct: false,
    primary: parts.clustered,
    clustered: parts.clustered,
    columns: parts.columns.map((attributeNumber) => ({
      attributeNumber,
      descending: false,
      nullsFirst: false,
    })),
    included: [],
    valid: true,
  };
}

export function catalogOf(tables: readonly TableDescriptor[]): Catalog {
  const byOid = new Map(tables.map((table) => [table.oid, table]));
  return {
    tableByOid: (oid: number) => byOid.get(oid),
    schemaByOid: () => ({ kind: 'schema', oid: 2200, name: 'public', owner: 10 }),
  } as unknown as Catalog;
}

export function contextOf(
  storage: OpenStorage,
  transaction: Transaction,
  tables: readonly TableDescriptor[],
  parameters: readonly Datum[] = [],
): ExecutionContext {
  return { ...testContext(), storage, transaction, catalog: catalogOf(tables), parameters };
}

export function begin(storage: OpenStorage): Transaction {
  const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
  transaction.beginStatement();
  return transaction;
}

/** Runs a plan to its end; its rows and its row count. */
export function run(
  plan: PhysicalPlan,
  context: ExecutionContext,
): { readonly rows: Datum[][]; readonly count: number } {
  context.transaction.beginStatement();
  const execution = executePlan(plan, context);
  const rows: Datum[][] = [];
  try {
    for (;;) {
      const pulled = execution.next();
      if (pulled === again) continue;
      if (pulled === undefined) return { rows, count: execution.rowCount };
      rows.push(...batchRowsOf(pulled));
    }
  } finally {
    execution.close();
  }
}

export const noTime = currentVersions;
