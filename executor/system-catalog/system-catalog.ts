// The system catalog: relations of pg_catalog and information_schema computed from the catalog, the
// facts about PostgreSQL 15's built-in objects, and what the server knows of itself. Relations of
// PostgreSQL that have no source here exist and are empty.

import type { Datum } from '#common';
import type { StateCatalog } from '../catalog/catalog.ts';
import { CatalogNames } from '../catalog/names.ts';
import type { ExecutionContext } from '../contract.ts';
import { installSystemRelations, type SystemRelations } from '../system-relations.ts';
import { constantRows } from './constants.ts';
import type { CatalogRow, CatalogScope, Lookups, RowSource } from './contract.ts';
import { systemRelationByOid } from './relations.ts';
import { rowSources } from './sources.ts';

/** Rows that only the server knows (pg_settings, pg_stat_activity …); undefined: not one of those. */
export type ServerRows = (
  relation: string,
  context: ExecutionContext,
) => readonly CatalogRow[] | undefined;

export function installSystemCatalog(serverRows: ServerRows = () => undefined): void {
  installSystemRelations(new SystemCatalog(serverRows));
}

class SystemCatalog implements SystemRelations {
  private readonly serverRows: ServerRows;

  constructor(serverRows: ServerRows) {
    this.serverRows = serverRows;
  }

  rows(
    relationOid: number,
    {
      columns: ordinals,
      lookups,
    }: {
      readonly columns: readonly number[];
      readonly lookups: readonly { readonly column: number; readonly value: Datum }[];
    },
    context: ExecutionContext,
  ): Iterable<readonly Datum[]> {
    const relation = systemRelationByOid(relationOid);
    if (relation === undefined) return [];
    const columns = relation.columns.map(({ name }) => name);
    const byServer = this.serverRows(relation.name, context);
    const wanted = ordinals.map((ordinal) => columns[ordinal]);
    if (byServer !== undefined) return asArrays(byServer, wanted);
    const source: RowSource | undefined = rowSources.get(relation.name);
    if (source === undefined) return picked(constantRows(relation), ordinals);
    const values = new Map(lookups.map(({ column, value }) => [columns[column], value]));
    const asked: Lookups = { get: (column) => values.get(column) };
    const catalog = context.catalog as StateCatalog;
    const names = new CatalogNames(catalog, context.functions.searchPath);
    const scope: CatalogScope = { catalog, names, context };
    return asArrays(source(scope, asked), wanted);
  }
}

function* asArrays(rows: Iterable<CatalogRow>, columns: readonly string[]): Iterable<Datum[]> {
  for (const row of rows) yield columns.map((column) => row[column] ?? null);
}

function* picked(rows: Iterable<readonly Datum[]>, ordinals: readonly number[]): Iterable<Datum[]> {
  for (const row of rows) yield ordinals.map((ordinal) => row[ordinal] ?? null);
}
