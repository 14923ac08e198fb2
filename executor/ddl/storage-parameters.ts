// Storage parameters (WITH and SET) of tables and indexes as PostgreSQL knows them: which there are,
// of which type, and between which bounds (reloptions.c). Most tell PostgreSQL's pages or autovacuum
// something; they are checked, kept and shown.

import type { DefElem } from '@pgsql/types';
import { databaseError } from '#common';
import { elementText } from '#planner';

export type StorageParameter =
  | { readonly type: 'boolean' }
  | { readonly type: 'integer'; readonly minimum: number; readonly maximum: number }
  | {
      readonly type: 'floating point';
      readonly minimum: number;
      readonly maximum: number;
      /** The maximum as the message shows it. */
      readonly maximumText?: string;
    }
  | {
      readonly type: 'enum';
      readonly values: Readonly<Record<string, string>>;
      readonly shown: string;
    }
  /** Ours: whoever reads it checks it. */
  | { readonly type: 'text' };

export type StorageParameters = ReadonlyMap<string, StorageParameter>;

const boolean: StorageParameter = { type: 'boolean' };
const integer = (minimum: number, maximum: number): StorageParameter => ({
  type: 'integer',
  minimum,
  maximum,
});
const float = (minimum: number, maximum: number, maximumText?: string): StorageParameter => ({
  type: 'floating point',
  minimum,
  maximum,
  ...(maximumText === undefined ? {} : { maximumText }),
});
const fillfactor = (minimum: number): [string, StorageParameter] => [
  'fillfactor',
  integer(minimum, 100),
];
const integerMax = 2147483647;

const autovacuumParameters: readonly [string, StorageParameter][] = [
  ['autovacuum_enabled', boolean],
  ['autovacuum_vacuum_threshold', integer(0, integerMax)],
  ['autovacuum_vacuum_insert_threshold', integer(-1, integerMax)],
  ['autovacuum_vacuum_cost_limit', integer(1, 10000)],
  ['autovacuum_freeze_min_age', integer(0, 1000000000)],
  ['autovacuum_freeze_max_age', integer(100000, 2000000000)],
  ['autovacuum_freeze_table_age', integer(0, 2000000000)],
  ['autovacuum_multixact_freeze_min_age', integer(0, 1000000000)],
  ['autovacuum_multixact_freeze_max_age', integer(10000, 2000000000)],
  ['autovacuum_multixact_freeze_table_age', integer(0, 2000000000)],
  ['log_autovacuum_min_duration', integer(-1, integerMax)],
  ['autovacuum_vacuum_cost_delay', float(0, 100)],
  ['autovacuum_vacuum_scale_factor', float(0, 100)],
  ['autovacuum_vacuum_insert_scale_factor', float(0, 100)],
  [
    'vacuum_index_cleanup',
    {
      type: 'enum',
      values: {
        auto: 'auto',
        on: 'on',
        off: 'off',
        true: 'on',
        false: 'off',
        yes: 'on',
        no: 'off',
        '1': 'on',
        '0': 'off',
      },
      shown: '"on", "off", and "auto"',
    },
  ],
  ['vacuum_truncate', boolean],
];

export const toastParameters: StorageParameters = new Map(autovacuumParameters);

export const tableParameters: StorageParameters = new Map([
  ...autovacuumParameters,
  fillfactor(10),
  ['autovacuum_analyze_threshold', integer(0, integerMax)],
  ['autovacuum_analyze_scale_factor', float(0, 100)],
  ['toast_tuple_target', integer(128, 8160)],
  ['user_catalog_table', boolean],
  ['parallel_workers', integer(0, 1024)],
  ['columnar', { type: 'text' }],
  ['retention', { type: 'text' }],
]);

export const tablespaceParameters: StorageParameters = new Map([
  ['random_page_cost', float(-1, Number.MAX_VALUE)],
  ['seq_page_cost', float(-1, Number.MAX_VALUE)],
  ['effective_io_concurrency', integer(-1, 1000)],
  ['maintenance_io_concurrency', integer(-1, 1000)],
]);

const indexParameters: Readonly<Record<string, StorageParameters>> = {
  btree: new Map([fillfactor(10), ['deduplicate_items', boolean]]),
  hash: new Map([fillfactor(10)]),
  spgist: new Map([fillfactor(10)]),
  gist: new Map([
    fillfactor(10),
    [
      'buffering',
      {
        type: 'enum',
        values: { auto: 'auto', on: 'on', off: 'off' },
        shown: '"on", "off", and "auto"',
      },
    ],
  ]),
  gin: new Map([
    ['fastupdate', boolean],
    ['gin_pending_list_limit', integer(64, integerMax)],
  ]),
  brin: new Map([
    ['pages_per_range', integer(1, 131072)],
    ['autosummarize', boolean],
  ]),
};

/** Of operator classes, by the end of their names. */
export function parametersOfClass(name: string): StorageParameters | undefined {
  if (name.endsWith('_bloom_ops')) return bloomParameters;
  if (name.endsWith('_minmax_multi_ops')) return multiParameters;
  return name === 'tsvector_ops' || name.startsWith('gist_') ? signatureParameters : undefined;
}

const bloomParameters: StorageParameters = new Map([
  ['n_distinct_per_range', float(-1, integerMax)],
  ['false_positive_rate', float(0.0001, 0.25)],
]);
const multiParameters: StorageParameters = new Map([['values_per_range', integer(8, 256)]]);
const signatureParameters: StorageParameters = new Map([['siglen', integer(1, 2024)]]);

export function parametersOfIndex(method: string): StorageParameters {
  return indexParameters[method] ?? indexParameters['btree'];
}

/** Texts of the parameters as they are kept, in the order given. 22023. */
export function readStorageParameters(
  elements: readonly DefElem[],
  known: StorageParameters,
  namespaces: ReadonlyMap<string, StorageParameters> = new Map(),
): Record<string, string> {
  const found: Record<string, string> = {};
  for (const element of elements) {
    const name = element.defname ?? '';
    const namespace = element.defnamespace;
    const parameters = namespace === undefined ? known : namespaces.get(namespace);
    if (parameters === undefined) {
      throw invalid(`unrecognized parameter namespace "${namespace}"`);
    }
    const parameter = parameters.get(name);
    if (parameter === undefined) throw invalid(`unrecognized parameter "${name}"`);
    const key = namespace === undefined ? name : `${namespace}.${name}`;
    if (key in found) throw invalid(`parameter "${name}" specified more than once`);
    const text = elementText(element) ?? 'true';
    checkParameter(name, parameter, text);
    found[key] = text;
  }
  return found;
}

/** RESET (…) names parameters and nothing else. 42601. */
export function parametersToReset(elements: readonly DefElem[]): string[] {
  return elements.map(({ defname = '', defnamespace, arg }) => {
    if (arg !== undefined) {
      throw databaseError('syntaxError', 'RESET must not include values for parameters');
    }
    return defnamespace === undefined ? defname : `${defnamespace}.${defname}`;
  });
}

const booleanWords = ['true', 'false', 'yes', 'no', 'on', 'off'];

function isBoolean(text: string): boolean {
  const word = text.toLowerCase();
  if (word === '1' || word === '0') return true;
  // "o" alone may be either.
  return word !== '' && word !== 'o' && booleanWords.some((each) => each.startsWith(word));
}

function checkParameter(name: string, parameter: StorageParameter, text: string): void {
  const notOfType = (): Error =>
    invalid(`invalid value for ${parameter.type} option "${name}": ${text}`);
  switch (parameter.type) {
    case 'text':
      return;
    case 'boolean':
      if (!isBoolean(text)) throw notOfType();
      return;
    case 'enum':
      if (text.toLowerCase() in parameter.values) return;
      throw invalid(
        `invalid value for enum option "${name}": ${text}`,
        `Valid values are ${parameter.shown}.`,
      );
    default: {
      const value = Number(text);
      if (text.trim() === '' || !Number.isFinite(value)) throw notOfType();
      // PostgreSQL rounds what it reads as an integer.
      const rounded = parameter.type === 'integer' ? Math.round(value) : value;
      if (rounded >= parameter.minimum && rounded <= parameter.maximum) return;
      const shown = (bound: number): string =>
        parameter.type === 'integer' ? String(bound) : bound.toFixed(6);
      throw invalid(
        `value ${text} out of bounds for option "${name}"`,
        `Valid values are between "${shown(parameter.minimum)}" and "${shown(parameter.maximum)}".`,
      );
    }
  }
}

function invalid(message: string, detail?: string): Error {
  return databaseError('invalidParameterValue', message, detail === undefined ? {} : { detail });
}
