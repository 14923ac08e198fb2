// One type's four representations outside the server: text in and out, binary in and out. The file
// of a family of types exports a table of these; type-io.ts is the list of tables.

import type { ByteWriter } from '../byte-writer.ts';
import type { Datum } from '../datum.ts';
import { databaseError, type DatabaseError } from '../errors.ts';
import type { FormatSettings } from '../format-settings.ts';

export interface TypeIo<Value extends Datum = Datum> {
  /** Text input, with the column's typmod applied; 22P02 and 22003 as PostgreSQL words them. */
  readonly input: (text: string, typmod: number, settings: FormatSettings) => Value;
  readonly output: (value: Value, settings: FormatSettings) => string;
  /** The wire's binary format, all of it; 22P03 or 08P01 when the length is wrong. */
  readonly receive: (bytes: Buffer, typmod: number) => Value;
  /** Appends the binary format without a length. */
  readonly send: (value: Value, writer: ByteWriter) => void;
  /** Appends text output without a length; only where that is faster than output(). */
  readonly writeText?: (value: Value, writer: ByteWriter, settings: FormatSettings) => void;
}

/** Type-erased, as the tables hold them. */
export type AnyTypeIo = TypeIo<Datum>;

export function typeIo<Value extends Datum>(io: TypeIo<Value>): AnyTypeIo {
  return io as unknown as AnyTypeIo;
}

export function invalidInput(typeName: string, text: string): DatabaseError {
  return databaseError(
    'invalidTextRepresentation',
    `invalid input syntax for type ${typeName}: "${text}"`,
  );
}

export function outOfRange(typeName: string, text: string): DatabaseError {
  return databaseError(
    'numericValueOutOfRange',
    `value "${text}" is out of range for type ${typeName}`,
  );
}

/** A binary value of fixed length. */
export function expectLength(bytes: Uint8Array, length: number): void {
  if (bytes.length < length) throw insufficientData();
  if (bytes.length > length) throw invalidBinary();
}

export function insufficientData(): DatabaseError {
  return databaseError('protocolViolation', 'insufficient data left in message');
}

export function invalidBinary(): DatabaseError {
  return databaseError('invalidBinaryRepresentation', 'incorrect binary data format');
}
