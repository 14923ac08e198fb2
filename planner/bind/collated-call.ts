// Calls of functions and operators that look at text: the operands take the collation that they have together, and
// the call compares by it. What a call looks at is known by its implementation's name.

import {
  type CallExpression,
  databaseError,
  elementTypeOf,
  isAsciiOnly,
  isDeterministic,
  ordersByBytes,
  rowOrderTypes,
} from '#common';
import { CollatedFunction, functionRegistry } from '#functions';
import {
  asCollated,
  comparedBy,
  indeterminate,
  inputCollation,
  isCompared,
  mergedState,
  plainText,
} from './collation.ts';

/** A call of a function or an operator, with its operands under the collation that they have. */
export function collatedCall(call: CallExpression): CallExpression {
  const { implementation, routine } = functionRegistry.functionByOid(call.functionOid) ?? {};
  if (routine !== undefined) return { ...call, ...inputCollation(call.arguments) };
  if (implementation === undefined) return call;
  const compared = arrayFunctions.get(implementation);
  if (compared !== undefined) return collatedArrays(call, compared);
  const comparison = comparisons.get(implementation);
  if (comparison !== undefined) return collatedComparison(call, comparison);
  const ofRows = rowComparisons.get(implementation);
  if (ofRows !== undefined) return rowComparison(call, ofRows);
  const caseFunction = caseFunctions.get(implementation);
  if (caseFunction !== undefined)
    return inLocale(call, caseFunction, `${implementation}() function`);
  const bytes =
    byteFunctions.get(implementation) ??
    (isRegexFunction(implementation) ? 'regular expressions' : undefined);
  if (bytes !== undefined) {
    const state = mergedState(call.arguments);
    if (state.strength === 'conflict') throw indeterminate(bytes);
    if (!isDeterministic(state.collation)) {
      throw databaseError(
        'featureNotSupported',
        `nondeterministic collations are not supported for ${bytes}`,
      );
    }
  }
  const ilike = ilikeFunctions.get(implementation);
  return ilike === undefined ? call : inLocale(call, ilike, 'ILIKE');
}

/** Arrays know by the type of their elements how they compare. */
function collatedArrays(call: CallExpression, compared: 'order' | 'equality'): CallExpression {
  if (!call.arguments.some(({ type }) => isCompared(type))) return call;
  const collation = comparedBy(mergedState(call.arguments));
  if (collation === undefined) return call;
  if (compared === 'equality' && isDeterministic(collation)) return call;
  const typed = {
    ...call,
    arguments: call.arguments.map((argument) =>
      elementTypeOf(argument.type.oid) === 0 ? argument : asCollated(argument, collation),
    ),
  };
  return isCompared(call.type) ? plainText(typed, call.type) : typed;
}

const rowComparisons: ReadonlyMap<string, number> = new Map([
  ['record_lt', CollatedFunction.lt],
  ['record_le', CollatedFunction.le],
  ['record_gt', CollatedFunction.gt],
  ['record_ge', CollatedFunction.ge],
  ['record_eq', CollatedFunction.eq],
  ['record_ne', CollatedFunction.ne],
]);

/** Rows of one type whose fields have collations are compared as that type. */
function rowComparison(call: CallExpression, comparison: number): CallExpression {
  const [left, right] = call.arguments.map((argument) =>
    argument.kind === 'cast' && argument.method === 'relabel' ? argument.argument : argument,
  );
  const { oid } = left.type;
  if (oid !== right.type.oid || rowOrderTypes(oid) === undefined) return call;
  const { operatorOid: _native, ...rest } = call;
  return { ...rest, functionOid: comparison, arguments: [left, right] };
}

function collatedComparison(call: CallExpression, comparison: number): CallExpression {
  const collation = comparedBy(mergedState(call.arguments));
  if (collation === undefined) return call;
  const isEquality = comparison === CollatedFunction.eq || comparison === CollatedFunction.ne;
  if (isEquality && isDeterministic(collation)) return call;
  const { operatorOid: _native, ...rest } = call;
  return {
    ...rest,
    functionOid: comparison,
    arguments: call.arguments.map((argument) => asCollated(argument, collation)),
  };
}

function inLocale(call: CallExpression, functionOid: number, what: string): CallExpression {
  const state = mergedState(call.arguments);
  if (state.strength === 'conflict') throw indeterminate(what);
  const { collation } = state;
  if (ordersByBytes(collation) && !isAsciiOnly(collation)) return call;
  return {
    ...call,
    functionOid,
    arguments: call.arguments.map((argument) => asCollated(argument, collation)),
  };
}

const comparisons: ReadonlyMap<string, number> = new Map(
  ['text', 'bpchar'].flatMap((prefix) => {
    const mark = prefix === 'text' ? '_' : '';
    const name = prefix === 'text' ? 'name' : undefined;
    const withNames = (mixed: readonly (readonly [string, number])[]) =>
      name === undefined
        ? []
        : mixed.flatMap(
            ([operator, oid]) =>
              [
                [`name${operator}text`, oid],
                [`text${operator}name`, oid],
              ] as const,
          );
    return [
      ...withNames([
        ['lt', CollatedFunction.lt],
        ['le', CollatedFunction.le],
        ['gt', CollatedFunction.gt],
        ['ge', CollatedFunction.ge],
        ['eq', CollatedFunction.eq],
        ['ne', CollatedFunction.ne],
      ]),
      [`${prefix}${mark}lt`, CollatedFunction.lt],
      [`${prefix}${mark}le`, CollatedFunction.le],
      [`${prefix}${mark}gt`, CollatedFunction.gt],
      [`${prefix}${mark}ge`, CollatedFunction.ge],
      [`${prefix}eq`, CollatedFunction.eq],
      [`${prefix}ne`, CollatedFunction.ne],
    ] as const;
  }),
);

const caseFunctions: ReadonlyMap<string, number> = new Map([
  ['upper', CollatedFunction.upper],
  ['lower', CollatedFunction.lower],
  ['initcap', CollatedFunction.initcap],
]);

/** What cannot look into texts that are equal without being the same, in the words of the error. */
const byteFunctions: ReadonlyMap<string, string> = new Map([
  ...['textlike', 'textnlike', 'bpcharlike', 'bpcharnlike'].map((name) => [name, 'LIKE'] as const),
  ...['texticlike', 'texticnlike', 'bpchariclike', 'bpcharicnlike'].map(
    (name) => [name, 'ILIKE'] as const,
  ),
  ...[
    ...['textregexeq', 'textregexne', 'texticregexeq', 'texticregexne', 'bpcharregexeq'],
    ...['bpcharregexne', 'bpcharicregexeq', 'bpcharicregexne', 'textregexsubstr'],
  ].map((name) => [name, 'regular expressions'] as const),
  ...[
    'textpos',
    'replace_text',
    'split_part',
    'text_starts_with',
    'text_to_array',
    'text_to_array_null',
  ].map((name) => [name, 'substring searches'] as const),
]);

const isRegexFunction = (implementation: string): boolean =>
  implementation.startsWith('regexp_') || implementation.startsWith('textregexreplace');

const ilikeFunctions: ReadonlyMap<string, number> = new Map([
  ['texticlike', CollatedFunction.ilike],
  ['texticnlike', CollatedFunction.notIlike],
]);

/** They compare elements, or whole arrays. */
const arrayFunctions = new Map<string, 'order' | 'equality'>([
  ...['array_lt', 'array_le', 'array_gt', 'array_ge', 'btarraycmp', 'array_larger'].map(
    (name) => [name, 'order'] as const,
  ),
  ...['array_smaller', 'width_bucket_array'].map((name) => [name, 'order'] as const),
  ...['array_eq', 'array_ne', 'arrayoverlap', 'arraycontains', 'arraycontained'].map(
    (name) => [name, 'equality'] as const,
  ),
  ...['array_position', 'array_position_start', 'array_positions', 'array_remove'].map(
    (name) => [name, 'equality'] as const,
  ),
  ['array_replace', 'equality'],
  ['hash_array', 'equality'],
]);
