// One built-in type whose values are objects of their own kind or plain strings with rules of their
// own: all of its representations in one place. value-types.ts is the list.

import type { ByteWriter } from '../byte-writer.ts';
import type { Datum } from '../datum.ts';
import type { AnyTypeIo } from '../type-io/contract.ts';

export interface ValueType<Value extends Datum = Datum> {
  readonly oid: number;
  readonly io: AnyTypeIo;
  /** The stored form; without one the value is a string and stored as its UTF-8. */
  readonly codec?: {
    readonly write: (writer: ByteWriter, value: Value) => void;
    /** Reads the value that fills [start, end). */
    readonly read: (buffer: Buffer, start: number, end: number) => Value;
  };
  /** The default btree order; absent when the type has none. */
  readonly order?: {
    readonly compare: (left: Value, right: Value) => number;
    readonly hashKey: (value: Value) => string | number | bigint | boolean;
    /** Order-preserving and self-delimiting, as key-values.ts describes. */
    readonly encodeKey: (value: Value) => string;
  };
}

/** Type-erased, as the list holds them. */
export type AnyValueType = ValueType;

export function valueType<Value extends Datum>(type: ValueType<Value>): AnyValueType {
  return type as unknown as AnyValueType;
}
