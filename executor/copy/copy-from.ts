// COPY FROM: bytes in, batches of rows out to an INSERT plan. The caller pushes bytes, then runs the
// batches one after another; each is a small statement of its own that may wait for locks and be run
// again. Into an empty table that nobody else can write, rows go straight into new pages.

import type { CopyStmt } from '@pgsql/types';
import {
  asBuffer,
  batchRows,
  DatabaseError,
  genericColumn,
  notSupported,
  typeInput,
  typeReceive,
  type Batch,
  type Datum,
  typeByOid,
  type SqlType,
} from '#common';
import type { BindContext, Catalog, PhysicalPlan } from '#planner';
import { type BulkLoad, type BulkLoadOptions, TableLock, tableAccess } from '#storage';
import { ParquetBatches } from '../columnar-files/parquet-batches.ts';
import { takesBulkLoad } from '../bulk-insert.ts';
import type { ExecutionContext } from '../contract.ts';
import { executePlan } from '../execute-plan.ts';
import { BinaryRows } from './binary-rows.ts';
import { checkHeader, locateRow, locateValue, wrongFieldCount } from './copy-errors.ts';
import { copyOptions, type CopyOptions } from './copy-options.ts';
import { copyTarget, insertPlan, type CopyTarget } from './copy-plan.ts';
import { CsvRows } from './csv-rows.ts';
import { DirectRows, takesDirectRows } from './direct-rows.ts';
import type { Field, FieldRows } from './field-rows.ts';
import { TextRows } from './text-rows.ts';

/** Bytes that a bulk load may be ahead of its writer. */
const backlogBytesMax = 16 << 20;

export class CopyFrom {
  readonly columnCount: number;
  readonly binary: boolean;
  /** The rows are in a file that openParquet() reads; nothing is pushed. */
  readonly isParquet: boolean;
  private readonly target: CopyTarget;
  private readonly options: CopyOptions;
  private readonly plan: PhysicalPlan;
  private readonly reader: FieldRows;
  private readonly convert: readonly ((field: Field) => Datum)[];
  private readonly shape: Parameters<typeof checkHeader>[0];
  private readonly hasCondition: boolean;
  private fields: Field[][] = [];
  /** The rows of the last batch. */
  private taken: { readonly rows: readonly Field[][]; readonly lastLine: number } = {
    rows: [],
    lastLine: 0,
  };
  /** Of the row after the last batch. */
  private failure: Error | undefined;
  private position = 0;
  private line = 0;
  private headerPending: boolean;
  private bulk: BulkLoad | undefined;
  private direct: DirectRows | undefined;
  rowCount = 0;

  constructor(statement: CopyStmt, bindContext: BindContext, context: ExecutionContext) {
    this.target = copyTarget(statement, bindContext);
    this.options = copyOptions(statement);
    this.plan = insertPlan(this.target, bindContext, statement.whereClause);
    this.columnCount = this.target.columns.length;
    this.binary = this.options.format === 'binary';
    this.isParquet = this.options.format === 'parquet';
    if (this.isParquet && statement.filename === undefined)
      throw notSupported('COPY FROM STDIN in Parquet format');
    this.headerPending = this.options.header !== 'none';
    this.hasCondition = statement.whereClause !== undefined;
    this.shape = {
      tableName: this.target.table.name,
      columnNames: this.target.columns.map((column) => column.name),
      delimiter: this.options.delimiter,
      nullText: this.options.nullText,
      binary: this.binary,
    };
    this.reader = this.makeReader();
    this.convert = this.makeConverters(context);
  }

  private makeReader(): FieldRows {
    switch (this.options.format) {
      case 'arrow':
        throw notSupported('COPY FROM in Arrow format');
      // Rows of a Parquet file come in batches: see openParquet().
      case 'parquet':
      case 'binary':
        return new BinaryRows();
      case 'csv':
        return new CsvRows(
          this.options,
          this.target.columns.map((column) => column.name),
        );
      case 'text':
        return new TextRows(this.options);
    }
  }

  private makeConverters(context: ExecutionContext): readonly ((field: Field) => Datum)[] {
    return this.target.columns.map(({ type }) => {
      if (typeByOid(type.oid)?.kind === 'domain') return this.domainConverter(type, context);
      if (this.binary) {
        const receive = typeReceive(type.oid);
        return (field) => (field === null ? null : receive(field as Uint8Array, type.typmod));
      }
      const input = typeInput(type.oid);
      const { functions } = context;
      return (field) => (field === null ? null : input(field as string, type.typmod, functions));
    });
  }

  /** A file of values: its batches go to insert(). See ParquetBatches for the errors. */
  openParquet(path: string, context: ExecutionContext): Promise<ParquetBatches> {
    return ParquetBatches.open(path, this.target.columns, context.functions);
  }

  /** A domain has its say about nulls, too. */
  private domainConverter(
    { oid }: SqlType,
    { functions }: ExecutionContext,
  ): (field: Field) => Datum {
    const receive = typeReceive(oid);
    const input = typeInput(oid);
    return (field) => {
      if (field !== null && !this.binary) return input(field as string, -1, functions);
      const value = field === null ? null : receive(field as Uint8Array, -1);
      functions.catalog.checkDomain?.(oid, value);
      return value;
    };
  }

  /** Takes the table lock and decides whether rows can be loaded in bulk. May throw a LockWait. */
  begin(context: ExecutionContext, bulk: BulkLoadOptions): void {
    const { table } = this.target;
    context.transaction.lockTable(table.oid, TableLock.rowExclusive);
    if (this.bulk === undefined && this.plan.root.kind === 'insert' && takesBulkLoad(table)) {
      this.bulk = tableAccess(table).openBulkLoad(context.transaction, bulk);
      this.openDirect(this.bulk, context);
    }
  }

  private openDirect(bulk: BulkLoad | undefined, { functions }: ExecutionContext): void {
    const { target, options } = this;
    if (bulk === undefined || !takesDirectRows(target, this.plan, options)) return;
    this.direct = new DirectRows(target, options, functions, (buffer, end) =>
      bulk.addTuple(buffer, end),
    );
  }

  /** Is the table still as it was when the plan was made? Asked once its lock is held. */
  isCurrent(catalog: Catalog): boolean {
    return catalog.tableByOid(this.target.table.oid) === this.target.table;
  }

  push(chunk: Uint8Array): void {
    const left = this.takeDirectly(asBuffer(chunk));
    if (left !== undefined) this.withContext(() => this.reader.push(left, this.fields));
  }

  /** Rows that need no values go straight to the bulk load; answers the bytes that are left to the reader. */
  private takeDirectly(chunk: Buffer): Buffer | undefined {
    const { direct, reader } = this;
    const isTurn =
      direct !== undefined &&
      !this.headerPending &&
      this.fields.length === this.position &&
      reader.isBetweenRows &&
      !reader.ended;
    if (!isTurn) return chunk;
    const before = direct.rowCount;
    const left = direct.take(chunk);
    this.line += direct.rowCount - before;
    this.rowCount += direct.rowCount - before;
    return left;
  }

  /** No more data come. */
  end(): void {
    const left = this.direct?.leave(noBytes) ?? noBytes;
    this.withContext(() => {
      if (left.length > 0) this.reader.push(left, this.fields);
      this.reader.finish(this.fields);
    });
  }

  /**
   * Enough rows for a batch are waiting, or (at the end) any; rows that were not taken directly are not
   * kept, so that the next ones can be.
   */
  hasBatch(atEnd: boolean): boolean {
    const least = atEnd || this.direct !== undefined ? 1 : batchRows;
    return this.failure !== undefined || this.fields.length - this.position >= least;
  }

  /** The next rows as a batch of values; insert() writes it, again after a LockWait if need be. */
  takeBatch(): Batch {
    if (this.failure !== undefined) throw this.failure;
    const columns: Datum[][] = Array.from({ length: this.columnCount }, () => []);
    const rows: Field[][] = [];
    while (rows.length < batchRows && this.position < this.fields.length) {
      const fields = this.fields[this.position++];
      this.line++;
      if (this.headerPending) {
        this.headerPending = false;
        if (this.options.header === 'match') checkHeader(this.shape, fields);
        continue;
      }
      try {
        this.addRow(fields, columns);
      } catch (error) {
        // The rows before this one come first, and may fail first.
        if (rows.length === 0) throw error;
        this.failure = error as Error;
        break;
      }
      rows.push(fields);
    }
    const { length } = rows;
    this.taken = { rows, lastLine: this.failure === undefined ? this.line : this.line - 1 };
    // What is left is less than a batch, or waits for the next one.
    this.fields = this.fields.slice(this.position);
    this.position = 0;
    for (const values of columns) values.length = length;
    return { length, columns: columns.map(genericColumn) };
  }

  private addRow(fields: readonly Field[], columns: readonly Datum[][]): void {
    const { convert, columnCount } = this;
    if (fields.length > columnCount || (this.binary && fields.length < columnCount)) {
      // Of a table without columns, every row is an empty line.
      if (columnCount === 0 && fields.length === 1 && (fields[0] ?? '') === '') return;
      throw wrongFieldCount(this.shape, this.line, fields);
    }
    for (let index = 0; index < columnCount; index++) {
      // The fields before the missing one have been looked at, and may be what is wrong.
      if (index === fields.length) throw wrongFieldCount(this.shape, this.line, fields);
      try {
        columns[index].push(convert[index](fields[index]));
      } catch (error) {
        const column = this.target.columns[index].name;
        locateValue(error, { shape: this.shape, line: this.line, column }, fields[index]);
        throw error;
      }
    }
  }

  private withContext(read: () => void): void {
    try {
      read();
    } catch (error) {
      if (error instanceof DatabaseError) {
        error.where ??= `COPY ${this.target.table.name}, line ${this.line + this.fields.length - this.position + 1}`;
      }
      throw error;
    }
  }

  get tableOid(): number {
    return this.target.table.oid;
  }

  /** Writes one batch. May throw a LockWait or StatementRestart: roll back to before it and call again. */
  insert(batch: Batch, context: ExecutionContext): void {
    const { bulk } = this;
    const { interrupt } = context;
    const feeding: ExecutionContext = {
      ...context,
      feed: batch,
      feedProgress: { row: 0 },
      // A batch is small: it runs as a whole, and others have their turn after it.
      interrupt: { check: () => interrupt.check(), sliceOver: () => false },
      ...(bulk === undefined ? {} : { bulkLoad: { tableOid: this.target.table.oid, load: bulk } }),
    };
    const execution = executePlan(this.plan, feeding);
    try {
      while (execution.next() !== undefined) interrupt.check();
      this.rowCount += execution.rowCount;
    } catch (error) {
      this.locateRow(error, feeding.feedProgress!.row);
      throw error;
    } finally {
      execution.close();
    }
  }

  /** The row of the batch that failed; rows that WHERE has passed over are not counted. */
  private locateRow(error: unknown, row: number): void {
    const { rows, lastLine } = this.taken;
    if (row >= rows.length || this.hasCondition) return;
    locateRow(error, this.shape, lastLine - rows.length + 1 + row, rows[row]);
  }

  /** True: let the writer of a bulk load catch up before the next batch. */
  get isAhead(): boolean {
    return this.bulk !== undefined && this.bulk.backlogBytes > backlogBytesMax;
  }

  /** All batches are in: completes a bulk load. */
  async finish(): Promise<void> {
    const { bulk } = this;
    this.bulk = undefined;
    this.direct = undefined;
    await bulk?.finish();
  }

  /** The row layer names the table whose key is violated; it knows no schemas. */
  nameSchema(error: unknown): void {
    if (!(error instanceof DatabaseError) || error.table !== this.target.table.name) return;
    error.schema ??= this.target.schemaName;
  }

  abort(): void {
    this.bulk?.abort();
    this.bulk = undefined;
    this.direct = undefined;
  }
}

const noBytes = Buffer.alloc(0);
