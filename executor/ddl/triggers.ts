// CREATE TRIGGER, ALTER TABLE … ENABLE/DISABLE TRIGGER, renaming and dropping of triggers. A trigger
// lives in its table's or view's descriptor, in order of the names, which is the order of firing.

import type { AlterTableCmd, CreateTrigStmt, Node } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type StoredExpression,
  type TableDescriptor,
  type TriggerDescriptor,
  type TriggerEvent,
  TypeOid,
  type ViewDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { bindTriggerConditionNode, bodyOf, deparseExpression, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { quoteIdentifier } from '#common';
import { attachedName, skipAttached } from './attached-names.ts';
import { wrongRelationKind } from './errors.ts';
import type { DdlStatement } from './statement.ts';
import { droppableFunctions } from '../routine-use.ts';
import { builtinTrigger } from '../write/builtin-triggers.ts';

type Triggered = TableDescriptor | ViewDescriptor;

/** Bits of CreateTrigStmt.events and .timing (trigger.h). */
const eventBits: readonly (readonly [number, TriggerEvent])[] = [
  [4, 'insert'],
  [8, 'delete'],
  [16, 'update'],
  [32, 'truncate'],
];
const timingBefore = 2;
const timingInstead = 64;

export function createTrigger(ddl: DdlStatement, statement: CreateTrigStmt): string {
  const found = ddl.requireRelation(statement.relation!, TableLock.shareRowExclusive);
  if (found.kind !== 'table' && found.kind !== 'view') {
    throw databaseError('wrongObjectType', `relation "${found.name}" cannot have triggers`);
  }
  ddl.requireOwner(found.kind, found);
  const trigger = triggerOf(ddl, statement, found);
  checkPlace(trigger, statement, found);
  checkForeign(found, statement, trigger.events);
  const old = found.triggers?.find((each) => each.name === trigger.name);
  if (old !== undefined && statement.replace !== true) {
    throw databaseError(
      'duplicateObject',
      `trigger "${trigger.name}" for relation "${found.name}" already exists`,
    );
  }
  if (old?.constraint !== undefined && trigger.constraint === undefined) {
    throw databaseError(
      'duplicateObject',
      `trigger "${trigger.name}" for relation "${found.name}" is a constraint trigger`,
    );
  }
  putTriggers(ddl, found, [
    ...(found.triggers ?? []).filter((each) => each.name !== trigger.name),
    old === undefined ? trigger : { ...trigger, oid: old.oid, enabled: old.enabled },
  ]);
  return 'CREATE TRIGGER';
}

/** 42809 for what would need the rows of a statement. */
function checkForeign(
  table: Triggered,
  statement: CreateTrigStmt,
  events: readonly string[],
): void {
  if (table.kind !== 'table' || table.foreign === undefined) return;
  const detail =
    statement.isconstraint === true
      ? 'Foreign tables cannot have constraint triggers.'
      : (statement.transitionRels ?? []).length > 0
        ? 'Triggers on foreign tables cannot have transition tables.'
        : events.includes('truncate')
          ? 'Foreign tables cannot have TRUNCATE triggers.'
          : undefined;
  if (detail === undefined) return;
  throw wrongRelationKind(table.name, 'a table', { detail });
}

function triggerOf(
  ddl: DdlStatement,
  statement: CreateTrigStmt,
  table: Triggered,
): TriggerDescriptor {
  const timing = statement.timing ?? 0;
  const events = eventBits
    .filter(([bit]) => ((statement.events ?? 0) & bit) !== 0)
    .map(([, event]) => event);
  const transitions = (statement.transitionRels ?? []).map((node) =>
    bodyOf(node, 'TriggerTransition')!,
  );
  const oldTable = transitions.find((each) => each.isNew !== true)?.name;
  const newTable = transitions.find((each) => each.isNew === true)?.name;
  if (transitions.some((each) => each.isTable !== true)) {
    throw databaseError(
      'featureNotSupported',
      'ROW variable naming in the REFERENCING clause is not supported',
      { hint: 'Use OLD TABLE or NEW TABLE for naming transition tables.' },
    );
  }
  const isRow = statement.row === true;
  const condition =
    statement.whenClause === undefined
      ? undefined
      : storedCondition(ddl, statement.whenClause, table, { isRow, events, timing });
  const referenced =
    statement.constrrel === undefined
      ? 0
      : ddl.requireRelation(statement.constrrel, TableLock.accessShare).oid;
  return {
    kind: 'trigger',
    oid: ddl.allocateOid(),
    name: statement.trigname ?? '',
    tableOid: table.oid,
    functionOid: triggerFunction(ddl, statement.funcname ?? []),
    timing:
      (timing & timingInstead) !== 0
        ? 'instead of'
        : (timing & timingBefore) !== 0
          ? 'before'
          : 'after',
    events,
    row: isRow,
    columns: columnNumbers(table, stringsOf(statement.columns)),
    arguments: stringsOf(statement.args),
    enabled: 'O',
    ...(condition === undefined ? {} : { condition }),
    ...(oldTable === undefined ? {} : { oldTable }),
    ...(newTable === undefined ? {} : { newTable }),
    ...(statement.isconstraint === true
      ? {
          constraint: {
            oid: ddl.allocateOid(),
            deferrable: statement.deferrable === true,
            initiallyDeferred: statement.initdeferred === true,
            referencedTable: referenced,
          },
        }
      : {}),
  };
}

function columnNumbers(table: Triggered, names: readonly string[]): number[] {
  const numbers = names.map((name) => columnNumber(table, name));
  const repeated = numbers.findIndex((number, at) => numbers.indexOf(number) < at);
  if (repeated < 0) return numbers;
  throw databaseError('duplicateColumn', `column "${names[repeated]}" specified more than once`);
}

function columnNumber(table: Triggered, name: string): number {
  const column = table.columns.find((each) => each.name === name && !each.dropped);
  if (column !== undefined) return column.attributeNumber;
  throw databaseError(
    'undefinedColumn',
    `column "${name}" of relation "${table.name}" does not exist`,
  );
}

/** 42883, 42P17. */
function triggerFunction(ddl: DdlStatement, nodes: readonly Node[]): number {
  const parts = stringsOf(nodes);
  const name = parts.at(-1) ?? '';
  for (const schema of ddl.routineSchemas(parts.at(-2))) {
    const schemaOid = ddl.catalog.findSchema(schema)?.oid;
    const routine = ddl.catalog
      .routinesNamed(name)
      .find((each) => each.schemaOid === schemaOid && each.parameters.length === 0);
    if (routine === undefined) continue;
    if (routine.resultType !== TypeOid.trigger) {
      throw databaseError('invalidObjectDefinition', `function ${name} must return type trigger`);
    }
    return routine.oid;
  }
  const builtin = functionRegistry
    .functionsNamed(name)
    .find(({ argumentTypes }) => argumentTypes.length === 0);
  if (builtin?.resultType === TypeOid.trigger) {
    if (builtinTrigger(builtin.oid) === undefined) throw notSupported(`trigger function ${name}`);
    return builtin.oid;
  }
  if (builtin !== undefined) {
    throw databaseError('invalidObjectDefinition', `function ${name} must return type trigger`);
  }
  throw databaseError('undefinedFunction', `function ${parts.join('.')}() does not exist`);
}

function storedCondition(
  ddl: DdlStatement,
  node: Node,
  table: Triggered,
  shape: {
    readonly isRow: boolean;
    readonly events: readonly TriggerEvent[];
    readonly timing: number;
  },
): StoredExpression {
  checkCondition(ddl, node, shape);
  const bound = bindTriggerConditionNode(node, table, ddl.parsed, ddl.bindContext);
  const width = table.columns.length;
  const text = deparseExpression(bound, {
    column: (id) => `column${id}`,
    input: (ordinal) => {
      const side = ordinal < width ? 'new' : 'old';
      return `${side}.${quoteIdentifier(table.columns[ordinal % width]?.name ?? '')}`;
    },
    slot: (slot) => `$${slot}`,
    subplan: () => '(SubPlan)',
  });
  return { sql: shorterRows(text, table), dependencies: [...droppableFunctions([bound])] };
}

/** ROW(new.a, new.b) is written new.*, as PostgreSQL shows it. */
function shorterRows(text: string, table: Triggered): string {
  const live = table.columns.filter((column) => !column.dropped);
  return (['new', 'old'] as const).reduce((shown, side) => {
    const list = live.map((column) => `${side}.${quoteIdentifier(column.name)}`).join(', ');
    return shown
      .replaceAll(`ROW(${list})`, `${side}.*`)
      .replaceAll(`(${side}.*)::record`, `${side}.*`);
  }, text);
}

/** WHEN of a statement's trigger names no rows; of an INSERT not OLD, of a DELETE not NEW. 42P17. */
function checkCondition(
  ddl: DdlStatement,
  node: Node,
  shape: { readonly isRow: boolean; readonly events: readonly TriggerEvent[] },
): void {
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('ColumnRef' in value) {
      const reference = value.ColumnRef as { fields?: Node[]; location?: number };
      const side = stringsOf(reference.fields)[0];
      const at = ddl.position(reference.location);
      const fields = at === undefined ? {} : { position: at };
      if (side === 'old' || side === 'new') {
        const refuse = (message: string): never => {
          throw databaseError('invalidObjectDefinition', message, fields);
        };
        if (!shape.isRow)
          refuse("statement trigger's WHEN condition cannot reference column values");
        if (side === 'old' && shape.events.includes('insert'))
          refuse("INSERT trigger's WHEN condition cannot reference OLD values");
        if (side === 'new' && shape.events.includes('delete'))
          refuse("DELETE trigger's WHEN condition cannot reference NEW values");
      }
    }
    for (const item of Object.values(value)) pending.push(item);
  }
}

function checkPlace(trigger: TriggerDescriptor, statement: CreateTrigStmt, table: Triggered): void {
  const refuse = (message: string, detail?: string): never => {
    throw databaseError('wrongObjectType', message, detail === undefined ? {} : { detail });
  };
  const { timing, row } = trigger;
  if (table.kind === 'table' && timing === 'instead of')
    refuse(`"${table.name}" is a table`, 'Tables cannot have INSTEAD OF triggers.');
  if (table.kind === 'view') {
    if (timing !== 'instead of' && row) {
      refuse(`"${table.name}" is a view`, 'Views cannot have row-level BEFORE or AFTER triggers.');
    }
    if (trigger.events.includes('truncate'))
      refuse(`"${table.name}" is a view`, 'Views cannot have TRUNCATE triggers.');
  }
  const unsupported = (message: string): never => {
    throw databaseError('featureNotSupported', message);
  };
  if (timing === 'instead of') {
    if (!row) unsupported('INSTEAD OF triggers must be FOR EACH ROW');
    if (trigger.condition !== undefined)
      unsupported('INSTEAD OF triggers cannot have WHEN conditions');
    if (trigger.columns.length > 0) unsupported('INSTEAD OF triggers cannot have column lists');
  }
  if (trigger.events.includes('truncate') && row)
    unsupported('TRUNCATE FOR EACH ROW triggers are not supported');
  checkTransitions(trigger, statement, table);
}

/** Whose rows a trigger could not tell from those of other tables. 42809, 0A000. */
function checkTransitionPlace({ row }: TriggerDescriptor, table: Triggered): void {
  if (table.kind === 'view') {
    throw databaseError('wrongObjectType', `"${table.name}" is a view`, {
      detail: 'Triggers on views cannot have transition tables.',
    });
  }
  if (!row) return;
  const refuse = (places: string, message?: string): never => {
    const text = `ROW triggers with transition tables are not supported on ${places}`;
    throw message === undefined
      ? databaseError('featureNotSupported', text)
      : databaseError('featureNotSupported', message, { detail: `${text}.` });
  };
  if (table.partitioning !== undefined)
    refuse('partitioned tables', `"${table.name}" is a partitioned table`);
  if (table.partitionBound !== undefined) refuse('partitions');
  if ((table.parents ?? []).length > 0) refuse('inheritance children');
}

function checkTransitions(
  trigger: TriggerDescriptor,
  statement: CreateTrigStmt,
  table: Triggered,
): void {
  if (trigger.oldTable === undefined && trigger.newTable === undefined) return;
  checkTransitionPlace(trigger, table);
  const refuse = (message: string): never => {
    throw databaseError('invalidObjectDefinition', message);
  };
  if (trigger.timing !== 'after')
    refuse('transition table name can only be specified for an AFTER trigger');
  if (trigger.events.includes('truncate'))
    refuse('TRUNCATE triggers with transition tables are not supported');
  if (trigger.events.length > 1) {
    throw databaseError(
      'featureNotSupported',
      'transition tables cannot be specified for triggers with more than one event',
    );
  }
  if (trigger.columns.length > 0) {
    throw databaseError(
      'featureNotSupported',
      'transition tables cannot be specified for triggers with column lists',
    );
  }
  const [event] = trigger.events;
  if (trigger.newTable !== undefined && event === 'delete')
    refuse('NEW TABLE can only be specified for an INSERT or UPDATE trigger');
  if (trigger.oldTable !== undefined && event === 'insert')
    refuse('OLD TABLE can only be specified for a DELETE or UPDATE trigger');
  if (trigger.oldTable === trigger.newTable)
    refuse('OLD TABLE name and NEW TABLE name cannot be the same');
  if (statement.isconstraint === true) refuse('constraint triggers cannot have transition tables');
}

/** Replaces the triggers of a table or view. */
export function putTriggers(
  ddl: DdlStatement,
  table: Triggered,
  triggers: readonly TriggerDescriptor[],
): void {
  const sorted = triggers.toSorted((left, right) => (left.name < right.name ? -1 : 1));
  const { triggers: _old, ...rest } = table;
  ddl.put(sorted.length === 0 ? rest : { ...table, triggers: sorted });
  // Partitions fire them, too: plans that write these are made anew.
  if (table.kind === 'table' && table.partitioning !== undefined) {
    for (const oid of table.children ?? []) renewPartitions(ddl, oid);
  }
}

function renewPartitions(ddl: DdlStatement, oid: number): void {
  const partition = ddl.catalog.tableByOid(oid);
  if (partition === undefined) return;
  ddl.put({ ...partition });
  for (const below of partition.children ?? []) renewPartitions(ddl, below);
}

const enabledBy: Readonly<Record<string, TriggerDescriptor['enabled']>> = {
  AT_EnableTrig: 'O',
  AT_EnableTrigAll: 'O',
  AT_EnableTrigUser: 'O',
  AT_EnableAlwaysTrig: 'A',
  AT_EnableReplicaTrig: 'R',
  AT_DisableTrig: 'D',
  AT_DisableTrigAll: 'D',
  AT_DisableTrigUser: 'D',
};

/** ALTER TABLE … ENABLE [REPLICA | ALWAYS] | DISABLE TRIGGER name | ALL | USER. */
export function setTriggerState(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  const subtype = command.subtype ?? '';
  const isAll = /(All|User)$/.test(subtype);
  const enabled = enabledBy[subtype];
  const triggers = table.triggers ?? [];
  if (!isAll && !triggers.some((trigger) => trigger.name === command.name))
    throw triggerDoesNotExist(command.name ?? '', table.name);
  if (triggers.length === 0) return;
  putTriggers(
    ddl,
    table,
    triggers.map((trigger) =>
      isAll || trigger.name === command.name ? { ...trigger, enabled } : trigger,
    ),
  );
}

export function triggerDoesNotExist(name: string, table: string): Error {
  return databaseError('undefinedObject', `trigger "${name}" for table "${table}" does not exist`);
}

/** The table and the trigger that DROP TRIGGER or COMMENT ON TRIGGER means. */
export function triggerNamed(
  ddl: DdlStatement,
  node: Node,
  missingOk: boolean,
): { readonly table: Triggered; readonly trigger: TriggerDescriptor } | undefined {
  const named = attachedName(ddl, node, missingOk);
  if (named === undefined) return undefined;
  const { name, relationName, relation: table } = named;
  if (table.kind !== 'table' && table.kind !== 'view')
    throw wrongRelationKind(table.name, 'a table or view');
  const trigger = table.triggers?.find((each) => each.name === name);
  if (trigger !== undefined) return { table, trigger };
  if (!missingOk) throw triggerDoesNotExist(name, relationName);
  return skipAttached(ddl, 'trigger', named);
}

export function renameTrigger(
  ddl: DdlStatement,
  range: Parameters<DdlStatement['requireRelation']>[0],
  from: string,
  to: string,
): void {
  const table = ddl.requireRelation(range, TableLock.accessExclusive);
  if (table.kind !== 'table' && table.kind !== 'view')
    throw databaseError('wrongObjectType', `relation "${table.name}" cannot have triggers`);
  ddl.requireOwner(table.kind, table);
  const triggers = table.triggers ?? [];
  if (!triggers.some((trigger) => trigger.name === from))
    throw triggerDoesNotExist(from, table.name);
  if (triggers.some((trigger) => trigger.name === to)) {
    throw databaseError(
      'duplicateObject',
      `trigger "${to}" for relation "${table.name}" already exists`,
    );
  }
  putTriggers(
    ddl,
    table,
    triggers.map((trigger) => (trigger.name === from ? { ...trigger, name: to } : trigger)),
  );
}
