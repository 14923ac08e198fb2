// How a session reads and writes values as text: the settings that change PostgreSQL's text formats.

export interface FormatSettings {
  /** Output style, then field order: "ISO, MDY". */
  readonly dateStyle: string;
  /** postgres, postgres_verbose, sql_standard or iso_8601. */
  readonly intervalStyle: string;
  /** IANA name, POSIX zone or fixed offset. */
  readonly timeZone: string;
  readonly extraFloatDigits: number;
  readonly byteaOutput: 'hex' | 'escape';
}

export const defaultFormatSettings: FormatSettings = {
  dateStyle: 'ISO, MDY',
  intervalStyle: 'postgres',
  timeZone: 'Etc/UTC',
  extraFloatDigits: 1,
  byteaOutput: 'hex',
};
