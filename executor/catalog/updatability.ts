// Which events a relation takes: pg_relation_is_updatable() and its kin (PostgreSQL's relation_is_updatable()).

import type { RelationDescriptor, TriggerEvent, ViewDescriptor } from '#common';
import { type Catalog, updatableBase } from '#planner';

/** Bits of the result. */
export const updateEvents = { update: 4, insert: 8, delete: 16 } as const;
const allEvents = 28;

export interface UpdatableOptions {
  readonly triggers: boolean;
  /** The column that has to be one of the table below, by name. */
  readonly column?: string;
}

export function updatableEvents(
  relation: RelationDescriptor | undefined,
  catalog: Catalog,
  options: UpdatableOptions,
): number {
  if (relation?.kind === 'table') return relation.materialized === undefined ? allEvents : 0;
  if (relation?.kind !== 'view') return 0;
  let events = 0;
  for (const { instead, condition, enabled, event } of relation.rules ?? []) {
    if (instead && condition === undefined && enabled !== 'D') events |= updateEvents[event];
  }
  if (options.triggers) {
    for (const trigger of relation.triggers ?? []) {
      if (trigger.timing !== 'instead of' || trigger.enabled === 'D') continue;
      for (const event of trigger.events) events |= eventBit(event);
    }
  }
  return events === allEvents ? events : events | automaticEvents(relation, catalog, options);
}

function eventBit(event: TriggerEvent): number {
  return event === 'truncate' ? 0 : updateEvents[event];
}

function automaticEvents(
  view: ViewDescriptor,
  catalog: Catalog,
  options: UpdatableOptions,
): number {
  const below = updatableBase(view, catalog);
  if (below === undefined) return 0;
  const live = view.columns.filter(({ dropped }) => !dropped);
  const written =
    options.column === undefined
      ? below.columns
      : below.columns.filter((_name, at) => live[at]?.name === options.column);
  const { base } = below;
  const known = written.filter((name) => name !== undefined && hasColumn(base, name));
  const own = known.length === 0 ? updateEvents.delete : allEvents;
  if (base.kind === 'table') return base.materialized === undefined ? own : 0;
  const column = options.column === undefined ? undefined : known[0];
  return (
    own &
    updatableEvents(base, catalog, {
      triggers: options.triggers,
      ...(column === undefined ? {} : { column }),
    })
  );
}

function hasColumn(relation: RelationDescriptor, name: string): boolean {
  return (
    'columns' in relation &&
    relation.kind !== 'index' &&
    relation.columns.some((column) => column.name === name && !column.dropped)
  );
}
