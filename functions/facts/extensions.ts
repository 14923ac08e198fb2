// Functions that PostgreSQL does not have. Their oids are above every oid of PostgreSQL and of its users.

import { typeByOid, TypeOid } from '#common';
import type { FunctionSignature } from '../contract.ts';

/** A file of the server as a table: the caller says in a column definition list what its columns are. */
function fileTable(
  oid: number,
  name: string,
  options: {
    readonly names: readonly string[];
    readonly types: readonly number[];
    readonly defaults: readonly string[];
  },
): FunctionSignature {
  return {
    oid,
    name,
    kind: 'function',
    argumentTypes: [TypeOid.text, ...options.types],
    argumentNames: ['file', ...options.names],
    defaultCount: options.defaults.length,
    defaults: options.defaults,
    variadic: 0,
    resultType: TypeOid.record,
    returnsSet: true,
    strict: true,
    volatility: 'volatile',
    outColumns: [],
    implementation: name,
    aggregateKind: undefined,
    directArgumentCount: 0,
  };
}

/** An ordinary function of one of PostgreSQL's contrib modules. */
function contrib(
  oid: number,
  name: string,
  types: readonly number[],
  resultType: number,
  volatility: FunctionSignature['volatility'] = 'immutable',
): FunctionSignature {
  const typeNames = types.map((type) => typeByOid(type)?.name ?? '');
  return {
    oid,
    name,
    kind: 'function',
    argumentTypes: types,
    argumentNames: [],
    defaultCount: 0,
    defaults: [],
    variadic: 0,
    resultType,
    returnsSet: false,
    strict: true,
    volatility,
    outColumns: [],
    implementation: `${name}(${typeNames.join(',')})`,
    aggregateKind: undefined,
    directArgumentCount: 0,
  };
}

const { text, bytea, int4, uuid } = TypeOid;

/** pgcrypto: digests, password hashes, random bytes. */
const cryptoFunctions = [
  contrib(9_000_101, 'digest', [text, text], bytea),
  contrib(9_000_102, 'digest', [bytea, text], bytea),
  contrib(9_000_103, 'hmac', [text, text, text], bytea),
  contrib(9_000_104, 'hmac', [bytea, bytea, text], bytea),
  contrib(9_000_105, 'crypt', [text, text], text),
  contrib(9_000_106, 'gen_salt', [text], text, 'volatile'),
  contrib(9_000_107, 'gen_salt', [text, int4], text, 'volatile'),
  contrib(9_000_108, 'gen_random_bytes', [int4], bytea, 'volatile'),
];

/** uuid-ossp */
const uuidFunctions = [
  contrib(9_000_121, 'uuid_nil', [], uuid),
  contrib(9_000_122, 'uuid_ns_dns', [], uuid),
  contrib(9_000_123, 'uuid_ns_url', [], uuid),
  contrib(9_000_124, 'uuid_ns_oid', [], uuid),
  contrib(9_000_125, 'uuid_ns_x500', [], uuid),
  contrib(9_000_126, 'uuid_generate_v1', [], uuid, 'volatile'),
  contrib(9_000_127, 'uuid_generate_v1mc', [], uuid, 'volatile'),
  contrib(9_000_128, 'uuid_generate_v3', [uuid, text], uuid),
  contrib(9_000_129, 'uuid_generate_v4', [], uuid, 'volatile'),
  contrib(9_000_130, 'uuid_generate_v5', [uuid, text], uuid),
];

const none = { names: [], types: [], defaults: [] };

/** The conditions that TABLESAMPLE is: nobody calls them by a name. */
export const tableSampleOids = { repeatable: 9_000_011, once: 9_000_012 } as const;

function tableSample(oid: number, name: string, seedType: number): FunctionSignature {
  return {
    ...contrib(oid, name, [TypeOid.tid, text, TypeOid.float4, seedType], TypeOid.bool, 'stable'),
    strict: false,
    implementation: name,
  };
}

/** Text under a collation (families/collated-text.ts): what the binder calls, by name. */
export const CollatedFunction = {
  collate: 9_000_201,
  plain: 9_000_202,
  lt: 9_000_203,
  le: 9_000_204,
  gt: 9_000_205,
  ge: 9_000_206,
  eq: 9_000_207,
  ne: 9_000_208,
  upper: 9_000_209,
  lower: 9_000_210,
  initcap: 9_000_211,
  ilike: 9_000_212,
  notIlike: 9_000_213,
} as const;

const { any, bool } = TypeOid;
const collatedFunctions = [
  contrib(CollatedFunction.collate, 'collated_text', [any], text),
  contrib(CollatedFunction.plain, 'plain_text', [any], text),
  contrib(CollatedFunction.lt, 'collated_lt', [any, any], bool),
  contrib(CollatedFunction.le, 'collated_le', [any, any], bool),
  contrib(CollatedFunction.gt, 'collated_gt', [any, any], bool),
  contrib(CollatedFunction.ge, 'collated_ge', [any, any], bool),
  contrib(CollatedFunction.eq, 'collated_eq', [any, any], bool),
  contrib(CollatedFunction.ne, 'collated_ne', [any, any], bool),
  contrib(CollatedFunction.upper, 'collated_upper', [any], text),
  contrib(CollatedFunction.lower, 'collated_lower', [any], text),
  contrib(CollatedFunction.initcap, 'collated_initcap', [any], text),
  contrib(CollatedFunction.ilike, 'collated_ilike', [any, any], bool),
  contrib(CollatedFunction.notIlike, 'collated_notilike', [any, any], bool),
];

export const extensionFunctions: readonly FunctionSignature[] = [
  fileTable(9_000_001, 'read_csv', {
    names: ['header', 'delimiter', 'null'],
    types: [TypeOid.bool, TypeOid.text, TypeOid.text],
    defaults: ['true', ',', ''],
  }),
  fileTable(9_000_002, 'read_json', none),
  fileTable(9_000_003, 'read_parquet', none),
  ...cryptoFunctions,
  ...uuidFunctions,
];

/** nextval() of an identity column's sequence, which nobody needs rights on. */
export const identityValueOid = 9_000_013;
const identityValue: FunctionSignature = {
  ...contrib(identityValueOid, 'nextval', [TypeOid.regclass], TypeOid.int8, 'volatile'),
  implementation: 'identity_value',
};

/** What only the binder calls, by oid: no statement can name them, for their arguments are trusted. */
export const binderFunctions: readonly FunctionSignature[] = [
  tableSample(tableSampleOids.repeatable, 'tablesample_repeatable', TypeOid.float8),
  tableSample(tableSampleOids.once, 'tablesample_once', int4),
  identityValue,
  ...collatedFunctions,
];
