// The compiled row layer of one table descriptor: ties formats, scans, writes and builds together.

import {
  asBuffer,
  DatabaseError,
  type Datum,
  type IndexDescriptor,
  KeyCodec,
  plainKeyColumn,
  SqlState,
  type TableDescriptor,
} from '#common';
import {
  type CommitTimestamp,
  type Key,
  type KeyBounds,
  type LockPolicy,
  openEnd,
  type ReadView,
  type RowLockMode,
  type Transaction,
} from '../contract.ts';
import { rowLockNotAvailable } from '../errors.ts';
import { openBulkLoad } from './bulk-load.ts';
import type { BatchShape } from './column-batch.ts';
import type { LayeredReader } from '../page-store.ts';
import type {
  BulkLoad,
  BulkLoadOptions,
  DatumRange,
  IndexComputation,
  InsertConflict,
  RowKeyCursor,
  RowReader,
  RowSource,
  ScanRequest,
  TableAccess,
  TableBuild,
  TableScan,
} from './contract.ts';
import { openIndexScan } from './index-scan.ts';
import { IndexFormat, rangeBounds } from './index-format.ts';
import { InvertedFormat } from './inverted-format.ts';
import { KeyedScan, openEntryKeys } from './keyed-scan.ts';
import { buildIndex, buildInverted, rewriteTable } from './table-build.ts';
import { RowFormat } from './row-format.ts';
import { openRowScan } from './row-scan.ts';
import { needsEnds, sourceValue, viewWithEnds } from './row-sources.ts';
import { RowWriter } from './row-writer.ts';

const latestView: ReadView = { kind: 'latest' };

const compiled = new WeakMap<TableDescriptor, CompiledTable>();

/** The row layer of a table; compiled once per descriptor object. */
export function tableAccess(table: TableDescriptor): TableAccess {
  let access = compiled.get(table);
  if (access === undefined) {
    access = new CompiledTable(table);
    compiled.set(table, access);
  }
  return access;
}

export class CompiledTable implements TableAccess {
  readonly table: TableDescriptor;
  readonly format: RowFormat;
  /** undefined: rows have a hidden 8-byte id. */
  readonly keyCodec: KeyCodec | undefined;
  /** All ordered ones but the clustered primary key. */
  readonly indexes: readonly IndexFormat[];
  readonly inverted: readonly InvertedFormat[];
  readonly #writer: RowWriter;

  constructor(table: TableDescriptor) {
    this.table = table;
    this.format = new RowFormat(table);
    const keyTypes = table.keyColumns.map((number) => table.columns[number - 1].type);
    this.keyCodec = keyTypes.length === 0 ? undefined : new KeyCodec(keyTypes.map(plainKeyColumn));
    const stored = table.indexes.filter((index) => !index.clustered && index.unstored !== true);
    this.indexes = stored
      .filter((index) => index.method !== 'gin')
      .map((index) => new IndexFormat(table, index));
    this.inverted = stored
      .filter((index) => index.method === 'gin')
      .map((index) => new InvertedFormat(index));
    this.#writer = new RowWriter(this);
  }

  rowKey(row: readonly Datum[]): Key {
    const { keyColumns } = this.table;
    if (keyColumns.length === 1) return this.keyCodec!.encodeFirst(row[keyColumns[0] - 1]);
    return this.keyCodec!.encode(keyColumns.map((number) => row[number - 1]!));
  }
  /** The key of the stored tuple in [start, end) of a buffer. */
  tupleKey(buffer: Buffer, start: number, end: number): Key {
    const { format } = this;
    const { keyColumns } = this.table;
    if (keyColumns.length === 1)
      return this.keyCodec!.encodeFirst(format.readAttribute(buffer, start, end, keyColumns[0]));
    return this.keyCodec!.encode(
      keyColumns.map((attribute) => format.readAttribute(buffer, start, end, attribute)),
    );
  }
  keyOf(keyValues: readonly Datum[]): Key {
    // No row has the empty key, and none has a null in its key.
    return keyValues.includes(null) ? '' : this.keyCodec!.encode(keyValues);
  }
  keyBounds(range: DatumRange): KeyBounds | undefined {
    return rangeBounds(this.keyCodec!, range);
  }
  indexBounds(indexOid: number, range: DatumRange): KeyBounds | undefined {
    const index = this.index(indexOid);
    return index === undefined ? this.keyBounds(range) : index.bounds(range);
  }
  /** undefined: the clustered primary key. */
  index(indexOid: number): IndexFormat | undefined {
    return this.indexes.find(({ index }) => index.oid === indexOid);
  }

  openScan(reader: RowReader, request: ScanRequest): TableScan {
    const { access, sources } = request;
    const view = viewWithEnds(request.view, sources);
    const backward = request.backward ?? false;
    const { table } = this;
    const shape = scanShape(this, reader, sources);
    if (access.kind === 'index') {
      const index = this.index(access.indexOid);
      if (index !== undefined) {
        const { bounds } = access;
        return openIndexScan(reader, {
          index,
          rowTree: table.treeId,
          bounds,
          backward,
          view,
          shape,
        });
      }
    }
    if (access.kind === 'rows') {
      return new KeyedScan(reader, { keys: access.keys, rowTree: table.treeId, view, shape });
    }
    const bounds = access.kind === 'full' ? everything : access.bounds;
    return openRowScan(reader, { tree: table.treeId, bounds, backward, view, shape });
  }
  openTerms(
    reader: RowReader & Partial<LayeredReader>,
    request: Parameters<TableAccess['openTerms']>[1],
  ): RowKeyCursor | undefined {
    const format = this.inverted.find(({ index }) => index.oid === request.indexOid);
    if (format === undefined) return undefined;
    return openEntryKeys(reader, {
      tree: format.index.treeId,
      bounds: format.bounds(request.position, request.terms),
      view: request.view,
    });
  }
  openEntries(
    reader: RowReader & Partial<LayeredReader>,
    { indexOid, bounds, view }: Parameters<TableAccess['openEntries']>[1],
  ): RowKeyCursor | undefined {
    const format = this.index(indexOid);
    return format && openEntryKeys(reader, { tree: format.index.treeId, bounds, view });
  }
  readColumns(
    reader: RowReader,
    key: Key,
    sources: readonly RowSource[],
    out: Datum[],
    view?: ReadView,
  ): boolean {
    if (view !== undefined && view.kind === 'asOf' && needsEnds(sources)) {
      return this.#readPast(reader, key, sources, out, view);
    }
    const tuple = reader.get(this.table.treeId, key, view);
    if (tuple === undefined) return false;
    const buffer = asBuffer(tuple);
    const { format } = this;
    for (let i = 0; i < sources.length; i++) {
      const source = sources[i];
      out[i] =
        source.kind === 'attribute'
          ? format.readAttribute(buffer, 0, buffer.length, source.attributeNumber)
          : this.#special(source, buffer, key, reader);
    }
    return true;
  }
  #special(source: RowSource, buffer: Buffer, key: Key, reader: RowReader): Datum {
    const facts = {
      buffer,
      start: 0,
      end: buffer.length,
      key,
      from: reader.lastReadFrom,
      to: openEnd,
    };
    return sourceValue(this.format, this.table.oid, source, facts, startOf(reader));
  }
  /** Only a cursor knows when a past version ended. */
  #readPast(
    reader: RowReader,
    key: Key,
    sources: readonly RowSource[],
    out: Datum[],
    view: ReadView | undefined,
  ): boolean {
    const cursor = reader.scan(
      this.table.treeId,
      { lower: key, upper: key + '\x00' },
      { view: viewWithEnds(view, sources) },
    );
    const found = cursor.next();
    if (found) {
      const buffer = asBuffer(cursor.value);
      const facts = { buffer, start: 0, end: buffer.length, key, from: cursor.from, to: cursor.to };
      sources.forEach((source, i) => {
        out[i] = sourceValue(this.format, this.table.oid, source, facts, startOf(reader));
      });
    }
    cursor.close();
    return found;
  }
  tupleColumns(
    tuple: Uint8Array,
    key: Key,
    from: CommitTimestamp,
    sources: readonly RowSource[],
    out: Datum[],
  ): void {
    const buffer = asBuffer(tuple);
    const facts = { buffer, start: 0, end: buffer.length, key, from, to: openEnd };
    for (let i = 0; i < sources.length; i++) {
      out[i] = sourceValue(this.format, this.table.oid, sources[i], facts, from);
    }
  }
  decodeRow(tuple: Uint8Array): Datum[] {
    return this.format.decode(tuple);
  }

  insertRow(transaction: Transaction, row: readonly Datum[]): Key {
    return this.#writer.insert(transaction, row);
  }
  insertOrConflict(
    transaction: Transaction,
    row: readonly Datum[],
    arbiters: readonly number[] | undefined,
  ): Key | InsertConflict {
    return this.#writer.insertOrConflict(transaction, row, arbiters);
  }
  fetchForUpdate(
    transaction: Transaction,
    key: Key,
    mode: RowLockMode,
    policy?: LockPolicy,
  ): Uint8Array | 'skipped' | undefined {
    const { treeId } = this.table;
    const options = policy === undefined ? undefined : { policy };
    try {
      if (transaction.lock(treeId, key, mode, options) === 'skipped') return 'skipped';
    } catch (error) {
      if (policy !== 'nowait' || !isNotAvailable(error)) throw error;
      throw rowLockNotAvailable(this.table.name);
    }
    // Under the lock the newest committed row is the snapshot's, and own writes of this command count.
    const tuple = transaction.get(treeId, key, latestView);
    return tuple === undefined ? undefined : Buffer.from(tuple);
  }
  updateRow(transaction: Transaction, key: Key, oldTuple: Uint8Array, row: readonly Datum[]): Key {
    return this.#writer.update(transaction, key, oldTuple, row);
  }
  deleteRow(transaction: Transaction, key: Key, oldTuple: Uint8Array): void {
    this.#writer.delete(transaction, key, oldTuple);
  }
  updateLock(attributes: readonly number[]): RowLockMode {
    return this.#writer.updateLock(attributes);
  }
  existsByIndex(
    transaction: Transaction,
    indexOid: number,
    values: readonly Datum[],
    mode?: RowLockMode,
  ): boolean {
    return this.#writer.existsByIndex(transaction, indexOid, values, mode);
  }

  setIndexComputation(indexOid: number, computation: IndexComputation): void {
    const inverted = this.inverted.find(({ index }) => index.oid === indexOid);
    (inverted ?? this.index(indexOid))?.setComputation(computation);
  }
  buildIndex(transaction: Transaction, index: IndexDescriptor): TableBuild {
    const inverted = this.inverted.find((format) => format.index.oid === index.oid);
    if (inverted !== undefined) return buildInverted(transaction, this, inverted);
    const known = this.index(index.oid);
    return buildIndex(transaction, this, known ?? new IndexFormat(this.table, index));
  }
  rewriteInto(
    transaction: Transaction,
    target: TableAccess,
    convert?: (row: Datum[]) => readonly Datum[],
  ): TableBuild {
    return rewriteTable(transaction, this, tableOf(target), convert);
  }
  openBulkLoad(transaction: Transaction, options: BulkLoadOptions): BulkLoad | undefined {
    return openBulkLoad(transaction, this, options);
  }
}

const everything: KeyBounds = { lower: undefined, upper: undefined };

export function scanShape(
  access: TableAccess,
  reader: RowReader,
  sources: readonly RowSource[],
): BatchShape {
  const { format, table } = tableOf(access);
  return {
    format,
    tableOid: table.oid,
    treeId: table.treeId,
    sources,
    startTimestamp: startOf(reader),
  };
}
function tableOf(access: TableAccess): CompiledTable {
  return access instanceof CompiledTable ? access : new CompiledTable(access.table);
}
function startOf(reader: RowReader & { readonly startTimestamp?: number }): number {
  return reader.startTimestamp ?? 0;
}

function isNotAvailable(error: unknown): boolean {
  return error instanceof DatabaseError && error.sqlState === SqlState.lockNotAvailable;
}
