// Descriptors of schema objects: plain, immutable data. The catalog (storage/catalog) keeps each as
// one row; the planner and the executor read them. An oid never changes and is unique in the server;
// a tree id names stored data and changes when the data are rewritten (TRUNCATE, type changes).
//
// Expressions and views are kept as SQL text together with the search path under which the text was
// bound, and what they depend on: text survives new versions of the code, bound trees would not.

import type { PolicyDescriptor } from './policies.ts';
import type { EntryDescriptor, EntryOptions } from './catalog-entries.ts';
import type { RuleDescriptor } from './rules.ts';
import type { CollationDescriptor } from './collations.ts';
import type { RoutineDescriptor, TriggerDescriptor } from './routines.ts';
import type { StatisticsDescriptor } from './statistics.ts';
import type { SqlType } from './types.ts';

export interface StoredExpression {
  readonly sql: string;
  /** Objects that the expression uses (functions, types, sequences, relations), for DROP. */
  readonly dependencies: readonly number[];
}

export interface DatabaseDescriptor {
  readonly kind: 'database';
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  readonly allowConnections: boolean;
  readonly isTemplate: boolean;
  readonly connectionLimit: number;
  readonly comment?: string;
  readonly acl?: readonly string[];
  /** ALTER DEFAULT PRIVILEGES */
  readonly defaultAcls?: readonly DefaultAcl[];
  /** ALTER DATABASE … SET */
  readonly settings?: Readonly<Record<string, string>>;
}

/** What objects that a role makes are granted from the start. */
export interface DefaultAcl {
  readonly role: number;
  /** 0: in every schema. */
  readonly schema: number;
  /** pg_default_acl.defaclobjtype: relations, sequences, functions, types, schemas. */
  readonly objectType: 'r' | 'S' | 'f' | 'T' | 'n';
  /** For one schema: what comes on top; otherwise the whole list. */
  readonly acl: readonly string[];
}

export interface RoleDescriptor {
  readonly kind: 'role';
  readonly oid: number;
  readonly name: string;
  readonly superuser: boolean;
  readonly inherit: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly login: boolean;
  readonly replication: boolean;
  readonly bypassRowSecurity: boolean;
  readonly connectionLimit: number;
  /** SCRAM-SHA-256 verifier in PostgreSQL's format, or null. */
  readonly passwordVerifier: string | null;
  /** Microseconds since 2000-01-01 UTC, or null. */
  readonly validUntil: number | null;
  readonly memberOf: readonly number[];
  /** Those of memberOf that it may grant on (WITH ADMIN OPTION). */
  readonly adminOf?: readonly number[];
  readonly settings?: Readonly<Record<string, string>>;
  readonly comment?: string;
}

export interface SchemaDescriptor {
  readonly kind: 'schema';
  readonly oid: number;
  readonly name: string;
  readonly owner: number;
  readonly comment?: string;
  /** GRANTs (policy/grants/acl.ts). */
  readonly acl?: readonly string[];
}

export interface ColumnDescriptor {
  readonly name: string;
  /** 1-based, never reused within the table. */
  readonly attributeNumber: number;
  readonly type: SqlType;
  readonly notNull: boolean;
  readonly dropped: boolean;
  readonly default?: StoredExpression;
  readonly identity?: 'always' | 'by default';
  /** GENERATED ALWAYS AS (…) STORED */
  readonly generated?: StoredExpression;
  /** Sequence owned through serial or identity. */
  readonly sequenceOid?: number;
  /** For rows older than the column: the value as text input of its type, or absent for null. */
  readonly missingValue?: string;
  /** ALTER COLUMN … SET STATISTICS; absent or -1: default_statistics_target. */
  readonly statisticsTarget?: number;
  /** False: it is there only because a parent table has it. */
  readonly isLocal?: boolean;
  /** How many parent tables have it. */
  readonly inheritCount?: number;
  /** OPTIONS of a foreign table's column. */
  readonly foreignOptions?: EntryOptions;
  readonly comment?: string;
  readonly acl?: readonly string[];
}

export interface IndexColumn {
  /** 0 when the key is an expression. */
  readonly attributeNumber: number;
  readonly expression?: StoredExpression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** When it is not the default of the column's type. */
  readonly operatorClass?: string;
  /** COLLATE: entries are in the order of bytes all the same. */
  readonly collation?: number;
  /** Absent in indexes of constraints: the default of the column's type. */
  readonly operatorClassOid?: number;
  /** Of an expression. */
  readonly type?: SqlType;
  /** SET STATISTICS, of an expression. */
  readonly statisticsTarget?: number;
}

export interface IndexDescriptor {
  readonly kind: 'index';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly tableOid: number;
  readonly treeId: number;
  /** As of tables. */
  readonly fileNode?: number;
  /** As of tables. */
  readonly tablespace?: number;
  readonly method: string;
  readonly unique: boolean;
  readonly nullsNotDistinct: boolean;
  /** The primary key's index is the table's row tree itself when `clustered`. */
  readonly primary: boolean;
  readonly clustered: boolean;
  /**
   * It holds no entries: an exclusion constraint's says what is compared, one of a method that keeps
   * none here is a declaration.
   */
  readonly unstored?: boolean;
  /** Of a deferrable constraint: entries do not exclude each other, writers look when it is time. */
  readonly deferrable?: boolean;
  /** The parent table's index that it is a part of. */
  readonly parentOid?: number;
  readonly columns: readonly IndexColumn[];
  readonly included: readonly number[];
  readonly predicate?: StoredExpression;
  /** WITH (…) options as given. */
  readonly options?: Readonly<Record<string, string>>;
  readonly valid: boolean;
  readonly comment?: string;
}

export type ForeignKeyAction = 'no action' | 'restrict' | 'cascade' | 'set null' | 'set default';

export type ConstraintDescriptor = {
  readonly kind: 'constraint';
  readonly oid: number;
  readonly name: string;
  readonly tableOid: number;
  readonly columns: readonly number[];
  /** The parent table's constraint that it comes from, for indexes' and foreign keys' constraints. */
  readonly parentOid?: number;
  /** False: it is there only because a parent table has it. */
  readonly isLocal?: boolean;
  /** How many parent tables have it. */
  readonly inheritCount?: number;
  readonly deferrable: boolean;
  readonly initiallyDeferred: boolean;
  readonly validated: boolean;
  readonly comment?: string;
} & (
  | { readonly type: 'primary' | 'unique'; readonly indexOid: number }
  /** No two rows for which all operators (oids) hold, column by column of the index. */
  | {
      readonly type: 'exclude';
      readonly indexOid: number;
      readonly operators: readonly number[];
    }
  | { readonly type: 'check'; readonly expression: StoredExpression; readonly noInherit: boolean }
  | {
      readonly type: 'foreign';
      readonly referencedTable: number;
      readonly referencedColumns: readonly number[];
      readonly referencedIndex: number;
      readonly match: 'simple' | 'full';
      readonly onDelete: ForeignKeyAction;
      readonly onUpdate: ForeignKeyAction;
      /** ON DELETE SET NULL (columns) */
      readonly onDeleteColumns?: readonly number[];
    }
);

export interface PartitionKey {
  /** 0 when the key is an expression. */
  readonly attributeNumber: number;
  readonly expression?: StoredExpression;
  readonly type: SqlType;
}

/** How a partitioned table sends its rows to its partitions. It has no rows itself. */
export interface Partitioning {
  readonly strategy: 'range' | 'list' | 'hash';
  readonly keys: readonly PartitionKey[];
}

/** One end of a range for one key: a value as the text of its type, or no end. */
export type RangeDatum = { readonly value: string } | 'minimum' | 'maximum';

/** FOR VALUES of a partition. Values are texts of their key's type. */
export type PartitionBound =
  | { readonly kind: 'default' }
  | { readonly kind: 'list'; readonly values: readonly (string | null)[] }
  /** lower is inclusive, upper is not; one of each per key. */
  | {
      readonly kind: 'range';
      readonly lower: readonly RangeDatum[];
      readonly upper: readonly RangeDatum[];
    }
  | { readonly kind: 'hash'; readonly modulus: number; readonly remainder: number };

/** A layout of stored tuples; a new one is added when columns are added or change type. */
export interface TupleVersion {
  readonly version: number;
  /** Attribute numbers and types in stored order. */
  readonly columns: readonly { readonly attributeNumber: number; readonly type: SqlType }[];
}

export interface TableDescriptor {
  readonly kind: 'table';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly treeId: number;
  /** pg_class.relfilenode, new with each rewrite; absent: the oid. */
  readonly fileNode?: number;
  /** Where it was put by name; absent: in the database's own tablespace. */
  readonly tablespace?: number;
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  /** All columns in attribute order, dropped ones included. */
  readonly columns: readonly ColumnDescriptor[];
  readonly tupleVersions: readonly TupleVersion[];
  /**
   * Attribute numbers of the primary key, which orders the row tree; empty: a hidden 8-byte row id
   * does (counter `treeId`).
   */
  readonly keyColumns: readonly number[];
  /** Row type's oid (pg_type). */
  readonly rowTypeOid: number;
  /** The array type over it. */
  readonly rowArrayOid?: number;
  /** History is kept this long in microseconds; absent: for ever. */
  readonly retentionMicros?: number;
  /** WITH (…) options as given. */
  readonly options?: Readonly<Record<string, string>>;
  readonly indexes: readonly IndexDescriptor[];
  readonly constraints: readonly ConstraintDescriptor[];
  /** CREATE TABLE … OF type. */
  readonly ofTypeOid?: number;
  /** A materialized view: the query that fills it, and whether it has. */
  readonly materialized?: { readonly definition: StoredExpression; readonly populated: boolean };
  /** CREATE FOREIGN TABLE: its server, and OPTIONS. */
  readonly foreign?: { readonly server: number; readonly options: EntryOptions };
  /** REPLICA IDENTITY; absent: the primary key. */
  readonly replicaIdentity?: 'full' | 'nothing' | { readonly indexOid: number };
  /** CREATE STATISTICS. */
  readonly statistics?: readonly StatisticsDescriptor[];
  /** ENABLE ROW LEVEL SECURITY: who is not exempt sees rows by policies; `forced`: the owner is not. */
  readonly rowSecurity?: { readonly enabled: boolean; readonly forced: boolean };
  /** In order of their names. */
  readonly policies?: readonly PolicyDescriptor[];
  readonly partitioning?: Partitioning;
  /** Of a partition; its parent is the one table that it inherits from. */
  readonly partitionBound?: PartitionBound;
  /** Oids of the tables that it inherits from, in order. */
  readonly parents?: readonly number[];
  /** Oids of the tables that inherit from it directly; kept by the catalog. */
  readonly children?: readonly number[];
  /** Foreign keys of other tables that point here (oids of constraints); kept by the catalog. */
  readonly referencedBy: readonly { readonly tableOid: number; readonly constraintOid: number }[];
  /** In order of their names. */
  readonly triggers?: readonly TriggerDescriptor[];
  /** In order of their names. */
  readonly rules?: readonly RuleDescriptor[];
  readonly comment?: string;
  readonly acl?: readonly string[];
}

export interface ViewDescriptor {
  readonly kind: 'view';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly rowTypeOid: number;
  readonly rowArrayOid?: number;
  readonly columns: readonly ColumnDescriptor[];
  /** A SELECT with every name schema-qualified and * expanded. */
  readonly definition: StoredExpression;
  readonly checkOption: 'none' | 'local' | 'cascaded';
  /** In order of their names. */
  readonly triggers?: readonly TriggerDescriptor[];
  /** In order of their names. */
  readonly rules?: readonly RuleDescriptor[];
  readonly options?: Readonly<Record<string, string>>;
  readonly comment?: string;
  readonly acl?: readonly string[];
}

export interface SequenceDescriptor {
  readonly kind: 'sequence';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  /** Where the value lives (storage's counters). */
  readonly counterId: number;
  readonly dataType: number;
  /** int8 as decimal text, since JSON has no bigint. */
  readonly start: string;
  readonly increment: string;
  readonly minimum: string;
  readonly maximum: string;
  readonly cache: string;
  readonly cycle: boolean;
  /** OWNED BY, serial, identity. */
  readonly ownedBy?: { readonly tableOid: number; readonly attributeNumber: number };
  readonly persistence: 'permanent' | 'unlogged' | 'temporary';
  readonly comment?: string;
  readonly acl?: readonly string[];
}

/** Objects of one database that have a name in a schema and rows or a value. */
export type RelationDescriptor =
  | TableDescriptor
  | ViewDescriptor
  | SequenceDescriptor
  | IndexDescriptor
  | SystemRelationDescriptor;

/** One value of an enum. */
export interface EnumLabel {
  readonly oid: number;
  readonly label: string;
  /** Its place; the value itself, wherever one is kept (datum.ts). Never changes. */
  readonly order: number;
}

export interface DomainConstraint {
  readonly oid: number;
  readonly name: string;
  /** Over VALUE. */
  readonly expression: StoredExpression;
  readonly validated: boolean;
  readonly comment?: string;
}

export type UserTypeDefinition =
  /** In order. */
  | { readonly type: 'enum'; readonly labels: readonly EnumLabel[] }
  | {
      readonly type: 'domain';
      readonly base: SqlType;
      readonly notNull: boolean;
      readonly default?: StoredExpression;
      /** In order of their names. */
      readonly constraints: readonly DomainConstraint[];
    }
  | {
      readonly type: 'composite';
      /** Its place in pg_class. */
      readonly relationOid: number;
      /** In attribute order, dropped ones included. */
      readonly columns: readonly ColumnDescriptor[];
    }
  | {
      readonly type: 'range';
      readonly subtype: SqlType;
      readonly multirangeOid: number;
      readonly multirangeName: string;
      readonly multirangeArrayOid: number;
      /** Of btree; undefined: the default one of the subtype. */
      readonly operatorClassOid?: number;
      readonly subtypeDiffOid?: number;
    };

/** A type that a user has made. The row types of tables and views belong to their relation. */
export interface UserTypeDescriptor {
  readonly kind: 'type';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  /** The array type over it, and that type's name. */
  readonly arrayOid: number;
  readonly arrayName: string;
  readonly definition: UserTypeDefinition;
  readonly comment?: string;
  readonly acl?: readonly string[];
}

/** The query of a view, materialized or not; undefined for other relations. */
export function queryOf(relation: RelationDescriptor | undefined): StoredExpression | undefined {
  if (relation?.kind === 'view') return relation.definition;
  return relation?.kind === 'table' ? relation.materialized?.definition : undefined;
}

/** A relation of pg_catalog or information_schema: computed, read-only. */
export interface SystemRelationDescriptor {
  readonly kind: 'system';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly rowTypeOid: number;
  readonly columns: readonly ColumnDescriptor[];
}

export type CatalogObject =
  | DatabaseDescriptor
  | RoleDescriptor
  | SchemaDescriptor
  | TableDescriptor
  | ViewDescriptor
  | SequenceDescriptor
  | UserTypeDescriptor
  | CollationDescriptor
  | RoutineDescriptor
  | EntryDescriptor;

/** Oids that every cluster has. User objects start at 16384, as in PostgreSQL. */
export const BuiltinOid = {
  pgCatalogSchema: 11,
  publicSchema: 2200,
  informationSchema: 13000,
  bootstrapRole: 10,
  templateDatabase: 1,
  postgresDatabase: 5,
  firstUserOid: 16384,
} as const;

/** Pseudo-columns that every table has by name and that * leaves out. */
export const pseudoColumns = ['_tx_from', '_tx_to', '_valid_from', '_valid_to'] as const;
export type PseudoColumn = (typeof pseudoColumns)[number];
