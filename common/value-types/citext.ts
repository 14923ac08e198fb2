// citext: text whose order, equality and hash do not look at case.

import { encodeText } from '../key-values.ts';
import { ModuleTypeOid } from '../modules.ts';
import { compareText } from '../text-order.ts';
import { typeIo } from '../type-io/contract.ts';
import { checkedUtf8 } from '../utf8.ts';
import { valueType, type AnyValueType } from './contract.ts';

export const foldCase = (text: string): string => text.toLowerCase();

export const citextTypes: readonly AnyValueType[] = [
  valueType<string>({
    oid: ModuleTypeOid.citext,
    io: typeIo<string>({
      input: (text) => text,
      output: (text) => text,
      receive: (bytes) => checkedUtf8(bytes),
      send: (text, writer) => writer.text(text),
    }),
    order: {
      compare: (left, right) => compareText(foldCase(left), foldCase(right)),
      hashKey: foldCase,
      encodeKey: (text) => encodeText(foldCase(text)),
    },
  }),
];
