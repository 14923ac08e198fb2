// Where in its data a COPY FROM failed, in PostgreSQL's words: CONTEXT says the line, and the column or the
// line's text.

import { databaseError, DatabaseError, SqlState } from '#common';
import type { Field } from './field-rows.ts';

const shownBytesMax = 100;

interface CopyShape {
  readonly tableName: string;
  readonly columnNames: readonly string[];
  readonly delimiter: string;
  readonly nullText: string;
  readonly binary: boolean;
}

/** A row with too few or too many fields: 22P04. */
export function wrongFieldCount(shape: CopyShape, line: number, fields: readonly Field[]): Error {
  const expected = shape.columnNames.length;
  const where = lineContext(shape, line, fields);
  if (shape.binary) {
    const message = `row field count is ${fields.length}, expected ${expected}`;
    return databaseError('badCopyFileFormat', message, { where });
  }
  if (fields.length > expected)
    return databaseError('badCopyFileFormat', 'extra data after last expected column', { where });
  const missing = shape.columnNames[fields.length];
  return databaseError('badCopyFileFormat', `missing data for column "${missing}"`, { where });
}

/** A value that its type does not take. */
export function locateValue(
  error: unknown,
  place: { readonly shape: CopyShape; readonly line: number; readonly column: string },
  field: Field,
): void {
  if (!(error instanceof DatabaseError)) return;
  const value = typeof field === 'string' ? `: "${shorten(field)}"` : '';
  error.where ??= `COPY ${place.shape.tableName}, line ${place.line}, column ${place.column}${value}`;
}

/** A row that the table does not take. The row of a violated key is known by its line only. */
export function locateRow(
  error: unknown,
  shape: CopyShape,
  line: number,
  fields: readonly Field[],
): void {
  if (!(error instanceof DatabaseError)) return;
  error.where ??=
    error.sqlState === SqlState.uniqueViolation
      ? `COPY ${shape.tableName}, line ${line}`
      : lineContext(shape, line, fields);
}

function lineContext(shape: CopyShape, line: number, fields: readonly Field[]): string {
  const head = `COPY ${shape.tableName}, line ${line}`;
  if (shape.binary) return head;
  const text = fields.map((field) => field ?? shape.nullText).join(shape.delimiter);
  return `${head}: "${shorten(text)}"`;
}

/** A row that neither a string nor a buffer could hold: 54000. */
export function tooLongRow(): Error {
  return databaseError('programLimitExceeded', 'out of memory', {
    detail: 'A row of the data is too long.',
  });
}

/** The names in a header line must be those of the columns: 22P04. */
export function checkHeader(shape: CopyShape, fields: readonly Field[]): void {
  const names = shape.columnNames;
  if (fields.length !== names.length) {
    throw databaseError(
      'badCopyFileFormat',
      `wrong number of fields in header line: got ${fields.length}, expected ${names.length}`,
    );
  }
  const wrong = names.findIndex((name, index) => fields[index] !== name);
  if (wrong < 0) return;
  throw databaseError(
    'badCopyFileFormat',
    `column name mismatch in header line field ${wrong + 1}: got "${String(fields[wrong])}", expected "${names[wrong]}"`,
  );
}

function shorten(text: string): string {
  return text.length > shownBytesMax ? `${text.slice(0, shownBytesMax)}...` : text;
}
