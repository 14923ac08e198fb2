// CREATE [OR REPLACE] FUNCTION and PROCEDURE.

import type { CreateFunctionStmt, FunctionParameter, Node, TypeName } from '@pgsql/types';
import {
  databaseError,
  inputParameters,
  type RoutineDescriptor,
  type RoutineParameter,
  sqlType,
  TypeOid,
  typeByOid,
} from '#common';
import { bindTypeNode, bodyOf, stringsOf } from '#planner';
import { routineTitle } from '../catalog/routine-text.ts';
import { CatalogNames } from '../catalog/names.ts';
import { routineOptions } from './routine-options.ts';
import { checkRoutineBody } from './routine-body.ts';
import { checkWritableSchema, type DdlStatement, type NameInSchema } from './statement.ts';
import { bindStored } from './stored-expression.ts';

const parameterModes = {
  FUNC_PARAM_IN: 'in',
  FUNC_PARAM_OUT: 'out',
  FUNC_PARAM_INOUT: 'inout',
  FUNC_PARAM_VARIADIC: 'variadic',
  FUNC_PARAM_TABLE: 'table',
  FUNC_PARAM_DEFAULT: 'in',
} as const;

export function createFunction(ddl: DdlStatement, statement: CreateFunctionStmt): string {
  const isProcedure = statement.is_procedure === true;
  const place = routinePlace(ddl, statement.funcname ?? []);
  const parameters = (statement.parameters ?? []).map((node) =>
    parameterOf(ddl, bodyOf(node, 'FunctionParameter')!, isProcedure),
  );
  checkParameters(parameters, isProcedure);
  const result = resultOf(ddl, statement, parameters, isProcedure);
  const options = routineOptions(ddl, statement, { returnsSet: result.returnsSet, isProcedure });
  const routine: RoutineDescriptor = {
    kind: 'routine',
    oid: 0,
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    routineKind: isProcedure ? 'procedure' : 'function',
    parameters,
    resultType: result.type,
    returnsSet: result.returnsSet,
    dependencies: [],
    ...options,
  };
  const old = ddl.catalog
    .routinesNamed(routine.name)
    .find((each) => each.schemaOid === routine.schemaOid && sameInputs(each, routine));
  ddl.changes.lockName(`routine ${place.schema.oid}`, place.name);
  if (old !== undefined) checkReplacement(ddl, old, routine, statement.replace === true);
  const dependencies = checkRoutineBody(ddl, routine, statement.sql_body);
  ddl.put({
    ...routine,
    dependencies,
    ...(old === undefined
      ? { oid: ddl.allocateOid() }
      : {
          oid: old.oid,
          owner: old.owner,
          ...(old.comment === undefined ? {} : { comment: old.comment }),
          ...(old.acl === undefined ? {} : { acl: old.acl }),
        }),
  });
  return isProcedure ? 'CREATE PROCEDURE' : 'CREATE FUNCTION';
}

/** The schema that a possibly qualified name puts a routine in. */
export function routinePlace(ddl: DdlStatement, nodes: readonly Node[]): NameInSchema {
  const parts = stringsOf(nodes);
  const schema = ddl.creationSchema(parts.at(-2));
  const name = parts.at(-1) ?? '';
  checkWritableSchema(schema, name);
  return { schema, name };
}

export function sameInputs(left: RoutineDescriptor, right: RoutineDescriptor): boolean {
  const types = (routine: RoutineDescriptor): string =>
    inputParameters(routine)
      .map((parameter) => parameter.type)
      .join();
  return types(left) === types(right);
}

function parameterOf(
  ddl: DdlStatement,
  node: FunctionParameter,
  isProcedure: boolean,
): RoutineParameter {
  const mode = parameterModes[node.mode ?? 'FUNC_PARAM_DEFAULT'];
  if (node.argType?.setof === true) {
    throw databaseError(
      'invalidFunctionDefinition',
      `${isProcedure ? 'procedures' : 'functions'} cannot accept set arguments`,
    );
  }
  const type = typeOf(ddl, node.argType!);
  if (node.defexpr === undefined) return { name: node.name ?? '', mode, type };
  if (mode === 'out' || mode === 'table') {
    throw databaseError(
      'invalidFunctionDefinition',
      'only input parameters can have default values',
    );
  }
  const column = { name: node.name ?? '', type: sqlType(type) };
  const isPolymorphic = typeByOid(type)?.kind === 'pseudo';
  const { stored } = bindStored(ddl, node.defexpr, {
    place: 'columnDefault',
    ...(isPolymorphic ? {} : { column }),
  });
  return { name: node.name ?? '', mode, type, default: stored };
}

/** The type of a parameter or a result; a notice for what %TYPE means now. */
export function typeOf(ddl: DdlStatement, name: TypeName): number {
  const { oid } = bindTypeNode(name, ddl.bindContext);
  if (name.pct_type === true) {
    const text = `${stringsOf(name.names).join('.')}%TYPE`;
    ddl.notice(`type reference ${text} converted to ${ddl.typeText(sqlType(oid))}`);
  }
  return oid;
}

function checkParameters(parameters: readonly RoutineParameter[], isProcedure: boolean): void {
  const refuse = (message: string): never => {
    throw databaseError('invalidFunctionDefinition', message);
  };
  const inputs = parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table');
  let hasDefault = false;
  for (const parameter of inputs) {
    if (parameter.default !== undefined) hasDefault = true;
    else if (hasDefault && parameter.mode !== 'variadic')
      refuse('input parameters after one with a default value must also have defaults');
  }
  const variadic = parameters.findIndex(({ mode }) => mode === 'variadic');
  if (variadic >= 0) {
    const after = parameters
      .slice(variadic + 1)
      .filter(({ mode }) => mode !== 'table' && (isProcedure || mode !== 'out'));
    if (after.length > 0) {
      refuse(
        isProcedure
          ? 'VARIADIC parameter must be the last parameter'
          : 'VARIADIC parameter must be the last input parameter',
      );
    }
    const type = typeByOid(parameters[variadic].type);
    const isArray =
      type?.category === 'A' ||
      [TypeOid.any, TypeOid.anyarray, TypeOid.anycompatiblearray].includes(
        parameters[variadic].type as 2276,
      );
    if (!isArray) refuse('VARIADIC parameter must be an array');
  }
  checkNames(parameters, refuse);
  const polymorphic = parameters.filter(({ mode }) => mode === 'out' || mode === 'table');
  if (parameters.length > 100) refuse('functions cannot have more than 100 arguments');
  for (const parameter of polymorphic) checkDetermined(parameter.type, inputs);
}

function checkNames(
  parameters: readonly RoutineParameter[],
  refuse: (message: string) => never,
): void {
  parameters.forEach((parameter, position) => {
    const { name } = parameter;
    if (name === '') return;
    const isTwice = parameters.some((other, at) => at < position && other.name === name);
    if (isTwice) refuse(`parameter name "${name}" used more than once`);
  });
}

/** A polymorphic result must follow from the arguments. */
function checkDetermined(type: number, inputs: readonly RoutineParameter[]): void {
  const name = typeByOid(type)?.name ?? '';
  if (typeByOid(type)?.kind !== 'pseudo' || !name.startsWith('any') || name === 'any') return;
  const family = name.startsWith('anycompatible') ? 'anycompatible' : 'any';
  const determines = inputs.some((input) => {
    const inputName = typeByOid(input.type)?.name ?? '';
    if (typeByOid(input.type)?.kind !== 'pseudo') return false;
    if (family === 'anycompatible') return inputName.startsWith('anycompatible');
    return (
      inputName.startsWith('any') && !inputName.startsWith('anycompatible') && inputName !== 'any'
    );
  });
  if (determines) return;
  throw databaseError('invalidFunctionDefinition', 'cannot determine result data type', {
    detail:
      family === 'anycompatible'
        ? `A result of type ${name} requires at least one input of type anycompatible, anycompatiblearray, anycompatiblenonarray, anycompatiblerange, or anycompatiblemultirange.`
        : `A result of type ${name} requires at least one input of type anyelement, anyarray, anynonarray, anyenum, anyrange, or anymultirange.`,
  });
}

function resultOf(
  ddl: DdlStatement,
  statement: CreateFunctionStmt,
  parameters: readonly RoutineParameter[],
  isProcedure: boolean,
): { readonly type: number; readonly returnsSet: boolean } {
  const outputs = parameters.filter(({ mode }) => mode !== 'in' && mode !== 'variadic');
  const fromOutputs = outputs.length === 1 ? outputs[0].type : TypeOid.record;
  if (isProcedure) {
    return { type: outputs.length === 0 ? TypeOid.void : TypeOid.record, returnsSet: false };
  }
  const declared = statement.returnType;
  const isTable = parameters.some(({ mode }) => mode === 'table');
  if (declared === undefined && !isTable) {
    if (outputs.length > 0) return { type: fromOutputs, returnsSet: false };
    throw databaseError('invalidFunctionDefinition', 'function result type must be specified');
  }
  if (isTable) return { type: fromOutputs, returnsSet: true };
  const type = typeOf(ddl, declared!);
  if (outputs.length > 0 && type !== fromOutputs) {
    throw databaseError(
      'invalidFunctionDefinition',
      `function result type must be ${ddl.typeText(sqlType(fromOutputs))} because of OUT parameters`,
    );
  }
  if (outputs.length === 0) {
    checkDetermined(
      type,
      parameters.filter(({ mode }) => mode !== 'out'),
    );
  }
  return { type, returnsSet: declared!.setof === true };
}

/** CREATE OR REPLACE changes neither what calls rely on nor the kind. 42723, 42P13, 42809. */
function checkReplacement(
  ddl: DdlStatement,
  old: RoutineDescriptor,
  routine: RoutineDescriptor,
  replace: boolean,
): void {
  const names = new CatalogNames(ddl.catalog, ddl.context.searchPath);
  const noun = routine.routineKind;
  if (!replace) {
    throw databaseError(
      'duplicateFunction',
      `function "${routine.name}" already exists with same argument types`,
    );
  }
  ddl.requireOwner(noun, old);
  if (old.routineKind !== routine.routineKind) {
    throw databaseError('wrongObjectType', 'cannot change routine kind', {
      detail: `"${old.name}" is ${old.routineKind === 'aggregate' ? 'an aggregate function' : `a ${old.routineKind}`}.`,
    });
  }
  const drop = `Use DROP ${noun.toUpperCase()} ${routineTitle(names, old)} first.`;
  const refuse = (message: string, detail?: string): never => {
    throw databaseError('invalidFunctionDefinition', message, {
      hint: drop,
      ...(detail === undefined ? {} : { detail }),
    });
  };
  if (old.resultType !== routine.resultType || old.returnsSet !== routine.returnsSet) {
    refuse(
      noun === 'procedure'
        ? 'cannot change whether a procedure has output parameters'
        : 'cannot change return type of existing function',
    );
  }
  const outputs = (each: RoutineDescriptor): string =>
    each.parameters
      .filter(({ mode }) => mode !== 'in' && mode !== 'variadic')
      .map(({ name, type }) => `${name} ${type}`)
      .join();
  if (routine.resultType === TypeOid.record && outputs(old) !== outputs(routine)) {
    refuse(
      'cannot change return type of existing function',
      'Row type defined by OUT parameters is different.',
    );
  }
  const oldInputs = inputParameters(old);
  inputParameters(routine).forEach((parameter, position) => {
    const { name } = oldInputs[position];
    if (name !== '' && name !== parameter.name)
      refuse(`cannot change name of input parameter "${name}"`);
    if (oldInputs[position].default !== undefined && parameter.default === undefined)
      refuse('cannot remove parameter defaults from existing function');
  });
}
