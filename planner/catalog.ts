// The catalog as the planner sees it: an immutable snapshot of names and descriptors. The executor
// implements it over storage/catalog, with the transaction's own changes laid over.

import type {
  CollationDescriptor,
  DatabaseDescriptor,
  Entry,
  EntryClass,
  IndexDescriptor,
  RelationDescriptor,
  RoleDescriptor,
  RoutineDescriptor,
  SchemaDescriptor,
  TableAnalysis,
  TableDescriptor,
  ColumnDescriptor,
  UserTypeDescriptor,
} from '#common';

export interface TableStatistics {
  /** Estimated live rows. */
  readonly rows: number;
  /** Estimated bytes of a stored row. */
  readonly rowBytes: number;
}

/** A composite type, or the row type of a relation. */
export interface RowType {
  readonly name: string;
  readonly schemaOid: number;
  /** In attribute order, dropped ones included. */
  readonly columns: readonly ColumnDescriptor[];
}

export interface Catalog {
  /** Changes whenever anything visible through this interface changed; the plan cache's key. */
  readonly version: number;
  readonly database: DatabaseDescriptor;
  findSchema(name: string): SchemaDescriptor | undefined;
  schemaByOid(oid: number): SchemaDescriptor | undefined;
  /** In one schema, by exact name: tables, views, sequences, indexes and system relations share a name space. */
  findRelation(schemaOid: number, name: string): RelationDescriptor | undefined;
  relationByOid(oid: number): RelationDescriptor | undefined;
  tableByOid(oid: number): TableDescriptor | undefined;
  indexByOid(oid: number): IndexDescriptor | undefined;
  /** A type made by a user, by its own name or that of its array type. */
  findType(schemaOid: number, name: string): UserTypeDescriptor | undefined;
  /** By its own oid or that of its array type. */
  typeByOid(oid: number): UserTypeDescriptor | undefined;
  /** What a composite type, a table or a view has as its row; by the oid of that row type. */
  rowType(oid: number): RowType | undefined;
  /** By exact name in one schema. */
  findCollation(schemaOid: number, name: string): CollationDescriptor | undefined;
  collationByOid(oid: number): CollationDescriptor | undefined;
  /** Overloads in all schemas. */
  routinesNamed(name: string): readonly RoutineDescriptor[];
  routineByOid(oid: number): RoutineDescriptor | undefined;
  /** Entries that users have made: operators, casts, publications … */
  entries<Class extends EntryClass>(name: Class): readonly Entry<Class>[];
  /** Of users, or of those that every database has. */
  entryByOid<Class extends EntryClass>(name: Class, oid: number): Entry<Class> | undefined;
  findRole(name: string): RoleDescriptor | undefined;
  roleByOid(oid: number): RoleDescriptor | undefined;
  relations(): Iterable<RelationDescriptor>;
  schemas(): Iterable<SchemaDescriptor>;
  roles(): Iterable<RoleDescriptor>;
  databases(): Iterable<DatabaseDescriptor>;
  statistics(tableOid: number): TableStatistics;
  /** How many of the table's rows a scan reads from column segments, roughly. */
  segmentRows(tableOid: number): number;
  /** What ANALYZE found out about the table's rows; undefined: nobody has looked. */
  analysis(tableOid: number): TableAnalysis | undefined;
}
