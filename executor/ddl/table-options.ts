// WITH (…) of tables and views: PostgreSQL's storage parameters are checked and kept, retention is ours.

import type { DefElem } from '@pgsql/types';
import { databaseError, type Datum, Interval, typeInput, TypeOid } from '#common';
import { elementText } from '#planner';
import type { DdlStatement } from './statement.ts';
import { readStorageParameters, tableParameters, toastParameters } from './storage-parameters.ts';

export interface TableOptions {
  readonly options: Readonly<Record<string, string>>;
  /** undefined: for ever. */
  readonly retentionMicros: number | undefined;
}

const namespaces = new Map([['toast', toastParameters]]);

/** 22023 for what PostgreSQL does not know either. */
export function readTableOptions(ddl: DdlStatement, elements: readonly DefElem[]): TableOptions {
  const kept = elements.filter((element) => !isOids(element));
  const found = readStorageParameters(kept, tableParameters, namespaces);
  const options: Record<string, string> = {};
  let retentionMicros: number | undefined;
  for (const [name, text] of Object.entries(found)) {
    // Values out of line are chunks of a tree of their own, which nothing vacuums.
    if (name.startsWith('toast.')) continue;
    if (name === 'retention') retentionMicros = retentionOf(ddl, text);
    options[name] = name === 'columnar' ? columnarSetting(text) : text;
  }
  return { options, retentionMicros };
}

/** WITH (OIDS = false) is allowed and means nothing. 0A000 */
function isOids(element: DefElem): boolean {
  if (element.defname !== 'oids') return false;
  const text = elementText(element);
  if (text === undefined || text === 'true' || text === 'on') {
    throw databaseError('featureNotSupported', 'tables declared WITH OIDS are not supported');
  }
  return true;
}

/** Column segments: always, never, or when the table is large and scanned. */
function columnarSetting(text: string): string {
  const setting = text.toLowerCase();
  if (setting === 'auto') return setting;
  if (setting === 'on' || setting === 'true') return 'on';
  if (setting === 'off' || setting === 'false') return 'off';
  throw databaseError(
    'invalidParameterValue',
    `invalid value for enum option "columnar": ${text}`,
    {
      detail: 'Valid values are "on", "off", and "auto".',
    },
  );
}

const microsPerDay = 86_400_000_000;
const daysPerMonth = 30;

/** A positive interval; 'infinity' or an empty text keeps history for ever. */
function retentionOf(ddl: DdlStatement, text: string): number | undefined {
  if (text === 'infinity' || text === '') return undefined;
  const value: Datum = typeInput(TypeOid.interval)(text, -1, ddl.context.functions);
  if (!(value instanceof Interval)) return undefined;
  const micros = (value.months * daysPerMonth + value.days) * microsPerDay + Number(value.micros);
  if (micros < 0) throw databaseError('invalidParameterValue', 'retention must not be negative');
  return micros;
}
