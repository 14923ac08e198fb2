// Which rules of a table or view a statement sets off.

import type { RelationDescriptor, RuleDescriptor, TableDescriptor, ViewDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import { bindLimits } from './limits.ts';
import { hasInsteadTrigger } from './triggered-view.ts';
import { updatableBase } from './updatable-view.ts';

/** In order of their names. Replica rules are for another session_replication_role than there is here. */
export function rulesFor(
  relation: RelationDescriptor,
  command: 'INSERT' | 'UPDATE' | 'DELETE',
): readonly RuleDescriptor[] {
  if (relation.kind !== 'table' && relation.kind !== 'view') return [];
  const event = command.toLowerCase();
  return (relation.rules ?? []).filter(
    (rule) => rule.event === event && (rule.enabled === 'O' || rule.enabled === 'A'),
  );
}

/**
 * The relation whose rules the statement sets off: the one that it names, or one that it writes through
 * automatically updatable views; undefined: no rules are concerned.
 */
export function ruledRelation(
  named: RelationDescriptor,
  command: 'INSERT' | 'UPDATE' | 'DELETE',
  catalog: Catalog,
): TableDescriptor | ViewDescriptor | undefined {
  let relation: RelationDescriptor | undefined = named;
  for (let depth = 0; depth < bindLimits.viewDepthMax; depth++) {
    if (relation?.kind !== 'table' && relation?.kind !== 'view') return undefined;
    if (rulesFor(relation, command).length > 0) return relation;
    if (relation.kind === 'table' || hasInsteadTrigger(relation, command)) return undefined;
    relation = updatableBase(relation, catalog)?.base;
  }
  return undefined;
}
