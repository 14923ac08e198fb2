// Routines as DROP, ALTER, COMMENT and GRANT name them: by name alone where it is the only one, or with
// the types of their parameters.

import type { Node, ObjectWithArgs } from '@pgsql/types';
import { databaseError, type ErrorFields, inputParameters, type RoutineDescriptor } from '#common';
import { bindTypeNode, bodyOf, stringsOf } from '#planner';
import type { DdlStatement } from './statement.ts';

export type RoutineNoun = 'function' | 'procedure' | 'routine' | 'aggregate';

export const routineNouns: Readonly<Record<string, RoutineNoun>> = {
  OBJECT_FUNCTION: 'function',
  OBJECT_PROCEDURE: 'procedure',
  OBJECT_ROUTINE: 'routine',
  OBJECT_AGGREGATE: 'aggregate',
};

/** undefined: it does not exist, and that is fine. 42883, 42725, 42809. */
export function findRoutine(
  ddl: DdlStatement,
  node: Node | undefined,
  noun: RoutineNoun,
  missingOk = false,
): RoutineDescriptor | undefined {
  const object = bodyOf(node, 'ObjectWithArgs')!;
  const parts = stringsOf(object.objname);
  const name = parts.join('.');
  const candidates = visible(ddl, parts);
  const isGiven = object.args_unspecified !== true;
  let found: readonly RoutineDescriptor[];
  let shown = name;
  if (isGiven) {
    const types = argumentTypes(ddl, object);
    const texts = types.map((oid) => ddl.typeText({ oid, typmod: -1 }));
    shown = `${name}(${noun === 'aggregate' && texts.length === 0 ? '*' : texts.join(', ')})`;
    found = matching(candidates, object, types);
    if (found.length > 1) throw notUnique(noun, name);
  } else {
    const ofKind = candidates.filter((each) => noun === 'routine' || each.routineKind === noun);
    found = ofKind.length > 0 ? ofKind : candidates;
    if (found.length > 1) {
      throw notUnique(noun, name, {
        hint: `Specify the argument list to select the ${noun} unambiguously.`,
      });
    }
  }
  const [routine] = found;
  if (routine === undefined) {
    if (!missingOk) {
      throw databaseError(
        'undefinedFunction',
        isGiven
          ? `${noun} ${shown} does not exist`
          : `could not find ${articled(noun)} named "${name}"`,
      );
    }
    ddl.notice(
      `${noun} ${isGiven ? asWritten(name, object) : `${name}()`} does not exist, skipping`,
    );
    return undefined;
  }
  // An aggregate is a function, except to DROP.
  const isAggregate = routine.routineKind === 'aggregate' && noun === 'function';
  if (noun !== 'routine' && routine.routineKind !== noun && !isAggregate) {
    const title = isGiven ? shown : name;
    throw databaseError(
      'wrongObjectType',
      noun === 'aggregate' ? `function ${title} is not an aggregate` : `${title} is not a ${noun}`,
    );
  }
  return routine;
}

/** Types as the statement names them, without their schema. */
function asWritten(name: string, object: ObjectWithArgs): string {
  const types = (object.objargs ?? []).map((node) => {
    const type = bodyOf(node, 'TypeName')!;
    const brackets = '[]'.repeat(type.arrayBounds?.length ?? 0);
    return `${stringsOf(type.names)
      .filter((part, place, all) => place > 0 || all.length === 1 || part !== 'pg_catalog')
      .join('.')}${brackets}`;
  });
  return `${name}(${types.join(',')})`;
}

function articled(noun: RoutineNoun): string {
  return noun === 'aggregate' ? 'an aggregate' : `a ${noun}`;
}

function visible(ddl: DdlStatement, parts: readonly string[]): readonly RoutineDescriptor[] {
  const routines = ddl.catalog.routinesNamed(parts.at(-1) ?? '');
  return ddl.routineSchemas(parts.at(-2)).flatMap((schema) => {
    const schemaOid = ddl.catalog.findSchema(schema)?.oid;
    return routines.filter((routine) => routine.schemaOid === schemaOid);
  });
}

function argumentTypes(ddl: DdlStatement, object: ObjectWithArgs): number[] {
  return (object.objargs ?? []).map(
    (node) => bindTypeNode(bodyOf(node, 'TypeName')!, ddl.bindContext).oid,
  );
}

function notUnique(noun: RoutineNoun, name: string, fields: ErrorFields = {}): Error {
  return databaseError('ambiguousFunction', `${noun} name "${name}" is not unique`, fields);
}

/**
 * By the input parameters, as PostgreSQL has it; a procedure whose parameters are listed without modes
 * also by all of them, as the standard has it. Several: found both ways.
 */
function matching(
  candidates: readonly RoutineDescriptor[],
  object: ObjectWithArgs,
  types: readonly number[],
): readonly RoutineDescriptor[] {
  const matches = (parameters: readonly { readonly type: number }[]): boolean =>
    parameters.length === types.length &&
    parameters.every((parameter, position) => parameter.type === types[position]);
  const isByAll = (object.objfuncargs ?? []).every(
    (node) => (bodyOf(node, 'FunctionParameter')?.mode ?? byDefault) === byDefault,
  );
  const byInputs = candidates.find((each) => matches(inputParameters(each)));
  const byAll = candidates.filter(
    (each) =>
      isByAll &&
      each.routineKind === 'procedure' &&
      matches(each.parameters.filter(({ mode }) => mode !== 'table')),
  );
  return [...new Set(byInputs === undefined ? byAll : [byInputs, ...byAll])];
}

const byDefault = 'FUNC_PARAM_DEFAULT';
