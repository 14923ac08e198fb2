// CREATE [OR REPLACE] FUNCTION and PROCEDURE.

import type { CreateFunctionStmt, FunctionParameter, Node, TypeName } from '@pgsql/types';
import {
  databaseError,
  inputParameters,
  outputName,
  outputParameters,
  type RoutineDescriptor,
  type RoutineParameter,
  sqlType,
  TypeOid,
  typeByOid,
  notSupported,
} from '#common';
import { routineTitle } from '../catalog/routine-name.ts';
import { bindTypeNode, bodyOf, stringsOf } from '#planner';
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
  const nodes = (statement.parameters ?? []).map((node) => bodyOf(node, 'FunctionParameter')!);
  const parameters = parameterList(ddl, nodes, isProcedure ? 'procedure' : 'function');
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
  if (isWindowFunction(statement)) refuseWindow(ddl, routine, statement.replace === true);
  const old = checkReplacement(ddl, routine, statement.replace === true);
  const kept = { ...routine, ...(old ?? { oid: ddl.allocateOid() }) };
  // It is there when its body is checked: a function may call itself.
  ddl.put(kept);
  const dependencies = checkRoutineBody(ddl, routine, statement.sql_body);
  ddl.put({ ...kept, dependencies: dependencies.filter((oid) => oid !== kept.oid) });
  return isProcedure ? 'CREATE PROCEDURE' : 'CREATE FUNCTION';
}

function isWindowFunction({ options = [] }: CreateFunctionStmt): boolean {
  return options.some((node) => bodyOf(node, 'DefElem')?.defname === 'window');
}

/** Only a function in C could read its window. 42809, 42723, 0A000. */
function refuseWindow(ddl: DdlStatement, routine: RoutineDescriptor, replaces: boolean): never {
  const old = checkReplacement(ddl, routine, replaces);
  if (old === undefined) throw notSupported('CREATE FUNCTION … WINDOW');
  throw databaseError('wrongObjectType', 'cannot change routine kind', {
    detail: `"${routine.name}" is a function.`,
  });
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

type DefinedKind = RoutineDescriptor['routineKind'];

/** What stands between the parentheses of a definition. 42P13. */
export function parameterList(
  ddl: DdlStatement,
  nodes: readonly FunctionParameter[],
  kind: DefinedKind,
): readonly RoutineParameter[] {
  const parameters = nodes.map((node) => parameterOf(ddl, node, kind));
  checkParameters(parameters, kind === 'procedure');
  return parameters;
}

function parameterOf(
  ddl: DdlStatement,
  node: FunctionParameter,
  kind: DefinedKind,
): RoutineParameter {
  const mode = parameterModes[node.mode ?? 'FUNC_PARAM_DEFAULT'];
  const refuse = (what: string): never => {
    throw databaseError('invalidFunctionDefinition', `${kind}s cannot ${what}`);
  };
  if (node.argType?.setof === true) refuse('accept set arguments');
  if (kind === 'aggregate' && mode !== 'in' && mode !== 'variadic') refuse('have output arguments');
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
  const isIn = ({ mode }: RoutineParameter): boolean => mode === 'in' || mode === 'variadic';
  const isOut = ({ mode }: RoutineParameter): boolean => mode === 'out' || mode === 'table';
  parameters.forEach((parameter, position) => {
    const { name } = parameter;
    if (name === '') return;
    // What only goes in may have the name of what only comes out.
    const isTwice = parameters.some(
      (other, at) =>
        at < position &&
        other.name === name &&
        !(isIn(parameter) && isOut(other)) &&
        !(isOut(parameter) && isIn(other)),
    );
    if (isTwice) refuse(`parameter name "${name}" used more than once`);
  });
}

/** A polymorphic result must follow from the arguments. */
export function checkDetermined(
  type: number,
  inputs: readonly RoutineParameter[],
  message = 'cannot determine result data type',
): void {
  const family = polymorphicFamilies.find(({ results }) => results.has(nameOf(type)));
  if (family === undefined || typeByOid(type)?.kind !== 'pseudo') return;
  if (inputs.some((input) => family.inputs.includes(nameOf(input.type)))) return;
  const listed =
    family.inputs.length === 2
      ? family.inputs.join(' or ')
      : `${family.inputs.slice(0, -1).join(', ')}, or ${family.inputs.at(-1)}`;
  throw databaseError('invalidFunctionDefinition', message, {
    detail: `A result of type ${nameOf(type)} requires at least one input of type ${listed}.`,
  });
}

function nameOf(type: number): string {
  return typeByOid(type)?.name ?? '';
}

/** Which inputs determine a polymorphic result. A range does not follow from its elements. */
const polymorphicFamilies: readonly {
  readonly results: ReadonlySet<string>;
  readonly inputs: readonly string[];
}[] = ['any', 'anycompatible'].flatMap((prefix) => {
  const ranges = [`${prefix}range`, `${prefix}multirange`];
  const element = prefix === 'any' ? 'anyelement' : prefix;
  const enums = prefix === 'any' ? ['anyenum'] : [];
  const others = [element, `${prefix}array`, `${prefix}nonarray`, ...enums];
  return [
    { results: new Set(ranges), inputs: ranges },
    { results: new Set(others), inputs: [...others, ...ranges] },
  ];
});

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

/** What stays when a routine is defined anew. */
type Kept = Pick<RoutineDescriptor, 'oid' | 'owner' | 'comment' | 'acl'>;

/**
 * The routine that has the name and the inputs already, if there is one: CREATE OR REPLACE changes
 * neither what calls rely on nor the kind. 42723, 42P13, 42809.
 */
export function checkReplacement(
  ddl: DdlStatement,
  routine: RoutineDescriptor,
  replace: boolean,
): Kept | undefined {
  const old = ddl.catalog
    .routinesNamed(routine.name)
    .find((each) => each.schemaOid === routine.schemaOid && sameInputs(each, routine));
  ddl.changes.lockName(`routine ${routine.schemaOid}`, routine.name);
  if (old === undefined) return undefined;
  if (!replace) {
    throw databaseError(
      'duplicateFunction',
      `function "${routine.name}" already exists with same argument types`,
    );
  }
  ddl.requireOwner(routine.routineKind, old);
  checkKind(old, routine);
  checkSameCalls(ddl, old, routine);
  return {
    oid: old.oid,
    owner: old.owner,
    ...(old.comment === undefined ? {} : { comment: old.comment }),
    ...(old.acl === undefined ? {} : { acl: old.acl }),
  };
}

const kindTitles = {
  function: 'a function',
  procedure: 'a procedure',
  aggregate: 'an aggregate function',
} as const;
const aggregateTitles = {
  normal: 'an ordinary aggregate function',
  ordered: 'an ordered-set aggregate',
  hypothetical: 'a hypothetical-set aggregate',
} as const;

function checkKind(old: RoutineDescriptor, routine: RoutineDescriptor): void {
  const isAggregate = old.aggregate !== undefined && routine.aggregate !== undefined;
  const isSame = isAggregate
    ? old.aggregate.aggregateKind === routine.aggregate.aggregateKind
    : old.routineKind === routine.routineKind;
  if (!isSame) {
    const title = isAggregate
      ? aggregateTitles[old.aggregate.aggregateKind]
      : kindTitles[old.routineKind];
    throw databaseError('wrongObjectType', 'cannot change routine kind', {
      detail: `"${old.name}" is ${title}.`,
    });
  }
  if (isAggregate && old.aggregate.directArgumentCount !== routine.aggregate.directArgumentCount) {
    throw databaseError(
      'invalidFunctionDefinition',
      'cannot change number of direct arguments of an aggregate function',
    );
  }
}

function checkSameCalls(
  ddl: DdlStatement,
  old: RoutineDescriptor,
  routine: RoutineDescriptor,
): void {
  const names = new CatalogNames(ddl.catalog, ddl.context.searchPath);
  const noun = routine.routineKind;
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
    outputParameters(each)
      .map((parameter, ordinal) => `${outputName(parameter, ordinal)} ${parameter.type}`)
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
