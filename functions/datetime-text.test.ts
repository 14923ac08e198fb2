// Goal: every accepted spelling of dates, times and intervals is read as PostgreSQL 15 reads it, every
// style is written as it writes, and what it refuses is refused with its error. Method: texts are given
// to both under several settings, and outputs (or SQLSTATE and message) compared.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DatabaseError, defaultFormatSettings, typeByName, typeInput, typeOutput } from '#common';
import { testContext } from './testing/context.ts';
import { postgresMissing, testClient } from './testing/postgres.ts';

const dateTimes = [
  '2024-02-29',
  '2024-2-9',
  '20240229',
  '240229',
  '2024.02.29',
  '2024/02/29',
  '02/03/2024',
  '13/02/2024',
  '02-03-04',
  '02/03/04',
  '1/8/99',
  'Jan 5 2024',
  'January 5, 2024',
  '5 Jan 2024',
  '05-Jan-99',
  'Jan-05-2024',
  '2024-Jan-05',
  '99-Jan-05',
  '05-Jan',
  '2024-060',
  '2024.366',
  '2023.366',
  'J2451187',
  'J2451187.5',
  'January 8, 99 BC',
  '0099-01-08 BC',
  '2024-02-29 AD',
  '2024-02-30',
  '2024-13-01',
  '2024-00-01',
  '0000-01-01',
  '5874898-01-01',
  '294277-01-01',
  '4714-11-24 BC',
  '4714-11-23 BC',
  'epoch',
  'infinity',
  '-infinity',
  '+infinity',
  'allballs',
  '',
  ' ',
  'foo',
  '2024-02-29 12:34',
  '2024-02-29 12:34:56',
  '2024-02-29 12:34:56.7',
  '2024-02-29 12:34:56.1234567',
  '2024-02-29T12:34:56',
  '2024-02-29t12:34:56z',
  '2024-02-29 12:34:56 Z',
  '20240229T123456',
  '2024-02-29 123456',
  '2024-02-29 1234',
  '2024-02-29 12:34 PM',
  '2024-02-29 12:34 am',
  '2024-02-29 13:34 PM',
  '2024-02-29 24:00:00',
  '2024-02-29 24:00:01',
  '2024-02-29 23:59:60',
  '2024-02-29 12:60',
  '2024-02-29 12:34:61',
  '2024-02-29 12:34+05',
  '2024-02-29 12:34 -05:30',
  '2024-02-29 12:34:56+0530',
  '2024-02-29 12:34:56+05:30:15',
  '2024-02-29 12:34+16',
  '2024-02-29 12:34 PST',
  '2024-02-29 12:34 PDT',
  '2024-07-29 12:34 America/New_York',
  '2024-07-29 12:34 america/new_york',
  '2024-07-29 12:34 Europe/Berlin',
  '2024-07-29 12:34 EST5EDT',
  '2024-02-29 12:34 MST DST',
  '2024-02-29 12:34 Nowhere/City',
  '2024-02-29 12:34 xyz',
  'Thu Feb 29 12:34:56 2024',
  'Thu Feb 29 12:34:56 2024 PST',
  'Thu Feb 29 12:34:56 PST 2024',
  '12:34:56 2024-02-29',
  '2024-02-29 12:34:56 2024-02-29',
  '12:34',
  'Feb 29',
  '2024',
  '2024-02',
  '29.02.2024',
  '29.02.2024 10:00',
  '29/02/2024',
  '2/29/2024',
  '2024-02-29 10:00:00 BC',
  '2024-02-29 at 10:00',
  'on 2024-02-29',
  '2024-03-10 02:30 America/New_York',
  '2024-11-03 01:30 America/New_York',
  '2024-02-29 10',
  '2024-02-29, 10:00',
  '2024_02_29',
  '2024-02-29 10:00:00.',
  '2024-02-29 10.5',
  'Monday, 29 February 2024',
  '2024-02-29 -infinity',
  'dst',
  '12 Jan 1 BC',
  'Jan 1 0001',
  '1999 Jan 08 04:05:06 -8:00',
  '19990108040506',
  '99990108',
  '10000-01-01',
  '10000101',
  'J0',
  'J2451187 04:05 PST',
  'J2451187-08',
  '1 2 3',
  '2001-02-29',
];
const times = [
  '10:20',
  '10:20:30',
  '10:20:30.5',
  '102030',
  '1020',
  '10:20 AM',
  '10:20 pm',
  '12:00 am',
  '12:00 PM',
  '24:00',
  '24:00:00.1',
  '25:00',
  '10:60',
  '23:59:60',
  'allballs',
  '10:20+02',
  '10:20 PST',
  '10:20:30 America/New_York',
  '2024-07-01 10:20:30 America/New_York',
  'T10:20',
  't102030',
  '2024-01-01 10:20',
  'foo',
  '',
  '10',
  '10:20:30.1234567',
  '102030.5',
  '10:20-05:30',
  'infinity',
  '1:2:3',
  '040506.789+08',
  '040506+08',
  '04:05:06 z',
  'Jan 5 2024 10:20',
  '10:20 10:30',
];
const intervals = [
  '1 day',
  '1d',
  '-1 day',
  '1 day ago',
  '1 year 2 months 3 days 4 hours 5 minutes 6 seconds',
  '1y 2mon 3d 4h 5m 6s',
  '1.5 days',
  '1.5 months',
  '1.5 years',
  '1.25 weeks',
  '0.7 months',
  '-1.5 months',
  '2 decades',
  '1 century',
  '1 millennium',
  '1 mil',
  '100',
  '-100',
  '1:02',
  '1:02:03',
  '-1:02:03',
  '1:02:03.5',
  '1:02.5',
  '1 1:02:03',
  '-1 1:02:03',
  '-1 -1:02:03',
  '1-2',
  '-1-2',
  '+1-2',
  '1-2 3 4:05:06',
  '-1-2 +3 -4:05:06',
  '1-13',
  'P1Y2M3DT4H5M6S',
  'PT1H30M',
  'P1.5D',
  'P1W',
  'P0001-02-03T04:05:06',
  'P-1Y-2M',
  'P1Y2M3D',
  'PT',
  'P',
  '@ 1 minute',
  '1 fortnight',
  '',
  'foo',
  '1 day 1 day',
  '1 ms',
  '1500 ms',
  '5 us',
  '2 microseconds',
  '3 milliseconds',
  '1 day 12',
  '12 h',
  '9999999999 days',
  '2147483647 months',
  '2147483648 months',
  '1e3 days',
  '1 day -1 hours',
  '3 days 04:05:06 ago',
  '1 hr 2 mins',
  'infinity',
  '178956970 years',
  '178956971 years',
  '1.0000005 sec',
  '0.5 hours',
  '1 week 1.5 days',
  '- 1 day',
  '1 year ago 2 days',
  '1day2hours',
  '1 mon 1:00 -2 days',
];

const typesOf: readonly (readonly [type: string, texts: readonly string[]])[] = [
  ['date', dateTimes],
  ['timestamp', dateTimes],
  ['timestamptz', dateTimes],
  ['time', times],
  ['timetz', times],
  ['interval', intervals],
];

const settings = [
  { dateStyle: 'ISO, MDY', intervalStyle: 'postgres', timeZone: 'Etc/UTC' },
  { dateStyle: 'SQL, DMY', intervalStyle: 'sql_standard', timeZone: 'Europe/Berlin' },
  { dateStyle: 'Postgres, YMD', intervalStyle: 'postgres_verbose', timeZone: 'America/New_York' },
  { dateStyle: 'German, DMY', intervalStyle: 'iso_8601', timeZone: 'Asia/Kolkata' },
  { dateStyle: 'Postgres, DMY', intervalStyle: 'postgres', timeZone: 'Asia/Dubai' },
  { dateStyle: 'SQL, MDY', intervalStyle: 'postgres', timeZone: 'Australia/Lord_Howe' },
];

const client = await testClient();

test(
  'dates, times and intervals as text agree with PostgreSQL',
  { skip: postgresMissing },
  async () => {
    const differences: string[] = [];
    for (const setting of settings) {
      const context = { ...testContext, ...defaultFormatSettings, ...setting };
      await client.query(
        `SET datestyle = '${setting.dateStyle}'; SET intervalstyle = '${setting.intervalStyle}';
       SET timezone = '${setting.timeZone}'`,
      );
      for (const [type, texts] of typesOf) {
        const oid = typeByName(type)!.oid;
        for (const text of texts) {
          // A time without a date takes today's offset.
          if (
            type === 'timetz' &&
            setting.timeZone !== 'Etc/UTC' &&
            !/[+zZ]|-\d\d|P[SD]T/.test(text)
          ) {
            continue;
          }
          let theirs: string;
          try {
            const result = await client.query(`SELECT '${text}'::${type}::text AS value`);
            theirs = (result.rows[0] as { value: string }).value;
          } catch (error) {
            const fields = error as { code: string; message: string; hint?: string };
            theirs = `${fields.code} ${fields.message} ${fields.hint ?? ''}`;
          }
          let ours: string;
          try {
            ours = typeOutput(oid)(typeInput(oid)(text, -1, context), context);
          } catch (error) {
            if (!(error instanceof DatabaseError)) throw error;
            ours = `${error.sqlState} ${error.message} ${error.hint ?? ''}`;
          }
          if (ours !== theirs) {
            differences.push(`${setting.dateStyle} '${text}'::${type}: ${ours} <> ${theirs}`);
          }
        }
      }
    }
    assert.equal(differences.length, 0, `\n${differences.join('\n')}`);
  },
);
