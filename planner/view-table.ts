// A view that INSTEAD OF triggers write stands in a plan as a table without storage.

import type { TableDescriptor, ViewDescriptor } from '#common';

const tables = new WeakMap<ViewDescriptor, TableDescriptor>();

/** The same object for the same view, so that plans know whether it is still what it was. */
export function viewAsTable(view: ViewDescriptor): TableDescriptor {
  let table = tables.get(view);
  if (table === undefined) {
    const { definition: _definition, checkOption: _checkOption, ...shared } = view;
    table = {
      ...shared,
      kind: 'table',
      treeId: 0,
      persistence: 'permanent',
      tupleVersions: [],
      keyColumns: [],
      indexes: [],
      constraints: [],
      referencedBy: [],
    };
    tables.set(view, table);
  }
  return table;
}
