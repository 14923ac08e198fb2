// Parameter values of a Bind message, text or binary, as Datums of the parameter types.

import {
  typeInput,
  TypeOid,
  typeReceive,
  type Datum,
  type FormatSettings,
  type SqlType,
} from '#common';
import { formatOf } from './messages.ts';
import type { MessageReader } from './message-reader.ts';

/** Reads the values in order. Raises what the types' input and receive functions raise. */
export function decodeParameters(
  reader: MessageReader,
  formats: readonly number[],
  types: readonly SqlType[],
  settings: FormatSettings,
): Datum[] {
  const values: Datum[] = new Array(types.length);
  for (let index = 0; index < types.length; index++) {
    const length = reader.int32();
    if (length === -1) {
      values[index] = null;
      continue;
    }
    const { oid } = types[index];
    if (formatOf(formats, index) === 1) {
      values[index] = typeReceive(oid)(reader.take(length), -1);
      continue;
    }
    // What most parameters are needs no text.
    const number =
      oid === TypeOid.int4 || oid === TypeOid.int8 ? reader.plainInteger(length) : undefined;
    values[index] = number ?? typeInput(oid)(reader.text(length), -1, settings);
  }
  return values;
}
