// Names of log files by position (manual, 9.27.3): PostgreSQL's arithmetic of timeline 1 with files of
// 16 MB. A position at the start of a file belongs to the one before it.

import { RecordValue, TypeOid } from '#common';
import type { Family } from '../family.ts';

type Position = number | bigint;

const fileBytes = 16_777_216n;
const filesPerName = 4_294_967_296n / fileBytes;
const columns = [TypeOid.text, TypeOid.int4];

function hexadecimal(value: bigint): string {
  return value.toString(16).toUpperCase().padStart(8, '0');
}

function fileName(position: Position): string {
  const file = BigInt.asUintN(64, BigInt(position) - 1n) / fileBytes;
  return `00000001${hexadecimal(file / filesPerName)}${hexadecimal(file % filesPerName)}`;
}

export const logPositionFamily: Family = {
  scalars: {
    pg_walfile_name: (_context, position: Position) => fileName(position),
    pg_walfile_name_offset: (_context, position: Position) => {
      const offset = Number(BigInt(position) % fileBytes);
      return new RecordValue(columns, [fileName(position), offset]);
    },
  },
};
