// One database's catalog at one moment: its own objects and those of the cluster. Immutable.

import type {
  CollationDescriptor,
  CatalogObject,
  DatabaseDescriptor,
  Entry,
  EntryClass,
  EntryDescriptor,
  RoleDescriptor,
  SchemaDescriptor,
  TableAnalysis,
  UserTypeDescriptor,
} from '#common';
import {
  entrySpace,
  type IndexedObject,
  nameOf,
  type ObjectIndex,
  typeSpace,
} from './object-index.ts';

export class CatalogState {
  /** No two states that differ have the same version. */
  readonly version: number;
  readonly databaseOid: number;
  readonly local: ObjectIndex;
  readonly shared: ObjectIndex;
  /** By the table's oid: the newest ones, which change under the state. */
  readonly analyses: ReadonlyMap<number, TableAnalysis>;

  constructor(
    version: number,
    databaseOid: number,
    parts: {
      readonly local: ObjectIndex;
      readonly shared: ObjectIndex;
      readonly analyses: ReadonlyMap<number, TableAnalysis>;
    },
  ) {
    this.version = version;
    this.databaseOid = databaseOid;
    this.local = parts.local;
    this.shared = parts.shared;
    this.analyses = parts.analyses;
  }

  /** A table, view, sequence or index by its name in a schema. */
  relationNamed(schemaOid: number, name: string): IndexedObject | undefined {
    return this.local.named(nameOf(schemaOid, name));
  }

  /** A type made by a user, by its own name or that of its array type. */
  typeNamed(schemaOid: number, name: string): UserTypeDescriptor | undefined {
    return this.local.named(nameOf(typeSpace(schemaOid), name)) as UserTypeDescriptor | undefined;
  }

  /** By entryKey(), in a schema or in none (0). */
  entryNamed(name: EntryClass, schemaOid: number, key: string): EntryDescriptor | undefined {
    const text = nameOf(entrySpace(name, schemaOid), key);
    return (this.local.named(text) ?? this.shared.named(text)) as EntryDescriptor | undefined;
  }

  entriesOf<Class extends EntryClass>(name: Class): readonly Entry<Class>[] {
    const local = this.local.entriesOf(name);
    const shared = this.shared.entriesOf(name);
    return (shared.length === 0 ? local : [...shared, ...local]) as readonly Entry<Class>[];
  }

  /** A collation made by a user. */
  collationNamed(schemaOid: number, name: string): CollationDescriptor | undefined {
    return this.local.named(nameOf(`collation ${schemaOid}`, name)) as
      | CollationDescriptor
      | undefined;
  }

  schemaNamed(name: string): SchemaDescriptor | undefined {
    return this.local.named(nameOf('schema', name)) as SchemaDescriptor | undefined;
  }

  roleNamed(name: string): RoleDescriptor | undefined {
    return this.shared.named(nameOf('role', name)) as RoleDescriptor | undefined;
  }

  databaseNamed(name: string): DatabaseDescriptor | undefined {
    return this.shared.named(nameOf('database', name)) as DatabaseDescriptor | undefined;
  }

  /** An object of the database or of the cluster, or an index, by oid. */
  find(oid: number): IndexedObject | undefined {
    return this.local.find(oid) ?? this.shared.find(oid);
  }

  *objects(): IterableIterator<CatalogObject> {
    yield* this.local.objects();
    yield* this.shared.objects();
  }
}
