// What a statement does with the relations that it names, for the check of privileges: collected while
// binding, as PostgreSQL's range table entries do (requiredPerms, selectedCols …). What stands inside a
// view is done by the view's owner. A column is noted when an expression reads it.

import type { RelationDescriptor } from '#common';
import type { NamespaceItem } from './scope.ts';

export interface RelationAccess {
  readonly relation: RelationDescriptor;
  /** The role that it is done by; undefined: whoever runs the statement. */
  readonly as: number | undefined;
  selects: boolean;
  inserts: boolean;
  updates: boolean;
  deletes: boolean;
  /** Attribute numbers. */
  readonly selected: Set<number>;
  readonly inserted: Set<number>;
  readonly updated: Set<number>;
}

export function newAccess(relation: RelationDescriptor, as: number | undefined): RelationAccess {
  return {
    relation,
    as,
    selects: false,
    inserts: false,
    updates: false,
    deletes: false,
    selected: new Set(),
    inserted: new Set(),
    updated: new Set(),
  };
}

/** The item with its columns noted when they are read. */
export function notedItem(item: NamespaceItem, access: RelationAccess): NamespaceItem {
  const numbers = attributeNumbers(access.relation);
  return {
    ...item,
    access,
    columns: item.columns.map((column, index) => ({
      ...column,
      expression: () => {
        access.selects = true;
        access.selected.add(numbers[index]);
        return column.expression();
      },
    })),
  };
}

/** Of the columns that statements see. */
function attributeNumbers(relation: RelationDescriptor): number[] {
  if (relation.kind === 'sequence' || relation.kind === 'index') return [];
  return relation.columns
    .filter((column) => !column.dropped)
    .map(({ attributeNumber }) => attributeNumber);
}

export function attributeNamed(relation: RelationDescriptor, name: string): number {
  if (relation.kind === 'sequence' || relation.kind === 'index') return 0;
  const found = relation.columns.find((column) => !column.dropped && column.name === name);
  return found?.attributeNumber ?? 0;
}
