// One database's catalog at one moment: its own objects and those of the cluster. Immutable.

import type {
  CatalogObject,
  DatabaseDescriptor,
  RoleDescriptor,
  SchemaDescriptor,
  TableAnalysis,
  UserTypeDescriptor,
} from '#common';
import { type IndexedObject, nameOf, type ObjectIndex, typeSpace } from './object-index.ts';

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
