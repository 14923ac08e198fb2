// The types of a routine's parameters in one call: polymorphic ones take what the arguments have.

import { inputParameters, type RoutineDescriptor, typeByOid } from '#common';
import { bindPolymorphic, type CallTypes, isPolymorphic, substitute } from '#functions';

/** In the order of the parameters. */
export function resolveParameterTypes(
  routine: RoutineDescriptor,
  types: CallTypes,
): readonly number[] {
  const inputs = inputParameters(routine);
  const declared = inputs.map(({ type }) => type);
  const actual = inputs.map((_input, position) => types.argumentTypes[position] ?? 0);
  const bindings = bindPolymorphic(typeByOid, declared, actual);
  return routine.parameters.map((parameter) => {
    const { type } = parameter;
    if (!isPolymorphic(type)) return type;
    const position = inputs.indexOf(parameter);
    const given = position < 0 ? undefined : types.argumentTypes[position];
    const bound = bindings === undefined ? undefined : substitute(type, bindings);
    return bound ?? given ?? types.resultType;
  });
}
