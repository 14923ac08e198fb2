// Which blocks a condition rules out, by the bounds in the footer. Whatever is not certain stays.

import { compareText, type Datum, Numeric, TypeOid } from '#common';
import type { RowSource } from '../table/contract.ts';
import type { BlockCondition } from './contract.ts';
import type { SegmentFile } from './segment-file.ts';
import type { StoredChunk, StoredColumn } from './segment-format.ts';

/** Three-way comparisons of a block's bounds with a condition's value; undefined: not comparable. */
interface BoundOrder {
  readonly min: number;
  readonly max: number;
}

export function isPruned(
  file: SegmentFile,
  block: number,
  request: {
    readonly sources: readonly RowSource[];
    readonly conditions: readonly BlockCondition[];
  },
): boolean {
  return request.conditions.some((condition) => {
    const source = request.sources[condition.column];
    if (source.kind !== 'attribute') return false;
    const column = file.column(source.attributeNumber);
    return (
      column !== undefined && rulesOut(condition, column, block, file.footer.blocks[block].rows)
    );
  });
}

function rulesOut(
  condition: BlockCondition,
  column: StoredColumn,
  block: number,
  rows: number,
): boolean {
  const chunk = column.chunks[block];
  const { comparison } = condition;
  if (comparison === 'is null') return chunk.nulls === 0;
  if (chunk.nulls === rows) return true;
  if (comparison === 'is not null') return false;
  const order = boundOrder(chunk, column, condition.value);
  switch (comparison) {
    case '<':
      return order.min >= 0;
    case '<=':
      return order.min > 0;
    case '=':
      return order.min > 0 || order.max < 0;
    case '>=':
      return order.max < 0;
    case '>':
      return order.max <= 0;
  }
}

/** NaN compares as not certain: every test with it is false. */
const unknown: BoundOrder = { min: NaN, max: NaN };

function boundOrder(chunk: StoredChunk, column: StoredColumn, value: Datum): BoundOrder {
  const { min, max } = chunk;
  switch (column.typeOid) {
    case TypeOid.int2:
    case TypeOid.int4:
    case TypeOid.int8:
    case TypeOid.oid:
    case TypeOid.date:
    case TypeOid.time:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
      if (typeof value !== 'number' || typeof min !== 'number' || typeof max !== 'number')
        return unknown;
      return { min: difference(min, value), max: difference(max, value) };
    case TypeOid.numeric:
      if (!(value instanceof Numeric) || chunk.scale === undefined) return unknown;
      if (typeof min !== 'number' || typeof max !== 'number') return unknown;
      return {
        min: new Numeric(min, chunk.scale).compare(value),
        max: new Numeric(max, chunk.scale).compare(value),
      };
    case TypeOid.float4:
    case TypeOid.float8:
      if (typeof value !== 'number' || min === undefined || max === undefined) return unknown;
      return { min: floatDifference(Number(min), value), max: floatDifference(Number(max), value) };
    case TypeOid.text:
    case TypeOid.varchar:
      if (typeof value !== 'string') return unknown;
      return {
        min: typeof min === 'string' ? compareText(min, value) : NaN,
        max: typeof max === 'string' ? compareText(max, value) : NaN,
      };
    default:
      return unknown;
  }
}
function difference(left: number, right: number): number {
  return left < right ? -1 : left > right ? 1 : 0;
}
/** NaN equals itself and is above all others. */
function floatDifference(left: number, right: number): number {
  if (Number.isNaN(left)) return Number.isNaN(right) ? 0 : 1;
  return Number.isNaN(right) ? -1 : difference(left, right);
}
