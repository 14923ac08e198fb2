// Names of routines as SQL would have to write them here.

import { inputParameters, quoteIdentifier, type RoutineDescriptor } from '#common';
import { functionRegistry } from '#functions';
import { moduleSchemaOid } from '#planner';
import type { CatalogNames } from './names.ts';

/** Would the name alone, with these types, mean the routine? */
export function isRoutineVisible(names: CatalogNames, routine: RoutineDescriptor): boolean {
  const types = typesKey(routine);
  for (const schemaName of names.searchPath) {
    const schemaOid = names.catalog.findSchema(schemaName)?.oid;
    if (schemaOid === routine.schemaOid) return true;
    const hides = names.catalog
      .routinesNamed(routine.name)
      .some((other) => other.schemaOid === schemaOid && typesKey(other) === types);
    if (hides) return false;
  }
  return false;
}

function typesKey(routine: RoutineDescriptor): string {
  return inputParameters(routine)
    .map((parameter) => parameter.type)
    .join(',');
}

/** Qualified where the search path would not find it. */
export function routineName(names: CatalogNames, routine: RoutineDescriptor): string {
  const name = quoteIdentifier(routine.name);
  return isRoutineVisible(names, routine) ? name : `${schemaName(names, routine)}.${name}`;
}

/** A function of a contrib module, by the schema of its extension where that is not searched. */
export function moduleFunctionName(names: CatalogNames, oid: number): string | undefined {
  const signature = functionRegistry.functionByOid(oid);
  if (signature?.module === undefined) return undefined;
  const name = quoteIdentifier(signature.name);
  const schemaOid = moduleSchemaOid(names.catalog, signature.module);
  const schema = names.catalog.schemaByOid(schemaOid ?? 0)?.name;
  if (schema === undefined || names.searchPath.includes(schema)) return name;
  return `${quoteIdentifier(schema)}.${name}`;
}

/** The schema of a routine, quoted where it must be. */
export function schemaName(names: CatalogNames, routine: RoutineDescriptor): string {
  return quoteIdentifier(names.catalog.schemaByOid(routine.schemaOid)?.name ?? '');
}

/** f(integer,text): regprocedure's output. */
export function routineTitle(names: CatalogNames, routine: RoutineDescriptor): string {
  const types = inputParameters(routine).map(
    (parameter) => names.plainTypeName(parameter.type) ?? '???',
  );
  return `${routineName(names, routine)}(${types.join(',')})`;
}
