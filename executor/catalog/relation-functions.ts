// Functions about one relation: a sequence's parameters, whether a row belongs to a
// hash partition; and the references between the catalog's own relations.

import {
  ArrayValue,
  BuiltinOid,
  canonicalInteger,
  databaseError,
  type Datum,
  equalityType,
  RecordValue,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { hasRights, relationGrantable } from '#planner';
import { referencesText } from '../system-catalog/facts/generated/references.ts';
import { systemRelationNamed } from '../system-catalog/relations.ts';
import { partitionHash } from '../write/partition-hash.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunctions } from './catalog-functions.ts';

const { int8, bool, oid, text, regclass } = TypeOid;
const sequenceColumns = [int8, int8, int8, int8, bool, int8, oid];

function sequenceParameters(
  { catalog, session }: CatalogQuestion,
  [asked]: readonly Datum[],
): Datum {
  const sequence = catalog.relationByOid(Number(asked));
  if (sequence === undefined) {
    throw databaseError('undefinedTable', `relation with OID ${Number(asked)} does not exist`);
  }
  if (sequence.kind !== 'sequence')
    throw databaseError('wrongObjectType', `"${sequence.name}" is not a sequence`);
  const grantable = relationGrantable(sequence);
  const role = session.currentUser.oid;
  if (!['U', 'r', 'w'].some((right) => hasRights(catalog, role, grantable, right))) {
    const message = `permission denied for sequence ${sequence.name}`;
    throw databaseError('insufficientPrivilege', message);
  }
  const whole = (value: string): Datum => canonicalInteger(BigInt(value));
  return new RecordValue(sequenceColumns, [
    whole(sequence.start),
    whole(sequence.minimum),
    whole(sequence.maximum),
    whole(sequence.increment),
    sequence.cycle,
    whole(sequence.cache),
    sequence.dataType,
  ]);
}

function hashPartitioned({ catalog }: CatalogQuestion, asked: number): TableDescriptor {
  const relation = catalog.relationByOid(asked);
  if (relation === undefined)
    throw databaseError('undefinedTable', `could not open relation with OID ${asked}`);
  if (relation.kind === 'table' && relation.partitioning?.strategy === 'hash') return relation;
  throw databaseError(
    'invalidParameterValue',
    `"${relation.name}" is not a hash partitioned table`,
  );
}

function requireBound(modulus: number, remainder: number): void {
  const refuse = (problem: string): never => {
    throw databaseError('invalidParameterValue', `${problem}`);
  };
  if (modulus <= 0) refuse('modulus for hash partition must be an integer value greater than zero');
  if (remainder < 0) {
    refuse('remainder for hash partition must be an integer value greater than or equal to zero');
  }
  if (remainder >= modulus) refuse('remainder for hash partition must be less than modulus');
}

/** The third argument holds the types of the values that follow. */
function satisfiesHashPartition(
  question: CatalogQuestion,
  [parent, modulus, remainder, types, ...values]: readonly Datum[],
): Datum {
  if (parent === null || modulus === null || remainder === null) return false;
  const { partitioning } = hashPartitioned(question, Number(parent));
  requireBound(Number(modulus), Number(remainder));
  const keys = partitioning!.keys.map(({ type }) => type.oid);
  const given = (types as ArrayValue).elements as readonly number[];
  if (given.length !== keys.length) {
    throw databaseError(
      'invalidParameterValue',
      `number of partitioning columns (${keys.length}) does not match number of partition keys provided (${given.length})`,
    );
  }
  const differing = keys.findIndex((key, at) => key !== given[at]);
  if (differing >= 0) {
    const [wanted, supplied] = [keys[differing], given[differing]].map(
      (type) => question.names.plainTypeName(type) ?? '???',
    );
    throw databaseError(
      'invalidParameterValue',
      `column ${differing + 1} of the partition key has type ${wanted}, but supplied value is of type ${supplied}`,
    );
  }
  return (
    partitionHash(partitioning!.keys.map(({ type }) => equalityType(type)))(values) %
      BigInt(Number(modulus)) ===
    BigInt(Number(remainder))
  );
}

const referenceColumns = [
  regclass,
  TypeOid.textArray,
  regclass,
  TypeOid.textArray,
  TypeOid.bool,
  TypeOid.bool,
];

function catalogReferences(): ArrayValue {
  const relation = (name: string): number =>
    systemRelationNamed(BuiltinOid.pgCatalogSchema, name)?.oid ?? 0;
  const columns = (names: string): ArrayValue => ArrayValue.of(text, names.split(','));
  const rows = referencesText.split('\n').map((line) => {
    const [from, fromColumns, to, toColumns, isArray, isOptional] = line.split('\t');
    return new RecordValue(referenceColumns, [
      relation(from),
      columns(fromColumns),
      relation(to),
      columns(toColumns),
      isArray === 't',
      isOptional === 't',
    ]);
  });
  return ArrayValue.of(TypeOid.record, rows);
}

const btreeOid = 403;
/** The steps in which PostgreSQL builds a btree index. */
const btreePhases = [
  'initializing',
  'scanning table',
  'sorting live tuples',
  'sorting dead tuples',
  'loading tuples in tree',
];

export const relationFunctions: CatalogFunctions = {
  pg_sequence_parameters: sequenceParameters,
  satisfies_hash_partition: satisfiesHashPartition,
  pg_get_catalog_foreign_keys: catalogReferences,
  pg_indexam_progress_phasename: (_question, [method, phase]) =>
    method === btreeOid ? (btreePhases[Number(phase) - 1] ?? null) : null,
};
