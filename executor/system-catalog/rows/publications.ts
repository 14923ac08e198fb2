// The catalogs of publications, and pg_publication_tables with what each publishes in the end.

import { ArrayValue, type Entry, type TableDescriptor, TypeOid } from '#common';
import { expressionText } from '../../catalog/expression-text.ts';
import { partitionAncestors } from '../../catalog/partition-tree.ts';
import { type CatalogRow, type CatalogScope, type RowSources, vector } from '../contract.ts';
import { entrySource } from './entries.ts';

type Publication = Entry<'publication'>;
type TablePart = Entry<'publicationTable'>;

function publicationRow(_scope: CatalogScope, entry: Publication): CatalogRow {
  const { definition } = entry;
  return {
    oid: entry.oid,
    pubname: entry.name,
    pubowner: entry.owner,
    puballtables: definition.allTables,
    pubinsert: definition.insert,
    pubupdate: definition.update,
    pubdelete: definition.delete,
    pubtruncate: definition.truncate,
    pubviaroot: definition.viaRoot,
  };
}

function tablePartRow({ names }: CatalogScope, { oid, definition }: TablePart): CatalogRow {
  const { condition, columns } = definition;
  return {
    oid,
    prpubid: definition.publication,
    prrelid: definition.table,
    prqual: condition === undefined ? null : expressionText(names, condition.sql),
    prattrs: columns === undefined ? null : vector(TypeOid.int2, columns),
  };
}

function schemaPartRow(
  _scope: CatalogScope,
  { oid, definition }: Entry<'publicationSchema'>,
): CatalogRow {
  return { oid, pnpubid: definition.publication, pnnspid: definition.schema };
}

function isPublishable(table: TableDescriptor): boolean {
  return (
    table.persistence === 'permanent' &&
    table.materialized === undefined &&
    table.foreign === undefined
  );
}

/** pg_get_publication_tables(): the tables whose changes leave under their own name. */
export function publishedTables(
  { catalog }: CatalogScope,
  { oid, definition }: Publication,
): readonly { readonly table: TableDescriptor; readonly part: TablePart | undefined }[] {
  const parts = catalog
    .entries('publicationTable')
    .filter((part) => part.definition.publication === oid);
  const schemas = new Set(
    catalog
      .entries('publicationSchema')
      .filter((part) => part.definition.publication === oid)
      .map((part) => part.definition.schema),
  );
  const found = new Map<number, TableDescriptor>();
  const add = (table: TableDescriptor): void => {
    if (table.partitioning === undefined || definition.viaRoot) found.set(table.oid, table);
    else for (const child of table.children ?? []) add(catalog.tableByOid(child)!);
  };
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table' || !isPublishable(relation)) continue;
    const isNamed = parts.some((part) => part.definition.table === relation.oid);
    if (definition.allTables || isNamed || schemas.has(relation.schemaOid)) add(relation);
  }
  const isBelow = (oidBelow: number): boolean =>
    definition.viaRoot &&
    partitionAncestors(catalog, oidBelow)
      .filter((ancestor) => ancestor !== oidBelow)
      .some((ancestor) => found.has(ancestor));
  return [...found.values()]
    .filter((table) => !isBelow(table.oid))
    .map((table) => ({
      table,
      part: definition.allTables
        ? undefined
        : parts.find((part) => part.definition.table === table.oid),
    }));
}

function* publishedRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  for (const publication of catalog.entries('publication')) {
    for (const { table, part } of publishedTables(scope, publication)) {
      const columns = table.columns.filter(
        (column) =>
          !column.dropped && part?.definition.columns?.includes(column.attributeNumber) !== false,
      );
      const condition = part?.definition.condition;
      yield {
        pubname: publication.name,
        schemaname: catalog.schemaByOid(table.schemaOid)?.name ?? '',
        tablename: table.name,
        attnames: ArrayValue.of(
          TypeOid.name,
          columns.map(({ name }) => name),
        ),
        rowfilter: condition === undefined ? null : expressionText(names, condition.sql),
      };
    }
  }
}

export const publicationSources: RowSources = {
  pg_publication: entrySource('publication', publicationRow),
  pg_publication_rel: entrySource('publicationTable', tablePartRow),
  pg_publication_namespace: entrySource('publicationSchema', schemaPartRow),
  pg_publication_tables: publishedRows,
};
