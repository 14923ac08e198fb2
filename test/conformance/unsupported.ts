// What answers 0A000, with a statement that shows it. A feature that comes to work leaves this list.

export interface Unsupported {
  readonly feature: string;
  readonly sql: string;
}

export const unsupported: readonly Unsupported[] = [
  { feature: 'XML values and functions', sql: "SELECT xmlparse(DOCUMENT '<a/>')" },
  { feature: 'COPY … PROGRAM', sql: "COPY (SELECT 1) TO PROGRAM 'cat'" },
  {
    feature: 'back-references and lookaround in regular expressions',
    sql: "SELECT 'aa' ~ '(a)\\1'",
  },
  {
    feature: 'text search in other languages than English',
    sql: "SELECT to_tsvector('german', 'Haus')",
  },
  {
    feature: 'subscriptions that connect to a publisher',
    sql: "CREATE SUBSCRIPTION s CONNECTION 'dbname=d' PUBLICATION p",
  },
  {
    feature: 'replication slots, base backups, log messages',
    sql: "SELECT pg_create_physical_replication_slot('s')",
  },
  { feature: 'procedural languages other than SQL and PL/pgSQL', sql: 'CREATE LANGUAGE plperl' },
];
