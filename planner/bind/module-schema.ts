// Which contrib modules a database has, and where their objects are found when a schema is written: in
// that of the extension.

import { moduleOfType, type RegisteredType, registeredTypeByName } from '#common';
import type { Catalog } from '../catalog.ts';

type Extensions = Pick<Catalog, 'entries'>;

export function hasModule(catalog: Extensions, module: string): boolean {
  return catalog.entries('extension').some(({ name }) => name === module);
}

/** The schema of a module's extension; undefined: it is not installed. */
export function moduleSchemaOid(catalog: Extensions, module: string): number | undefined {
  return catalog.entries('extension').find(({ name }) => name === module)?.definition.schema;
}

/** Is the module's extension in the schema? */
export function isModuleSchema(
  catalog: Pick<Catalog, 'entries' | 'findSchema'>,
  module: string | undefined,
  schema: string,
): boolean {
  if (module === undefined) return false;
  const oid = moduleSchemaOid(catalog, module);
  return oid !== undefined && catalog.findSchema(schema)?.oid === oid;
}

/** A type that a module brings which the database has, in a schema when one is written. */
export function moduleTypeNamed(
  catalog: Pick<Catalog, 'entries' | 'findSchema'>,
  name: string,
  schema?: string,
): RegisteredType | undefined {
  const type = registeredTypeByName(name);
  const module = type === undefined ? undefined : moduleOfType(type.oid);
  if (module === undefined) return undefined;
  const isKnown =
    schema === undefined ? hasModule(catalog, module) : isModuleSchema(catalog, module, schema);
  return isKnown ? type : undefined;
}
