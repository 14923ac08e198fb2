// Functions that users have made, in the binder: which of them a name can mean along the search path,
// and the defaults of their parameters.

import {
  inputParameters,
  sqlType,
  TypeOid,
  type Expression,
  type RoutineDescriptor,
  type SqlType,
} from '#common';
import {
  functionRegistry,
  isPolymorphic,
  routineSignature,
  type FunctionSignature,
} from '#functions';
import { coerceToTarget } from './coercion.ts';
import type { Binder } from './context.ts';
import { constant } from './expression-build.ts';
import { bindStoredText } from './stored-expression.ts';

/** Signatures by name: of one schema, or of all along the search path, hidden ones left out. */
export function userFunctions(
  schema: string | undefined,
  name: string,
  binder: Pick<Binder, 'context'>,
): readonly FunctionSignature[] {
  const { catalog } = binder.context;
  // Stored definitions name routines by oid: pg_catalog."16384".
  if (schema === 'pg_catalog' && /^\d+$/.test(name)) {
    const routine = catalog.routineByOid(Number(name));
    if (routine !== undefined) return [routineSignature(routine)];
    const brought = functionRegistry.functionByOid(Number(name));
    return brought?.module === undefined ? [] : [brought];
  }
  const routines = catalog.routinesNamed(name);
  if (routines.length === 0) return [];
  const seen = new Set<string>();
  return searchedSchemas(schema, binder.context.searchPath).flatMap((schemaName) => {
    const schemaOid = catalog.findSchema(schemaName)?.oid;
    return routines
      .filter((routine) => routine.schemaOid === schemaOid && isFirst(routine, seen))
      .map(routineSignature);
  });
}

/** Routines that are temporary are found only where pg_temp is written (namespace.c). */
function searchedSchemas(
  schema: string | undefined,
  searchPath: readonly string[],
): readonly string[] {
  const isTemporary = (name: string): boolean => name.startsWith('pg_temp_');
  if (schema === undefined) return searchPath.filter((name) => !isTemporary(name));
  return schema === 'pg_temp' ? searchPath.filter(isTemporary) : [schema];
}

function isFirst(routine: RoutineDescriptor, seen: Set<string>): boolean {
  const types = inputParameters(routine)
    .map((parameter) => parameter.type)
    .join(',');
  if (seen.has(types)) return false;
  seen.add(types);
  return true;
}

/** The default of an input parameter as an argument of a call. */
export function routineDefault(
  routine: RoutineDescriptor,
  place: number,
  type: SqlType,
  binder: Binder,
): Expression {
  const parameter = inputParameters(routine)[place];
  const stored = parameter?.default;
  if (parameter === undefined || stored === undefined)
    return constant(null, sqlType(TypeOid.unknown));
  const bound = bindStoredText(binder, stored.sql, { place: 'columnDefault' });
  // An untyped literal takes the type that a polymorphic parameter has in the call.
  const isUntyped =
    isPolymorphic(parameter.type) && bound.kind === 'constant' && bound.type.oid === TypeOid.text;
  const value = isUntyped ? { ...bound, type: sqlType(TypeOid.unknown) } : bound;
  return coerceToTarget(value, type, 'assignment', binder) ?? value;
}
