// CREATE, ALTER SEQUENCE, and the sequences behind serial and identity columns (PostgreSQL's
// commands/sequence.c, init_params).

import type { AlterSeqStmt, CreateSeqStmt, DefElem } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type SchemaDescriptor,
  type SequenceDescriptor,
  type TableDescriptor,
  TypeOid,
} from '#common';
import {
  bodyOf,
  definitionElements,
  elementBoolean,
  elementInteger,
  generatedName,
  listItems,
  nodeText,
  resolveType,
} from '#planner';
import { TableLock } from '#storage';
import { relationDoesNotExist, wrongRelationKind } from './errors.ts';
import { type DdlStatement, rangeName } from './statement.ts';

const bounds: Readonly<Record<number, readonly [bigint, bigint]>> = {
  [TypeOid.int2]: [-32768n, 32767n],
  [TypeOid.int4]: [-2147483648n, 2147483647n],
  [TypeOid.int8]: [-9223372036854775808n, 9223372036854775807n],
};

const typeNames: Readonly<Record<number, string>> = {
  [TypeOid.int2]: 'smallint',
  [TypeOid.int4]: 'integer',
  [TypeOid.int8]: 'bigint',
};

/** What CREATE and ALTER SEQUENCE's options say. */
export interface SequenceOptions {
  readonly dataType?: number;
  readonly increment?: bigint;
  /** null: NO MINVALUE. */
  readonly minimum?: bigint | null;
  readonly maximum?: bigint | null;
  readonly start?: bigint;
  readonly cache?: bigint;
  readonly cycle?: boolean;
  /** RESTART [WITH n]; undefined value: at the start value. */
  readonly restart?: { readonly value: bigint | undefined };
  readonly ownedBy?: readonly string[];
  readonly sequenceName?: readonly string[];
}

export function readSequenceOptions(
  ddl: DdlStatement,
  elements: readonly DefElem[],
): SequenceOptions {
  const options: Record<string, unknown> = {};
  for (const element of elements) {
    const [name, value] = readOption(ddl, element);
    if (name === undefined) continue;
    if (name in options) throw databaseError('syntaxError', 'conflicting or redundant options');
    options[name] = value;
  }
  return options;
}

function readOption(
  ddl: DdlStatement,
  element: DefElem,
): readonly [keyof SequenceOptions | undefined, unknown] {
  const { defname, arg } = element;
  switch (defname) {
    case 'as': {
      const { oid } = resolveType(bodyOf(arg, 'TypeName')!, ddl.bindContext, ddl.parsed);
      if (bounds[oid] === undefined) {
        throw databaseError(
          'invalidParameterValue',
          'sequence type must be smallint, integer, or bigint',
        );
      }
      return ['dataType', oid];
    }
    case 'increment':
      return ['increment', elementInteger(element)];
    case 'minvalue':
      return ['minimum', arg === undefined ? null : elementInteger(element)];
    case 'maxvalue':
      return ['maximum', arg === undefined ? null : elementInteger(element)];
    case 'start':
      return ['start', elementInteger(element)];
    case 'cache':
      return ['cache', elementInteger(element)];
    case 'cycle':
      return ['cycle', elementBoolean(element)];
    case 'restart':
      return ['restart', { value: arg === undefined ? undefined : elementInteger(element) }];
    case 'owned_by':
      return ['ownedBy', listItems(arg).map((item) => nodeText(item) ?? '')];
    case 'sequence_name':
      return ['sequenceName', listItems(arg).map((item) => nodeText(item) ?? '')];
    case 'logged':
    case 'unlogged':
      return [undefined, undefined];
    default:
      throw notSupported(`sequence option "${defname ?? ''}"`);
  }
}

type Parameters = Pick<
  SequenceDescriptor,
  'dataType' | 'start' | 'increment' | 'minimum' | 'maximum' | 'cache' | 'cycle'
>;

/** New parameters from options over the old ones (CREATE: none). 22023. */
export function sequenceParameters(
  options: SequenceOptions,
  old: Parameters | undefined,
): Parameters {
  const invalid = (message: string): Error => databaseError('invalidParameterValue', message);
  const dataType = options.dataType ?? old?.dataType ?? TypeOid.int8;
  const [typeMinimum, typeMaximum] = bounds[dataType];
  const increment = options.increment ?? BigInt(old?.increment ?? '1');
  if (increment === 0n) throw invalid('INCREMENT must not be zero');
  const isTypeChange = old !== undefined && dataType !== old.dataType;
  const [oldMinimum, oldMaximum] = bounds[old?.dataType ?? dataType];
  const kept = (value: string | undefined, oldBound: bigint): bigint | undefined =>
    value === undefined || (isTypeChange && BigInt(value) === oldBound) ? undefined : BigInt(value);
  const ascending = increment > 0n;
  const minimum =
    options.minimum ??
    (options.minimum === null ? undefined : kept(old?.minimum, oldMinimum)) ??
    (ascending ? 1n : typeMinimum);
  const maximum =
    options.maximum ??
    (options.maximum === null ? undefined : kept(old?.maximum, oldMaximum)) ??
    (ascending ? typeMaximum : -1n);
  if (minimum < typeMinimum || minimum > typeMaximum) {
    throw invalid(
      `MINVALUE (${minimum}) is out of range for sequence data type ${typeNames[dataType]}`,
    );
  }
  if (maximum < typeMinimum || maximum > typeMaximum) {
    throw invalid(
      `MAXVALUE (${maximum}) is out of range for sequence data type ${typeNames[dataType]}`,
    );
  }
  if (minimum >= maximum)
    throw invalid(`MINVALUE (${minimum}) must be less than MAXVALUE (${maximum})`);
  const start =
    options.start ?? (old === undefined ? (ascending ? minimum : maximum) : BigInt(old.start));
  if (start < minimum)
    throw invalid(`START value (${start}) cannot be less than MINVALUE (${minimum})`);
  if (start > maximum)
    throw invalid(`START value (${start}) cannot be greater than MAXVALUE (${maximum})`);
  const cache = options.cache ?? BigInt(old?.cache ?? '1');
  if (cache <= 0n) throw invalid(`CACHE (${cache}) must be greater than zero`);
  return {
    dataType,
    increment: String(increment),
    minimum: String(minimum),
    maximum: String(maximum),
    start: String(start),
    cache: String(cache),
    cycle: options.cycle ?? old?.cycle ?? false,
  };
}

export interface NewSequence {
  readonly schema: SchemaDescriptor;
  readonly name: string;
  readonly options: SequenceOptions;
  readonly persistence: SequenceDescriptor['persistence'];
  readonly owner: number;
  readonly ownedBy?: { readonly tableOid: number; readonly attributeNumber: number };
}

/** Adds a sequence whose name the caller has claimed. */
export function addSequence(ddl: DdlStatement, sequence: NewSequence): SequenceDescriptor {
  const oid = ddl.allocateOid();
  const parameters = sequenceParameters(sequence.options, undefined);
  const descriptor: SequenceDescriptor = {
    kind: 'sequence',
    oid,
    name: sequence.name,
    schemaOid: sequence.schema.oid,
    owner: sequence.owner,
    counterId: oid,
    ...parameters,
    ...(sequence.ownedBy === undefined ? {} : { ownedBy: sequence.ownedBy }),
    persistence: sequence.persistence,
  };
  ddl.put(descriptor);
  resetCounter(ddl, descriptor, sequence.options.restart?.value ?? BigInt(parameters.start));
  return descriptor;
}

/** The sequence of a serial or identity column, named table_column_seq. */
export function addColumnSequence(
  ddl: DdlStatement,
  table: Pick<TableDescriptor, 'oid' | 'name' | 'schemaOid' | 'owner' | 'persistence'>,
  column: { readonly name: string; readonly attributeNumber: number; readonly typeOid: number },
  elements: readonly DefElem[],
): SequenceDescriptor {
  const schema = ddl.schemaByOid(table.schemaOid);
  const { sequenceName, ...options } = readSequenceOptions(ddl, elements);
  let name = sequenceName?.at(-1);
  if (name === undefined) {
    name = ddl.freeName(schema, (label) => generatedName(table.name, column.name, label), 'seq');
  } else {
    ddl.requireFreeName({ schema, name });
  }
  return addSequence(ddl, {
    schema,
    name,
    options: { dataType: column.typeOid, ...options },
    persistence: table.persistence,
    owner: table.owner,
    ownedBy: { tableOid: table.oid, attributeNumber: column.attributeNumber },
  });
}

/** The text of the default that takes a sequence's next value; by oid, so that renaming does no harm. */
export function nextValueDefault(sequence: { readonly oid: number }): {
  readonly sql: string;
  readonly dependencies: readonly number[];
} {
  return { sql: `nextval('${sequence.oid}'::regclass)`, dependencies: [sequence.oid] };
}

function resetCounter(ddl: DdlStatement, sequence: SequenceDescriptor, value: bigint): void {
  const { minimum, maximum } = sequence;
  if (value < BigInt(minimum)) {
    throw databaseError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be less than MINVALUE (${minimum})`,
    );
  }
  if (value > BigInt(maximum)) {
    throw databaseError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be greater than MAXVALUE (${maximum})`,
    );
  }
  ddl.context.storage.writeCounter(sequence.counterId, { lastValue: value, isCalled: false });
}

/** TRUNCATE … RESTART IDENTITY and ALTER SEQUENCE RESTART: a fresh counter, so a rollback keeps the old one. */
export function restartSequence(
  ddl: DdlStatement,
  sequence: SequenceDescriptor,
  value?: bigint,
): void {
  const restarted: SequenceDescriptor = { ...sequence, counterId: ddl.allocateOid() };
  resetCounter(ddl, restarted, value ?? BigInt(sequence.start));
  ddl.put(restarted);
}

export function createSequence(ddl: DdlStatement, statement: CreateSeqStmt): string {
  const range = statement.sequence!;
  const place = ddl.creationName(range);
  const isFree = ddl.claimName(place);
  if (!isFree && statement.if_not_exists === true) {
    ddl.notice(`relation "${place.name}" already exists, skipping`, '42P07');
    return 'CREATE SEQUENCE';
  }
  // Options come before the name, as in PostgreSQL.
  const options = readSequenceOptions(ddl, definitionElements(statement.options));
  if (!isFree) ddl.requireFreeName(place);
  const sequence = addSequence(ddl, {
    ...place,
    options,
    persistence: persistenceOf(range.relpersistence),
    owner: ddl.context.currentRole.oid,
  });
  if (options.ownedBy !== undefined) setOwnedBy(ddl, sequence, options.ownedBy);
  return 'CREATE SEQUENCE';
}

export function persistenceOf(code: string | undefined): SequenceDescriptor['persistence'] {
  if (code === 't') return 'temporary';
  return code === 'u' ? 'unlogged' : 'permanent';
}

export function alterSequence(ddl: DdlStatement, statement: AlterSeqStmt): string {
  const range = statement.sequence!;
  const found = ddl.lockRelation(range, TableLock.shareRowExclusive);
  if (found === undefined) {
    if (statement.missing_ok !== true) throw relationDoesNotExist(rangeName(range));
    ddl.notice(`relation "${rangeName(range)}" does not exist, skipping`);
    return 'ALTER SEQUENCE';
  }
  if (found.kind !== 'sequence') throw wrongRelationKind(found.name, 'a sequence');
  ddl.requireOwner('sequence', found);
  const elements = definitionElements(statement.options);
  alterSequenceOptions(ddl, found, readSequenceOptions(ddl, elements));
  return 'ALTER SEQUENCE';
}

/** Applies options to a locked sequence. The current value must stay within the new bounds. */
export function alterSequenceOptions(
  ddl: DdlStatement,
  sequence: SequenceDescriptor,
  options: SequenceOptions,
): void {
  const changed: SequenceDescriptor = { ...sequence, ...sequenceParameters(options, sequence) };
  const current = ddl.context.storage.readCounter(sequence.counterId)?.lastValue;
  if (options.restart === undefined && current !== undefined) {
    checkCurrentValue(current, changed);
  }
  ddl.put(changed);
  if (options.restart !== undefined) restartSequence(ddl, changed, options.restart.value);
  if (options.ownedBy !== undefined) {
    const newest = ddl.catalog.relationByOid(sequence.oid) as SequenceDescriptor;
    setOwnedBy(ddl, newest, options.ownedBy);
  }
}

function checkCurrentValue(value: bigint, { minimum, maximum }: SequenceDescriptor): void {
  if (value < BigInt(minimum)) {
    throw databaseError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be less than MINVALUE (${minimum})`,
    );
  }
  if (value > BigInt(maximum)) {
    throw databaseError(
      'invalidParameterValue',
      `RESTART value (${value}) cannot be greater than MAXVALUE (${maximum})`,
    );
  }
}

/** OWNED BY table.column or NONE. */
function setOwnedBy(
  ddl: DdlStatement,
  sequence: SequenceDescriptor,
  name: readonly string[],
): void {
  refuseIdentity(ddl, sequence);
  const { ownedBy: _old, ...free } = sequence;
  if (name.length === 1) {
    if (name[0].toLowerCase() !== 'none') {
      throw databaseError('syntaxError', 'invalid OWNED BY option', {
        hint: 'Specify OWNED BY table.column or OWNED BY NONE.',
      });
    }
    ddl.put(free);
    return;
  }
  const column = name.at(-1)!;
  const tableName = name.at(-2)!;
  const table = ddl.findRelation(name.at(-3), tableName);
  if (table === undefined) throw relationDoesNotExist(name.slice(0, -1).join('.'));
  if (table.kind !== 'table') {
    throw databaseError('wrongObjectType', `sequence cannot be owned by relation "${table.name}"`);
  }
  if (table.owner !== sequence.owner) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'sequence must have same owner as table it is linked to',
    );
  }
  if (table.schemaOid !== sequence.schemaOid) {
    throw databaseError(
      'objectNotInPrerequisiteState',
      'sequence must be in same schema as table it is linked to',
    );
  }
  const found = table.columns.find((candidate) => candidate.name === column && !candidate.dropped);
  if (found === undefined) {
    throw databaseError(
      'undefinedColumn',
      `column "${column}" of relation "${table.name}" does not exist`,
    );
  }
  ddl.put({ ...free, ownedBy: { tableOid: table.oid, attributeNumber: found.attributeNumber } });
}

/** The sequence of an identity column stays with it. 0A000. */
function refuseIdentity(ddl: DdlStatement, { name, oid, ownedBy }: SequenceDescriptor): void {
  if (ownedBy === undefined) return;
  const table = ddl.catalog.tableByOid(ownedBy.tableOid);
  const column = table?.columns[ownedBy.attributeNumber - 1];
  if (table === undefined || column?.identity === undefined || column.sequenceOid !== oid) return;
  throw databaseError('featureNotSupported', 'cannot change ownership of identity sequence', {
    detail: `Sequence "${name}" is linked to table "${table.name}".`,
  });
}
