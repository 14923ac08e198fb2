// What the fields of a date template read: how many digits, and into which part of a date or time.

import type { DateField } from './template-datetime.ts';

/** Fields with digits: how many a field takes when digits follow it. */
export const fieldWidths: Partial<Readonly<Record<DateField, number>>> = {
  HH12: 2,
  HH24: 2,
  MI: 2,
  SS: 2,
  MS: 3,
  US: 6,
  FF1: 1,
  FF2: 2,
  FF3: 3,
  FF4: 4,
  FF5: 5,
  FF6: 6,
  SSSS: 5,
  MM: 2,
  DD: 2,
  DDD: 3,
  IDDD: 3,
  D: 1,
  ID: 1,
  W: 1,
  WW: 2,
  IW: 2,
  CC: 2,
  J: 1,
  Q: 1,
  YYYY: 4,
  IYYY: 4,
  YYY: 3,
  IYY: 3,
  YY: 2,
  IY: 2,
  Y: 1,
  I: 1,
  TZH: 2,
  TZM: 2,
  'Y,YYY': 5,
};

export const isoFields = new Set<DateField>(['IDDD', 'ID', 'IW', 'IYYY', 'IYY', 'IY', 'I']);
export const gregorianFields = new Set<DateField>([
  'DDD',
  'DD',
  'MM',
  'MON',
  'MONTH',
  'W',
  'WW',
  'YYYY',
  'YYY',
  'YY',
  'Y',
  'Y,YYY',
  'RM',
  'CC',
]);

/** What a field says something of. */
export type Slot =
  | 'hour'
  | 'minute'
  | 'second'
  | 'millisecond'
  | 'microsecond'
  | 'daySeconds'
  | 'month'
  | 'day'
  | 'dayOfYear'
  | 'weekday'
  | 'week'
  | 'monthWeek'
  | 'year'
  | 'century'
  | 'julian'
  | 'zoneHour'
  | 'zoneMinute';

export const fieldSlots: Partial<Readonly<Record<DateField, Slot>>> = {
  HH12: 'hour',
  HH24: 'hour',
  MI: 'minute',
  SS: 'second',
  MS: 'millisecond',
  US: 'microsecond',
  FF1: 'microsecond',
  FF2: 'microsecond',
  FF3: 'microsecond',
  FF4: 'microsecond',
  FF5: 'microsecond',
  FF6: 'microsecond',
  SSSS: 'daySeconds',
  MM: 'month',
  DD: 'day',
  DDD: 'dayOfYear',
  IDDD: 'dayOfYear',
  D: 'weekday',
  ID: 'weekday',
  W: 'monthWeek',
  WW: 'week',
  IW: 'week',
  CC: 'century',
  J: 'julian',
  YYYY: 'year',
  IYYY: 'year',
  YYY: 'year',
  IYY: 'year',
  YY: 'year',
  IY: 'year',
  Y: 'year',
  I: 'year',
  TZH: 'zoneHour',
  TZM: 'zoneMinute',
};
