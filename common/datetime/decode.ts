// Decodes the fields of a date or time (PostgreSQL's DecodeDateTime and DecodeTimeOnly): which number
// is the year, month or day depends on its length, on the fields before it and on the date order.

import { systemClock } from '../clock.ts';
import type { FormatSettings } from '../format-settings.ts';
import { zoneAbbreviations } from './abbreviations.ts';
import {
  civilFromDays,
  daysFromCivil,
  daysInMonth,
  microsPerDay,
  microsPerSecond,
} from './calendar.ts';
import { type DateOrder, dateStyleOf } from './date-style.ts';
import { roundHalfEven } from './rounding.ts';
import { DateTimeProblemSignal, type DateTimeProblem } from './errors.ts';
import { timeParts, utcSeconds } from './format.ts';
import {
  findTimeZone,
  localOffset,
  timeZoneOf,
  type TimeZone,
  unknownTimeZone,
} from './time-zone.ts';
import { type DateWord, dateWords, type Field, type ReservedWord, splitFields } from './tokens.ts';

/** FormatSettings, and the clock that "now", "today" … read: an execution's context has both. */
export interface DateTimeSettings extends FormatSettings {
  /** Microseconds since 2000-01-01 UTC; the machine's clock when absent. */
  readonly transactionTimestamp?: number;
}

/** What the text says. offset is in seconds east of UTC. */
export interface DecodedDateTime {
  readonly special: 'infinity' | '-infinity' | undefined;
  /** Since 2000-01-01; undefined when a time was asked for and no date given. */
  readonly days: number | undefined;
  /** Since midnight; may be a whole day (24:00:00). */
  readonly micros: number;
  readonly offset: number;
}

const epochMicros = 946_684_800_000_000;
/** 1970-01-01. */
const epochDays = -10957;

/** Bits of the fields that have been seen. */
const seen = {
  year: 1,
  month: 2,
  day: 4,
  time: 8,
  zone: 16,
  dayOfYear: 32,
  weekday: 64,
  meridian: 128,
  era: 256,
  daylight: 512,
  special: 1024,
} as const;
const seenDate = seen.year | seen.month | seen.day;

function fail(problem: DateTimeProblem): never {
  throw new DateTimeProblemSignal(problem);
}

/** Throws a DateTimeProblemSignal (or 22023 for an unknown zone). */
export function decodeDateTime(
  text: string,
  settings: DateTimeSettings,
  timeOnly: boolean,
): DecodedDateTime {
  const fields = splitFields(text);
  if (fields === undefined || fields.length === 0) return fail('format');
  return new DateTimeDecoder(fields, settings, timeOnly).decode();
}

/** "+05:30", "-8", "+0530": seconds east of UTC. */
export function decodeOffset(text: string): number {
  const match = /^([+-])(\d+)(?::(\d*)(?::(\d*))?)?$/.exec(text);
  if (match === null) return fail('format');
  let hours = Number(match[2]);
  let minutes = Number(match[3] ?? 0);
  const seconds = Number(match[4] ?? 0);
  if (match[3] === undefined && text.length > 3) {
    minutes = hours % 100;
    hours = Math.floor(hours / 100);
  }
  if (hours > 15 || minutes > 59 || seconds > 59) fail('zoneOverflow');
  const offset = hours * 3600 + minutes * 60 + seconds;
  return match[1] === '-' ? 0 - offset : offset;
}

/** ".123456789" in microseconds, rounded. */
export function decodeFraction(text: string): number {
  if (!/^\.\d*$/.test(text)) fail('format');
  return text === '.' ? 0 : roundHalfEven(Number(`0${text}`) * microsPerSecond);
}

class DateTimeDecoder {
  readonly #fields: readonly Field[];
  readonly #settings: DateTimeSettings;
  readonly #timeOnly: boolean;
  readonly #order: DateOrder;
  #seen = 0;
  #year = 0;
  #month = 0;
  #day = 0;
  #dayOfYear = 0;
  #micros = 0;
  #offset = 0;
  #namedZone: TimeZone | undefined;
  #special: 'infinity' | '-infinity' | 'epoch' | undefined;
  #meridian: 'am' | 'pm' | undefined;
  #beforeChrist = false;
  #twoDigitYear = false;
  #textMonth = false;
  #julian = false;
  /** The next field is to be read as this: after "J" or "T". */
  #expected: 'julian' | 'time' | undefined;

  constructor(fields: readonly Field[], settings: DateTimeSettings, timeOnly: boolean) {
    this.#fields = fields;
    this.#settings = settings;
    this.#timeOnly = timeOnly;
    this.#order = dateStyleOf(settings.dateStyle).order;
  }

  decode(): DecodedDateTime {
    this.#fields.forEach((field, i) => this.#field(field, i));
    if (this.#expected !== undefined) fail('format');
    this.#checkDate();
    if (this.#special === 'epoch') {
      return { special: undefined, days: epochDays, micros: 0, offset: 0 };
    }
    if (this.#special !== undefined) {
      return { special: this.#special, days: undefined, micros: 0, offset: 0 };
    }
    this.#applyMeridian();
    const hasDate = (this.#seen & seenDate) === seenDate;
    if (!hasDate && (!this.#timeOnly || (this.#seen & seen.time) === 0)) fail('format');
    if (this.#timeOnly && (this.#seen & seen.time) === 0) fail('format');
    const days = hasDate ? daysFromCivil(this.#year, this.#month, this.#day) : undefined;
    return { special: undefined, days, micros: this.#micros, offset: this.#zoneOffset(days) };
  }

  #mark(bits: number): void {
    if ((this.#seen & bits) !== 0) fail('format');
    this.#seen |= bits;
  }

  #field(field: Field, i: number): void {
    switch (field.kind) {
      case 'date':
        return this.#dateField(field.text, i);
      case 'time':
        if (this.#expected === 'julian') fail('format');
        this.#expected = undefined;
        return this.#clockField(field.text);
      case 'zone':
        this.#offset = decodeOffset(field.text);
        return this.#mark(seen.zone);
      case 'number':
        return this.#numberField(field.text, i);
      default:
        return this.#wordField(field.text, i);
    }
  }

  #dateField(text: string, i: number): void {
    if (this.#expected === 'julian') {
      const match = /^(\d+)([+-].*)$/.exec(text);
      if (match === null) return fail('format');
      this.#expected = undefined;
      this.#julianDay(Number(match[1]));
      this.#offset = decodeOffset(match[2]);
      return this.#mark(seen.time | seen.zone);
    }
    const bothKnown = (this.#seen & (seen.month | seen.day)) === (seen.month | seen.day);
    const timeFirst = this.#timeOnly && !this.#dateAllowedAt(i);
    if (this.#expected === undefined && !bothKnown && !timeFirst) return this.#date(text);
    if (/^\d/.test(text) || this.#expected !== undefined) {
      if ((this.#seen & seen.time) !== 0) fail('format');
      const dash = text.indexOf('-');
      if (dash < 0) fail('format');
      this.#expected = undefined;
      this.#offset = decodeOffset(text.slice(dash));
      this.#runTogether(text.slice(0, dash), this.#seen | (this.#timeOnly ? seenDate : 0));
      return this.#mark(seen.zone);
    }
    this.#namedZone = findTimeZone(text);
    if (this.#namedZone === undefined) throw unknownTimeZone(text);
    return this.#mark(seen.zone);
  }

  /** DecodeTimeOnly accepts a date in front of a time, or behind it. */
  #dateAllowedAt(i: number): boolean {
    const fields = this.#fields;
    if (i === 0) {
      return fields.length >= 2 && (fields.at(-1)!.kind === 'date' || fields[1].kind === 'time');
    }
    return false;
  }

  /** "2020-01-31", "31/1/2020", "1-Feb-2020", "Jan-31-2020": the parts between the delimiters. */
  #date(text: string): void {
    const parts = text.match(/\d+|[a-z]+/g);
    if (parts === null || parts.length > 3 || /[^0-9a-z]$/.test(text)) return fail('format');
    for (const part of parts) {
      const word = dateWords.get(part);
      if (/^\d/.test(part)) continue;
      if (word?.kind !== 'month') return fail('format');
      this.#month = word.value;
      this.#textMonth = true;
      this.#mark(seen.month);
    }
    for (const part of parts) if (/^\d/.test(part)) this.#number(part);
    // A date in delimiters must come before the time and everything else but a zone.
    if ((this.#seen & ~(seen.dayOfYear | seen.zone)) !== seenDate) fail('format');
  }

  /** "10:20", "10:20:30.5", "20:30.5" (minutes and seconds). */
  #clockField(text: string): void {
    const match = /^(\d+):(\d+)(?::(\d+))?(\.\d*)?$/.exec(text);
    if (match === null) return fail('format');
    const fraction = match[4] === undefined ? 0 : decodeFraction(match[4]);
    let [hour, minute, second] = [Number(match[1]), Number(match[2]), Number(match[3] ?? 0)];
    if (match[3] === undefined && match[4] !== undefined) {
      [hour, minute, second] = [0, hour, minute];
    }
    this.#setTime(hour, minute, second, fraction);
  }

  #setTime(hour: number, minute: number, second: number, fraction: number): void {
    this.#micros = ((hour * 60 + minute) * 60 + second) * microsPerSecond + fraction;
    const fits = hour <= 24 && minute <= 59 && second <= 60 && this.#micros <= microsPerDay;
    if (!fits) fail('fieldOverflow');
    this.#mark(seen.time);
  }

  #numberField(text: string, i: number): void {
    if (this.#expected === 'julian') {
      this.#expected = undefined;
      const dot = text.indexOf('.');
      this.#julianDay(Number(dot < 0 ? text : text.slice(0, dot)));
      if (dot < 0) return;
      this.#micros = Math.round(Number(`0${text.slice(dot)}`) * microsPerDay);
      return this.#mark(seen.time);
    }
    if (this.#expected === 'time') {
      this.#expected = undefined;
      return this.#runTogether(text, this.#seen | seenDate);
    }
    const dot = text.indexOf('.');
    if (this.#timeOnly && !(dot >= 0 && this.#dateAllowedAt(i))) {
      return this.#runTogether(text, this.#seen | seenDate);
    }
    if (dot >= 0 && (this.#seen & seenDate) === 0) return this.#date(text);
    const complete = (this.#seen & seenDate) !== 0 && (this.#seen & seen.time) !== 0;
    if (dot > 2 || (text.length >= 6 && !complete)) return this.#runTogether(text, this.#seen);
    return this.#number(text);
  }

  #julianDay(julian: number): void {
    const { year, month, day } = civilFromDays(julian - 2451545);
    [this.#year, this.#month, this.#day] = [year, month, day];
    this.#julian = true;
    this.#mark(seenDate);
  }

  /** "20200131", "200131", "102030.5", "1020": digits without delimiters. */
  #runTogether(text: string, known: number): void {
    const dot = text.indexOf('.');
    const digits = dot < 0 ? text : text.slice(0, dot);
    const fraction = dot < 0 ? 0 : decodeFraction(text.slice(dot));
    const pair = (from: number): number => Number(digits.slice(from, from + 2));
    const { length } = digits;
    if (dot < 0 && (known & seenDate) !== seenDate && length >= 6) {
      this.#year = Number(digits.slice(0, -4));
      this.#month = pair(length - 4);
      this.#day = pair(length - 2);
      this.#twoDigitYear = length === 6;
      return this.#mark(seenDate);
    }
    if ((known & seen.time) !== 0 || (length !== 6 && length !== 4)) return fail('format');
    return this.#setTime(pair(0), pair(2), length === 6 ? pair(4) : 0, fraction);
  }

  /** A number alone or between delimiters, by the fields that are known already. */
  #number(text: string): void {
    const dot = text.indexOf('.');
    if (dot > 2) return this.#runTogether(text, this.#seen | seenDate);
    const value = Number.parseInt(text, 10);
    if (value > 2147483647) fail('fieldOverflow');
    const { length } = text;
    const known = this.#seen & seenDate;
    if (length === 3 && known === seen.year && value >= 1 && value <= 366) {
      this.#dayOfYear = value;
      return this.#mark(seen.dayOfYear | seen.month | seen.day);
    }
    const yearLike = length >= 3 || this.#order === 'YMD';
    switch (known) {
      case 0:
        if (yearLike) return this.#setYear(value, length);
        return this.#order === 'DMY' ? this.#setDay(value) : this.#setMonth(value);
      case seen.year:
      case seen.day:
        return this.#setMonth(value);
      case seen.month:
        return this.#textMonth && yearLike ? this.#setYear(value, length) : this.#setDay(value);
      case seen.year | seen.month:
        if (!this.#textMonth || length < 3 || !this.#twoDigitYear) return this.#setDay(value);
        // What was taken for a year of two digits was the day: "05-Jan-2020" in YMD order.
        this.#setDay(this.#year);
        this.#year = value;
        this.#twoDigitYear = false;
        return undefined;
      case seen.month | seen.day:
        return this.#setYear(value, length);
      case seenDate:
        return this.#runTogether(text, this.#seen);
      default:
        return fail('format');
    }
  }

  #setYear(value: number, length: number): void {
    this.#year = value;
    this.#twoDigitYear = length <= 2;
    this.#mark(seen.year);
  }

  #setMonth(value: number): void {
    this.#month = value;
    this.#mark(seen.month);
  }

  #setDay(value: number): void {
    this.#day = value;
    this.#mark(seen.day);
  }

  #wordField(text: string, i: number): void {
    const abbreviation = zoneAbbreviations.get(text);
    if (abbreviation !== undefined) {
      this.#offset = abbreviation.offsetSeconds;
      return this.#mark(seen.zone);
    }
    const word = dateWords.get(text.slice(0, 10));
    if (word !== undefined) return this.#word(word, i);
    this.#namedZone = findTimeZone(text);
    if (this.#namedZone === undefined) return fail('format');
    return this.#mark(seen.zone);
  }

  #word(word: DateWord, i: number): void {
    switch (word.kind) {
      case 'ignored':
        return undefined;
      case 'month':
        return this.#monthWord(word.value);
      case 'weekday':
        return this.#mark(seen.weekday);
      case 'daylight':
        this.#offset += word.value;
        return this.#mark(seen.daylight);
      case 'meridian':
        this.#meridian = word.value;
        return this.#mark(seen.meridian);
      case 'era':
        this.#beforeChrist = word.value === 'bc';
        return this.#mark(seen.era);
      case 'iso':
        return this.#expect(word.value, i);
      case 'reserved':
        return this.#reserved(word.value);
      default:
        return fail('format');
    }
  }

  #monthWord(value: number): void {
    const numeric = (this.#seen & seen.month) !== 0 && !this.#textMonth;
    if (numeric && (this.#seen & seen.day) === 0 && this.#month >= 1 && this.#month <= 31) {
      this.#day = this.#month;
      this.#seen |= seen.day;
    } else {
      this.#mark(seen.month);
    }
    this.#textMonth = true;
    this.#month = value;
  }

  #expect(what: 'julian' | 'time', i: number): void {
    if (what === 'time') {
      if (!this.#timeOnly && (this.#seen & seenDate) !== seenDate) fail('format');
      const next = this.#fields[i + 1]?.kind;
      if (next !== 'number' && next !== 'time' && next !== 'date') fail('format');
    }
    this.#expected = what;
  }

  #reserved(word: ReservedWord): void {
    switch (word) {
      case 'infinity':
      case '-infinity':
      case 'epoch':
        this.#mark(seen.special);
        this.#special = word;
        return undefined;
      case 'allballs':
        this.#offset = 0;
        this.#micros = 0;
        return this.#mark(seen.time | seen.zone);
      case 'now':
        return this.#now();
      default:
        return this.#setDays(
          this.#localNow().days + { yesterday: -1, today: 0, tomorrow: 1 }[word],
        );
    }
  }

  #setDays(days: number): void {
    const { year, month, day } = civilFromDays(days);
    [this.#year, this.#month, this.#day] = [year, month, day];
    this.#julian = true;
    this.#mark(seenDate);
  }

  #now(): void {
    const { days, micros, offset } = this.#localNow();
    this.#setDays(days);
    this.#micros = micros;
    this.#offset = offset;
    this.#mark(seen.time | seen.zone);
  }

  #localNow(): { days: number; micros: number; offset: number } {
    const now = this.#settings.transactionTimestamp ?? systemClock.nowMicros() - epochMicros;
    const offset = timeZoneOf(this.#settings.timeZone).offsetAt(utcSeconds(now));
    const local = now + offset * microsPerSecond;
    const days = Math.floor(local / microsPerDay);
    return { days, micros: local - days * microsPerDay, offset };
  }

  #checkDate(): void {
    if ((this.#seen & seen.year) !== 0 && !this.#julian) {
      if (this.#beforeChrist) {
        if (this.#year <= 0) fail('fieldOverflow');
        this.#year = 1 - this.#year;
      } else if (this.#twoDigitYear) {
        this.#year += this.#year < 70 ? 2000 : 1900;
      } else if (this.#year <= 0) {
        fail('fieldOverflow');
      }
    }
    if ((this.#seen & seen.dayOfYear) !== 0) {
      const civil = civilFromDays(daysFromCivil(this.#year, 1, 1) + this.#dayOfYear - 1);
      [this.#year, this.#month, this.#day] = [civil.year, civil.month, civil.day];
    }
    if ((this.#seen & seen.month) !== 0 && (this.#month < 1 || this.#month > 12)) {
      fail('orderOverflow');
    }
    if ((this.#seen & seen.day) !== 0 && (this.#day < 1 || this.#day > 31)) fail('orderOverflow');
    const complete = (this.#seen & seenDate) === seenDate;
    if (complete && this.#day > daysInMonth(this.#year, this.#month)) fail('fieldOverflow');
  }

  #applyMeridian(): void {
    if (this.#meridian === undefined) return;
    const { hour } = timeParts(this.#micros);
    if (hour > 12) fail('fieldOverflow');
    const half = 12 * 3600 * microsPerSecond;
    if (this.#meridian === 'am' && hour === 12) this.#micros -= half;
    else if (this.#meridian === 'pm' && hour !== 12) this.#micros += half;
  }

  #zoneOffset(days: number | undefined): number {
    const daylight = (this.#seen & seen.daylight) !== 0;
    if (this.#namedZone === undefined && (this.#seen & seen.zone) !== 0) return this.#offset;
    if (daylight) fail('format');
    const zone = this.#namedZone ?? timeZoneOf(this.#settings.timeZone);
    if (days === undefined && this.#namedZone !== undefined && zone.fixedOffset === undefined) {
      fail('format');
    }
    const day = days ?? this.#localNow().days;
    const seconds = Math.floor(this.#micros / microsPerSecond);
    return localOffset(zone, (day + 10957) * 86400 + seconds);
  }
}
