// How large the relations of the system catalog are and what they are found by, for plans: they are
// computed anew for each scan, and grow with the number of tables, so the sizes are those of a database
// with about a thousand of them. Plans that suit it are also good for fewer.

const sizes: Readonly<Record<string, number>> = {
  pg_class: 5000,
  pg_attribute: 50_000,
  pg_attrdef: 2000,
  pg_constraint: 3000,
  pg_depend: 20_000,
  pg_description: 4500,
  pg_index: 3000,
  pg_indexes: 3000,
  pg_proc: 3300,
  pg_sequence: 1000,
  pg_tables: 1000,
  pg_type: 4000,
  columns: 50_000,
  constraint_column_usage: 5000,
  column_privileges: 50_000,
  key_column_usage: 5000,
  table_constraints: 5000,
  tables: 3000,
  pg_am: 7,
  pg_authid: 20,
  pg_database: 10,
  pg_language: 5,
  pg_namespace: 20,
  pg_roles: 20,
  pg_tablespace: 2,
};
const sizeOtherwise = 500;

export function systemRelationRows(name: string): number {
  return sizes[name] ?? sizeOtherwise;
}

/** Columns by which a scan computes no more rows than are asked for. */
const lookupColumns: ReadonlySet<string> = new Set([
  'oid',
  'relname',
  'attrelid',
  'adrelid',
  'indrelid',
  'indexrelid',
  'conrelid',
  'objid',
  'proname',
  'typname',
  'enumtypid',
  'contypid',
  'table_name',
]);

export function isLookupColumn(name: string): boolean {
  return lookupColumns.has(name);
}
