// Time zones: offsets of IANA zones from Intl, with a table of transitions per zone and year, POSIX
// and fixed zones. Offsets are seconds EAST of UTC. Times are seconds since 1970-01-01 UTC, or local
// seconds since 1970-01-01 00:00 on the zone's clock.

import { databaseError } from '../errors.ts';
import { timeZoneCacheEntriesMax } from '../limits.ts';
import { shownAbbreviations } from './abbreviations.ts';
import { civilFromDays, daysFromCivil } from './calendar.ts';

export interface TimeZone {
  /** As SHOW and pg_timezone_names spell it. */
  readonly name: string;
  /** The zone never changes: its offset; undefined for zones with transitions. */
  readonly fixedOffset: number | undefined;
  offsetAt(utcSeconds: number): number;
  /** The abbreviation at a time ("CET", "+03"), and whether daylight time is in force. */
  abbreviationAt(utcSeconds: number): string;
}

interface Transition {
  readonly at: number;
  readonly before: number;
  readonly after: number;
}

const daysTo1970 = -10957;
const secondsPerDay = 86400;
const cache = new Map<string, TimeZone | undefined>();

/** The zone of a name, case-insensitive; undefined when there is none. */
export function findTimeZone(name: string): TimeZone | undefined {
  const key = name.toLowerCase();
  let zone = cache.get(key);
  if (zone === undefined && !cache.has(key)) {
    zone = makeZone(name);
    if (cache.size >= timeZoneCacheEntriesMax) cache.clear();
    cache.set(key, zone);
  }
  return zone;
}

let lastName = '';
let lastZone: TimeZone | undefined;

/** The session's zone: the same name in every call of a statement. 22023 when it is unknown. */
export function timeZoneOf(name: string): TimeZone {
  if (name === lastName && lastZone !== undefined) return lastZone;
  const zone = findTimeZone(name);
  if (zone === undefined) throw unknownTimeZone(name);
  lastName = name;
  lastZone = zone;
  return zone;
}

export function unknownTimeZone(name: string): Error {
  return databaseError('invalidParameterValue', `time zone "${name}" not recognized`);
}

/**
 * The offset of a local time. In the gap of a spring-forward change the offset before it applies, in
 * the overlap of a fall-back change the one after it (PostgreSQL's DetermineTimeZoneOffset).
 */
export function localOffset(zone: TimeZone, localSeconds: number): number {
  if (zone.fixedOffset !== undefined) return zone.fixedOffset;
  const before = zone.offsetAt(localSeconds - secondsPerDay - 50400);
  const after = zone.offsetAt(localSeconds + secondsPerDay + 50400);
  if (before === after) return zone.offsetAt(localSeconds - before);
  const earlier = localSeconds - before;
  const later = localSeconds - after;
  const boundary = boundaryBetween(zone, localSeconds - secondsPerDay - 50400, after);
  if (earlier < boundary && later < boundary) return before;
  if (earlier >= boundary && later >= boundary) return after;
  return earlier > later ? before : after;
}

/** The first second from which the zone has offset `after`. */
function boundaryBetween(zone: TimeZone, from: number, after: number): number {
  let low = from;
  let high = from + 2 * (secondsPerDay + 50400);
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (zone.offsetAt(middle) === after) high = middle;
    else low = middle;
  }
  return high;
}

/** A zone with one offset, named as PostgreSQL names it after SET TIME ZONE INTERVAL: "<+05>-05". */
export function fixedTimeZone(offsetSeconds: number): TimeZone {
  const text = offsetText(offsetSeconds);
  const inverse = (offsetSeconds > 0 ? '-' : '+') + text.slice(1);
  return fixedZone(`<${text}>${inverse}`, offsetSeconds, text);
}

/** "+05", "-03:30", "+00:53:28". */
export function offsetText(offsetSeconds: number): string {
  const absolute = Math.abs(offsetSeconds);
  const parts = [Math.floor(absolute / 3600), Math.floor(absolute / 60) % 60, absolute % 60].map(
    (part) => String(part).padStart(2, '0'),
  );
  const count = absolute % 60 !== 0 ? 3 : absolute % 3600 !== 0 ? 2 : 1;
  return (offsetSeconds < 0 ? '-' : '+') + parts.slice(0, count).join(':');
}

function fixedZone(name: string, offset: number, abbreviation: string): TimeZone {
  return {
    name,
    fixedOffset: offset,
    offsetAt: () => offset,
    abbreviationAt: () => abbreviation,
  };
}

const utcNames = /^(?:etc\/)?(?:utc|uct|gmt|zulu|universal|greenwich|gmt0|gmt[+-]0)$/i;
const posixZone = /^(?:<([^<>]+)>|([a-z]{3,}))?([+-]?)(\d{1,2})(?::(\d{1,2}))?(?::(\d{1,2}))?$/i;

function makeZone(name: string): TimeZone | undefined {
  if (name.length > 64) return undefined;
  if (utcNames.test(name)) {
    return fixedZone(canonicalUtcName(name), 0, /gmt|greenwich/i.test(name) ? 'GMT' : 'UTC');
  }
  const posix = posixZone.exec(name);
  if (posix !== null && !/^etc\//i.test(name)) return posixFixedZone(name, posix);
  if (!/^[a-z]/i.test(name)) return undefined;
  return intlZone(name);
}

function canonicalUtcName(name: string): string {
  const short = name.replace(/^etc\//i, '');
  const proper = /^(?:utc|uct|gmt)/i.test(short)
    ? short.toUpperCase()
    : short[0].toUpperCase() + short.slice(1).toLowerCase();
  return short === name ? proper : `Etc/${proper}`;
}

/** POSIX counts west of Greenwich: "UTC+3" is three hours behind. */
function posixFixedZone(name: string, parts: RegExpExecArray): TimeZone | undefined {
  const seconds = Number(parts[4]) * 3600 + Number(parts[5] ?? 0) * 60 + Number(parts[6] ?? 0);
  if (Number(parts[4]) > 24) return undefined;
  const offset = parts[3] === '-' ? seconds : -seconds;
  const abbreviation = parts[1] ?? parts[2]?.toUpperCase();
  return fixedZone(name, offset + 0, abbreviation ?? offsetText(offset));
}

function intlZone(name: string): TimeZone | undefined {
  let format: Intl.DateTimeFormat;
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: name,
      calendar: 'gregory',
      hourCycle: 'h23',
      era: 'short',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    });
  } catch {
    return undefined;
  }
  return new IntlTimeZone(properName(name), format);
}

/** IANA's spelling of a name given in any case. */
function properName(name: string): string {
  const lower = name.toLowerCase();
  const known = Intl.supportedValuesOf('timeZone').find((zone) => zone.toLowerCase() === lower);
  if (known !== undefined) return known;
  if (!name.includes('/') && name.length <= 7) return name.toUpperCase();
  return lower.replace(/(^|[/_-])(\p{L})/gu, (_match, before: string, letter: string) => {
    return before + letter.toUpperCase();
  });
}

const yearMinKnown = 1800;
const yearMaxKnown = 2400;

class IntlTimeZone implements TimeZone {
  readonly name: string;
  readonly fixedOffset: undefined;
  readonly #format: Intl.DateTimeFormat;
  readonly #years = new Map<number, readonly Transition[]>();
  readonly #offsets = new Map<number, number>();

  constructor(name: string, format: Intl.DateTimeFormat) {
    this.name = name;
    this.fixedOffset = undefined;
    this.#format = format;
  }

  offsetAt(utcSeconds: number): number {
    const seconds = foldYears(utcSeconds);
    const year = civilFromDays(Math.floor(seconds / secondsPerDay) + daysTo1970).year;
    const transitions = this.#transitionsOf(year);
    let offset = this.#offsets.get(year)!;
    for (const transition of transitions) {
      if (seconds < transition.at) break;
      offset = transition.after;
    }
    return offset;
  }

  abbreviationAt(utcSeconds: number): string {
    const offset = this.offsetAt(utcSeconds);
    const shown = shownAbbreviations.get(this.name);
    if (shown !== undefined) {
      return shown[offset === this.#standardOffset(utcSeconds) ? 0 : 1];
    }
    // Only local mean times have seconds.
    if (offset % 60 !== 0) return 'LMT';
    const region = regions.find(({ zones }) => zones.test(this.name));
    if (region !== undefined) {
      const date = new Date(foldYears(utcSeconds) * 1000);
      const text = abbreviationIn(region.locale, this.name, date);
      if (region.known.test(text)) return text;
    }
    return offsetText(offset).replace(':', '');
  }

  /** The smaller of the year's offsets: daylight time is ahead of standard time. */
  #standardOffset(utcSeconds: number): number {
    const seconds = foldYears(utcSeconds);
    const year = civilFromDays(Math.floor(seconds / secondsPerDay) + daysTo1970).year;
    const offsets = this.#transitionsOf(year).map((transition) => transition.after);
    return Math.min(this.#offsets.get(year)!, ...offsets);
  }

  /** The year's transitions; fills #offsets with the offset at its start. */
  #transitionsOf(year: number): readonly Transition[] {
    let transitions = this.#years.get(year);
    if (transitions === undefined) {
      if (this.#years.size > 1000) this.#years.clear();
      transitions = this.#findTransitions(year);
      this.#years.set(year, transitions);
    }
    return transitions;
  }

  #findTransitions(year: number): Transition[] {
    const start = (daysFromCivil(year, 1, 1) - daysTo1970) * secondsPerDay;
    const end = (daysFromCivil(year + 1, 1, 1) - daysTo1970) * secondsPerDay;
    const step = 14 * secondsPerDay;
    const transitions: Transition[] = [];
    let offset = this.#probe(start);
    this.#offsets.set(year, offset);
    for (let from = start; from < end; from += step) {
      const to = Math.min(from + step, end - 1);
      const after = this.#probe(to);
      if (after === offset) continue;
      const at = this.#boundary(from, to, after);
      transitions.push({ at, before: offset, after });
      offset = after;
    }
    return transitions;
  }

  #boundary(from: number, to: number, after: number): number {
    let low = from - 1;
    let high = to;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (this.#probe(middle) === after) high = middle;
      else low = middle;
    }
    return high;
  }

  #probe(utcSeconds: number): number {
    let year = 0;
    let month = 0;
    let day = 0;
    let seconds = 0;
    let beforeChrist = false;
    for (const part of this.#format.formatToParts(utcSeconds * 1000)) {
      if (part.type === 'year') year = Number(part.value);
      else if (part.type === 'month') month = Number(part.value);
      else if (part.type === 'day') day = Number(part.value);
      else if (part.type === 'hour') seconds += Number(part.value) * 3600;
      else if (part.type === 'minute') seconds += Number(part.value) * 60;
      else if (part.type === 'second') seconds += Number(part.value);
      else if (part.type === 'era') beforeChrist = part.value.startsWith('B');
    }
    const days = daysFromCivil(beforeChrist ? 1 - year : year, month, day) - daysTo1970;
    return days * secondsPerDay + seconds - utcSeconds;
  }
}

/** Years outside of what Intl's tables cover repeat: the first one before, a 400-year cycle after. */
function foldYears(utcSeconds: number): number {
  const cycle = 146097 * secondsPerDay;
  const start = (daysFromCivil(yearMinKnown, 1, 1) - daysTo1970) * secondsPerDay;
  if (utcSeconds < start) return start;
  const end = (daysFromCivil(yearMaxKnown, 1, 1) - daysTo1970) * secondsPerDay;
  return utcSeconds < end
    ? utcSeconds
    : utcSeconds - (Math.floor((utcSeconds - end) / cycle) + 1) * cycle;
}

const abbreviationFormats = new Map<string, Intl.DateTimeFormat>();

function abbreviationIn(locale: string, timeZone: string, date: Date): string {
  const key = `${locale} ${timeZone}`;
  let format = abbreviationFormats.get(key);
  if (format === undefined) {
    if (abbreviationFormats.size >= timeZoneCacheEntriesMax) abbreviationFormats.clear();
    format = new Intl.DateTimeFormat(locale, { timeZone, timeZoneName: 'short' });
    abbreviationFormats.set(key, format);
  }
  return format.formatToParts(date).find((each) => each.type === 'timeZoneName')?.value ?? '';
}

/** Where Intl's abbreviations are those of the IANA data base, and in which locale it has them. */
const regions: readonly { zones: RegExp; locale: string; known: RegExp }[] = [
  {
    zones: /^(?:America|US|Canada|Pacific|[A-Z]{3}\d[A-Z]{3}$)/,
    locale: 'en-US',
    known: /^(?:AK|A|C|E|H|M|P)[SD]T$/,
  },
  {
    zones: /^(?:Europe|Atlantic|Arctic|[CEMW]ET$)/,
    locale: 'en-GB',
    known: /^(?:GMT|BST|IST|WES?T|CES?T|EES?T|MSK)$/,
  },
  { zones: /^Australia/, locale: 'en-AU', known: /^A[CEW][SD]T$/ },
  { zones: /^Asia\/(?:Kolkata|Calcutta)$/, locale: 'en-IN', known: /^IST$/ },
];
