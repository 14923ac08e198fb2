// What binding one element of FROM yields, and the rule that its names must be new.

import { databaseError } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import type { NamespaceItem } from './scope.ts';

/** One element of FROM: the names that it brings and its plan. */
export interface FromElement {
  /** The item whose columns are the element's columns in *. */
  readonly row: NamespaceItem;
  /** All items, for qualified names; `row` included. */
  readonly items: readonly NamespaceItem[];
  /** The items before it whose columns it reads. */
  readonly lateral: ReadonlySet<NamespaceItem>;
  build(): LogicalPlan;
}

/** 42712 when two visible items have one name (aliases of different schemas' tables may share it). */
export function checkNameConflicts(
  known: readonly NamespaceItem[],
  added: readonly NamespaceItem[],
): void {
  for (const item of added) {
    if (!item.relationVisible) continue;
    for (const other of known) {
      if (!other.relationVisible || other.name !== item.name) continue;
      if (
        item.relation !== undefined &&
        other.relation !== undefined &&
        item.relation.oid !== other.relation.oid
      ) {
        continue;
      }
      throw databaseError('duplicateAlias', `table name "${item.name}" specified more than once`);
    }
  }
}
