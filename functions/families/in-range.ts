// in_range(value, base, offset, is preceding, is less): what RANGE frames with offsets ask (manual, 38.16.3).
// A sum that no value of the type can be is beyond all of them.

import { databaseError, type Interval, intervalSpan, type Numeric, type TimeTz } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { addToTimestamp, addToTimestampTz } from './datetime-arithmetic.ts';
import { dateToTimestamp } from './datetime-casts.ts';
import { sessionZone } from './datetime-zones.ts';
import { negateInterval } from './interval-arithmetic.ts';

type Int8 = number | bigint;
interface Question {
  readonly preceding: boolean;
  readonly less: boolean;
}

function negativeOffset(): never {
  throw databaseError(
    'invalidPrecedingOrFollowingSize',
    'invalid preceding or following size in window function',
  );
}

const holds = (order: number, { less }: Question): boolean => (less ? order <= 0 : order >= 0);

/** `bits`: width of the type of value and base. */
function integers(bits: number): ScalarImplementation {
  return (_context, value: Int8, base: Int8, offset: Int8, preceding: boolean, less: boolean) => {
    if (offset < 0) negativeOffset();
    const sum = preceding ? BigInt(base) - BigInt(offset) : BigInt(base) + BigInt(offset);
    if (BigInt.asIntN(bits, sum) !== sum) return preceding ? !less : less;
    const wide = BigInt(value);
    return less ? wide <= sum : wide >= sum;
  };
}

interface Real {
  readonly isNaN: boolean;
  readonly infinity: number;
}

/** The cases that NaN and infinities make; undefined: the sum decides. NaN is above all and equal to itself. */
function special(
  value: Real,
  base: Real,
  offset: Real & { readonly isNegative: boolean },
  { preceding, less }: Question,
): boolean | undefined {
  if (offset.isNaN || offset.isNegative) negativeOffset();
  if (value.isNaN) return base.isNaN ? true : !less;
  if (base.isNaN) return less;
  // An infinite distance before an infinity in its own direction reaches every value.
  const isEverything =
    offset.infinity > 0 &&
    base.infinity !== 0 &&
    (preceding ? base.infinity > 0 : base.infinity < 0);
  return isEverything ? true : undefined;
}

const float: ScalarImplementation = (
  _context,
  value: number,
  base: number,
  offset: number,
  preceding: boolean,
  less: boolean,
) => {
  const real = (of: number): Real => ({
    isNaN: Number.isNaN(of),
    infinity: Number.isFinite(of) ? 0 : Math.sign(of),
  });
  const question = { preceding, less };
  const known = special(
    real(value),
    real(base),
    { ...real(offset), isNegative: offset < 0 },
    question,
  );
  if (known !== undefined) return known;
  const sum = preceding ? base - offset : base + offset;
  return less ? value <= sum : value >= sum;
};

const numeric: ScalarImplementation = (
  _context,
  value: Numeric,
  base: Numeric,
  offset: Numeric,
  preceding: boolean,
  less: boolean,
) => {
  const real = (of: Numeric): Real => ({
    isNaN: of.isNaN,
    infinity: of.isFinite || of.isNaN ? 0 : of.sign,
  });
  const question = { preceding, less };
  const known = special(
    real(value),
    real(base),
    { ...real(offset), isNegative: offset.sign < 0 },
    question,
  );
  if (known !== undefined) return known;
  return holds(value.compare(preceding ? base.subtract(offset) : base.add(offset)), question);
};

const day = 86_400_000_000;

type Move = (context: FunctionContext, base: Int8, offset: Interval) => Int8;

/** `scale` makes a value comparable with a sum. */
function moments(move: Move, scale = 1): ScalarImplementation {
  return (
    context: FunctionContext,
    value: Int8,
    base: Int8,
    offset: Interval,
    preceding: boolean,
    less: boolean,
  ) => {
    if (intervalSpan(offset) < 0) negativeOffset();
    const sum = move(context, base, preceding ? negateInterval(offset) : offset);
    const own = scale === 1 ? value : Number(value) * scale;
    return less ? own <= sum : own >= sum;
  };
}

/** Months and days of the offset do not count, and a time of day does not wrap around midnight. */
const times: ScalarImplementation = (
  _context,
  value: number,
  base: number,
  offset: Interval,
  preceding: boolean,
  less: boolean,
) => {
  const micros = Number(offset.micros);
  if (micros < 0) negativeOffset();
  return holds(value - (preceding ? base - micros : base + micros), { preceding, less });
};

const zonedTimes: ScalarImplementation = (
  _context,
  value: TimeTz,
  base: TimeTz,
  offset: Interval,
  preceding: boolean,
  less: boolean,
) => {
  const micros = Number(offset.micros);
  if (micros < 0) negativeOffset();
  const moved = base.micros + (preceding ? -micros : micros);
  const instant = (at: number, zone: number): number => at - zone * 1_000_000;
  const byInstant = instant(value.micros, value.zoneSeconds) - instant(moved, base.zoneSeconds);
  return holds(byInstant === 0 ? base.zoneSeconds - value.zoneSeconds : byInstant, {
    preceding,
    less,
  });
};

const intervals: ScalarImplementation = (
  _context,
  value: Interval,
  base: Interval,
  offset: Interval,
  preceding: boolean,
  less: boolean,
) => {
  const span = BigInt(intervalSpan(offset));
  if (span < 0n) negativeOffset();
  const from = BigInt(intervalSpan(base));
  const difference = BigInt(intervalSpan(value)) - (preceding ? from - span : from + span);
  return holds(Number(difference), { preceding, less });
};

export const inRangeFamily: Family = {
  scalars: {
    in_range_int2_int2: integers(16),
    in_range_int2_int4: integers(16),
    in_range_int2_int8: integers(16),
    in_range_int4_int2: integers(32),
    in_range_int4_int4: integers(32),
    in_range_int4_int8: integers(32),
    in_range_int8_int8: integers(64),
    in_range_float4_float8: float,
    in_range_float8_float8: float,
    in_range_numeric_numeric: numeric,
    in_range_date_interval: moments(
      (_context, base, by) => addToTimestamp(dateToTimestamp(Number(base)), by),
      day,
    ),
    in_range_timestamp_interval: moments((_context, base, by) => addToTimestamp(base, by)),
    in_range_timestamptz_interval: moments((context, base, by) =>
      addToTimestampTz(base, by, sessionZone(context)),
    ),
    in_range_time_interval: times,
    in_range_timetz_interval: zonedTimes,
    in_range_interval_interval: intervals,
  },
};
