// Two systems' results for one query are the same when they hold the same rows: numbers with equal values,
// exactly, or to twelve digits where one of the systems computes in binary floating point; texts without the
// blanks that pad char(n).

import type { OlapResult } from './systems/system.ts';

const floatTolerance = 1e-12;
const numberPattern = /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i;

/** Says what differs, or undefined. */
export function resultDifference(left: OlapResult, right: OlapResult): string | undefined {
  if (left.rows.length !== right.rows.length)
    return `${left.rows.length} rows against ${right.rows.length}`;
  const floats = left.floatColumns.map((float, index) => float || right.floatColumns[index]);
  for (const [index, row] of left.rows.entries()) {
    const other = right.rows[index];
    if (row.length !== other.length) return `${row.length} columns against ${other.length}`;
    const column = row.findIndex((cell, place) => !sameCell(cell, other[place], floats[place]));
    if (column >= 0)
      return `row ${index + 1}, column ${column + 1}: ${row[column]} against ${other[column]}`;
  }
  return undefined;
}

function sameCell(left: string | null, right: string | null, float: boolean): boolean {
  if (left === null || right === null) return left === right;
  if (!numberPattern.test(left) || !numberPattern.test(right))
    return left.trimEnd() === right.trimEnd();
  if (!float) return plainDecimal(left) === plainDecimal(right);
  const [first, second] = [Number(left), Number(right)];
  return (
    Math.abs(first - second) <= floatTolerance * Math.max(Math.abs(first), Math.abs(second), 1e-300)
  );
}

/** Without zeros at the end of the fraction. */
function plainDecimal(text: string): string {
  return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
}
