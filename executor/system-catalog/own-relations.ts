// Relations that PostgreSQL does not have, in pg_catalog beside its own, written as the generated facts
// are: oid, schema, name, kind, row type, columns (name:type:modifier).

export const ownRelationLines: readonly string[] = [
  [
    15000,
    'pg_catalog',
    'lattice_segments',
    'v',
    15001,
    [
      'schemaname:19:-1',
      'tablename:19:-1',
      'filename:25:-1',
      'kind:25:-1',
      'row_count:20:-1',
      'changed_keys:20:-1',
      'built_at:1184:-1',
      'file_bytes:20:-1',
      'attname:19:-1',
      'column_bytes:20:-1',
      'encodings:1009:-1',
    ].join(','),
  ].join('\t'),
  [
    15002,
    'pg_catalog',
    'lattice_plan_feedback',
    'v',
    15003,
    [
      'schemaname:19:-1',
      'tablename:19:-1',
      'condition:25:-1',
      'executions:20:-1',
      'estimated_rows:20:-1',
      'actual_rows:20:-1',
      'factor_min:701:-1',
      'factor_max:701:-1',
      'kind:25:-1',
    ].join(','),
  ].join('\t'),
];
