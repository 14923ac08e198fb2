// Functions that users have made, as the registry shows them: signatures from the catalog's
// descriptors, and implementations that hand the call to whoever runs routines for the session.

import {
  type Datum,
  elementTypeOf,
  inputParameters,
  notSupported,
  outputParameters,
  registeredRoutine,
  type RoutineDescriptor,
  TypeOid,
} from '#common';
import type {
  CallTypes,
  FunctionContext,
  FunctionRegistry,
  FunctionSignature,
  RoutineCalls,
  ScalarImplementation,
  SetImplementation,
} from './contract.ts';
import {
  type FunctionEstimate,
  functionEstimates,
  internalFunction,
  leakproofFunctions,
} from './facts/facts.ts';

const signatures = new WeakMap<RoutineDescriptor, FunctionSignature>();

/** What pg_proc says of a routine. */
export function routineSignature(routine: RoutineDescriptor): FunctionSignature {
  let signature = signatures.get(routine);
  if (signature === undefined) {
    signature = describe(routine);
    signatures.set(routine, signature);
  }
  return signature;
}

function describe(routine: RoutineDescriptor): FunctionSignature {
  // CALL gives an argument for every parameter.
  const isProcedure = routine.routineKind === 'procedure';
  const inputs = isProcedure ? routine.parameters : inputParameters(routine);
  const outputs = outputParameters(routine);
  const variadic = inputs.find((parameter) => parameter.mode === 'variadic');
  const { aggregate } = routine;
  return {
    oid: routine.oid,
    name: routine.name,
    kind: routine.routineKind,
    argumentTypes: inputs.map((parameter) => parameter.type),
    defaultCount: inputs.filter((parameter) => parameter.default !== undefined).length,
    variadic: variadic === undefined ? 0 : variadicElement(variadic.type),
    argumentNames: inputs.map((parameter) => parameter.name),
    resultType: routine.resultType,
    returnsSet: routine.returnsSet,
    strict: routine.strict,
    volatility: routine.volatility,
    outColumns:
      routine.resultType === TypeOid.record || outputs.length === 1
        ? outputs.map(({ name, type }, position) => ({
            name: name === '' ? `column${position + 1}` : name,
            type,
          }))
        : [],
    defaults: [],
    implementation: '',
    aggregateKind: aggregate?.aggregateKind,
    directArgumentCount: aggregate?.directArgumentCount ?? 0,
    routine,
  };
}

function variadicElement(type: number): number {
  if (type === TypeOid.any) return TypeOid.any;
  if (type === TypeOid.anyarray) return TypeOid.anyelement;
  if (type === TypeOid.anycompatiblearray) return TypeOid.anycompatible;
  return elementTypeOf(type);
}

export function userFunction(oid: number): FunctionSignature | undefined {
  const routine = registeredRoutine(oid);
  return routine === undefined ? undefined : routineSignature(routine);
}

export function userScalar(
  registry: FunctionRegistry,
  oid: number,
  types: CallTypes | undefined,
): ScalarImplementation | undefined {
  const signature = userFunction(oid);
  if (signature === undefined || signature.kind === 'aggregate') return undefined;
  const internal = internalOf(signature);
  if (internal !== undefined)
    return registry.scalar(internal.oid, types ?? declaredTypes(signature));
  const known = types ?? declaredTypes(signature);
  return (context: FunctionContext, ...args: Datum[]) =>
    routinesOf(context, signature).call(oid, args, known);
}

/** The built-in function that a function of language internal is another name for. */
function internalOf({ routine }: FunctionSignature): FunctionSignature | undefined {
  return routine?.language === 'internal' ? internalFunction(routine.body) : undefined;
}

export function userSet(
  registry: FunctionRegistry,
  oid: number,
  types: CallTypes | undefined,
): SetImplementation | undefined {
  const signature = userFunction(oid);
  if (signature?.returnsSet !== true) return undefined;
  const internal = internalOf(signature);
  if (internal !== undefined) return registry.set(internal.oid, types ?? declaredTypes(signature));
  const known = types ?? declaredTypes(signature);
  return (context: FunctionContext, ...args: Datum[]) =>
    routinesOf(context, signature).rows(oid, args, known);
}

function declaredTypes(signature: FunctionSignature): CallTypes {
  return { argumentTypes: signature.argumentTypes, resultType: signature.resultType };
}

function routinesOf(context: FunctionContext, signature: FunctionSignature): RoutineCalls {
  if (context.routines === undefined)
    throw notSupported(`a call of function ${signature.name} in this place`);
  return context.routines;
}

/** True when a call tells nothing of its arguments but by its result (pg_proc.proleakproof). */
export function isLeakproofFunction(oid: number): boolean {
  return leakproofFunctions().has(oid) || registeredRoutine(oid)?.leakproof === true;
}

const usualEstimate: FunctionEstimate = { cost: 1, rows: 1000, parallel: 's' };

/** What calls cost, and how many rows a set has (pg_proc.procost, prorows). */
export function functionEstimate(oid: number): FunctionEstimate {
  const builtIn = functionEstimates().get(oid);
  if (builtIn !== undefined) return builtIn;
  const routine = registeredRoutine(oid);
  if (routine === undefined) return usualEstimate;
  const { cost, rows, parallel } = routine;
  return { cost, rows, parallel: parallel === 'safe' ? 's' : parallel === 'unsafe' ? 'u' : 'r' };
}
