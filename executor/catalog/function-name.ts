// The function that a text names for regproc and regprocedure: by name, or with the types of its
// parameters.

import { databaseError, inputParameters } from '#common';
import { functionRegistry } from '#functions';
import { hasModule, isModuleSchema } from '#planner';
import { type CatalogNames, splitName } from './names.ts';

/** undefined: there is none. 42725: several have the name. */
export function functionNamed(names: CatalogNames, text: string): number | undefined {
  const open = text.indexOf('(');
  const parts = splitName(open < 0 ? text : text.slice(0, open));
  const types = open < 0 ? undefined : typesOf(names, text.slice(open + 1, text.lastIndexOf(')')));
  if (open >= 0 && types === undefined) return undefined;
  const candidates = candidatesOf(names, parts).filter(
    (candidate) => types === undefined || candidate.types.join() === types.join(),
  );
  if (types === undefined && candidates.length > 1) {
    throw databaseError('ambiguousFunction', `more than one function named "${text}"`);
  }
  return candidates[0]?.oid;
}

/** By exactly these types. */
export function functionWith(
  names: CatalogNames,
  parts: readonly string[],
  types: readonly number[],
): number | undefined {
  return candidatesOf(names, parts).find((each) => each.types.join() === types.join())?.oid;
}

function typesOf(names: CatalogNames, list: string): readonly number[] | undefined {
  if (list.trim() === '') return [];
  const oids: number[] = [];
  for (const text of list.split(',')) {
    const oid = names.typeOid(text.trim());
    if (oid === undefined) {
      throw databaseError('undefinedObject', `type "${text.trim()}" does not exist`);
    }
    oids.push(oid);
  }
  return oids;
}

interface Candidate {
  readonly oid: number;
  readonly types: readonly number[];
}

function candidatesOf(names: CatalogNames, parts: readonly string[]): readonly Candidate[] {
  const name = parts.at(-1)!;
  const schema = parts.at(-2);
  const path = schema === undefined ? names.searchPath : [schema];
  const isBuiltin = schema === undefined || schema === 'pg_catalog';
  const builtin = functionRegistry
    .functionsNamed(name)
    .filter(({ module }) =>
      module === undefined
        ? isBuiltin
        : schema === undefined
          ? hasModule(names.catalog, module)
          : isModuleSchema(names.catalog, module, schema),
    );
  const users = path.flatMap((each) => {
    const schemaOid = names.catalog.findSchema(each)?.oid;
    return names.catalog
      .routinesNamed(name)
      .filter((routine) => routine.schemaOid === schemaOid)
      .map((routine) => ({
        oid: routine.oid,
        types: inputParameters(routine).map((parameter) => parameter.type),
      }));
  });
  return [...builtin.map(({ oid, argumentTypes }) => ({ oid, types: argumentTypes })), ...users];
}
