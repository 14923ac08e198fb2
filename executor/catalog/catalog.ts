// The planner's Catalog over one state of storage's catalog, with the system relations beside the
// user's. One object per state, so whoever holds it sees one moment.

import {
  builtinCollation,
  BuiltinOid,
  entryKey,
  isEntry,
  collationByOid,
  type CollationDescriptor,
  type DatabaseDescriptor,
  type Entry,
  type EntryClass,
  type EntryDescriptor,
  type IndexDescriptor,
  type RelationDescriptor,
  type RoleDescriptor,
  type RoutineDescriptor,
  type SchemaDescriptor,
  type TableAnalysis,
  type TableDescriptor,
  type UserTypeDescriptor,
} from '#common';
import type { Catalog, RowType, TableStatistics } from '#planner';
import type { CatalogState, StorageEngine } from '#storage';
import {
  systemRelationByOid,
  systemRelationNamed,
  systemRelations,
} from '../system-catalog/relations.ts';
import { builtinEntries, builtinEntry, builtinEntryNamed } from './builtin-entries.ts';
import { moduleEntries } from './module-entries.ts';

/** Objects of contrib modules have oids from here on. */
const firstModuleOid = 9_000_000;

const catalogs = new WeakMap<CatalogState, StateCatalog>();

export function createCatalog(state: CatalogState, storage: StorageEngine): StateCatalog {
  let catalog = catalogs.get(state);
  if (catalog === undefined) {
    catalog = new StateCatalog(state, storage);
    catalogs.set(state, catalog);
  }
  return catalog;
}

export class StateCatalog implements Catalog {
  readonly state: CatalogState;
  readonly storage: StorageEngine;

  constructor(state: CatalogState, storage: StorageEngine) {
    this.state = state;
    this.storage = storage;
  }

  get version(): number {
    return this.state.version;
  }

  get database(): DatabaseDescriptor {
    return this.state.shared.object(this.state.databaseOid) as DatabaseDescriptor;
  }

  findSchema(name: string): SchemaDescriptor | undefined {
    return this.state.schemaNamed(name);
  }

  schemaByOid(oid: number): SchemaDescriptor | undefined {
    const object = this.state.local.object(oid);
    return object?.kind === 'schema' ? object : undefined;
  }

  findRelation(schemaOid: number, name: string): RelationDescriptor | undefined {
    const found = this.state.relationNamed(schemaOid, name) as RelationDescriptor | undefined;
    if (found !== undefined) return found;
    const isSystem =
      schemaOid === BuiltinOid.pgCatalogSchema || schemaOid === BuiltinOid.informationSchema;
    return isSystem ? systemRelationNamed(schemaOid, name) : undefined;
  }

  relationByOid(oid: number): RelationDescriptor | undefined {
    const found = this.state.local.find(oid);
    if (found === undefined) return systemRelationByOid(oid);
    return isRelation(found) ? found : undefined;
  }

  tableByOid(oid: number): TableDescriptor | undefined {
    const object = this.state.local.object(oid);
    return object?.kind === 'table' ? object : undefined;
  }

  indexByOid(oid: number): IndexDescriptor | undefined {
    const found = this.state.local.find(oid);
    return found?.kind === 'index' ? found : undefined;
  }

  findType(schemaOid: number, name: string): UserTypeDescriptor | undefined {
    return this.state.typeNamed(schemaOid, name);
  }

  typeByOid(oid: number): UserTypeDescriptor | undefined {
    const found = this.state.local.find(oid);
    return found?.kind === 'type' ? found : undefined;
  }

  *types(): IterableIterator<UserTypeDescriptor> {
    for (const object of this.state.local.objects()) if (object.kind === 'type') yield object;
  }

  rowType(oid: number): RowType | undefined {
    const type = this.typeByOid(oid);
    if (type?.definition.type === 'composite' && type.oid === oid) {
      return { name: type.name, schemaOid: type.schemaOid, columns: type.definition.columns };
    }
    const relation = this.relationOfRowType(oid);
    return relation !== undefined && 'columns' in relation && relation.kind !== 'index'
      ? relation
      : undefined;
  }

  /** The table or view with this row type. */
  relationOfRowType(oid: number): RelationDescriptor | undefined {
    const owner = this.state.local.ownerOfPart(oid);
    if (owner === undefined || !('rowTypeOid' in owner) || owner.rowTypeOid !== oid)
      return undefined;
    return owner;
  }

  /** In one schema; pg_catalog has the built-in ones. */
  findCollation(schemaOid: number, name: string): CollationDescriptor | undefined {
    if (schemaOid === BuiltinOid.pgCatalogSchema) return builtinCollation(name);
    return this.state.collationNamed(schemaOid, name);
  }

  collationByOid(oid: number): CollationDescriptor | undefined {
    const object = this.state.local.object(oid);
    if (object?.kind === 'collation') return object;
    return oid < BuiltinOid.firstUserOid ? collationByOid(oid) : undefined;
  }

  *userCollations(): IterableIterator<CollationDescriptor> {
    for (const object of this.state.local.objects()) if (object.kind === 'collation') yield object;
  }

  routinesNamed(name: string): readonly RoutineDescriptor[] {
    return this.state.local.routinesNamed(name);
  }

  routineByOid(oid: number): RoutineDescriptor | undefined {
    const object = this.state.local.object(oid);
    return object?.kind === 'routine' ? object : undefined;
  }

  *routines(): IterableIterator<RoutineDescriptor> {
    for (const object of this.state.local.objects()) {
      if (object.kind === 'routine') yield object;
    }
  }

  /** By entryKey(), in a schema or in none (0). */
  findEntry<Class extends EntryClass>(
    name: Class,
    schemaOid: number,
    key: string,
  ): Entry<Class> | undefined {
    const found =
      this.state.entryNamed(name, schemaOid, key) ?? builtinEntryNamed(name, schemaOid, key);
    if (found !== undefined) return found as Entry<Class>;
    const extensions = this.entries('extension');
    if (extensions.length === 0) return undefined;
    return moduleEntries(name, extensions).find(
      (entry) => entry.schemaOid === schemaOid && entryKey(entry) === key,
    );
  }

  entryByOid<Class extends EntryClass>(name: Class, oid: number): Entry<Class> | undefined {
    const object = this.state.local.object(oid) ?? this.state.shared.object(oid);
    if (object === undefined) {
      const known = builtinEntry(name, oid) as Entry<Class> | undefined;
      if (known !== undefined || oid < firstModuleOid) return known;
      return moduleEntries(name, this.entries('extension')).find((entry) => entry.oid === oid);
    }
    return isEntry(object, name) ? object : undefined;
  }

  /** Those that users have made. */
  entries<Class extends EntryClass>(name: Class): readonly Entry<Class>[] {
    return this.state.entriesOf(name);
  }

  /** Those that every database has, and those that users have made. */
  *allEntries<Class extends EntryClass>(name: Class): IterableIterator<Entry<Class>> {
    yield* builtinEntries(name);
    yield* moduleEntries(name, this.entries('extension'));
    yield* this.state.entriesOf(name);
  }

  /** Entries of users, of any class. */
  *userEntries(): IterableIterator<EntryDescriptor> {
    for (const object of this.state.objects()) if (object.kind === 'entry') yield object;
  }

  findRole(name: string): RoleDescriptor | undefined {
    return this.state.roleNamed(name);
  }

  roleByOid(oid: number): RoleDescriptor | undefined {
    const object = this.state.shared.object(oid);
    return object?.kind === 'role' ? object : undefined;
  }

  /** Indexes follow their table; system relations come first. */
  *relations(): IterableIterator<RelationDescriptor> {
    yield* systemRelations();
    yield* this.userRelations();
  }

  *userRelations(): IterableIterator<RelationDescriptor> {
    for (const object of this.state.local.objects()) {
      if (!isRelation(object)) continue;
      yield object;
      if (object.kind === 'table') yield* object.indexes;
    }
  }

  *schemas(): IterableIterator<SchemaDescriptor> {
    for (const object of this.state.local.objects()) {
      if (object.kind === 'schema') yield object;
    }
  }

  *roles(): IterableIterator<RoleDescriptor> {
    for (const object of this.state.shared.objects()) {
      if (object.kind === 'role') yield object;
    }
  }

  *databases(): IterableIterator<DatabaseDescriptor> {
    for (const object of this.state.shared.objects()) {
      if (object.kind === 'database') yield object;
    }
  }

  statistics(tableOid: number): TableStatistics {
    const table = this.tableByOid(tableOid);
    return table === undefined ? unknownStatistics : this.storage.estimate(table.treeId);
  }

  segmentRows(tableOid: number): number {
    const table = this.tableByOid(tableOid);
    const summary = table && this.storage.segmentSummary(table.treeId);
    return summary === undefined ? 0 : Math.max(0, summary.rows - summary.changedKeys);
  }

  /** Also of data that have been rewritten or removed since: what was there is likely to come again. */
  analysis(tableOid: number): TableAnalysis | undefined {
    return this.state.analyses.get(tableOid);
  }
}

const unknownStatistics: TableStatistics = { rows: 1000, rowBytes: 100 };

function isRelation(object: { readonly kind: string }): object is RelationDescriptor {
  return (
    object.kind === 'table' ||
    object.kind === 'view' ||
    object.kind === 'sequence' ||
    object.kind === 'index'
  );
}
