// The types of a routine's parameters in one call: polymorphic ones take what the arguments have.

import {
  arrayTypeOf,
  elementTypeOf,
  inputParameters,
  outputParameters,
  type RoutineDescriptor,
  TypeOid,
} from '#common';
import type { CallTypes } from '#functions';

const elements = new Set<number>([
  TypeOid.anyelement,
  TypeOid.anynonarray,
  TypeOid.anyenum,
  TypeOid.anycompatible,
  TypeOid.anycompatiblenonarray,
]);
const arrays = new Set<number>([TypeOid.anyarray, TypeOid.anycompatiblearray]);

/** In the order of the parameters. */
export function resolveParameterTypes(
  routine: RoutineDescriptor,
  types: CallTypes,
): readonly number[] {
  const inputs = inputParameters(routine);
  let element = 0;
  inputs.forEach((parameter, position) => {
    const actual = types.argumentTypes[position] ?? 0;
    if (elements.has(parameter.type)) element ||= actual;
    else if (arrays.has(parameter.type)) element ||= elementTypeOf(actual);
  });
  const outputs = outputParameters(routine);
  if (element === 0 && outputs.length === 1 && elements.has(outputs[0].type))
    element = types.resultType;
  return routine.parameters.map((parameter) => {
    const position = inputs.indexOf(parameter);
    const actual = position < 0 ? undefined : types.argumentTypes[position];
    if (elements.has(parameter.type)) return actual ?? element;
    if (arrays.has(parameter.type)) return actual ?? arrayTypeOf(element);
    return parameter.type;
  });
}
