// From a name and the types at a call to one function or operator: func_get_detail and oper() of
// PostgreSQL. Nothing is raised here; the binder turns the outcomes into errors with positions.

import { baseTypeOf, TypeOid } from '#common';
import type { FunctionSignature, OperatorSignature } from '../contract.ts';
import { functionRegistry } from '../registry.ts';
import { type Candidate, matchingCandidates, selectCandidate } from './candidates.ts';
import { categoryOf, findCoercion, isComposite, type TypeLookup } from './coercion.ts';
import { bindPolymorphic, type Bindings, isPolymorphic, substitute } from './polymorphism.ts';

export interface FunctionCallShape {
  readonly name: string;
  /** 705 for untyped literals. For VARIADIC calls the last is the array's type. */
  readonly argumentTypes: readonly number[];
  /** Names of the trailing named arguments (f(a, b => 1)). */
  readonly argumentNames?: readonly string[];
  /** The call says VARIADIC. */
  readonly variadicArray?: boolean;
  /** Functions of users by that name, in the order of the search path, beside the built-in ones. */
  readonly userFunctions?: readonly FunctionSignature[];
  /** Only those: the name is qualified with a user's schema. */
  readonly userOnly?: boolean;
  /** Default: no module is. */
  readonly hasModule?: HasModule;
  /** The type that the name means as a cast, f(x) for x::f; undefined when it names no type. */
  readonly typeOfName?: number;
}

/** Is a contrib module installed where the name is looked up? */
export type HasModule = (module: string) => boolean;

export type FunctionResolution =
  | ResolvedFunction
  /** f(x) where f names a type: an explicit cast. */
  | { readonly kind: 'cast'; readonly target: number }
  | { readonly kind: 'notFound' }
  | { readonly kind: 'ambiguous' }
  /** 42804: could not determine polymorphic type because input has type unknown. */
  | { readonly kind: 'undetermined'; readonly declared: number };

export interface ResolvedFunction {
  readonly kind: 'function';
  readonly signature: FunctionSignature;
  /** What each argument of the call is to be coerced to, in the order of the signature. */
  readonly argumentTypes: readonly number[];
  /** For each place of argumentTypes: which argument of the call, or -1 for a default. */
  readonly sources: readonly number[];
  readonly resultType: number;
  /** The signature's OUT columns with their polymorphic types resolved. */
  readonly outColumns: FunctionSignature['outColumns'];
  /** VARIADIC elements were written out (they are further arguments). */
  readonly variadicExpanded: boolean;
}

export interface OperatorShape {
  readonly name: string;
  /** 0 for a prefix operator. */
  readonly left: number;
  readonly right: number;
  /** Of users, in the order of the search path; those of a schema that is searched later are hidden. */
  readonly userOperators?: readonly OperatorSignature[];
  /** Only those: the name is qualified with a user's schema. */
  readonly userOnly?: boolean;
  /** Default: no module is. */
  readonly hasModule?: HasModule;
}

export type OperatorResolution =
  | ResolvedOperator
  | { readonly kind: 'notFound' }
  | { readonly kind: 'ambiguous' }
  | { readonly kind: 'undetermined'; readonly declared: number };

export interface ResolvedOperator {
  readonly kind: 'operator';
  readonly signature: OperatorSignature;
  /** 0 for a prefix operator. */
  readonly left: number;
  readonly right: number;
  readonly resultType: number;
}

interface FunctionCandidate extends Candidate {
  readonly signature: FunctionSignature;
  readonly variadicExpanded: boolean;
  /** For each declared argument of the signature: which argument of the call, or -1. */
  readonly sources: readonly number[];
  /** Another one has the same effective types. */
  readonly ambiguous?: boolean;
}

export function resolveFunction(lookup: TypeLookup, call: FunctionCallShape): FunctionResolution {
  const actual = call.argumentTypes;
  const candidates = functionCandidates(call);
  const exact = candidates.find((candidate) =>
    candidate.types.every((type, i) => type === actual[i]),
  );
  if (exact !== undefined) return finishFunction(lookup, exact, actual);
  if (isTypeCoercion(lookup, call)) return { kind: 'cast', target: call.typeOfName! };
  const matching = matchingCandidates(lookup, candidates, actual);
  if (matching.length === 0) return { kind: 'notFound' };
  const chosen = matching.length === 1 ? matching[0] : selectCandidate(lookup, matching, actual);
  return chosen === undefined ? { kind: 'ambiguous' } : finishFunction(lookup, chosen, actual);
}

export function resolveOperator(lookup: TypeLookup, operator: OperatorShape): OperatorResolution {
  const { left, right, userOperators } = operator;
  const builtin =
    operator.userOnly === true
      ? []
      : knownOf(functionRegistry.operatorsNamed(operator.name), operator.hasModule);
  const named =
    userOperators === undefined || userOperators.length === 0
      ? builtin
      : withoutHidden([...builtin, ...userOperators]);
  const exactLeft = left === TypeOid.unknown ? right : left;
  const exactRight = right === TypeOid.unknown && left !== 0 ? left : right;
  const exact = named.find((each) => each.left === exactLeft && each.right === exactRight);
  const actual = left === 0 ? [right] : [left, right];
  if (exact === undefined && (left === TypeOid.unknown || right === TypeOid.unknown)) {
    const base = baseTypeOf(left === TypeOid.unknown ? right : left);
    const onBase = named.find((each) => each.left === base && each.right === base);
    if (onBase !== undefined && left !== 0) {
      return finishOperator(lookup, operatorCandidate(onBase), [left, right]);
    }
  }
  const isExact = exact !== undefined && (left !== 0 || right !== TypeOid.unknown);
  if (isExact) return finishOperator(lookup, operatorCandidate(exact), actual);
  const candidates = named
    .filter((each) => (each.left === 0) === (left === 0))
    .map(operatorCandidate);
  const matching = matchingCandidates(lookup, candidates, actual);
  if (matching.length === 0) return { kind: 'notFound' };
  const chosen = matching.length === 1 ? matching[0] : selectCandidate(lookup, matching, actual);
  return chosen === undefined ? { kind: 'ambiguous' } : finishOperator(lookup, chosen, actual);
}

/** Of operators with the same operands, the first that is found counts. */
function withoutHidden(operators: readonly OperatorSignature[]): OperatorSignature[] {
  const seen = new Set<string>();
  return operators.filter(({ left, right }) => {
    const key = `${left} ${right}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}

/** func_get_detail: f(x) is a cast when f names a type that x relabels to or converts to through text. */
function isTypeCoercion(lookup: TypeLookup, call: FunctionCallShape): boolean {
  const target = call.typeOfName;
  if (target === undefined || call.argumentTypes.length !== 1 || call.argumentNames?.length) {
    return false;
  }
  const source = call.argumentTypes[0];
  if (source === TypeOid.unknown) return true;
  const { kind } = findCoercion(lookup, source, target, 'explicit');
  if (kind === 'relabel') return true;
  if (kind !== 'io') return false;
  const fromRow = source === TypeOid.record || isComposite(lookup, source);
  return !(fromRow && categoryOf(lookup, target) === 'S');
}

/** Without the objects of modules that are not installed. */
function knownOf<Item extends { readonly module?: string }>(
  items: readonly Item[],
  hasModule: HasModule | undefined,
): readonly Item[] {
  const isKnown = ({ module }: Item): boolean =>
    module === undefined || hasModule?.(module) === true;
  return items.every(isKnown) ? items : items.filter(isKnown);
}

function functionCandidates(call: FunctionCallShape): FunctionCandidate[] {
  const candidates: FunctionCandidate[] = [];
  const builtin =
    call.userOnly === true
      ? []
      : knownOf(functionRegistry.functionsNamed(call.name), call.hasModule);
  for (const signature of [...builtin, ...(call.userFunctions ?? [])]) {
    const candidate = call.argumentNames?.length
      ? namedCandidate(signature, call)
      : positionalCandidate(signature, call);
    if (candidate !== undefined) candidates.push(candidate);
  }
  return withoutShadowed(candidates);
}

function positionalCandidate(
  signature: FunctionSignature,
  call: FunctionCallShape,
): FunctionCandidate | undefined {
  const count = call.argumentTypes.length;
  const declared = signature.argumentTypes;
  const sources = declared.map((_type, i) => (i < count ? i : -1));
  if (signature.variadic !== 0 && call.variadicArray !== true && count >= declared.length) {
    const fixed = declared.slice(0, -1);
    const elements = new Array<number>(count - fixed.length).fill(signature.variadic);
    const types = [...fixed, ...elements];
    return { signature, types, variadicExpanded: true, sources: types.map((_type, i) => i) };
  }
  if (call.variadicArray === true && signature.variadic === 0) return undefined;
  if (count > declared.length || count < declared.length - signature.defaultCount) return undefined;
  return { signature, types: declared.slice(0, count), variadicExpanded: false, sources };
}

/** Trailing named arguments: each must name a place that no other argument has. */
function namedCandidate(
  signature: FunctionSignature,
  call: FunctionCallShape,
): FunctionCandidate | undefined {
  const names = call.argumentNames!;
  const declared = signature.argumentTypes;
  const positional = call.argumentTypes.length - names.length;
  if (call.argumentTypes.length > declared.length) return undefined;
  const sources = declared.map((_type, i) => (i < positional ? i : -1));
  const types = declared.slice(0, positional);
  for (let i = 0; i < names.length; i++) {
    const place = signature.argumentNames.indexOf(names[i]);
    if (place < 0 || sources[place] !== -1) return undefined;
    sources[place] = positional + i;
    types.push(declared[place]);
  }
  const firstDefault = declared.length - signature.defaultCount;
  if (sources.some((source, i) => source === -1 && i < firstDefault)) return undefined;
  return { signature, types, variadicExpanded: false, sources };
}

/**
 * Of candidates with the same effective types, the one of the earlier schema stays, then the one that is
 * not variadic; others cannot be told apart, whatever their defaults (FuncnameGetCandidates).
 */
function withoutShadowed(candidates: readonly FunctionCandidate[]): FunctionCandidate[] {
  const kept: FunctionCandidate[] = [];
  for (const candidate of candidates) {
    const place = kept.findIndex(
      (other) =>
        other.types.length === candidate.types.length &&
        other.types.every((type, i) => type === candidate.types[i]),
    );
    if (place < 0) {
      kept.push(candidate);
      continue;
    }
    const other = kept[place];
    if (schemaOf(other.signature) !== schemaOf(candidate.signature)) continue;
    if (other.variadicExpanded === candidate.variadicExpanded)
      kept[place] = { ...other, ambiguous: true };
    else if (other.variadicExpanded) kept[place] = candidate;
  }
  return kept;
}

/** Candidates come in the order of the search path; 0 is pg_catalog. */
function schemaOf(signature: FunctionSignature): number {
  return signature.routine?.schemaOid ?? 0;
}

function operatorCandidate(
  signature: OperatorSignature,
): Candidate & { signature: OperatorSignature } {
  const types = signature.left === 0 ? [signature.right] : [signature.left, signature.right];
  return { signature, types };
}

function finishFunction(
  lookup: TypeLookup,
  candidate: FunctionCandidate,
  actual: readonly number[],
): FunctionResolution {
  const { signature, sources, variadicExpanded } = candidate;
  if (candidate.ambiguous === true) return { kind: 'ambiguous' };
  const bound = concreteTypes(lookup, candidate.types, actual, signature.resultType);
  if ('undetermined' in bound) return { kind: 'undetermined', declared: bound.undetermined };
  const { resultType, bindings } = bound;
  // Back into the order of the signature: candidate.types follow the call's arguments.
  const argumentTypes = sources.map((source, place) =>
    source === -1
      ? (substitute(signature.argumentTypes[place], bindings) ?? signature.argumentTypes[place])
      : bound.types[source],
  );
  const outColumns = concreteColumns(signature, bindings);
  return {
    kind: 'function',
    signature,
    argumentTypes,
    sources,
    resultType,
    outColumns,
    variadicExpanded,
  };
}

/** The OUT columns of a call that was resolved before, by the types of its arguments. */
export function outColumnsOf(
  lookup: TypeLookup,
  signature: FunctionSignature,
  actual: readonly number[],
): FunctionSignature['outColumns'] {
  const bindings = bindPolymorphic(lookup, signature.argumentTypes, actual);
  return bindings === undefined ? signature.outColumns : concreteColumns(signature, bindings);
}

function concreteColumns(
  signature: FunctionSignature,
  bindings: Bindings,
): FunctionSignature['outColumns'] {
  return signature.outColumns.map(({ name, type }) => ({
    name,
    type: substitute(type, bindings) ?? type,
  }));
}

function finishOperator(
  lookup: TypeLookup,
  candidate: Candidate & { signature: OperatorSignature },
  actual: readonly number[],
): OperatorResolution {
  const { signature } = candidate;
  const bound = concreteTypes(lookup, candidate.types, actual, signature.result);
  if ('undetermined' in bound) return { kind: 'undetermined', declared: bound.undetermined };
  const [first, second] = bound.types;
  const prefix = signature.left === 0;
  return {
    kind: 'operator',
    signature,
    left: prefix ? 0 : first,
    right: prefix ? first : second,
    resultType: bound.resultType,
  };
}

interface ConcreteTypes {
  readonly types: number[];
  readonly resultType: number;
  readonly bindings: Bindings;
}

function concreteTypes(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
  result: number,
): ConcreteTypes | { undetermined: number } {
  const bindings = bindPolymorphic(lookup, declared, actual);
  if (bindings === undefined) return { undetermined: declared[0] };
  const types: number[] = [];
  for (let i = 0; i < declared.length; i++) {
    const type = declared[i] === TypeOid.any ? actual[i] : substitute(declared[i], bindings);
    if (type === undefined) return { undetermined: declared[i] };
    types.push(type);
  }
  // A result that no argument determines stays as it is declared (array_in, anyrange_in …).
  const resultType = declared.some(isPolymorphic) ? substitute(result, bindings) : result;
  return resultType === undefined ? { undetermined: result } : { types, resultType, bindings };
}
