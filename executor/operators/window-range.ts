// RANGE frames with an offset: the value that lies an offset away from a row's key, as PostgreSQL's
// in_range functions see it. They never overflow: what is out of the type's range lies past all values.

import {
  type Datum,
  DatabaseError,
  type Expression,
  Interval,
  Numeric,
  SqlState,
  TypeOid,
  databaseError,
  notSupported,
} from '#common';
import { functionRegistry } from '#functions';
import { scalarImplementation } from '../expression/calls.ts';
import type { Runtime } from '../runtime.ts';

/** The limit lies outside of what the key's type can say. */
export const pastAllValues: unique symbol = Symbol('past all values');

export type RangeOffsets = (
  value: Datum,
  offset: Datum,
  way: {
    readonly sign: 'plus' | 'minus';
    /** The limit is the frame's lowest value, not its highest. */
    readonly isLowest: boolean;
  },
  runtime: Runtime,
) => Datum | typeof pastAllValues;

type Move = (value: Datum, by: Datum, runtime: Runtime) => Datum;

const microsPerDay = 86_400_000_000;
const daysPerMonth = 30;

/** value + offset and value - offset by the operators of their types, comparable with values. */
export function rangeOffsets(key: Expression, offset: Expression): RangeOffsets {
  const plus = key.type.oid === TypeOid.time ? moveTime(1) : moveBy('+', key, offset);
  const minus = key.type.oid === TypeOid.time ? moveTime(-1) : moveBy('-', key, offset);
  return (value, by, { sign, isLowest }, runtime) => {
    try {
      const moved = (sign === 'plus' ? plus : minus)(value, by, runtime);
      // Infinity less infinity: all values lie within reach, NaN does not.
      return isNaNValue(moved) && !isNaNValue(value) ? infinityLike(moved, isLowest) : moved;
    } catch (error) {
      if (error instanceof DatabaseError && overflows.has(error.sqlState)) return pastAllValues;
      throw error;
    }
  };
}

const overflows = new Set<string>([
  SqlState.numericValueOutOfRange,
  SqlState.datetimeFieldOverflow,
]);

function moveBy(name: '+' | '-', key: Expression, offset: Expression): Move {
  const operator = functionRegistry
    .operatorsNamed(name)
    .find((each) => each.left === key.type.oid && each.right === offset.type.oid);
  if (operator === undefined) throw notSupported('RANGE with an offset for these types');
  const implementation = scalarImplementation(operator.functionOid);
  // A date plus an interval is a timestamp; as a number of days it compares with dates.
  const inDays = key.type.oid === TypeOid.date && operator.result === TypeOid.timestamp;
  return (value, by, runtime) => {
    const moved = implementation(runtime.functions, value, by);
    return inDays ? Number(moved) / microsPerDay : moved;
  };
}

/** A time of day does not wrap around midnight here. */
function moveTime(direction: 1 | -1): Move {
  return (value, by) => Number(value) + direction * Number((by as Interval).micros);
}

function infinityLike(moved: Datum, isLowest: boolean): Datum {
  if (moved instanceof Numeric) {
    return isLowest ? Numeric.negativeInfinity : Numeric.infinity;
  }
  return isLowest ? -Infinity : Infinity;
}

function isNaNValue(value: Datum): boolean {
  return Number.isNaN(value) || (value instanceof Numeric && value.isNaN);
}

/** 22013. */
export function refuseNegativeOffset(offset: Datum): void {
  if (!isNaNValue(offset) && signOf(offset) >= 0) return;
  throw databaseError(
    'invalidPrecedingOrFollowingSize',
    'invalid preceding or following size in window function',
  );
}

function signOf(offset: Datum): number {
  if (offset instanceof Numeric) return offset.sign;
  if (!(offset instanceof Interval)) return Number(offset);
  const days = BigInt(offset.months) * BigInt(daysPerMonth) + BigInt(offset.days);
  return Number(days * BigInt(microsPerDay) + BigInt(offset.micros));
}
