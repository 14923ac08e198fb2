// The catalog as the planner sees it: an immutable snapshot of names and descriptors. The executor
// implements it over storage/catalog, with the transaction's own changes laid over.

import type {
  DatabaseDescriptor,
  IndexDescriptor,
  RelationDescriptor,
  RoleDescriptor,
  SchemaDescriptor,
  TableAnalysis,
  TableDescriptor,
} from '#common';

export interface TableStatistics {
  /** Estimated live rows. */
  readonly rows: number;
  /** Estimated bytes of a stored row. */
  readonly rowBytes: number;
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
  findRole(name: string): RoleDescriptor | undefined;
  roleByOid(oid: number): RoleDescriptor | undefined;
  relations(): Iterable<RelationDescriptor>;
  schemas(): Iterable<SchemaDescriptor>;
  roles(): Iterable<RoleDescriptor>;
  databases(): Iterable<DatabaseDescriptor>;
  statistics(tableOid: number): TableStatistics;
  /** What ANALYZE found out about the table's rows; undefined: nobody has looked. */
  analysis(tableOid: number): TableAnalysis | undefined;
}
