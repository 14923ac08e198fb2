// A file of the server as rows, for read_csv, read_json and read_parquet. The file is read as the rows are
// asked for.

import { closeSync, openSync, readSync } from 'node:fs';
import {
  columnValue,
  databaseError,
  DatabaseError,
  typeInput,
  TypeOid,
  type Batch,
  type Datum,
  type RecordValue,
} from '#common';
import { functionRegistry, notYet, type FileRequest, type FunctionContext } from '#functions';
import { CsvRows } from '../copy/csv-rows.ts';
import type { Field } from '../copy/field-rows.ts';
import { TextBlocks } from '../copy/text-lines.ts';
import { ParquetBatches } from './parquet-batches.ts';
import type { FileColumn } from './rows-encoder.ts';

const chunkBytes = 1 << 18;

type Rows = Iterable<readonly Datum[] | typeof notYet>;

/** Errors of the file system are thrown as they are; 22P04 and the types' own for what the file holds. */
export function fileRows(request: FileRequest, context: FunctionContext): Rows {
  switch (request.format) {
    case 'csv':
      return csvRows(request, context);
    case 'json':
      return jsonRows(request, context);
    case 'parquet':
      return parquetRows(request, context);
  }
}

function* chunksOf(path: string): Generator<Buffer> {
  const file = openSync(path, 'r');
  try {
    const chunk = Buffer.alloc(chunkBytes);
    for (;;) {
      const bytes = readSync(file, chunk, 0, chunkBytes, null);
      if (bytes === 0) return;
      yield chunk.subarray(0, bytes);
    }
  } finally {
    closeSync(file);
  }
}

/** With a header, columns are found by their names in it, otherwise by their place. */
function* csvRows(request: FileRequest, context: FunctionContext): Generator<readonly Datum[]> {
  const { columns, delimiter, nullText } = request;
  checkDelimiter(delimiter);
  const names = columns.map((column) => column.name);
  const form = {
    delimiter,
    nullText,
    quote: '"',
    escape: '"',
    format: 'csv',
    header: 'none',
  } as const;
  const forced = { forceQuote: [], forceNull: [], forceNotNull: [] };
  const reader = new CsvRows({ ...form, ...forced }, names);
  const inputs = columns.map(({ type }) => typeInput(type.oid));
  let places: readonly number[] | undefined = request.header
    ? undefined
    : columns.map((_, place) => place);
  let line = 0;
  const convert = (fields: readonly Field[]): Datum[] => {
    const found = places!;
    return columns.map(({ name, type }, index) => {
      const field = fields[found[index]];
      if (field === undefined) throw missingData(name, line);
      try {
        return field === null ? null : inputs[index](field as string, type.typmod, context);
      } catch (error) {
        if (error instanceof DatabaseError)
          error.where ??= `line ${line} of the file, column ${name}`;
        throw error;
      }
    });
  };
  const take = function* (rows: readonly Field[][]): Generator<readonly Datum[]> {
    for (const fields of rows) {
      line++;
      if (places === undefined) places = placesOf(columns, fields);
      else yield convert(fields);
    }
  };
  for (const chunk of chunksOf(request.path)) {
    const rows: Field[][] = [];
    reader.push(chunk, rows);
    yield* take(rows);
    context.checkCancel();
  }
  const last: Field[][] = [];
  reader.finish(last);
  yield* take(last);
}

function checkDelimiter(delimiter: string): void {
  if (Buffer.byteLength(delimiter) === 1 && !/["\r\n]/.test(delimiter)) return;
  throw databaseError('invalidParameterValue', 'the delimiter must be a single one-byte character');
}

function placesOf(columns: readonly FileColumn[], header: readonly Field[]): number[] {
  return columns.map(({ name }) => {
    const place = header.indexOf(name);
    if (place >= 0) return place;
    throw databaseError('undefinedColumn', `column "${name}" is not in the file`);
  });
}

function missingData(column: string, line: number): Error {
  return databaseError('badCopyFileFormat', `missing data for column "${column}"`, {
    where: `line ${line} of the file`,
  });
}

/** An object a line, as json_to_record() takes it; empty lines are passed over. */
function* jsonRows(request: FileRequest, context: FunctionContext): Generator<readonly Datum[]> {
  const [signature] = functionRegistry.functionsNamed('json_to_record');
  const toRecord = functionRegistry.scalar(signature.oid, {
    argumentTypes: [TypeOid.json],
    resultType: TypeOid.record,
    columns: request.columns,
  }) as unknown as (context: FunctionContext, document: string) => RecordValue;
  const checkJson = typeInput(TypeOid.json);
  const blocks = new TextBlocks();
  let line = 0;
  const take = function* (text: string): Generator<readonly Datum[]> {
    for (const document of text.split('\n')) {
      line++;
      if (document.trim() === '') continue;
      try {
        checkJson(document, -1, context);
        yield toRecord(context, document).fields;
      } catch (error) {
        if (error instanceof DatabaseError) error.where ??= `line ${line} of the file`;
        throw error;
      }
    }
  };
  for (const chunk of chunksOf(request.path)) {
    const text = blocks.push(chunk);
    if (text !== undefined) yield* take(text.slice(0, -1));
    context.checkCancel();
  }
  yield* take(blocks.finish());
}

/** The file is decoded in a thread of its own; while it has nothing, others have their turn. */
function* parquetRows(
  { path, columns }: FileRequest,
  context: FunctionContext,
): Generator<readonly Datum[] | typeof notYet> {
  const opening = new Awaited(ParquetBatches.open(path, columns, context));
  let batches: ParquetBatches | undefined;
  try {
    while (!opening.settled) yield notYet;
    batches = opening.value();
    for (;;) {
      const reading = new Awaited(batches.next());
      while (!reading.settled) {
        context.checkCancel();
        yield notYet;
      }
      const batch = reading.value();
      if (batch === undefined) return;
      yield* rowsOf(batch);
    }
  } finally {
    if (batches !== undefined) batches.close();
    else opening.whenValue((opened) => opened.close());
  }
}

function* rowsOf(batch: Batch): Generator<readonly Datum[]> {
  for (let row = 0; row < batch.length; row++)
    yield batch.columns.map((column) => columnValue(column, row));
}

/** A promise that is looked at now and then. */
class Awaited<Value> {
  settled = false;
  private readonly promise: Promise<Value>;
  private result: { readonly value: Value } | undefined;
  private error: unknown;

  constructor(promise: Promise<Value>) {
    this.promise = promise;
    promise.then(
      (value) => {
        this.result = { value };
        this.settled = true;
      },
      (error: unknown) => {
        this.error = error;
        this.settled = true;
      },
    );
  }
  /** Once settled. */
  value(): Value {
    if (this.result === undefined) throw this.error as Error;
    return this.result.value;
  }
  whenValue(action: (value: Value) => void): void {
    this.promise.then(action, () => {});
  }
}
