// The trigger functions that every database has: suppress_redundant_updates_trigger(),
// tsvector_update_trigger() and tsvector_update_trigger_column(). They give the row that goes on, or null.

import {
  baseTypeOf,
  databaseError,
  type Datum,
  RecordValue,
  type TriggerDescriptor,
  TypeOid,
  typeInput,
} from '#common';
import {
  documentVector,
  type FunctionContext,
  functionRegistry,
  type TriggerCall,
} from '#functions';

type BuiltinTrigger = (call: TriggerCall, context: FunctionContext) => Datum;

const builtinTriggers: Readonly<Record<string, BuiltinTrigger>> = {
  suppress_redundant_updates_trigger: suppressRedundantUpdate,
  tsvector_update_trigger_byid: (call, context) => updateVector(call, context, false),
  tsvector_update_trigger_bycolumn: (call, context) => updateVector(call, context, true),
};

/** The trigger function with an oid; undefined: none of these. */
export function builtinTrigger(oid: number): BuiltinTrigger | undefined {
  const name = functionRegistry.functionByOid(oid)?.implementation ?? '';
  return Object.hasOwn(builtinTriggers, name) ? builtinTriggers[name] : undefined;
}

function violated(name: string, rule: string): Error {
  return databaseError('triggerProtocolViolated', `${name}: ${rule}`);
}

/** A row that stays byte for byte the same is not written. 39P01. */
function suppressRedundantUpdate(
  { event, trigger, old, new: row }: TriggerCall,
  context: FunctionContext,
): Datum {
  const name = 'suppress_redundant_updates_trigger';
  if (event !== 'update') throw violated(name, 'must be called on update');
  if (trigger.timing !== 'before') throw violated(name, 'must be called before update');
  if (!trigger.row) throw violated(name, 'must be called for each row');
  const [{ oid }] = functionRegistry.functionsNamed('record_image_eq');
  const isSame = functionRegistry.scalar(oid)!(context, old as never, row as never);
  return isSame === true ? null : (row ?? null);
}

interface VectorColumns {
  readonly target: number;
  readonly configuration: number;
  readonly sources: readonly number[];
}

/** 39P01, 42703, 42804, 22004. */
function updateVector(call: TriggerCall, context: FunctionContext, byColumn: boolean): Datum {
  const { event, trigger, old, new: row } = call;
  const name = 'tsvector_update_trigger';
  if (!trigger.row) throw violated(name, 'must be fired for row');
  if (trigger.timing !== 'before') throw violated(name, 'must be fired BEFORE event');
  if ((event !== 'insert' && event !== 'update') || row === undefined)
    throw violated(name, 'must be fired for INSERT or UPDATE');
  const { target, configuration, sources } = vectorColumns(row, trigger, context, byColumn);
  const changes = sources.some((at) => old === undefined || old.fields[at] !== row.fields[at]);
  if (event === 'update' && !changes) return row;
  const texts = sources.flatMap((at) => (row.fields[at] as string | null) ?? []);
  const fields = [...row.fields];
  fields[target] = documentVector(configuration, texts);
  return new RecordValue(row.types, fields, row.names);
}

function vectorColumns(
  row: RecordValue,
  trigger: TriggerDescriptor,
  context: FunctionContext,
  byColumn: boolean,
): VectorColumns {
  const [targetName, configurationName, ...sourceNames] = trigger.arguments;
  if (sourceNames.length === 0) {
    throw violated(
      'tsvector_update_trigger',
      'arguments must be tsvector_field, ts_config, text_field1, ...)',
    );
  }
  const target = columnOf(row, targetName, 'tsvector column');
  if (baseTypeOf(row.types[target]) !== TypeOid.tsvector)
    throw wrongType(targetName, 'of tsvector type');
  const configuration = byColumn
    ? configurationIn(row, configurationName)
    : configurationNamed(configurationName, context);
  const sources = sourceNames.map((name) => {
    const at = columnOf(row, name, 'column');
    if (!characterTypes.has(baseTypeOf(row.types[at])))
      throw wrongType(name, 'of a character type');
    return at;
  });
  return { target, configuration, sources };
}

const characterTypes = new Set<number>([TypeOid.text, TypeOid.varchar, TypeOid.bpchar]);

function columnOf(row: RecordValue, name: string, noun: string): number {
  const at = row.names?.indexOf(name) ?? -1;
  if (at >= 0) return at;
  throw databaseError('undefinedColumn', `${noun} "${name}" does not exist`);
}

function wrongType(name: string, what: string): Error {
  return databaseError('datatypeMismatch', `column "${name}" is not ${what}`);
}

function configurationIn(row: RecordValue, name: string): number {
  const at = columnOf(row, name, 'configuration column');
  if (row.types[at] !== TypeOid.regconfig) throw wrongType(name, 'of regconfig type');
  const value = row.fields[at];
  if (value !== null) return value as number;
  throw databaseError('nullValueNotAllowed', `configuration column "${name}" must not be null`);
}

/** The name has to have its schema, as the search path at the time of a write is anybody's. */
function configurationNamed(name: string, context: FunctionContext): number {
  if (!/[^.]\.[^.]/.test(name)) {
    throw databaseError(
      'invalidParameterValue',
      `text search configuration name "${name}" must be schema-qualified`,
    );
  }
  return typeInput(TypeOid.regconfig)(name, -1, context) as number;
}
