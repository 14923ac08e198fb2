// COPY's options: WITH (…) and the old spellings, checked as PostgreSQL checks them.

import type { CopyStmt, Node } from '@pgsql/types';
import { databaseError, notSupported } from '#common';

export interface CopyOptions {
  readonly format: 'text' | 'csv' | 'binary' | 'parquet' | 'arrow';
  readonly delimiter: string;
  readonly nullText: string;
  /** none; skip or write the line; match: names must be those of the columns. */
  readonly header: 'none' | 'line' | 'match';
  readonly quote: string;
  readonly escape: string;
  /** Column names, or all. */
  readonly forceQuote: readonly string[] | 'all';
  readonly forceNotNull: readonly string[];
  readonly forceNull: readonly string[];
}

const plainFlags = new Set(['freeze', 'oids']);

/** Raises 42601, 22023, 0A000. */
export function copyOptions(statement: CopyStmt): CopyOptions {
  const given = new Map<string, Node | undefined>();
  for (const node of statement.options ?? []) {
    if (!('DefElem' in node)) continue;
    const name = node.DefElem.defname ?? '';
    if (given.has(name)) throw databaseError('syntaxError', 'conflicting or redundant options');
    given.set(name, node.DefElem.arg);
  }
  const format = formatOf(given.get('format'));
  const csv = format === 'csv';
  const text = (name: string, fallback: string): string =>
    given.has(name) ? textOf(given.get(name)) : fallback;
  const quote = text('quote', '"');
  const options: CopyOptions = {
    format,
    delimiter: text('delimiter', csv ? ',' : '\t'),
    nullText: text('null', csv ? '' : '\\N'),
    header: headerOf(given),
    quote,
    escape: text('escape', quote),
    forceQuote: given.has('force_quote') ? namesOf(given.get('force_quote')) : [],
    forceNotNull: columnList(given, 'force_not_null'),
    forceNull: columnList(given, 'force_null'),
  };
  check(options, given, statement.is_from === true);
  return options;
}

const knownOptions = new Set([
  'format',
  'delimiter',
  'null',
  'header',
  'quote',
  'escape',
  'force_quote',
  'force_not_null',
  'force_null',
  'encoding',
  ...plainFlags,
]);

function check(
  options: CopyOptions,
  given: ReadonlyMap<string, Node | undefined>,
  isFrom: boolean,
): void {
  for (const name of given.keys()) {
    if (!knownOptions.has(name))
      throw databaseError('syntaxError', `option "${name}" not recognized`);
  }
  const { format, delimiter, nullText, quote, escape } = options;
  const only = (name: string, allowed: boolean): void => {
    if (given.has(name) && !allowed) {
      throw databaseError(
        'featureNotSupported',
        `COPY ${name.replaceAll('_', ' ').toUpperCase()} available only in CSV mode`,
      );
    }
  };
  const isText = format === 'text' || format === 'csv';
  if (!isText) {
    for (const name of ['delimiter', 'null', 'header']) {
      if (!given.has(name)) continue;
      const mode = format.toUpperCase();
      throw databaseError('syntaxError', `cannot specify ${name.toUpperCase()} in ${mode} mode`);
    }
  }
  for (const name of ['quote', 'escape', 'force_quote', 'force_not_null', 'force_null'])
    only(name, format === 'csv');
  oneByte('delimiter', delimiter);
  oneByte('quote', quote);
  oneByte('escape', escape);
  if (/[\r\n]/.test(delimiter))
    throw invalid('COPY delimiter cannot be newline or carriage return');
  if (/[\r\n]/.test(nullText))
    throw invalid('COPY null representation cannot use newline or carriage return');
  if (format === 'text' && /[a-z0-9\\.]/.test(delimiter))
    throw invalid(`COPY delimiter cannot be "${delimiter}"`);
  if (isText && nullText.includes(delimiter)) {
    throw invalid('COPY delimiter must not appear in the NULL specification');
  }
  if (format === 'csv' && delimiter === quote)
    throw invalid('COPY delimiter and quote must be different');
  if (format === 'csv' && nullText.includes(quote))
    throw invalid('CSV quote character must not appear in the NULL specification');
  if (isFrom && given.has('force_quote'))
    throw invalid('COPY force quote only available using COPY TO');
  if (!isFrom && (given.has('force_not_null') || given.has('force_null'))) {
    throw invalid('COPY force not null only available using COPY FROM');
  }
  const encoding = given.has('encoding')
    ? textOf(given.get('encoding'))
        .toLowerCase()
        .replaceAll(/[^a-z0-9]/g, '')
    : 'utf8';
  if (!['utf8', 'unicode', 'sqlascii'].includes(encoding))
    throw notSupported('COPY with an encoding other than UTF8');
}

function oneByte(name: string, value: string): void {
  if (Buffer.byteLength(value) !== 1)
    throw invalid(`COPY ${name} must be a single one-byte character`);
}

function invalid(message: string): Error {
  return databaseError('invalidParameterValue', message);
}

function formatOf(node: Node | undefined): CopyOptions['format'] {
  if (node === undefined) return 'text';
  const format = textOf(node);
  if (format === 'text' || format === 'csv' || format === 'binary') return format;
  if (format === 'parquet' || format === 'arrow') return format;
  throw databaseError('invalidParameterValue', `COPY format "${format}" not recognized`);
}

function headerOf(given: ReadonlyMap<string, Node | undefined>): CopyOptions['header'] {
  if (!given.has('header')) return 'none';
  const node = given.get('header');
  if (node === undefined) return 'line';
  const text = textOf(node).toLowerCase();
  if (text === 'match') return 'match';
  if (['true', 'on', '1', 'yes'].includes(text)) return 'line';
  if (['false', 'off', '0', 'no'].includes(text)) return 'none';
  throw databaseError('syntaxError', 'header requires a Boolean value or "match"');
}

function columnList(given: ReadonlyMap<string, Node | undefined>, name: string): readonly string[] {
  const names = given.has(name) ? namesOf(given.get(name)) : [];
  if (names === 'all')
    throw databaseError(
      'syntaxError',
      `argument to option "${name}" must be a list of column names`,
    );
  return names;
}

function namesOf(node: Node | undefined): readonly string[] | 'all' {
  if (node !== undefined && 'A_Star' in node) return 'all';
  if (node !== undefined && 'List' in node)
    return (node.List.items ?? []).map((item) => textOf(item));
  return [textOf(node)];
}

function textOf(node: Node | undefined): string {
  if (node === undefined) return '';
  if ('String' in node) return node.String.sval ?? '';
  if ('Integer' in node) return String(node.Integer.ival ?? 0);
  if ('Boolean' in node) return node.Boolean.boolval === true ? 'true' : 'false';
  if ('TypeName' in node) {
    const last = node.TypeName.names?.at(-1);
    return last !== undefined && 'String' in last ? (last.String.sval ?? '') : '';
  }
  return '';
}
