// information_schema's relations about foreign data, and pg_user_mappings. Objects are shown to their
// owner and to whom they are granted; options of user mappings are nobody else's business.

import type { Entry, EntryDescriptor, EntryOptions, TableDescriptor } from '#common';
import { type GrantableKind, hasPrivilegesOf, heldRights, relationGrantable } from '#planner';
import { type CatalogRow, type CatalogScope, optionArray, type RowSources } from '../contract.ts';

function currentRole({ catalog, context }: CatalogScope): number {
  return catalog.findRole(context.functions.currentUser)?.oid ?? 0;
}

function isShown(
  scope: CatalogScope,
  { owner, acl }: EntryDescriptor,
  kind: GrantableKind,
): boolean {
  const role = currentRole(scope);
  if (hasPrivilegesOf(scope.catalog, role, owner)) return true;
  const object = { kind, owner, ...(acl === undefined ? {} : { acl }) };
  return heldRights(scope.catalog, role, object, 'U') !== '';
}

function roleName({ catalog }: CatalogScope, oid: number): string {
  return catalog.roleByOid(oid)?.name ?? '';
}

function* optionRows(place: CatalogRow, options: EntryOptions): Iterable<CatalogRow> {
  for (const [name, value] of Object.entries(options))
    yield { ...place, option_name: name, option_value: value };
}

// ---- wrappers --------------------------------------------------------------------------------

function wrapperPlace({ catalog }: CatalogScope, oid: number): CatalogRow {
  return {
    foreign_data_wrapper_catalog: catalog.database.name,
    foreign_data_wrapper_name: catalog.entryByOid('foreignDataWrapper', oid)?.name ?? '',
  };
}

function shownWrappers(scope: CatalogScope): Entry<'foreignDataWrapper'>[] {
  return scope.catalog
    .entries('foreignDataWrapper')
    .filter((entry) => isShown(scope, entry, 'foreign-data wrapper'));
}

function* wrapperRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const entry of shownWrappers(scope)) {
    yield {
      ...wrapperPlace(scope, entry.oid),
      oid: entry.oid,
      fdwowner: entry.owner,
      fdwoptions: optionArray(entry.definition.options),
      authorization_identifier: roleName(scope, entry.owner),
      library_name: null,
      foreign_data_wrapper_language: 'c',
    };
  }
}

function* wrapperOptionRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { oid, definition } of shownWrappers(scope))
    yield* optionRows(wrapperPlace(scope, oid), definition.options);
}

// ---- servers ---------------------------------------------------------------------------------

function serverPlace({ catalog }: CatalogScope, oid: number): CatalogRow {
  return {
    foreign_server_catalog: catalog.database.name,
    foreign_server_name: catalog.entryByOid('foreignServer', oid)?.name ?? '',
  };
}

function shownServers(scope: CatalogScope): Entry<'foreignServer'>[] {
  return scope.catalog
    .entries('foreignServer')
    .filter((entry) => isShown(scope, entry, 'foreign server'));
}

function* serverRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const entry of shownServers(scope)) {
    const { wrapper, type, version, options } = entry.definition;
    yield {
      ...serverPlace(scope, entry.oid),
      ...wrapperPlace(scope, wrapper),
      oid: entry.oid,
      srvoptions: optionArray(options),
      foreign_server_type: type ?? null,
      foreign_server_version: version ?? null,
      authorization_identifier: roleName(scope, entry.owner),
    };
  }
}

function* serverOptionRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { oid, definition } of shownServers(scope))
    yield* optionRows(serverPlace(scope, oid), definition.options);
}

// ---- user mappings ---------------------------------------------------------------------------

function mappedUser(scope: CatalogScope, role: number): string {
  return role === 0 ? 'PUBLIC' : roleName(scope, role);
}

/** Shown to the mapped user, and for PUBLIC and for everybody's to the server's owner and to superusers. */
function mayReadOptions(scope: CatalogScope, { definition }: Entry<'userMapping'>): boolean {
  const { catalog } = scope;
  const current = currentRole(scope);
  const server = catalog.entryByOid('foreignServer', definition.server);
  const ownsServer = server !== undefined && hasPrivilegesOf(catalog, current, server.owner);
  if (catalog.roleByOid(current)?.superuser === true) return true;
  if (definition.role === 0) return ownsServer;
  return (
    definition.role === current && server !== undefined && isShown(scope, server, 'foreign server')
  );
}

function shownMappings(scope: CatalogScope): Entry<'userMapping'>[] {
  return scope.catalog.entries('userMapping').filter(({ definition }) => {
    const server = scope.catalog.entryByOid('foreignServer', definition.server);
    return server !== undefined && isShown(scope, server, 'foreign server');
  });
}

function mappingPlace(scope: CatalogScope, { definition }: Entry<'userMapping'>): CatalogRow {
  return {
    authorization_identifier: mappedUser(scope, definition.role),
    ...serverPlace(scope, definition.server),
  };
}

function* mappingRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const entry of shownMappings(scope)) {
    const server = scope.catalog.entryByOid('foreignServer', entry.definition.server)!;
    yield {
      ...mappingPlace(scope, entry),
      oid: entry.oid,
      umoptions: optionArray(entry.definition.options),
      umuser: entry.definition.role,
      srvowner: roleName(scope, server.owner),
    };
  }
}

function* mappingOptionRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const entry of shownMappings(scope)) {
    const isShownValue = mayReadOptions(scope, entry);
    for (const row of optionRows(mappingPlace(scope, entry), entry.definition.options))
      yield isShownValue ? row : { ...row, option_value: null };
  }
}

function* userMappingsRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const entry of scope.catalog.entries('userMapping')) {
    const { role, server, options } = entry.definition;
    yield {
      umid: entry.oid,
      srvid: server,
      srvname: scope.catalog.entryByOid('foreignServer', server)?.name ?? '',
      umuser: role,
      usename: role === 0 ? 'public' : roleName(scope, role),
      umoptions: mayReadOptions(scope, entry) ? optionArray(options) : null,
    };
  }
}

// ---- tables ----------------------------------------------------------------------------------

function* shownTables(scope: CatalogScope): Iterable<TableDescriptor> {
  const { catalog } = scope;
  const role = currentRole(scope);
  for (const relation of catalog.userRelations()) {
    if (relation.kind !== 'table' || relation.foreign === undefined) continue;
    const isOwn = hasPrivilegesOf(catalog, role, relation.owner);
    if (isOwn || heldRights(catalog, role, relationGrantable(relation), 'arwdDxt') !== '')
      yield relation;
  }
}

function tablePlace({ catalog }: CatalogScope, table: TableDescriptor): CatalogRow {
  return {
    foreign_table_catalog: catalog.database.name,
    foreign_table_schema: catalog.schemaByOid(table.schemaOid)?.name ?? '',
    foreign_table_name: table.name,
  };
}

function* tableRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of shownTables(scope)) {
    yield {
      ...tablePlace(scope, table),
      ...serverPlace(scope, table.foreign!.server),
      ftoptions: optionArray(table.foreign!.options),
      authorization_identifier: roleName(scope, table.owner),
    };
  }
}

function* tableOptionRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of shownTables(scope))
    yield* optionRows(tablePlace(scope, table), table.foreign!.options);
}

function* columnOptionArrays(scope: CatalogScope): Iterable<CatalogRow> {
  for (const table of shownTables(scope)) {
    for (const column of table.columns) {
      if (column.dropped) continue;
      yield {
        nspname: scope.catalog.schemaByOid(table.schemaOid)?.name ?? '',
        relname: table.name,
        attname: column.name,
        attfdwoptions: optionArray(column.foreignOptions),
      };
    }
  }
}

function* columnOptionRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const table of shownTables(scope)) {
    for (const { dropped, name, foreignOptions = {} } of table.columns) {
      if (dropped) continue;
      const place = {
        table_catalog: catalog.database.name,
        table_schema: catalog.schemaByOid(table.schemaOid)?.name ?? '',
        table_name: table.name,
        column_name: name,
      };
      yield* optionRows(place, foreignOptions);
    }
  }
}

export const informationForeignSources: RowSources = {
  _pg_foreign_data_wrappers: wrapperRows,
  foreign_data_wrappers: wrapperRows,
  foreign_data_wrapper_options: wrapperOptionRows,
  _pg_foreign_servers: serverRows,
  foreign_servers: serverRows,
  foreign_server_options: serverOptionRows,
  _pg_user_mappings: mappingRows,
  user_mappings: mappingRows,
  user_mapping_options: mappingOptionRows,
  pg_user_mappings: userMappingsRows,
  _pg_foreign_tables: tableRows,
  foreign_tables: tableRows,
  foreign_table_options: tableOptionRows,
  _pg_foreign_table_columns: columnOptionArrays,
  column_options: columnOptionRows,
};
