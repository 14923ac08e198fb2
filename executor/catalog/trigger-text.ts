// pg_get_triggerdef() (ruleutils.c).

import {
  quoteIdentifier,
  quoteLiteral,
  type TableDescriptor,
  type TriggerDescriptor,
  type ViewDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { expressionText } from './expression-text.ts';
import type { CatalogNames } from './names.ts';
import { prettyText } from './pretty-text.ts';
import { routineName } from './routine-name.ts';

const eventOrder = ['insert', 'delete', 'update', 'truncate'] as const;

export function triggerDefinition(
  names: CatalogNames,
  table: TableDescriptor | ViewDescriptor,
  trigger: TriggerDescriptor,
  pretty: boolean,
): string {
  const { constraint } = trigger;
  const name = quoteIdentifier(trigger.name);
  const relation = pretty ? names.relationName(table) : names.qualifiedName(table);
  const parts = [
    `CREATE ${constraint === undefined ? '' : 'CONSTRAINT '}TRIGGER ${name}`,
    `${trigger.timing.toUpperCase()} ${eventsText(table, trigger)} ON ${relation}`,
  ];
  if (constraint !== undefined) {
    const referenced = names.catalog.relationByOid(constraint.referencedTable);
    if (referenced !== undefined) {
      parts.push(`FROM ${names.relationName(referenced)}`);
    }
    parts.push(constraint.deferrable ? 'DEFERRABLE' : 'NOT DEFERRABLE');
    parts.push(`INITIALLY ${constraint.initiallyDeferred ? 'DEFERRED' : 'IMMEDIATE'}`);
  }
  const transitions = [
    ...(trigger.oldTable === undefined
      ? []
      : [`OLD TABLE AS ${quoteIdentifier(trigger.oldTable)}`]),
    ...(trigger.newTable === undefined
      ? []
      : [`NEW TABLE AS ${quoteIdentifier(trigger.newTable)}`]),
  ];
  if (transitions.length > 0) parts.push(`REFERENCING ${transitions.join(' ')}`);
  parts.push(`FOR EACH ${trigger.row ? 'ROW' : 'STATEMENT'}`);
  if (trigger.condition !== undefined) {
    const condition = expressionText(names, trigger.condition.sql);
    parts.push(`WHEN (${pretty ? prettyText(condition) : condition})`);
  }
  parts.push(triggerStatement(names, trigger));
  return parts.join(' ');
}

function eventsText(table: TableDescriptor | ViewDescriptor, trigger: TriggerDescriptor): string {
  const columns = trigger.columns.map((attribute) =>
    quoteIdentifier(table.columns[attribute - 1]?.name ?? ''),
  );
  return eventOrder
    .filter((event) => trigger.events.includes(event))
    .map((event) =>
      event === 'update' && columns.length > 0
        ? `UPDATE OF ${columns.join(', ')}`
        : event.toUpperCase(),
    )
    .join(' OR ');
}

/** EXECUTE FUNCTION f('x') */
export function triggerStatement(names: CatalogNames, trigger: TriggerDescriptor): string {
  const routine = names.catalog.routineByOid(trigger.functionOid);
  const builtin = functionRegistry.functionByOid(trigger.functionOid)?.name ?? '???';
  const name = routine === undefined ? quoteIdentifier(builtin) : routineName(names, routine);
  return `EXECUTE FUNCTION ${name}(${trigger.arguments.map(quoteLiteral).join(', ')})`;
}
