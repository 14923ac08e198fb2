// NEW, OLD and the TG_ variables of a trigger's function.

import { ArrayValue, type Datum, type RecordValue, TypeOid } from '#common';
import type { EventTriggerCall, TriggerCall } from '#functions';
import type { Frame } from './frame.ts';

export function setTriggerVariables(frame: Frame, call: TriggerCall): void {
  const { trigger } = call;
  const set = (name: string, value: Datum): void => {
    const found = frame.compiled.names.find([name]);
    if (found !== undefined) frame.values[found.variable.index] = value;
  };
  setRow(frame, 'new', call.new, call.rowType);
  setRow(frame, 'old', call.old, call.rowType);
  set('tg_name', trigger.name);
  set('tg_when', trigger.timing.toUpperCase());
  set('tg_level', trigger.row ? 'ROW' : 'STATEMENT');
  set('tg_op', call.event.toUpperCase());
  set('tg_relid', call.tableOid);
  set('tg_relname', call.tableName);
  set('tg_table_name', call.tableName);
  set('tg_table_schema', call.schemaName);
  set('tg_nargs', trigger.arguments.length);
  const first =
    trigger.arguments.length === 0 ? [] : [{ length: trigger.arguments.length, lowerBound: 0 }];
  set('tg_argv', new ArrayValue(TypeOid.text, first, trigger.arguments));
}

/** TG_EVENT and TG_TAG of an event trigger's function. */
export function setEventVariables(frame: Frame, { tag, data }: EventTriggerCall): void {
  const set = (name: string, value: string): void => {
    const found = frame.compiled.names.find([name]);
    if (found !== undefined) frame.values[found.variable.index] = value;
  };
  set('tg_event', data.event);
  set('tg_tag', tag);
}

/** A row that the event does not have is null. */
function setRow(frame: Frame, name: string, row: RecordValue | undefined, type: number): void {
  const { variable } = frame.compiled.names.find([name])!;
  frame.values[variable.index] = row ?? null;
  frame.setRecordType(variable, type);
}
