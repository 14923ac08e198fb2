// Parameter values of a Bind message, text or binary, as Datums of the parameter types.

import { typeInput, typeReceive, type Datum, type FormatSettings, type SqlType } from '#common';
import { formatOf } from './messages.ts';
import { decodeUtf8, type MessageReader } from './message-reader.ts';

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
    const bytes = reader.bytes(length);
    const { oid } = types[index];
    values[index] =
      formatOf(formats, index) === 1
        ? typeReceive(oid)(bytes, -1)
        : typeInput(oid)(decodeUtf8(bytes), -1, settings);
  }
  return values;
}
