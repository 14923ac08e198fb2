// Type resolution for the binder: overloads of functions and operators, conversions, common types, by
// PostgreSQL's rules (manual, chapter "Type Conversion"), over the built-in types and any user types
// that a lookup knows.

import { typeByOid } from '#common';
import type { FunctionSignature } from './contract.ts';
import { functionRegistry } from './registry.ts';
import {
  canCoerce,
  type Coercion,
  type CoercionContext,
  commonType,
  type CommonType,
  findCoercion,
  lengthCoercion,
  type TypeLookup,
} from './resolution/coercion.ts';
import {
  type FunctionCallShape,
  type FunctionResolution,
  type OperatorResolution,
  outColumnsOf,
  resolveFunction,
  type OperatorShape,
  resolveOperator,
} from './resolution/resolve.ts';

export type {
  Coercion,
  CoercionContext,
  CommonType,
  FunctionCallShape,
  FunctionResolution,
  OperatorResolution,
  TypeLookup,
};
export type { ResolvedFunction, ResolvedOperator } from './resolution/resolve.ts';

export interface TypeResolution {
  resolveFunction(call: FunctionCallShape): FunctionResolution;
  /** The OUT columns of a call of a function, their polymorphic types resolved. */
  outColumns(
    functionOid: number,
    argumentTypes: readonly number[],
  ): FunctionSignature['outColumns'];
  /** left is 0 for a prefix operator; 705 for an untyped literal. */
  resolveOperator(operator: OperatorShape): OperatorResolution;
  /** The source 705 (an untyped literal) has no conversion here: its type's input function reads it. */
  findCoercion(source: number, target: number, context: CoercionContext): Coercion;
  canCoerce(source: number, target: number, context: CoercionContext): boolean;
  commonType(types: readonly number[]): CommonType;
  /** The function that applies a typmod, and whether it goes over an array's elements. */
  lengthCoercion(
    type: number,
  ): { readonly functionOid: number; readonly perElement: boolean } | undefined;
}

export function createTypeResolution(lookup: TypeLookup): TypeResolution {
  return {
    resolveFunction: (call) => resolveFunction(lookup, call),
    outColumns: (functionOid, argumentTypes) => {
      const signature = functionRegistry.functionByOid(functionOid);
      return signature === undefined ? [] : outColumnsOf(lookup, signature, argumentTypes);
    },
    resolveOperator: (operator) => resolveOperator(lookup, operator),
    findCoercion: (source, target, context) => findCoercion(lookup, source, target, context),
    canCoerce: (source, target, context) => canCoerce(lookup, source, target, context),
    commonType: (types) => commonType(lookup, types),
    lengthCoercion: (type) => lengthCoercion(lookup, type),
  };
}

/** Over the built-in types alone; row types of tables count as composite. */
export const typeResolution = createTypeResolution(typeByOid);
