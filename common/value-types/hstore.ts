// hstore: distinct texts, each with a text or null. Pairs are kept as PostgreSQL keeps them: in the order
// of the keys' lengths in bytes, then of their bytes.
//
// Stored and binary form: count int32, per pair the key's bytes int32 and UTF-8, the value's bytes int32
// (-1: null) and UTF-8.

import type { ByteWriter } from '../byte-writer.ts';
import { TypedValue } from '../datum.ts';
import { databaseError } from '../errors.ts';
import { encodeInt4, encodeText } from '../key-values.ts';
import { doubleCharacters } from '../long-text.ts';
import { ModuleTypeOid } from '../modules.ts';
import { compareText } from '../text-order.ts';
import { insufficientData, invalidBinary, typeIo } from '../type-io/contract.ts';
import { checkedUtf8 } from '../utf8.ts';
import { valueType, type AnyValueType } from './contract.ts';
import { parseHstore } from './hstore-text.ts';

/** As many as PostgreSQL can keep in one value. */
const pairsMax = 44_739_242;

export type HstorePair = readonly [key: string, value: string | null];

export class Hstore extends TypedValue {
  /** In canonical order. */
  readonly pairs: ReadonlyMap<string, string | null>;

  private constructor(pairs: ReadonlyMap<string, string | null>) {
    super();
    this.pairs = pairs;
  }

  /** Of several pairs with one key the first stays. */
  static of(pairs: Iterable<HstorePair>): Hstore {
    const distinct = new Map<string, string | null>();
    for (const [key, value] of pairs) if (!distinct.has(key)) distinct.set(key, value);
    return Hstore.ofMap(distinct);
  }

  static ofMap(pairs: ReadonlyMap<string, string | null>): Hstore {
    return new Hstore(new Map([...pairs].sort(([left], [right]) => compareKeys(left, right))));
  }

  override get codecOid(): number {
    return ModuleTypeOid.hstore;
  }

  override toString(): string {
    const texts: string[] = [];
    for (const [key, value] of this.pairs) {
      texts.push(`${quoted(key)}=>${value === null ? 'NULL' : quoted(value)}`);
    }
    return texts.join(', ');
  }
}

function compareKeys(left: string, right: string): number {
  return Buffer.byteLength(left) - Buffer.byteLength(right) || compareText(left, right);
}

function quoted(text: string): string {
  return `"${doubleCharacters(text, /["\\]/g, String.raw`\$&`)}"`;
}

/**
 * Where each key and value ends in the texts of all of them, one after the other; null for a value that
 * is null. With those texts they are what PostgreSQL compares and hashes.
 */
export function hstoreEnds(hstore: Hstore): { readonly at: number; readonly isNull: boolean }[] {
  const ends: { at: number; isNull: boolean }[] = [];
  let at = 0;
  for (const [key, value] of hstore.pairs) {
    at += Buffer.byteLength(key);
    ends.push({ at, isNull: false });
    if (value !== null) at += Buffer.byteLength(value);
    ends.push({ at, isNull: value === null });
  }
  return ends;
}

export function hstoreTexts(hstore: Hstore): string {
  let texts = '';
  for (const [key, value] of hstore.pairs) texts += key + (value ?? '');
  return texts;
}

/** The bytes of all texts, then how many pairs there are, then where the texts end. */
function keyOf(hstore: Hstore): string {
  let key = encodeText(hstoreTexts(hstore)) + encodeInt4(hstore.pairs.size);
  for (const { at, isNull } of hstoreEnds(hstore)) {
    key += encodeInt4(at) + (isNull ? '\x01' : '\x00');
  }
  return key;
}

function compareHstores(left: Hstore, right: Hstore): number {
  const first = keyOf(left);
  const second = keyOf(right);
  return first < second ? -1 : first > second ? 1 : 0;
}

function write(writer: ByteWriter, { pairs }: Hstore): void {
  writer.int32(pairs.size);
  for (const [key, value] of pairs) {
    writer.int32(Buffer.byteLength(key));
    writer.text(key);
    writer.int32(value === null ? -1 : Buffer.byteLength(value));
    if (value !== null) writer.text(value);
  }
}

/** Reads the pairs that fill [start, end) exactly. */
function readPairs(buffer: Buffer, start: number, end: number): HstorePair[] {
  let at = start;
  const integer = (): number => {
    if (at + 4 > end) throw insufficientData();
    at += 4;
    return buffer.readInt32BE(at - 4);
  };
  const text = (length: number): string => {
    if (at + length > end) throw insufficientData();
    at += length;
    return checkedUtf8(buffer.subarray(at - length, at));
  };
  const count = integer();
  if (count < 0 || count > pairsMax) {
    throw databaseError(
      'programLimitExceeded',
      `number of pairs (${count}) exceeds the maximum allowed (${pairsMax})`,
    );
  }
  const pairs: HstorePair[] = [];
  for (let i = 0; i < count; i++) {
    const keyLength = integer();
    if (keyLength < 0) throw nullKey();
    const key = text(keyLength);
    const valueLength = integer();
    pairs.push([key, valueLength < 0 ? null : text(valueLength)]);
  }
  if (at !== end) throw invalidBinary();
  return pairs;
}

export function nullKey(): Error {
  return databaseError('nullValueNotAllowed', 'null value not allowed for hstore key');
}

const read = (buffer: Buffer, start: number, end: number): Hstore =>
  Hstore.of(readPairs(buffer, start, end));

export const hstoreTypes: readonly AnyValueType[] = [
  valueType<Hstore>({
    oid: ModuleTypeOid.hstore,
    io: typeIo<Hstore>({
      input: (text) => Hstore.of(parseHstore(text)),
      output: (value) => value.toString(),
      receive: (bytes) => read(bytes, 0, bytes.length),
      send: (value, writer) => write(writer, value),
    }),
    codec: { write, read },
    order: { compare: compareHstores, hashKey: keyOf, encodeKey: keyOf },
  }),
];
