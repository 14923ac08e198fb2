// The functions that CREATE AGGREGATE names: found by name and the types that they will be called
// with, and judged as PostgreSQL's pg_aggregate.c does it (lookup_agg_function).

import {
  databaseError,
  type AggregateDefinition,
  type RoutineParameter,
  sqlType,
  TypeOid,
} from '#common';
import { functionRegistry, type FunctionSignature, typeResolution } from '#functions';
import { hasModule, userFunctions } from '#planner';
import { isPolymorphicType } from './routine-body.ts';
import type { DdlStatement } from './statement.ts';

/** An aggregate as far as its functions' types follow from it. */
export interface Shape {
  readonly name: string;
  readonly parameters: readonly RoutineParameter[];
  readonly aggregateKind: AggregateDefinition['aggregateKind'];
  readonly directCount: number;
}

interface Found {
  readonly oid: number;
  readonly resultType: number;
  readonly strict: boolean;
}

/** 42883, 42804. */
function findFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  types: readonly number[],
): Found {
  const text = `${parts.join('.')}(${types.map((type) => ddl.typeText(sqlType(type))).join(', ')})`;
  const found = lookUp(ddl, parts, types);
  if (found === undefined) {
    throw databaseError('undefinedFunction', `function ${text} does not exist`);
  }
  const { signature } = found;
  if (signature.returnsSet)
    throw databaseError('datatypeMismatch', `function ${text} returns a set`);
  signature.argumentTypes.forEach((declared, place) => {
    if (place < types.length && !isBinaryCoercible(types[place], declared))
      throw databaseError('datatypeMismatch', `function ${text} requires run-time type coercion`);
  });
  return { oid: signature.oid, resultType: found.resultType, strict: signature.strict };
}

function lookUp(
  ddl: DdlStatement,
  parts: readonly string[],
  types: readonly number[],
): { readonly signature: FunctionSignature; readonly resultType: number } | undefined {
  const name = parts.at(-1) ?? '';
  const schema = parts.at(-2);
  const users = userFunctions(schema, name, { context: ddl.bindContext });
  const userOnly = schema !== undefined && schema !== 'pg_catalog';
  const isKnown = (module: string): boolean => hasModule(ddl.catalog, module);
  const builtin = functionRegistry
    .functionsNamed(name)
    .filter(({ module }) => !userOnly && (module === undefined || isKnown(module)));
  const named = [...builtin, ...users];
  const exact = named.find(
    ({ argumentTypes }) =>
      argumentTypes.length === types.length &&
      argumentTypes.every((type, place) => type === types[place]),
  );
  if (exact !== undefined) return { signature: exact, resultType: exact.resultType };
  const resolved = typeResolution.resolveFunction({
    name,
    argumentTypes: types,
    userFunctions: users,
    userOnly,
    hasModule: isKnown,
  });
  return resolved.kind === 'function' && resolved.signature.kind === 'function'
    ? resolved
    : undefined;
}

/** Polymorphic types take anything; otherwise the bytes must be the same. */
function isBinaryCoercible(from: number, to: number): boolean {
  if (from === to || to === TypeOid.any || isPolymorphicType(to)) return true;
  return typeResolution.findCoercion(from, to, 'implicit').kind === 'relabel';
}

function typesOf(parameters: readonly RoutineParameter[]): number[] {
  return parameters.map(({ type }) => type);
}

/** The state, then the values of a row: for ordered sets those that are sorted. */
function stepTypes(shape: Shape, stateType: number): number[] {
  const all = typesOf(shape.parameters);
  if (shape.aggregateKind === 'normal') return [stateType, ...all];
  const sorted = shape.directCount < all.length ? all.slice(shape.directCount) : all.slice(-1);
  return [stateType, ...sorted];
}

export function stepFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  shape: Shape,
  state: { readonly stateType: number; readonly hasInitial: boolean },
): number {
  const types = stepTypes(shape, state.stateType);
  const found = findFunction(ddl, parts, types);
  requireResult(ddl, 'transition', parts, found, state.stateType);
  if (found.strict && !state.hasInitial) {
    const first = shape.parameters.at(shape.directCount)?.type;
    if (first === undefined || !isBinaryCoercible(first, state.stateType)) {
      throw databaseError(
        'invalidFunctionDefinition',
        'must not omit initial value when transition function is strict and transition type is not compatible with input type',
      );
    }
  }
  return found.oid;
}

export function inverseFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  shape: Shape,
  state: { readonly stateType: number; readonly stepOid: number },
): number {
  const found = findFunction(ddl, parts, stepTypes(shape, state.stateType));
  requireResult(ddl, 'inverse transition', parts, found, state.stateType);
  if (found.strict !== functionRegistry.functionByOid(state.stepOid)?.strict) {
    throw databaseError(
      'invalidFunctionDefinition',
      "strictness of aggregate's forward and inverse transition functions must match",
    );
  }
  return found.oid;
}

export function finalFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  shape: Shape,
  { stateType, extra }: { readonly stateType: number; readonly extra: boolean },
): Found {
  const all = typesOf(shape.parameters);
  const types = [stateType, ...(extra ? all : all.slice(0, shape.directCount))];
  const found = findFunction(ddl, parts, types);
  if (extra && found.strict) {
    throw databaseError(
      'invalidFunctionDefinition',
      'final function with extra arguments must not be declared STRICT',
    );
  }
  return found;
}

export function combineFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  stateType: number,
): number {
  const found = findFunction(ddl, parts, [stateType, stateType]);
  requireResult(ddl, 'combine', parts, found, stateType);
  if (stateType === TypeOid.internal && found.strict) {
    throw databaseError(
      'invalidFunctionDefinition',
      `combine function with transition type ${ddl.typeText(sqlType(stateType))} must not be declared STRICT`,
    );
  }
  return found.oid;
}

/** Both or neither, and only for states that have no SQL type. */
export function requireSerialization(
  ddl: DdlStatement,
  stateType: number,
  names: {
    readonly serialize: readonly string[] | undefined;
    readonly deserialize: readonly string[] | undefined;
  },
): { readonly serializeOid?: number; readonly deserializeOid?: number } {
  const { serialize, deserialize } = names;
  if (serialize === undefined && deserialize === undefined) return {};
  if (serialize === undefined || deserialize === undefined) {
    throw databaseError(
      'invalidFunctionDefinition',
      'must specify both or neither of serialization and deserialization functions',
    );
  }
  if (stateType !== TypeOid.internal) {
    throw databaseError(
      'invalidFunctionDefinition',
      'serialization functions may be specified only when the aggregate transition data type is internal',
    );
  }
  const out = findFunction(ddl, serialize, [TypeOid.internal]);
  requireResult(ddl, 'serialization', serialize, out, TypeOid.bytea);
  const back = findFunction(ddl, deserialize, [TypeOid.bytea, TypeOid.internal]);
  requireResult(ddl, 'deserialization', deserialize, back, TypeOid.internal);
  return { serializeOid: out.oid, deserializeOid: back.oid };
}

function requireResult(
  ddl: DdlStatement,
  what: string,
  parts: readonly string[],
  found: Found,
  type: number,
): void {
  if (found.resultType === type) return;
  throw databaseError(
    'datatypeMismatch',
    `return type of ${what} function ${parts.join('.')} is not ${ddl.typeText(sqlType(type))}`,
  );
}

/** 0: none is named. */
export function sortOperator(ddl: DdlStatement, shape: Shape, parts: readonly string[]): number {
  if (parts.length === 0) return 0;
  const [parameter] = shape.parameters;
  if (shape.parameters.length !== 1) {
    throw databaseError(
      'invalidFunctionDefinition',
      'sort operator can only be specified for single-argument aggregates',
    );
  }
  const { type } = parameter;
  const name = parts.at(-1) ?? '';
  const found = typeResolution.resolveOperator({
    name,
    left: type,
    right: type,
    hasModule: (module) => hasModule(ddl.catalog, module),
  });
  if (found.kind === 'operator') return found.signature.oid;
  const text = ddl.typeText(sqlType(type));
  throw databaseError('undefinedFunction', `operator does not exist: ${text} ${name} ${text}`);
}
