// The table layer's contract with the executor: rows and indexes over the ordered key-value trees of
// storage/contract.ts. A TableAccess is compiled once per descriptor object (tableAccess() keeps it in
// a WeakMap, so a new catalog version yields a new one) and holds no data.
//
// Everything is synchronous. What must wait for a lock throws LockWait or StatementRestart through the
// transaction (storage/contract.ts); the statement then starts over, so nothing here needs undoing.
// Row keys are opaque to callers: take them from a scan's `rowKey` source or from insertRow().

import type { Batch, Datum, IndexDescriptor, SqlType, TableDescriptor } from '#common';
import type {
  CommitTimestamp,
  Key,
  KeyBounds,
  LockPolicy,
  ReadView,
  RowLockMode,
  SnapshotReader,
  Transaction,
} from '../contract.ts';

/**
 * Columns that every row has besides its own. Times are timestamptz (microseconds since 2000); an open
 * end is Infinity.
 */
export type PseudoColumn =
  | '_tx_from'
  | '_tx_to'
  | '_valid_from'
  | '_valid_to'
  | 'tableoid'
  | 'ctid'
  | 'xmin'
  | 'xmax'
  | 'cmin'
  | 'cmax';

/** What a scan yields for one output column; the planner's ScanSource has this shape. */
export type RowSource =
  | { readonly kind: 'attribute'; readonly attributeNumber: number }
  | {
      readonly kind: 'pseudo';
      readonly name: PseudoColumn;
    }
  /** The row's Key as a string, for updateRow(), deleteRow() and fetchForUpdate(). */
  | { readonly kind: 'rowKey' };

/** What a Transaction and an executor thread's SnapshotReader have in common. */
export type RowReader = Pick<SnapshotReader, 'get' | 'lastReadFrom' | 'scan'>;

/** Values for a key's leading columns: `equal` fixes a prefix, lower/upper bound the column after it. */
export interface DatumRange {
  readonly equal: readonly Datum[];
  readonly lower?: { readonly value: Datum; readonly inclusive: boolean } | undefined;
  readonly upper?: { readonly value: Datum; readonly inclusive: boolean } | undefined;
}

export type RowAccess =
  | { readonly kind: 'full' }
  /** Bounds from TableAccess.keyBounds(). */
  | { readonly kind: 'key'; readonly bounds: KeyBounds }
  /** Bounds from TableAccess.indexBounds(). */
  | { readonly kind: 'index'; readonly indexOid: number; readonly bounds: KeyBounds }
  /** The rows with these keys, in this order; keys without a row are skipped. Not backward. */
  | { readonly kind: 'rows'; readonly keys: readonly Key[] };

/** Terms of one column of an inverted index: all with a prefix, or those between two. */
export type TermRange =
  | { readonly kind: 'prefix'; readonly term: string }
  | {
      readonly kind: 'between';
      readonly lower: { readonly term: string; readonly inclusive: boolean } | undefined;
      readonly upper: { readonly term: string; readonly inclusive: boolean } | undefined;
    };

/** Keys of rows; those of one term of an inverted index come in ascending order. */
export interface RowKeyCursor {
  /** undefined at the end. */
  next(): Key | undefined;
  close(): void;
}

export interface ScanRequest {
  readonly access: RowAccess;
  readonly sources: readonly RowSource[];
  /** Reverse key (or index) order. */
  readonly backward?: boolean;
  /** Default: the statement's snapshot. */
  readonly view?: ReadView;
}

/** Rows in key order (index order for an index scan). */
export interface TableScan {
  /**
   * Up to maxRows rows (at least one), undefined at the end. Columns are typed where the type allows
   * (common/batch.ts) and own their memory. Reads at most a few hundred index entries or pages past
   * what it returns, so a caller may check its interrupt once a batch.
   */
  nextBatch(maxRows: number): Batch | undefined;
  close(): void;
}

/** A row that a unique index already holds. */
export interface InsertConflict {
  readonly index: IndexDescriptor;
  readonly existing: Key;
}

/**
 * What SQL-free storage cannot compute about an index: its predicate and its expressions. The executor
 * registers them per index once compiled; indexes with neither need none.
 */
export interface IndexComputation {
  /** Is the row in the partial index? The row is indexed by attribute number - 1. */
  readonly includes?: (row: readonly Datum[]) => boolean;
  /** The value of an expression column, by its position among the index's columns. */
  readonly expression?: (row: readonly Datum[], position: number) => Datum;
  /** Types of expression columns, by position among the index's columns; others may be undefined. */
  readonly types?: readonly (SqlType | undefined)[];
  /** The distinct terms of a row in a column of an inverted index, as self-delimiting byte strings. */
  readonly terms?: (row: readonly Datum[], position: number) => Iterable<string>;
  /** Attributes that predicate and expressions read; absent: assume all. */
  readonly attributes?: readonly number[];
}

export interface TableAccess {
  readonly table: TableDescriptor;

  /** The row's key from its values by attribute number - 1; key columns must not be null. */
  rowKey(row: readonly Datum[]): Key;
  /** The row's key from the key columns' values in key order. */
  keyOf(keyValues: readonly Datum[]): Key;
  /** undefined: a bound or an equal value is null, so nothing matches. */
  keyBounds(range: DatumRange): KeyBounds | undefined;
  indexBounds(indexOid: number, range: DatumRange): KeyBounds | undefined;

  openScan(reader: RowReader, request: ScanRequest): TableScan;
  /** Point read: fills out[i] for sources[i]; false when the view has no such row. */
  readColumns(
    reader: RowReader,
    key: Key,
    sources: readonly RowSource[],
    out: Datum[],
    view?: ReadView,
  ): boolean;
  /** Sources of one stored tuple; `from` is the version's commit timestamp. */
  tupleColumns(
    tuple: Uint8Array,
    key: Key,
    from: CommitTimestamp,
    sources: readonly RowSource[],
    out: Datum[],
  ): void;
  /** All attributes of a stored tuple, by attribute number - 1 (dropped ones null). */
  decodeRow(tuple: Uint8Array): Datum[];

  /**
   * The rows that an inverted index holds under terms of a column. undefined: the view is of a time of
   * which the index says nothing, so read all rows.
   */
  openTerms(
    reader: RowReader,
    request: {
      readonly indexOid: number;
      readonly position: number;
      readonly terms: TermRange;
      readonly view?: ReadView;
    },
  ): RowKeyCursor | undefined;

  /**
   * The rows that an ordered index has between bounds, in index order. undefined: the view is of a time
   * of which the index says nothing.
   */
  openEntries(
    reader: RowReader,
    request: {
      readonly indexOid: number;
      readonly bounds: KeyBounds;
      readonly view?: ReadView;
    },
  ): RowKeyCursor | undefined;

  /**
   * Locks, checks unique indexes, writes row and index entries. The row has a value (or null) for each
   * attribute by number - 1, NOT NULL, CHECK and foreign keys already verified. 23505 on a duplicate.
   */
  insertRow(transaction: Transaction, row: readonly Datum[]): Key;
  /** As insertRow(), but a duplicate in one of `arbiters` (index oids; undefined: any unique index) is returned. */
  insertOrConflict(
    transaction: Transaction,
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict;
  /**
   * Locks the row and reads its newest version. undefined: there is none (deleted meanwhile);
   * "skipped" only with policy skip. The bytes are a copy.
   */
  fetchForUpdate(
    transaction: Transaction,
    key: Key,
    mode: RowLockMode,
    policy?: LockPolicy,
  ): Uint8Array | 'skipped' | undefined;
  /** The row is locked by fetchForUpdate(). Returns its key afterwards (another one if key columns changed). */
  updateRow(transaction: Transaction, key: Key, oldTuple: Uint8Array, row: readonly Datum[]): Key;
  deleteRow(transaction: Transaction, key: Key, oldTuple: Uint8Array): void;

  /** Weakest lock an UPDATE of these attributes needs: noKeyUpdate unless a unique index's column changes. */
  updateLock(attributes: readonly number[]): RowLockMode;
  /**
   * Is there a row whose columns of this (unique) index equal the values? Newest committed state and
   * own writes; locks the row (keyShare by default) so that it stays. For foreign keys.
   */
  existsByIndex(
    transaction: Transaction,
    indexOid: number,
    values: readonly Datum[],
    mode?: RowLockMode,
  ): boolean;

  /** Hooks for partial and expression indexes; call before any write to the table. */
  setIndexComputation(indexOid: number, computation: IndexComputation): void;
  /** Fills a new, empty index from the existing rows (newest versions). Step it until done. */
  buildIndex(transaction: Transaction, index: IndexDescriptor): TableBuild;
  /**
   * Copies all rows into the trees of `target`: another table descriptor over the same oid with new
   * tree ids, key columns or column types. `convert` maps a row (by attribute) to the new one.
   */
  rewriteInto(
    transaction: Transaction,
    target: TableAccess,
    convert?: (row: Datum[]) => readonly Datum[],
  ): TableBuild;
  /**
   * A bulk load that builds row and index trees directly, when that is safe: the table is empty for
   * everybody and no other transaction can write it. undefined: use insertRow().
   */
  openBulkLoad(transaction: Transaction, options: BulkLoadOptions): BulkLoad | undefined;
}

/** What the caller knows; with neither, there is no bulk load. */
export interface BulkLoadOptions {
  /** The table (or its newest TRUNCATE) is this transaction's own, so nobody else can name its trees. */
  readonly fresh: boolean;
  /** The transaction commits after this statement and does not read the table again before. */
  readonly lastStatement: boolean;
}

/** A long job in slices. */
export interface TableBuild {
  /** Handles up to maxRows rows; true when all are done. 23505 when a unique index has duplicates. */
  step(maxRows: number): boolean;
  /** Set while step() could do nothing: await it before the next step. */
  readonly waiting: Promise<void> | undefined;
  close(): void;
}

export interface BulkLoad {
  /** Its rows are not seen by this transaction either: they appear when it commits. */
  readonly isHidden: boolean;
  addRow(row: readonly Datum[]): void;
  /** A row in the table's newest tuple form, in the buffer's first `end` bytes, which are copied. */
  addTuple(buffer: Buffer, end: number): void;
  /** Bytes handed over and not yet taken by the writer: callers pause past some megabytes. */
  readonly backlogBytes: number;
  /** Resolves when the backlog has become smaller. */
  whenTaken(): Promise<void>;
  /** Resolves when the trees are on disk; visible once the transaction commits. 23505 on duplicates. */
  finish(): Promise<void>;
  abort(): void;
}
