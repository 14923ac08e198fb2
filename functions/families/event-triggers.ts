// What the function of an event trigger can ask: the objects that the statement made or dropped, and the
// table that is being written anew.

import { ArrayValue, databaseError, type Datum, TypeOid } from '#common';
import type { EventTriggerData, FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

/** 39P03 outside of such a trigger. */
function dataOf(
  context: FunctionContext,
  name: string,
  isRight: (data: EventTriggerData) => boolean,
  place: string,
): EventTriggerData {
  const data = context.routines?.eventData;
  if (data !== undefined && isRight(data)) return data;
  throw databaseError(
    'eventTriggerProtocolViolated',
    `${name}() can only be called in ${place} function`,
  );
}

function* commandRows(context: FunctionContext): Iterable<Datum[]> {
  const name = 'pg_event_trigger_ddl_commands';
  const { commands } = dataOf(context, name, () => true, 'an event trigger');
  for (const { catalog, oid, column, tag, type, schema, identity } of commands)
    yield [catalog, oid, column, tag, type, schema, identity, false, null];
}

function* droppedRows(context: FunctionContext): Iterable<Datum[]> {
  const name = 'pg_event_trigger_dropped_objects';
  const isDrop = ({ event }: EventTriggerData): boolean => event === 'sql_drop';
  const { dropped } = dataOf(context, name, isDrop, 'a sql_drop event trigger');
  for (const { catalog, oid, column, original, normal, temporary, object } of dropped) {
    yield [
      catalog,
      oid,
      column,
      original,
      normal,
      temporary,
      object.type,
      object.schema,
      object.name,
      object.identity,
      ArrayValue.of(TypeOid.text, object.addressNames),
      ArrayValue.of(TypeOid.text, object.addressArguments),
    ];
  }
}

function rewriteOf(context: FunctionContext, name: string): { oid: number; reason: number } {
  const isRewrite = ({ rewrite }: EventTriggerData): boolean => rewrite !== undefined;
  return dataOf(context, name, isRewrite, 'a table_rewrite event trigger').rewrite!;
}

export const eventTriggerFamily: Family = {
  scalars: {
    pg_event_trigger_table_rewrite_oid: (context: FunctionContext) =>
      rewriteOf(context, 'pg_event_trigger_table_rewrite_oid').oid,
    pg_event_trigger_table_rewrite_reason: (context: FunctionContext) =>
      rewriteOf(context, 'pg_event_trigger_table_rewrite_reason').reason,
  },
  sets: {
    pg_event_trigger_ddl_commands: commandRows,
    pg_event_trigger_dropped_objects: droppedRows,
  },
};
