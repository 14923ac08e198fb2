// A row of a relation that only the server can compute: values by column name; what is left out is null.

import { type Datum, epochDifferenceMicros } from '#common';

export type Row = Readonly<Record<string, Datum>>;

/** SQL's timestamp of a moment in microseconds since 1970; 0 is no moment. */
export function timestamp(micros: number): Datum {
  return micros === 0 ? null : micros - epochDifferenceMicros;
}

/** Of an argument that is a text. */
export function textOf(value: Datum | undefined): string {
  return typeof value === 'string' ? value : '';
}
