// CREATE [OR REPLACE] AGGREGATE (PostgreSQL's aggregatecmds.c and pg_aggregate.c): what the statement
// says, and the routine that comes of it. aggregate-functions.ts finds and judges the functions it names.

import type { DefElem, DefineStmt, Node, TypeName } from '@pgsql/types';
import {
  databaseError,
  type AggregateDefinition,
  type AggregateSteps,
  type RoutineDescriptor,
  type RoutineParameter,
  sqlType,
  typeByOid,
  typeInput,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import {
  bodyOf,
  definitionElements,
  elementText,
  listItems,
  resolveType,
  stringsOf,
} from '#planner';
import {
  combineFunction,
  finalFunction,
  inverseFunction,
  requireSerialization,
  type Shape,
  sortOperator,
  stepFunction,
} from './aggregate-functions.ts';
import { isPolymorphicType } from './routine-body.ts';
import { checkDetermined, checkReplacement, parameterList, routinePlace } from './routines.ts';
import type { DdlStatement } from './statement.ts';

/** Attributes in PostgreSQL's names, the older spellings included. */
const attributes: ReadonlyMap<string, string> = new Map(
  [
    'sfunc finalfunc combinefunc serialfunc deserialfunc msfunc minvfunc mfinalfunc finalfunc_extra',
    'mfinalfunc_extra finalfunc_modify mfinalfunc_modify sortop basetype hypothetical stype sspace',
    'mstype msspace initcond minitcond parallel',
  ]
    .join(' ')
    .split(' ')
    .map((name) => [name, name] as const)
    .concat([
      ['sfunc1', 'sfunc'],
      ['stype1', 'stype'],
      ['initcond1', 'initcond'],
    ]),
);

type Given = ReadonlyMap<string, DefElem>;

export function createAggregate(ddl: DdlStatement, statement: DefineStmt): string {
  const place = routinePlace(ddl, statement.defnames ?? []);
  const given = readAttributes(ddl, statement);
  const shape = { ...shapeOf(ddl, statement, given), name: place.name };
  if (truth(given, 'hypothetical')) {
    if (shape.aggregateKind === 'normal')
      throw invalid('only ordered-set aggregates can be hypothetical');
    shape.aggregateKind = 'hypothetical';
  }
  const definition = definitionOf(ddl, given, shape);
  const routine: RoutineDescriptor = {
    kind: 'routine',
    oid: 0,
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    routineKind: 'aggregate',
    language: 'internal',
    parameters: shape.parameters,
    resultType: definition.resultType,
    returnsSet: false,
    strict: false,
    volatility: 'immutable',
    securityDefiner: false,
    leakproof: false,
    parallel: parallelOf(given),
    cost: 1,
    rows: 0,
    body: 'aggregate_dummy',
    dependencies: dependenciesOf(shape.parameters, definition.aggregate),
    aggregate: definition.aggregate,
  };
  const old = checkReplacement(ddl, routine, statement.replace === true);
  ddl.put({ ...routine, ...(old ?? { oid: ddl.allocateOid() }) });
  return 'CREATE AGGREGATE';
}

function readAttributes(ddl: DdlStatement, statement: DefineStmt): Given {
  const given = new Map<string, DefElem>();
  for (const element of definitionElements(statement.definition)) {
    const name = attributes.get(element.defname ?? '');
    if (name === undefined) {
      ddl.warning(`aggregate attribute "${element.defname ?? ''}" not recognized`, '42601');
    } else given.set(name, element);
  }
  return given;
}

/** The parameters, and how many of them are direct ones. */
function shapeOf(
  ddl: DdlStatement,
  statement: DefineStmt,
  given: Given,
): Omit<Shape, 'name'> & { aggregateKind: AggregateDefinition['aggregateKind'] } {
  const base = given.get('basetype');
  if (statement.oldstyle === true) {
    if (base === undefined) throw invalid('aggregate input type must be specified');
    const isAny = elementText(base)?.toLowerCase() === 'any';
    const parameters: RoutineParameter[] = isAny
      ? []
      : [{ name: '', mode: 'in', type: typeGiven(ddl, base) }];
    return { parameters, aggregateKind: 'normal', directCount: 0 };
  }
  if (base !== undefined)
    throw invalid('basetype is redundant with aggregate input type specification');
  const [list, direct] = statement.args ?? [];
  const nodes = listItems(list).map((node) => bodyOf(node, 'FunctionParameter')!);
  const parameters = parameterList(ddl, nodes, 'aggregate');
  const directCount = bodyOf(direct, 'Integer')?.ival ?? 0;
  return directCount >= 0
    ? { parameters, aggregateKind: 'ordered', directCount }
    : { parameters, aggregateKind: 'normal', directCount: 0 };
}

function definitionOf(
  ddl: DdlStatement,
  given: Given,
  shape: Shape,
): { readonly aggregate: AggregateDefinition; readonly resultType: number } {
  requireGiven(given);
  const stateType = stateTypeOf(ddl, given, 'stype');
  requireSerialization(ddl, stateType, {
    serialize: functionName(given, 'serialfunc'),
    deserialize: functionName(given, 'deserialfunc'),
  });
  checkDetermined(stateType, shape.parameters, 'cannot determine transition data type');
  const plain = stepsOf(ddl, given, shape, { prefix: '', stateType });
  const isInternal = plain.resultType === TypeOid.internal;
  if (isInternal && !shape.parameters.some(({ type }) => type === TypeOid.internal)) {
    throw databaseError('invalidFunctionDefinition', 'unsafe use of pseudo-type "internal"', {
      detail: 'A function returning "internal" must have at least one "internal" argument.',
    });
  }
  const combine = functionName(given, 'combinefunc');
  const combineOid = combine === undefined ? undefined : combineFunction(ddl, combine, stateType);
  const serialize = requireSerialization(ddl, stateType, {
    serialize: functionName(given, 'serialfunc'),
    deserialize: functionName(given, 'deserialfunc'),
  });
  const moving = movingOf(ddl, given, shape, plain.resultType);
  const operator = sortOperator(ddl, shape, listNames(given.get('sortop')));
  return {
    resultType: plain.resultType,
    aggregate: {
      ...plain.steps,
      aggregateKind: shape.aggregateKind,
      directArgumentCount: shape.directCount,
      ...(combineOid === undefined ? {} : { combineOid }),
      ...serialize,
      ...(operator === 0 ? {} : { sortOperatorOid: operator }),
      ...(moving === undefined ? {} : { moving }),
    },
  };
}

function requireGiven(given: Given): void {
  if (!given.has('stype')) throw invalid('aggregate stype must be specified');
  if (!given.has('sfunc')) throw invalid('aggregate sfunc must be specified');
  if (given.has('mstype')) {
    for (const name of ['msfunc', 'minvfunc']) {
      if (!given.has(name))
        throw invalid(`aggregate ${name} must be specified when mstype is specified`);
    }
    return;
  }
  for (const name of ['msfunc', 'minvfunc', 'mfinalfunc', 'msspace', 'minitcond']) {
    if (given.has(name)) throw invalid(`aggregate ${name} must not be specified without mstype`);
  }
}

interface Way {
  /** m: the attributes of the moving-aggregate mode. */
  readonly prefix: '' | 'm';
  readonly stateType: number;
}

function stepsOf(
  ddl: DdlStatement,
  given: Given,
  shape: Shape,
  { prefix, stateType }: Way,
): { readonly steps: AggregateSteps; readonly resultType: number } {
  const initial = given.get(`${prefix}initcond`);
  const text = initial === undefined ? undefined : (elementText(initial) ?? '');
  if (text !== undefined && typeByOid(stateType)?.kind !== 'pseudo')
    typeInput(stateType)(text, -1, ddl.context.functions);
  const step = stepFunction(ddl, functionName(given, `${prefix}sfunc`)!, shape, {
    stateType,
    hasInitial: text !== undefined,
  });
  const extra = truth(given, `${prefix}finalfunc_extra`);
  const finish = functionName(given, `${prefix}finalfunc`);
  const final =
    finish === undefined
      ? { oid: 0, resultType: stateType }
      : finalFunction(ddl, finish, shape, { stateType, extra });
  checkDetermined(final.resultType, shape.parameters, 'cannot determine result data type');
  const space = Number(elementTextOf(given, `${prefix}sspace`) ?? 0);
  return {
    resultType: final.resultType,
    steps: {
      stepOid: step,
      stateType,
      finishOid: final.oid,
      ...(extra ? { finishExtra: true } : {}),
      finishModify: modifyOf(given, `${prefix}finalfunc_modify`, shape),
      ...(text === undefined ? {} : { initial: text }),
      ...(space === 0 ? {} : { stateSpace: space }),
    },
  };
}

function movingOf(
  ddl: DdlStatement,
  given: Given,
  shape: Shape,
  resultType: number,
): AggregateDefinition['moving'] {
  if (!given.has('mstype')) return undefined;
  const stateType = stateTypeOf(ddl, given, 'mstype');
  checkDetermined(stateType, shape.parameters, 'cannot determine transition data type');
  const { steps, resultType: movingResult } = stepsOf(ddl, given, shape, {
    prefix: 'm',
    stateType,
  });
  const inverse = functionName(given, 'minvfunc')!;
  const inverseOid = inverseFunction(ddl, inverse, shape, { stateType, stepOid: steps.stepOid });
  if (movingResult !== resultType) {
    const name = (type: number): string => ddl.typeText(sqlType(type));
    throw invalid(
      `moving-aggregate implementation returns type ${name(movingResult)}, but plain implementation returns type ${name(resultType)}`,
    );
  }
  return { ...steps, inverseOid };
}

/** A type that values can have, a polymorphic one, or internal. 42P13. */
function stateTypeOf(ddl: DdlStatement, given: Given, name: string): number {
  const type = typeGiven(ddl, given.get(name)!);
  const isValue = typeByOid(type)?.kind !== 'pseudo' || isPolymorphicType(type);
  const isAllowed = type === TypeOid.internal && ddl.context.currentRole.superuser;
  if (!isValue && !isAllowed) {
    throw invalid(`aggregate transition data type cannot be ${ddl.typeText(sqlType(type))}`);
  }
  return type;
}

function typeGiven(ddl: DdlStatement, element: DefElem): number {
  const node: Node | undefined = element.arg;
  const text = bodyOf(node, 'String')?.sval;
  const name: TypeName | undefined =
    text === undefined
      ? bodyOf(node, 'TypeName')
      : { names: [{ String: { sval: text } }], typemod: -1 };
  if (name === undefined)
    throw databaseError('syntaxError', `argument of ${element.defname} must be a type name`);
  return resolveType(name, ddl.bindContext, ddl.parsed).oid;
}

function functionName(given: Given, name: string): readonly string[] | undefined {
  const element = given.get(name);
  return element === undefined ? undefined : listNames(element);
}

/** A name that may be qualified, however the grammar took it. */
function listNames(element: DefElem | undefined): readonly string[] {
  if (element === undefined) return [];
  const type = bodyOf(element.arg, 'TypeName');
  if (type !== undefined) return stringsOf(type.names);
  const items = listItems(element.arg);
  return items.length > 0 ? stringsOf(items) : [elementText(element) ?? ''];
}

function elementTextOf(given: Given, name: string): string | undefined {
  const element = given.get(name);
  return element === undefined ? undefined : elementText(element);
}

function truth(given: Given, name: string): boolean {
  const element = given.get(name);
  if (element === undefined) return false;
  const text = elementText(element)?.toLowerCase() ?? 'true';
  if (['true', 'on', '1', 'yes'].includes(text)) return true;
  if (['false', 'off', '0', 'no'].includes(text)) return false;
  throw databaseError('syntaxError', `${name} requires a Boolean value`);
}

const modifications = { read_only: 'r', shareable: 's', read_write: 'w' } as const;

function modifyOf(given: Given, name: string, shape: Shape): 'r' | 's' | 'w' {
  const text = elementTextOf(given, name);
  if (text === undefined) return shape.aggregateKind === 'normal' ? 'r' : 'w';
  if (Object.hasOwn(modifications, text)) return modifications[text as keyof typeof modifications];
  throw databaseError(
    'syntaxError',
    `parameter "${name}" must be READ_ONLY, SHAREABLE, or READ_WRITE`,
  );
}

function parallelOf(given: Given): RoutineDescriptor['parallel'] {
  const text = elementTextOf(given, 'parallel') ?? 'unsafe';
  if (text === 'safe' || text === 'restricted' || text === 'unsafe') return text;
  throw databaseError('syntaxError', 'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE');
}

/** What DROP must know: functions and types that users have made. */
function dependenciesOf(
  parameters: readonly RoutineParameter[],
  definition: AggregateDefinition,
): readonly number[] {
  const { moving } = definition;
  const oids = [
    ...parameters.map(({ type }) => type),
    definition.stateType,
    definition.stepOid,
    definition.finishOid,
    definition.combineOid ?? 0,
    definition.serializeOid ?? 0,
    definition.deserializeOid ?? 0,
    ...(moving === undefined
      ? []
      : [moving.stateType, moving.stepOid, moving.inverseOid, moving.finishOid]),
  ];
  const users = oids
    .map((oid) => typeByOid(oid)?.elementOid || oid)
    .filter((oid) => functionRegistry.functionByOid(oid)?.routine !== undefined || oid >= 16384);
  return [...new Set(users)];
}

function invalid(message: string): Error {
  return databaseError('invalidFunctionDefinition', message);
}
