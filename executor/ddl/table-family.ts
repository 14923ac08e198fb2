// The links between tables that inherit and those that they inherit from.

import type { TableDescriptor } from '#common';
import { orderedChildren } from './partitions.ts';
import type { DdlStatement } from './statement.ts';

/** Makes one table the child of another in both descriptors. */
export function linkChild(ddl: DdlStatement, parentOid: number, childOid: number): void {
  const parent = ddl.table(parentOid);
  const children = orderedChildren(ddl, parent, [...(parent.children ?? []), childOid]);
  ddl.put({ ...parent, children });
}

export function unlinkChild(ddl: DdlStatement, parentOid: number, childOid: number): void {
  const parent = ddl.catalog.tableByOid(parentOid);
  if (parent === undefined) return;
  const children = (parent.children ?? []).filter((oid) => oid !== childOid);
  const { children: _children, ...rest } = parent;
  ddl.put(children.length === 0 ? rest : { ...rest, children });
}

/** The table and all below it, a parent before its children. */
export function familyOf(ddl: DdlStatement, oid: number): TableDescriptor[] {
  const found: TableDescriptor[] = [];
  const seen = new Set<number>();
  const visit = (each: number): void => {
    const table = ddl.catalog.tableByOid(each);
    if (table === undefined || seen.has(each)) return;
    seen.add(each);
    found.push(table);
    for (const child of table.children ?? []) visit(child);
  };
  visit(oid);
  return found;
}
