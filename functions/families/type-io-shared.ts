// Input, output and send functions that serve many types: of arrays, rows, ranges, enums, domains and of
// pseudo-types that have values. Input functions are told the type, the others know it from the call.

import {
  arrayTypeOf,
  databaseError,
  type Datum,
  typeDisplayName,
  typeInput,
  typeOutput,
  typeSend,
  TypeOid,
} from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import { type Family, forTypes } from '../family.ts';

type Scalars = NonNullable<Family['scalars']>;

/** `typeOf`: the type that is read, from the oid that is passed. */
function input(typeOf: (oid: number) => number = (oid) => oid): ScalarImplementation {
  return (
    context: FunctionContext,
    text: string | null,
    oid: number,
    modifier: number | null = -1,
  ) => {
    if (text === null) return null;
    const type = typeOf(oid);
    if (type === 0 || typeDisplayName(type) === undefined)
      throw databaseError('undefinedObject', `type with OID ${oid} does not exist`);
    return typeInput(type)(text, modifier ?? -1, context);
  };
}

const output = forTypes<ScalarImplementation>(
  ({ argumentTypes }) =>
    (context: FunctionContext, value: Datum) =>
      typeOutput(argumentTypes[0])(value, context),
);
const send = forTypes<ScalarImplementation>(
  ({ argumentTypes }) =>
    (_context: FunctionContext, value: Datum) =>
      typeSend(argumentTypes[0])(value),
);

function all(names: string, implementation: Scalars[string]): Scalars {
  return Object.fromEntries(names.split(' ').map((name) => [name, implementation]));
}

const ofType = (type: number): ScalarImplementation => {
  return (context: FunctionContext, text: string) => typeInput(type)(text, -1, context);
};

export const sharedTypeIoFamily: Family = {
  scalars: {
    array_in: input(arrayTypeOf),
    ...all('domain_in enum_in multirange_in range_in record_in', input()),
    ...all('array_out enum_out multirange_out range_out record_out', output),
    ...all('anyarray_out anycompatiblearray_out anyenum_out anyrange_out', output),
    ...all('anymultirange_out anycompatiblemultirange_out anycompatiblerange_out', output),
    ...all('array_send enum_send multirange_send range_send record_send', send),
    ...all('anyarray_send anycompatiblearray_send', send),
    int2vectorin: ofType(TypeOid.int2vector),
    oidvectorin: ofType(TypeOid.oidvector),
    ...all('int2vectorout oidvectorout', output),
    ...all('int2vectorsend oidvectorsend', send),
    ...all('cstring_in cstring_out unknownin unknownout', (_context, text: string) => text),
    ...all('cstring_send unknownsend', (_context, text: string) => Buffer.from(text)),
    ...all('void_in void_out', () => ''),
    void_send: () => new Uint8Array(),
  },
};
