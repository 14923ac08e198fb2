// The triggers of one table while a statement writes it: which fire for what, whether their WHEN holds,
// and the calls of their functions with rows as records of the table's row type.

import {
  type ColumnDescriptor,
  databaseError,
  type Datum,
  RecordValue,
  type TableDescriptor,
  type TriggerDescriptor,
  type TriggerEvent,
  type TriggerTiming,
} from '#common';
import type { TransitionTable, TriggerCall } from '#functions';
import { bindTriggerCondition } from '#planner';
import { compileExpression } from '../expression/compile-expression.ts';
import type { Evaluator } from '../expression/environment.ts';
import type { Runtime } from '../runtime.ts';
import { builtinTrigger } from './builtin-triggers.ts';
import { rowTriggers } from './partition-triggers.ts';
import { SingleRow } from './single-row.ts';

type Row = readonly Datum[];

interface Condition {
  readonly holds: Evaluator;
  readonly row: SingleRow;
}

/** Does session_replication_role let the trigger fire? */
export function isTriggerEnabled(
  trigger: Pick<TriggerDescriptor, 'enabled'>,
  role: string | undefined,
): boolean {
  if (trigger.enabled === 'D') return false;
  if (trigger.enabled === 'A') return true;
  return (trigger.enabled === 'R') === (role === 'replica');
}

export class TriggerCalls {
  readonly table: TableDescriptor;
  private readonly runtime: Runtime;
  private readonly columns: readonly ColumnDescriptor[];
  private readonly types: readonly number[];
  private readonly names: readonly string[];
  private readonly conditions = new Map<number, Condition>();
  private known: readonly TriggerDescriptor[] | undefined = undefined;
  private readonly selections = new Map<string, readonly TriggerDescriptor[]>();

  constructor(table: TableDescriptor, runtime: Runtime) {
    this.table = table;
    this.runtime = runtime;
    this.columns = table.columns.filter((column) => !column.dropped);
    this.types = this.columns.map((column) => column.type.oid);
    this.names = this.columns.map((column) => column.name);
  }

  /** In order of their names. `attributes`: the columns that an UPDATE assigns. */
  select(
    event: TriggerEvent,
    timing: TriggerTiming,
    row: boolean,
    attributes?: readonly number[],
  ): readonly TriggerDescriptor[] {
    const role = this.runtime.functions.setting('session_replication_role');
    const key = `${event} ${timing} ${row} ${attributes?.join() ?? ''} ${role ?? ''}`;
    let found = this.selections.get(key);
    if (found === undefined) {
      found = this.triggers.filter(
        (trigger) =>
          trigger.timing === timing &&
          trigger.row === row &&
          trigger.events.includes(event) &&
          isTriggerEnabled(trigger, role) &&
          (event !== 'update' ||
            trigger.columns.length === 0 ||
            attributes === undefined ||
            trigger.columns.some((column) => attributes.includes(column))),
      );
      this.selections.set(key, found);
    }
    return found;
  }

  /** Looked up when the first row comes: plans are made ready before there is a catalog. */
  private get triggers(): readonly TriggerDescriptor[] {
    this.known ??= rowTriggers(this.table, this.runtime.context.catalog);
    return this.known;
  }

  /** WHEN; rows are by attribute number - 1. */
  holds(trigger: TriggerDescriptor, rows: { readonly old?: Row; readonly new?: Row }): boolean {
    if (trigger.condition === undefined) return true;
    const condition = this.condition(trigger);
    const width = this.table.columns.length;
    for (let at = 0; at < width; at++) {
      condition.row.set(at, rows.new?.[at] ?? null);
      condition.row.set(width + at, rows.old?.[at] ?? null);
    }
    return condition.holds(condition.row.columns, 0) === true;
  }

  private condition(trigger: TriggerDescriptor): Condition {
    let known = this.conditions.get(trigger.oid);
    if (known === undefined) {
      const { catalog, functions } = this.runtime.context;
      const expression = bindTriggerCondition(trigger.condition!.sql, this.table, {
        catalog,
        searchPath: functions.searchPath,
        currentUser: functions.currentUser,
        formatSettings: functions,
      });
      known = {
        holds: compileExpression(expression, this.runtime),
        row: new SingleRow(this.table.columns.length * 2),
      };
      this.conditions.set(trigger.oid, known);
    }
    return known;
  }

  /** The row as NEW or OLD shows it. */
  record(row: Row): RecordValue {
    return new RecordValue(
      this.types,
      this.columns.map((column) => row[column.attributeNumber - 1] ?? null),
      this.names,
    );
  }

  /** Writes what a BEFORE trigger returned into the row. */
  apply(returned: Datum, row: Datum[]): void {
    if (!(returned instanceof RecordValue)) return;
    if (returned.fields.length !== this.columns.length) {
      throw databaseError(
        'datatypeMismatch',
        'returned row structure does not match the structure of the triggering table',
        {
          detail: `Number of returned columns (${returned.fields.length}) does not match expected column count (${this.columns.length}).`,
        },
      );
    }
    this.columns.forEach((column, position) => {
      row[column.attributeNumber - 1] = returned.fields[position];
    });
  }

  call(
    trigger: TriggerDescriptor,
    event: TriggerEvent,
    rows: { readonly old?: RecordValue; readonly new?: RecordValue },
    transitions?: readonly TransitionTable[],
  ): Datum {
    const { functions, catalog } = this.runtime.context;
    const { routines } = functions;
    if (routines === undefined) {
      throw databaseError('featureNotSupported', 'triggers cannot fire in this place');
    }
    const call: TriggerCall = {
      trigger,
      event,
      tableOid: this.table.oid,
      tableName: this.table.name,
      schemaName: catalog.schemaByOid(this.table.schemaOid)?.name ?? '',
      rowType: this.table.rowTypeOid,
      old: rows.old,
      new: rows.new,
      transitions: transitions ?? noTransitions,
    };
    const builtin = builtinTrigger(trigger.functionOid);
    if (builtin !== undefined) return builtin(call, functions);
    return routines.trigger(trigger.functionOid, call);
  }

  /** A table of the rows that the statement changed, for REFERENCING. */
  transition(name: string, rows: readonly Row[]): TransitionTable {
    return {
      name,
      columns: this.columns.map((column) => ({ name: column.name, type: column.type })),
      rows: rows.map((row) =>
        this.columns.map((column) => row[column.attributeNumber - 1] ?? null),
      ),
    };
  }
}

const noTransitions: readonly TransitionTable[] = [];
