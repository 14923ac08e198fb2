// The input, output and send functions of every type as SQL functions (int4in('1'), textsend('a')),
// made from the types' codecs. Receive functions take an internal argument: SQL cannot call them.

import { builtinTypes, type Datum, typeInput, typeOutput, typeSend } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import { functionFacts } from '../facts/facts.ts';
import type { Family } from '../family.ts';

function ioFunctions(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  const facts = functionFacts().byOid;
  const add = (oid: number, implementation: ScalarImplementation): void => {
    const key = facts.get(oid)?.implementation;
    if (key !== undefined) entries[key] = implementation;
  };
  for (const { oid, kind, category, facts: type } of builtinTypes) {
    // The functions of arrays, row types and ranges are shared and need to know the type.
    if (kind !== 'base' || category === 'A') continue;
    add(type.input, (context, text: string, _oid?: number, typmod?: number) =>
      typeInput(oid)(text, typmod ?? -1, context),
    );
    add(type.output, (context, value: Datum) => typeOutput(oid)(value, context));
    add(type.send, (_context, value: Datum) => typeSend(oid)(value));
  }
  return entries;
}

export const typeIoFamily: Family = { scalars: ioFunctions() };
