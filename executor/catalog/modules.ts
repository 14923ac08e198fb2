// The contrib modules that CREATE EXTENSION knows: version, what they are for, and what keeps the others
// from being available.

export interface KnownModule {
  readonly version: string;
  readonly comment: string;
  readonly relocatable: boolean;
  /** Whoever may create objects in the database may install it. */
  readonly trusted: boolean;
  /** Where its objects have to be; null: anywhere. */
  readonly schema: string | null;
  /** By name: the calls that they show, of functions in the schema of the extension. */
  readonly views?: Readonly<Record<string, string>>;
}

function known(version: string, comment: string): KnownModule {
  return { version, comment, relocatable: true, trusted: true, schema: null };
}

export const knownModules: Readonly<Record<string, KnownModule>> = {
  btree_gin: known('1.3', 'support for indexing common datatypes in GIN'),
  btree_gist: known('1.7', 'support for indexing common datatypes in GiST'),
  citext: known('1.6', 'data type for case-insensitive character strings'),
  hstore: known('1.8', 'data type for storing sets of (key, value) pairs'),
  pg_trgm: known('1.6', 'text similarity measurement and index searching based on trigrams'),
  pgcrypto: known('1.3', 'cryptographic functions'),
  pg_stat_statements: {
    ...known('1.10', 'track planning and execution statistics of all SQL statements executed'),
    trusted: false,
    views: {
      pg_stat_statements: 'pg_stat_statements(true)',
      pg_stat_statements_info: 'pg_stat_statements_info()',
    },
  },
  plpgsql: {
    ...known('1.0', 'PL/pgSQL procedural language'),
    relocatable: false,
    schema: 'pg_catalog',
  },
  'uuid-ossp': known('1.1', 'generate universally unique identifiers (UUIDs)'),
};

/** What others would bring that is not here. */
export const missingModules: Readonly<Record<string, string>> = {
  vector: 'The type vector and its index methods are not there.',
  postgis: 'The types geometry and geography are not there.',
  unaccent: 'The text search dictionary unaccent is not there.',
  fuzzystrmatch: 'soundex(), levenshtein() and metaphone() are not there.',
  ltree: 'The type ltree is not there.',
};
