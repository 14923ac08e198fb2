// Where the objects of contrib modules are found when a schema is written: in that of the extension.

import type { Binder } from './context.ts';

/** Is the module's extension in the schema? */
export function isModuleSchema(
  binder: Binder,
  module: string | undefined,
  schema: string,
): boolean {
  if (module === undefined) return false;
  const { catalog } = binder.context;
  const found = catalog.findSchema(schema);
  return catalog
    .entries('extension')
    .some(({ name, definition }) => name === module && definition.schema === found?.oid);
}
