// Conversions among the text types, and length coercion of char(n), varchar(n) and name.

import {
  coerceBpchar,
  coerceName,
  coerceVarchar,
  formatSingleByte,
  parseSingleByte,
  trimTrailingBlanks,
} from '#common';
import type { Family } from '../family.ts';

export const textCastsFamily: Family = {
  scalars: {
    booltext: (_context, value: boolean) => (value ? 'true' : 'false'),
    name_text: (_context, value: string) => value,
    text_name: (_context, value: string) => coerceName(value),
    name_bpchar: (_context, value: string) => value,
    bpchar_name: (_context, value: string) => trimTrailingBlanks(coerceName(value)),
    char_text: (_context, value: string) => formatSingleByte(value),
    text_char: (_context, value: string) => parseSingleByte(value),
    char_bpchar: (_context, value: string) => value,
    bpchar: (_context, value: string, typmod: number, explicit: boolean) =>
      coerceBpchar(value, typmod, explicit),
    varchar: (_context, value: string, typmod: number, explicit: boolean) =>
      coerceVarchar(value, typmod, explicit),
  },
};
