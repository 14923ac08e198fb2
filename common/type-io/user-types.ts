// Enums, whose text is their label, and domains, which are read as what they are over and then checked.

import { utf8Text } from '../buffer-text.ts';
import type { Datum } from '../datum.ts';
import { typeByOid } from '../type-registry.ts';
import { enumText, enumValue } from '../user-types.ts';
import { typeIo, type AnyTypeIo } from './contract.ts';

export function enumIo(oid: number): AnyTypeIo {
  return typeIo<number>({
    input: (text) => enumValue(oid, text),
    output: (value) => enumText(oid, value),
    receive: (bytes) => enumValue(oid, utf8Text(bytes, 0, bytes.length)),
    send: (value, writer) => writer.text(enumText(oid, value)),
  });
}

/** Binary input is checked where the value is used: whoever receives has no catalog. */
export function domainIo(oid: number, ioOf: (oid: number) => AnyTypeIo): AnyTypeIo {
  const facts = typeByOid(oid)?.facts;
  const base = ioOf(facts?.base ?? 0);
  const modifier = facts?.baseModifier ?? -1;
  return typeIo<Datum>({
    input: (text, _typmod, settings) => {
      const value = base.input(text, modifier, settings);
      settings.catalog?.checkDomain?.(oid, value);
      return value;
    },
    output: base.output,
    receive: (bytes) => base.receive(bytes, modifier),
    send: base.send,
  });
}
