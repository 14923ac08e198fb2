// CREATE and ALTER EVENT TRIGGER (event_trigger.c): functions that definitions call. Firing is
// executor/event-triggers' business.

import type { AlterEventTrigStmt, CreateEventTrigStmt } from '@pgsql/types';
import {
  databaseError,
  type DefinitionOf,
  type EventTriggerEvent,
  eventTriggerEvents,
} from '#common';
import { functionRegistry } from '#functions';
import { definitionElements, listItems, stringsOf } from '#planner';
import { commandSupport, rewritingCommands } from '../command-support.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { requireEntryOwner, requireSuperuser } from './entry-owner.ts';
import { requireFunction, requireNamed } from './entry-references.ts';

/** pg_type.oid of event_trigger. */
const eventTriggerType = 3838;

export function createEventTrigger(ddl: DdlStatement, statement: CreateEventTrigStmt): string {
  const { trigname: name = '', eventname = '' } = statement;
  requireSuperuser(
    ddl,
    `permission denied to create event trigger "${name}"`,
    'Must be superuser to create an event trigger.',
  );
  const event = eventTriggerEvents.find((each) => each === eventname);
  if (event === undefined)
    throw databaseError('syntaxError', `unrecognized event name "${eventname}"`);
  const tags = readTags(statement, event);
  if (ddl.catalog.findEntry('eventTrigger', 0, name) !== undefined)
    throw databaseError('duplicateObject', `event trigger "${name}" already exists`);
  const parts = stringsOf(statement.funcname);
  const functionOid = requireFunction(ddl, parts, []);
  if (functionRegistry.functionByOid(functionOid)?.resultType !== eventTriggerType) {
    throw databaseError(
      'invalidObjectDefinition',
      `function ${parts.join('.')} must return type event_trigger`,
    );
  }
  addEntry(ddl, {
    name,
    definition: { class: 'eventTrigger', event, functionOid, enabled: 'O', tags },
    uses: [{ oid: functionOid }],
  });
  return 'CREATE EVENT TRIGGER';
}

/** WHEN TAG IN (…). 42601, 0A000 for commands for which nothing fires. */
function readTags(statement: CreateEventTrigStmt, event: EventTriggerEvent): string[] {
  let tags: string[] | undefined;
  for (const { defname = '', arg } of definitionElements(statement.whenclause)) {
    if (defname !== 'tag')
      throw databaseError('syntaxError', `unrecognized filter variable "${defname}"`);
    if (tags !== undefined) {
      throw databaseError('syntaxError', `filter variable "${defname}" specified more than once`);
    }
    tags = stringsOf(listItems(arg));
  }
  for (const tag of tags ?? []) checkTag(tag, event);
  return [...new Set(tags?.map((tag) => tag.toUpperCase()))];
}

function checkTag(written: string, event: EventTriggerEvent): void {
  const tag = written.toUpperCase();
  const support = commandSupport(tag);
  if (support === 'unknown') {
    throw databaseError(
      'syntaxError',
      `filter value "${written}" not recognized for filter variable "tag"`,
    );
  }
  const isSupported = event === 'table_rewrite' ? rewritingCommands.has(tag) : support === 'fires';
  if (isSupported) return;
  throw databaseError('featureNotSupported', `event triggers are not supported for ${tag}`);
}

const states: Readonly<Record<string, DefinitionOf<'eventTrigger'>['enabled']>> = {
  O: 'O',
  D: 'D',
  R: 'R',
  A: 'A',
};

export function alterEventTrigger(ddl: DdlStatement, statement: AlterEventTrigStmt): string {
  const trigger = newest(ddl, requireNamed(ddl, 'eventTrigger', statement.trigname ?? ''));
  requireEntryOwner(ddl, trigger);
  const enabled = states[statement.tgenabled ?? 'O'] ?? 'O';
  redefine(ddl, trigger, { ...trigger.definition, enabled });
  return 'ALTER EVENT TRIGGER';
}
