// pg_proc's rows of users' routines, pg_trigger, and information_schema's views of both.

import {
  ArrayValue,
  inputParameters,
  type RelationDescriptor,
  type RoutineDescriptor,
  type TableDescriptor,
  type TriggerDescriptor,
  typeByOid,
  TypeOid,
  type ViewDescriptor,
} from '#common';
import { routineSignature } from '#functions';
import { referenceTriggers } from '../../catalog/reference-triggers.ts';
import { argumentDefault, specificName } from '../../catalog/routine-text.ts';
import { triggerStatement } from '../../catalog/trigger-text.ts';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  optionArray,
  type RowSources,
  vector,
} from '../contract.ts';

const languages = { internal: 12, sql: 14, plpgsql: 13563 } as const;
const kinds = { function: 'f', procedure: 'p', aggregate: 'a' } as const;
const volatilities = { immutable: 'i', stable: 's', volatile: 'v' } as const;
const parallels = { safe: 's', restricted: 'r', unsafe: 'u' } as const;
const modes = { in: 'i', out: 'o', inout: 'b', variadic: 'v', table: 't' } as const;

export function routineRow(scope: CatalogScope, routine: RoutineDescriptor): CatalogRow {
  const inputs = inputParameters(routine);
  const signature = routineSignature(routine);
  const hasModes = routine.parameters.some(({ mode }) => mode !== 'in');
  const hasNames = routine.parameters.some(({ name }) => name !== '');
  const defaults = inputs.filter((parameter) => parameter.default !== undefined);
  return {
    oid: routine.oid,
    proname: routine.name,
    pronamespace: routine.schemaOid,
    proowner: routine.owner,
    prolang: languages[routine.language],
    procost: routine.cost,
    prorows: routine.rows,
    provariadic: signature.variadic,
    prosupport: 0,
    prokind: kinds[routine.routineKind],
    prosecdef: routine.securityDefiner,
    proleakproof: routine.leakproof,
    proisstrict: routine.strict,
    proretset: routine.returnsSet,
    provolatile: volatilities[routine.volatility],
    proparallel: parallels[routine.parallel],
    pronargs: inputs.length,
    pronargdefaults: defaults.length,
    prorettype: routine.resultType,
    proargtypes: vector(
      TypeOid.oid,
      inputs.map(({ type }) => type),
    ),
    proallargtypes: hasModes
      ? ArrayValue.of(
          TypeOid.oid,
          routine.parameters.map(({ type }) => type),
        )
      : null,
    proargmodes: hasModes
      ? ArrayValue.of(
          TypeOid.char,
          routine.parameters.map(({ mode }) => modes[mode]),
        )
      : null,
    proargnames: hasNames
      ? ArrayValue.of(
          TypeOid.text,
          routine.parameters.map(({ name }) => name),
        )
      : null,
    proargdefaults:
      defaults.length === 0 ? null : defaults.map((each) => each.default!.sql).join(', '),
    prosrc: routine.body,
    prosqlbody: routine.standardBody ?? null,
    proconfig: optionArray(routine.settings),
    proacl: aclArray(scope, routine.acl),
  };
}

/** Bits of pg_trigger.tgtype (trigger.h). */
function triggerType(trigger: TriggerDescriptor): number {
  const events = { insert: 4, delete: 8, update: 16, truncate: 32 } as const;
  const timings = { before: 2, after: 0, 'instead of': 64 } as const;
  return (
    (trigger.row ? 1 : 0) |
    timings[trigger.timing] |
    trigger.events.reduce((bits, event) => bits | events[event], 0)
  );
}

type Triggered = (TableDescriptor | ViewDescriptor) & {
  readonly triggers: readonly TriggerDescriptor[];
};

function relationsOf(
  { catalog }: CatalogScope,
  lookups?: Lookups,
): Iterable<RelationDescriptor | undefined> {
  const wanted = lookups?.get('tgrelid');
  return typeof wanted === 'number' ? [catalog.relationByOid(wanted)] : catalog.userRelations();
}

function* triggered(scope: CatalogScope, lookups?: Lookups): Iterable<Triggered> {
  for (const relation of relationsOf(scope, lookups)) {
    if (relation !== undefined && 'triggers' in relation && relation.triggers !== undefined)
      yield relation as Triggered;
  }
}

function* triggerRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  for (const { oid, triggers } of triggered(scope, lookups))
    yield* triggers.map((trigger) => triggerRow(oid, trigger));
  for (const relation of relationsOf(scope, lookups)) {
    if (relation?.kind !== 'table') continue;
    for (const trigger of referenceTriggers(scope.catalog, relation))
      yield {
        ...triggerRow(relation.oid, trigger),
        tgisinternal: true,
        tgconstrindid: trigger.referencedIndex,
      };
  }
}

function triggerRow(tgrelid: number, trigger: TriggerDescriptor): CatalogRow {
  const { constraint } = trigger;
  return {
    oid: trigger.oid,
    tgrelid,
    tgparentid: 0,
    tgname: trigger.name,
    tgfoid: trigger.functionOid,
    tgtype: triggerType(trigger),
    tgenabled: trigger.enabled,
    tgisinternal: false,
    tgconstrrelid: constraint?.referencedTable ?? 0,
    tgconstrindid: 0,
    tgconstraint: constraint?.oid ?? 0,
    tgdeferrable: constraint?.deferrable ?? false,
    tginitdeferred: constraint?.initiallyDeferred ?? false,
    tgnargs: trigger.arguments.length,
    tgattr: vector(TypeOid.int2, trigger.columns),
    tgargs: Buffer.from(trigger.arguments.map((each) => `${each}\0`).join(''), 'utf8'),
    tgqual: trigger.condition?.sql ?? null,
    tgoldtable: trigger.oldTable ?? null,
    tgnewtable: trigger.newTable ?? null,
  };
}

function* informationTriggerRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  for (const table of triggered(scope)) {
    const schema = catalog.schemaByOid(table.schemaOid)?.name ?? '';
    const order = new Map<string, number>();
    for (const trigger of table.triggers) {
      for (const event of trigger.events) {
        if (event === 'truncate') continue;
        const group = `${event} ${trigger.row} ${trigger.timing}`;
        const position = (order.get(group) ?? 0) + 1;
        order.set(group, position);
        yield {
          trigger_catalog: catalog.database.name,
          trigger_schema: schema,
          trigger_name: trigger.name,
          event_manipulation: event.toUpperCase(),
          event_object_catalog: catalog.database.name,
          event_object_schema: schema,
          event_object_table: table.name,
          action_order: position,
          action_condition: trigger.condition?.sql ?? null,
          action_statement: triggerStatement(names, trigger),
          action_orientation: trigger.row ? 'ROW' : 'STATEMENT',
          action_timing: trigger.timing.toUpperCase(),
          action_reference_old_table: trigger.oldTable ?? null,
          action_reference_new_table: trigger.newTable ?? null,
        };
      }
    }
  }
}

function* informationTriggerColumnRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog } = scope;
  for (const table of triggered(scope)) {
    const schema = catalog.schemaByOid(table.schemaOid)?.name ?? '';
    for (const trigger of table.triggers) {
      for (const attribute of trigger.columns) {
        yield {
          trigger_catalog: catalog.database.name,
          trigger_schema: schema,
          trigger_name: trigger.name,
          event_object_catalog: catalog.database.name,
          event_object_schema: schema,
          event_object_table: table.name,
          event_object_column: table.columns[attribute - 1]?.name ?? null,
        };
      }
    }
  }
}

function yesNo(value: boolean): string {
  return value ? 'YES' : 'NO';
}

/** What information_schema says of a type. */
function typeColumns(scope: CatalogScope, oid: number): CatalogRow {
  const type = typeByOid(oid);
  const isArray = type?.category === 'A' && type.elementOid !== 0;
  const user = scope.catalog.typeByOid(oid);
  const schemaOid = user?.schemaOid ?? scope.catalog.rowType(oid)?.schemaOid;
  return {
    data_type: isArray
      ? 'ARRAY'
      : oid >= 16384
        ? 'USER-DEFINED'
        : (scope.names.plainTypeName(oid) ?? null),
    udt_catalog: scope.catalog.database.name,
    udt_schema:
      schemaOid === undefined
        ? 'pg_catalog'
        : (scope.catalog.schemaByOid(schemaOid)?.name ?? 'pg_catalog'),
    udt_name: type?.name ?? null,
  };
}

export function informationRoutineRow(scope: CatalogScope, routine: RoutineDescriptor): CatalogRow {
  const { catalog } = scope;
  const database = catalog.database.name;
  const schema = catalog.schemaByOid(routine.schemaOid)?.name ?? '';
  const isProcedure = routine.routineKind === 'procedure';
  const type = typeColumns(scope, routine.resultType);
  return {
    specific_catalog: database,
    specific_schema: schema,
    specific_name: specificName(routine),
    routine_catalog: database,
    routine_schema: schema,
    routine_name: routine.name,
    routine_type: isProcedure ? 'PROCEDURE' : 'FUNCTION',
    ...(isProcedure
      ? {}
      : {
          data_type: type['data_type'],
          type_udt_catalog: database,
          type_udt_schema: type['udt_schema'],
          type_udt_name: type['udt_name'],
          dtd_identifier: '0',
        }),
    routine_body: routine.language === 'sql' ? 'SQL' : 'EXTERNAL',
    routine_definition: routine.standardBody === undefined ? routine.body : null,
    external_language: routine.language.toUpperCase(),
    parameter_style: 'GENERAL',
    is_deterministic: yesNo(routine.volatility === 'immutable'),
    sql_data_access: 'MODIFIES',
    is_null_call: isProcedure ? null : yesNo(routine.strict),
    schema_level_routine: 'YES',
    max_dynamic_result_sets: 0,
    security_type: routine.securityDefiner ? 'DEFINER' : 'INVOKER',
    as_locator: 'NO',
    is_udt_dependent: 'NO',
  };
}

function* parameterRows(scope: CatalogScope): Iterable<CatalogRow> {
  const { catalog, names } = scope;
  for (const routine of catalog.routines()) {
    let position = 0;
    for (const parameter of routine.parameters) {
      position++;
      const mode = { in: 'IN', out: 'OUT', inout: 'INOUT', variadic: 'IN', table: 'OUT' } as const;
      yield {
        specific_catalog: catalog.database.name,
        specific_schema: catalog.schemaByOid(routine.schemaOid)?.name ?? '',
        specific_name: specificName(routine),
        ordinal_position: position,
        parameter_mode: mode[parameter.mode],
        is_result: 'NO',
        as_locator: 'NO',
        parameter_name: parameter.name === '' ? null : parameter.name,
        ...typeColumns(scope, parameter.type),
        dtd_identifier: String(position),
        parameter_default: argumentDefault(names, routine, position),
      };
    }
  }
}

export const routineSources: RowSources = {
  pg_trigger: triggerRows,
  triggers: informationTriggerRows,
  triggered_update_columns: informationTriggerColumnRows,
  parameters: parameterRows,
};
