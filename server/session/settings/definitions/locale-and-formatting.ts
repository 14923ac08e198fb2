// How values are read and shown: encodings, dates, time zones, languages.

import { choice, integer, settingsOf, text } from '../definition.ts';

export const localeAndFormatting = settingsOf(
  'Client Connection Defaults / Locale and Formatting',
  [
    text('client_encoding', 'UTF8', "Sets the client's character set encoding.", {
      reported: true,
    }),
    text('DateStyle', 'ISO, MDY', 'Sets the display format for date and time values.', {
      reported: true,
    }),
    choice(
      'IntervalStyle',
      'postgres',
      ['postgres', 'postgres_verbose', 'sql_standard', 'iso_8601'],
      'Sets the display format for interval values.',
      { reported: true },
    ),
    text('TimeZone', 'Etc/UTC', 'Sets the time zone for displaying and interpreting time stamps.', {
      reported: true,
    }),
    text('timezone_abbreviations', 'Default', 'Selects a file of time zone abbreviations.'),
    integer(
      'extra_float_digits',
      1,
      [-15, 3],
      'Sets the number of digits displayed for floating-point values.',
    ),
    text('lc_messages', 'C', 'Sets the language in which messages are displayed.'),
    text('lc_monetary', 'C', 'Sets the locale for formatting monetary amounts.'),
    text('lc_numeric', 'C', 'Sets the locale for formatting numbers.'),
    text('lc_time', 'C', 'Sets the locale for formatting date and time values.'),
    text(
      'default_text_search_config',
      'pg_catalog.english',
      'Sets default text search configuration.',
    ),
  ],
);
