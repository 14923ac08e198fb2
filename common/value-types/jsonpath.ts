// jsonpath: kept as its canonical text; parsed when it runs, and the last parsed ones are kept.
// Binary: version byte 1, then the text.

import { notSupported } from '../errors.ts';
import type { JsonPath } from '../jsonpath/ast.ts';
import { formatJsonPath } from '../jsonpath/format.ts';
import { parseJsonPath } from '../jsonpath/parser.ts';
import { typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { checkedUtf8 } from '../utf8.ts';
import { valueType, type AnyValueType } from './contract.ts';

const entriesMax = 256;
const compiled = new Map<string, JsonPath>();

/** The tree of a path's text. */
export function compiledJsonPath(text: string): JsonPath {
  let path = compiled.get(text);
  if (path === undefined) {
    path = parseJsonPath(text);
    if (compiled.size >= entriesMax) compiled.clear();
    compiled.set(text, path);
  }
  return path;
}

const canonical = (text: string): string => formatJsonPath(parseJsonPath(text));

export const jsonPathTypes: readonly AnyValueType[] = [
  valueType<string>({
    oid: TypeOid.jsonpath,
    io: typeIo<string>({
      input: canonical,
      output: (value) => value,
      receive: (bytes) => {
        if (bytes[0] !== 1) throw notSupported(`jsonpath version number ${bytes[0] ?? 0}`);
        return canonical(checkedUtf8(bytes.subarray(1)));
      },
      send: (value, writer) => {
        writer.uint8(1);
        writer.text(value);
      },
    }),
  }),
];
