// WITH (…) of tables and views: PostgreSQL's storage parameters are checked and kept, retention is ours.

import type { DefElem } from '@pgsql/types';
import { databaseError, type Datum, Interval, typeInput, TypeOid } from '#common';
import { elementText } from '#planner';
import type { DdlStatement } from './statement.ts';

const known = new Set([
  'fillfactor',
  'toast_tuple_target',
  'parallel_workers',
  'autovacuum_enabled',
  'vacuum_index_cleanup',
  'vacuum_truncate',
  'autovacuum_vacuum_threshold',
  'autovacuum_vacuum_insert_threshold',
  'autovacuum_analyze_threshold',
  'autovacuum_vacuum_cost_limit',
  'autovacuum_freeze_min_age',
  'autovacuum_freeze_max_age',
  'autovacuum_freeze_table_age',
  'autovacuum_multixact_freeze_min_age',
  'autovacuum_multixact_freeze_max_age',
  'autovacuum_multixact_freeze_table_age',
  'log_autovacuum_min_duration',
  'autovacuum_vacuum_cost_delay',
  'autovacuum_vacuum_scale_factor',
  'autovacuum_vacuum_insert_scale_factor',
  'autovacuum_analyze_scale_factor',
  'user_catalog_table',
  'columnar',
]);

export interface TableOptions {
  readonly options: Readonly<Record<string, string>>;
  /** undefined: for ever. */
  readonly retentionMicros: number | undefined;
}

/** 22023 for what PostgreSQL does not know either. */
export function readTableOptions(ddl: DdlStatement, elements: readonly DefElem[]): TableOptions {
  const options: Record<string, string> = {};
  let retentionMicros: number | undefined;
  for (const element of elements) {
    const name = element.defname ?? '';
    const text = elementText(element);
    if (name === 'retention') {
      retentionMicros = retentionOf(ddl, text ?? '');
      options[name] = text ?? '';
      continue;
    }
    if (name === 'oids') {
      if (text === undefined || text === 'true' || text === 'on') {
        throw databaseError('featureNotSupported', 'tables declared WITH OIDS are not supported');
      }
      continue;
    }
    if (element.defnamespace !== undefined && element.defnamespace !== 'toast') {
      throw databaseError(
        'invalidParameterValue',
        `unrecognized parameter namespace "${element.defnamespace}"`,
      );
    }
    if (!known.has(name))
      throw databaseError('invalidParameterValue', `unrecognized parameter "${name}"`);
    if (element.defnamespace === undefined) options[name] = checkedValue(name, text ?? 'true');
  }
  return { options, retentionMicros };
}

function checkedValue(name: string, text: string): string {
  if (name === 'columnar') return columnarSetting(text);
  if (name !== 'fillfactor') return text;
  const value = Number(text);
  if (!Number.isInteger(value)) {
    throw databaseError(
      'invalidParameterValue',
      `invalid value for integer option "fillfactor": ${text}`,
    );
  }
  if (value < 10 || value > 100) {
    throw databaseError(
      'invalidParameterValue',
      `value ${text} out of bounds for option "fillfactor"`,
      {
        detail: 'Valid values are between "10" and "100".',
      },
    );
  }
  return text;
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
