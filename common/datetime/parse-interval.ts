// Input of intervals: PostgreSQL's units, SQL's "1-2 3 4:05:06", ISO 8601's "P1Y2M3DT4H5M6S", and what
// a typmod (field range and precision) leaves of a value. DecodeInterval reads its fields backwards,
// since a unit follows its number.

import { canonicalInteger, Interval } from '../datum.ts';
import type { FormatSettings } from '../format-settings.ts';
import {
  DateTimeProblemSignal,
  type DateTimeProblem,
  intervalOutOfRange,
  withText,
} from './errors.ts';
import { roundHalfEven } from './rounding.ts';
import { type Field, splitFields } from './tokens.ts';

/** Fields of an interval's typmod, as bits of its upper half. */
export const intervalField = {
  month: 1 << 1,
  year: 1 << 2,
  day: 1 << 3,
  hour: 1 << 10,
  minute: 1 << 11,
  second: 1 << 12,
} as const;
export const intervalFullRange = 0x7fff;
const fullPrecision = 0xffff;

export type IntervalUnit =
  | 'microsecond'
  | 'millisecond'
  | 'second'
  | 'minute'
  | 'hour'
  | 'day'
  | 'week'
  | 'month'
  | 'year'
  | 'decade'
  | 'century'
  | 'millennium';

const unitWords: Readonly<Record<IntervalUnit, string>> = {
  microsecond: 'us usec usecs useconds usecond microsecon',
  millisecond: 'ms msec msecs mseconds msecond millisecon',
  second: 's sec secs second seconds',
  minute: 'm min mins minute minutes',
  hour: 'h hour hours hr hrs',
  day: 'd day days',
  week: 'w week weeks',
  month: 'mon mons month months',
  year: 'y year years yr yrs',
  decade: 'dec decs decade decades',
  century: 'c cent centuries century',
  millennium: 'mil mils millennia millennium',
};

/** PostgreSQL compares the first ten letters of a word. */
export const intervalUnits: ReadonlyMap<string, IntervalUnit> = new Map(
  Object.entries(unitWords).flatMap(([unit, words]) =>
    words.split(' ').map((word): [string, IntervalUnit] => [word, unit as IntervalUnit]),
  ),
);

const microsOf = {
  microsecond: 1,
  millisecond: 1000,
  second: 1_000_000,
  minute: 60_000_000,
  hour: 3_600_000_000,
} as const;
const daysOf = { day: 1, week: 7 } as const;
const monthsOf = { month: 1, year: 12, decade: 120, century: 1200, millennium: 12000 } as const;

function fail(problem: DateTimeProblem): never {
  throw new DateTimeProblemSignal(problem);
}

export function parseInterval(text: string, typmod: number, settings: FormatSettings): Interval {
  const value = withText(text, 'interval', () => {
    const range = typmod < 0 ? intervalFullRange : (typmod >> 16) & intervalFullRange;
    try {
      return decodeFields(text, range, settings.intervalStyle === 'sql_standard');
    } catch (error) {
      if (!(error instanceof DateTimeProblemSignal)) throw error;
      if (error.problem !== 'format') fail('intervalOverflow');
      return decodeIso8601(text);
    }
  });
  return adjustInterval(value, typmod);
}

/** Parts while they are summed up; micros are exact. */
class Parts {
  /** Whole years are apart from months: each must fit int32, and then their sum. */
  years = 0;
  months = 0;
  days = 0;
  micros = 0n;
  /** The sum of the time fields without their signs. */
  microsUnsigned = 0n;

  add(unit: IntervalUnit, whole: bigint, fraction: number): void {
    if (unit in microsOf) {
      const size = microsOf[unit as keyof typeof microsOf];
      this.addMicros(whole * BigInt(size) + BigInt(roundHalfEven(fraction * size)));
    } else if (unit in daysOf) {
      const size = daysOf[unit as keyof typeof daysOf];
      this.days += Number(whole) * size;
      this.#addFraction(fraction * size);
    } else {
      const size = monthsOf[unit as keyof typeof monthsOf];
      if (size === 1) this.months += Number(whole);
      else this.years += Number(whole) * (size / 12);
      if (size === 1) this.#addFraction(fraction * 30);
      else this.months += roundHalfEven(fraction * size);
    }
  }

  addMicros(micros: bigint): void {
    this.micros += micros;
    this.microsUnsigned += micros < 0n ? -micros : micros;
  }

  /** A number of days with a fraction: whole days, and the rest as time. */
  #addFraction(days: number): void {
    const whole = Math.trunc(days);
    this.days += whole;
    this.addMicros(BigInt(roundHalfEven((days - whole) * 86_400_000_000)));
  }

  negate(): void {
    this.years = 0 - this.years;
    this.months = 0 - this.months;
    this.days = 0 - this.days;
    this.micros = -this.micros;
  }

  finish(): Interval {
    const int32 = (value: number): boolean => value >= -2147483648 && value <= 2147483647;
    const int64 = BigInt.asIntN(64, this.micros) === this.micros;
    const fields = [this.years, this.months, this.days];
    if (!fields.every(int32) || !int64) return fail('intervalOverflow');
    const months = this.years * 12 + this.months;
    if (!int32(months)) throw intervalOutOfRange();
    return new Interval(months, this.days, canonicalInteger(this.micros));
  }
}

function decodeFields(text: string, range: number, sqlStandard: boolean): Interval {
  const fields = splitFields(text);
  if (fields === undefined || fields.length === 0) return fail('format');
  const parts = new Parts();
  const given = new Set<string>();
  let unit: IntervalUnit | undefined;
  let ago = false;
  for (let i = fields.length - 1; i >= 0; i--) {
    const { kind, text: word } = fields[i];
    if (kind === 'string' || kind === 'special') {
      if (word === 'ago') ago = true;
      else unit = intervalUnits.get(word.slice(0, 10)) ?? fail('format');
      continue;
    }
    const clock = kind === 'time' || kind === 'zone' ? clockMicros(word, range) : undefined;
    if (clock !== undefined) {
      parts.addMicros(clock);
      mark(given, ['hour', 'minute', 'second', 'millisecond', 'microsecond']);
      unit = 'day';
      continue;
    }
    if (kind === 'time') return fail('format');
    unit = addNumber({ parts, given, word, unit: unit ?? rightmostUnit(range) });
  }
  if (given.size === 0) return fail('format');
  if (sqlStandard && fields[0].text.startsWith('-') && onlySign(fields)) forceNegative(parts);
  if (ago) parts.negate();
  return parts.finish();
}

function mark(given: Set<string>, fields: readonly string[]): void {
  for (const field of fields) {
    if (given.has(field)) fail('format');
    given.add(field);
  }
}

function onlySign(fields: readonly Field[]): boolean {
  return fields.slice(1).every((field) => !/^[-+]/.test(field.text));
}

/** In the SQL standard's style one leading sign applies to every field. */
function forceNegative(parts: Parts): void {
  parts.years = 0 - Math.abs(parts.years);
  parts.months = 0 - Math.abs(parts.months);
  parts.days = 0 - Math.abs(parts.days);
  parts.micros = -parts.microsUnsigned;
}

/** One number, with the unit that follows it; returns the unit for a number further left. */
function addNumber(number: {
  parts: Parts;
  given: Set<string>;
  word: string;
  unit: IntervalUnit;
}): IntervalUnit {
  const { parts, given, word, unit } = number;
  const yearMonth = /^([+-]?)(\d+)-(\d+)$/.exec(word);
  if (yearMonth !== null) {
    const months = Number(yearMonth[3]);
    if (months >= 12) fail('fieldOverflow');
    const total = Number(yearMonth[2]) * 12 + months;
    parts.add('month', BigInt(yearMonth[1] === '-' ? -total : total), 0);
    mark(given, ['month']);
    return 'month';
  }
  const match = /^([+-]?)(\d*)(\.\d*)?$/.exec(word);
  if (match === null || (match[2] === '' && match[3] === undefined)) return fail('format');
  if (match[2].length > 19) fail('fieldOverflow');
  const whole = BigInt(match[2] === '' ? 0 : match[2]);
  const fraction = match[3] === undefined || match[3] === '.' ? 0 : Number(`0${match[3]}`);
  const negative = match[1] === '-';
  parts.add(unit, negative ? -whole : whole, negative ? -fraction : fraction);
  const isFraction = unit === 'second' && fraction !== 0;
  mark(given, isFraction ? ['second', 'millisecond', 'microsecond'] : [unit]);
  return unit === 'hour' ? 'day' : unit;
}

/** "4:05:06.7", "+4:05" (with a sign in front), by the range "mm:ss"; undefined when it is no time. */
function clockMicros(word: string, range: number): bigint | undefined {
  const match = /^([+-]?)(\d+):(\d+)(?::(\d+))?(\.\d*)?$/.exec(word);
  if (match === null) return undefined;
  const fraction = match[5] === undefined || match[5] === '.' ? 0 : Number(`0${match[5]}`);
  let [hours, minutes, seconds] = [BigInt(match[2]), Number(match[3]), Number(match[4] ?? 0)];
  const { minute, second } = intervalField;
  const minuteFirst =
    match[4] === undefined && (match[5] !== undefined || range === (minute | second));
  if (minuteFirst) {
    seconds = minutes;
    minutes = Number(hours);
    hours = 0n;
  }
  if (minutes > 59 || seconds > 60) fail('fieldOverflow');
  const micros =
    hours * 3_600_000_000n +
    BigInt((minutes * 60 + seconds) * 1_000_000 + roundHalfEven(fraction * 1_000_000));
  return match[1] === '-' ? -micros : micros;
}

/** What a number without a unit means, by the fields of the type. */
function rightmostUnit(range: number): IntervalUnit {
  const { year, month, day, hour, minute, second } = intervalField;
  if (range === intervalFullRange || (range & second) !== 0) return 'second';
  if ((range & minute) !== 0) return 'minute';
  if ((range & hour) !== 0) return 'hour';
  if ((range & day) !== 0) return 'day';
  if ((range & month) !== 0) return 'month';
  return (range & year) !== 0 ? 'year' : 'second';
}

const isoDateUnits: Readonly<Record<string, IntervalUnit>> = {
  Y: 'year',
  M: 'month',
  W: 'week',
  D: 'day',
};
const isoTimeUnits: Readonly<Record<string, IntervalUnit>> = {
  H: 'hour',
  M: 'minute',
  S: 'second',
};

/** "P1Y2M3DT4H5M6S" and the alternative form "P0001-02-03T04:05:06". */
function decodeIso8601(text: string): Interval {
  const parts = new Parts();
  const alternative = /^P(-?\d+)-(-?\d+)-(-?\d+)(?:T(-?\d+):(-?\d+):(-?\d+(?:\.\d*)?))?$/.exec(
    text,
  );
  if (alternative !== null) {
    const order: IntervalUnit[] = ['year', 'month', 'day', 'hour', 'minute', 'second'];
    order.forEach((unit, i) => addDecimal(parts, unit, alternative[i + 1] ?? '0'));
    return parts.finish();
  }
  const match = /^P((?:-?[\d.]+[YMWD])*)(T(?:-?[\d.]+[HMS])*)?$/.exec(text);
  if (match === null || text === 'P') return fail('format');
  for (const [, number, letter] of match[1].matchAll(/(-?[\d.]+)([YMWD])/g)) {
    addDecimal(parts, isoDateUnits[letter], number);
  }
  for (const [, number, letter] of (match[2] ?? '').matchAll(/(-?[\d.]+)([HMS])/g)) {
    addDecimal(parts, isoTimeUnits[letter], number);
  }
  return parts.finish();
}

function addDecimal(parts: Parts, unit: IntervalUnit, text: string): void {
  const match = /^(-?)(\d*)(\.\d*)?$/.exec(text);
  if (match === null || (match[2] === '' && (match[3] ?? '.') === '.')) return fail('format');
  const whole = BigInt(match[2] === '' ? 0 : match[2]);
  const fraction = (match[3] ?? '.') === '.' ? 0 : Number(`0${match[3]}`);
  const negative = match[1] === '-';
  parts.add(unit, negative ? -whole : whole, negative ? -fraction : fraction);
}

/** AdjustIntervalForTypmod: fields below the range are cut off, seconds rounded to the precision. */
export function adjustInterval(value: Interval, typmod: number): Interval {
  if (typmod < 0) return value;
  const range = (typmod >> 16) & intervalFullRange;
  const { year, month, day, hour, minute, second } = intervalField;
  let { months, days } = value;
  let micros = BigInt(value.micros);
  const cut = (unit: bigint): bigint => (micros / unit) * unit;
  if (range !== intervalFullRange && (range & second) === 0) {
    if ((range & minute) !== 0) micros = cut(60_000_000n);
    else if ((range & hour) !== 0) micros = cut(3_600_000_000n);
    else micros = 0n;
    if ((range & (minute | hour | day)) === 0) {
      days = 0;
      if ((range & month) === 0) months = Math.trunc(months / 12) * 12 + 0;
    }
    if (range === year) months -= months % 12;
  }
  const precision = typmod & fullPrecision;
  if (precision !== fullPrecision && precision < 6) {
    const unit = 10n ** BigInt(6 - precision);
    const half = unit / 2n;
    micros = micros < 0n ? -(((-micros + half) / unit) * unit) : ((micros + half) / unit) * unit;
  }
  if (BigInt.asIntN(64, micros) !== micros) {
    throw intervalOutOfRange();
  }
  return new Interval(months, days, canonicalInteger(micros));
}
