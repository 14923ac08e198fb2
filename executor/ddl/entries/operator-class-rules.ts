// What access methods ask of the operators and functions of their families (opclasscmds.c): numbers,
// argument and result types.

import { databaseError, type DatabaseError, type Entry, TypeOid } from '#common';
import { functionRegistry } from '#functions';

interface MethodLimits {
  readonly operatorsMax: number;
  readonly functionsMax: number;
  /** Index entries may be of another type than the column. */
  readonly hasStorage: boolean;
  readonly canOrderBy: boolean;
}

/** Strategies past this many have no number. */
const anyNumber = 32_767;

/** By pg_am.amhandler. */
const limits: Readonly<Record<number, MethodLimits>> = {
  330: { operatorsMax: 5, functionsMax: 5, hasStorage: false, canOrderBy: false },
  331: { operatorsMax: 1, functionsMax: 3, hasStorage: false, canOrderBy: false },
  332: { operatorsMax: anyNumber, functionsMax: 11, hasStorage: true, canOrderBy: true },
  333: { operatorsMax: anyNumber, functionsMax: 7, hasStorage: true, canOrderBy: false },
  334: { operatorsMax: anyNumber, functionsMax: 7, hasStorage: true, canOrderBy: true },
  335: { operatorsMax: anyNumber, functionsMax: 15, hasStorage: true, canOrderBy: false },
};
const btreeHandler = 330;
const hashHandler = 331;

export function methodLimits({ definition, name }: Entry<'accessMethod'>): MethodLimits {
  const found = limits[definition.handler];
  if (found !== undefined) return found;
  throw databaseError('wrongObjectType', `access method "${name}" is not of type INDEX`);
}

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

/** 42P17 unless the operator can search, or order. */
export function checkOperator(
  method: Entry<'accessMethod'>,
  { definition }: Entry<'operator'>,
  ordersBy: boolean,
): void {
  if (definition.left === 0) throw invalid('index operators must be binary');
  if (ordersBy) {
    if (!methodLimits(method).canOrderBy)
      throw invalid(`access method "${method.name}" does not support ordering operators`);
    return;
  }
  if (definition.result !== TypeOid.bool)
    throw invalid('index search operators must return boolean');
}

export interface SupportFunction {
  readonly number: number;
  readonly oid: number;
  /** The class's type; 0 in ALTER OPERATOR FAMILY. */
  readonly inputType: number;
  /** Types as written. */
  readonly written: { readonly left: number; readonly right: number } | undefined;
}

const btree = { compare: 1, sortSupport: 2, inRange: 3, equalImage: 4 } as const;
const hash = { standard: 1, extended: 2 } as const;

/** The types that a function is for; 42P17 when it does not fit its number. */
export function checkFunction(
  method: Entry<'accessMethod'>,
  support: SupportFunction,
): { readonly left: number; readonly right: number } {
  const { argumentTypes } = functionRegistry.functionByOid(support.oid)!;
  let types = support.written;
  if (method.definition.handler === btreeHandler) types = btreeTypes(support, types);
  else if (method.definition.handler === hashHandler) types = hashTypes(support, types);
  if (types !== undefined) return types;
  const { inputType } = support;
  if (inputType !== 0) return { left: inputType, right: inputType };
  if (argumentTypes.length === 0)
    throw databaseError(
      'syntaxError',
      'associated data types must be specified for index support function',
    );
  throw invalid('associated data types must be specified for index support function');
}

type Types = SupportFunction['written'];

function btreeTypes({ number, oid }: SupportFunction, written: Types): Types {
  const { argumentTypes, resultType } = functionRegistry.functionByOid(oid)!;
  switch (number) {
    case btree.compare:
      if (argumentTypes.length !== 2)
        throw invalid('btree comparison functions must have two arguments');
      if (resultType !== TypeOid.int4)
        throw invalid('btree comparison functions must return integer');
      return written ?? { left: argumentTypes[0], right: argumentTypes[1] };
    case btree.sortSupport:
      if (argumentTypes.length !== 1 || argumentTypes[0] !== TypeOid.internal)
        throw invalid('btree sort support functions must accept type "internal"');
      if (resultType !== TypeOid.void)
        throw invalid('btree sort support functions must return void');
      return written;
    case btree.inRange:
      if (argumentTypes.length !== 5)
        throw invalid('btree in_range functions must have five arguments');
      if (resultType !== TypeOid.bool)
        throw invalid('btree in_range functions must return boolean');
      return written ?? { left: argumentTypes[0], right: argumentTypes[2] };
    case btree.equalImage:
      if (argumentTypes.length !== 1)
        throw invalid('btree equal image functions must have one argument');
      if (resultType !== TypeOid.bool)
        throw invalid('btree equal image functions must return boolean');
      if (written !== undefined && written.left !== written.right)
        throw invalid('btree equal image functions must not be cross-type');
      return written;
    default:
      return written;
  }
}

function hashTypes({ number, oid }: SupportFunction, written: Types): Types {
  const { argumentTypes, resultType } = functionRegistry.functionByOid(oid)!;
  if (number === hash.standard) {
    if (argumentTypes.length !== 1) throw invalid('hash function 1 must have one argument');
    if (resultType !== TypeOid.int4) throw invalid('hash function 1 must return integer');
  } else if (number === hash.extended) {
    if (argumentTypes.length !== 2) throw invalid('hash function 2 must have two arguments');
    if (resultType !== TypeOid.int8) throw invalid('hash function 2 must return bigint');
  } else return written;
  return written ?? { left: argumentTypes[0], right: argumentTypes[0] };
}
