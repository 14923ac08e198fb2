// Dictionaries of text columns: one per column and segment file, built while blocks are encoded, so that
// the blocks' codes mean the same. The next file of a build starts with the dictionary of the one
// before, so that files of a column with few values end up with equal dictionaries, which readers hold
// once (internDictionary).

import type { Datum, Dictionary } from '#common';
import { TypeOid } from '#common';
import { decodeTexts, encodeTexts } from './text-encoding.ts';
import { blockRows } from '#common';

/** Entries of one dictionary; a column with more values is not encoded so. */
const entriesMax = 32768;
/** A dictionary larger than this is not handed on to the next file. */
const inheritedMax = 4096;
/** A block must repeat its values at least this often to bring new ones in. */
const newShareMax = 0.4;

/** Types whose values are strings that are equal exactly when the type says so. */
const dictionaryTypes: ReadonlySet<number> = new Set([
  TypeOid.text,
  TypeOid.varchar,
  TypeOid.name,
  TypeOid.uuid,
]);
/** Types whose values are strings. */
export const textTypes: ReadonlySet<number> = new Set([
  ...dictionaryTypes,
  TypeOid.bpchar,
  TypeOid.json,
  TypeOid.xml,
]);

export function hasDictionary(typeOid: number): boolean {
  return dictionaryTypes.has(typeOid) || typeOid === TypeOid.bpchar;
}

export class DictionaryBuilder {
  readonly values: string[];
  readonly #codes: Map<string, number>;
  readonly #isBlankPadded: boolean;
  /** Values without trailing blanks, of char(n): two that differ only in these are equal. */
  readonly #trimmed = new Set<string>();

  constructor(typeOid: number, inherited: readonly string[] = []) {
    this.values = [...inherited];
    this.#codes = new Map(inherited.map((value, code) => [value, code]));
    this.#isBlankPadded = typeOid === TypeOid.bpchar;
    if (this.#isBlankPadded) for (const value of inherited) this.#trimmed.add(value.trimEnd());
  }

  /** Codes of the values (0 for nulls), undefined when a dictionary does not suit them; then nothing has changed. */
  encode(values: readonly Datum[]): Float64Array | undefined {
    const before = this.values.length;
    const newMax = before + Math.max(16, values.length * newShareMax);
    const codes = new Float64Array(values.length);
    for (let i = 0; i < values.length; i++) {
      const value = values[i] as string | null;
      if (value === null) continue;
      let code = this.#codes.get(value);
      if (code === undefined) {
        code = this.values.length;
        if (code >= newMax || code >= entriesMax || !this.#add(value, code)) {
          this.#truncate(before);
          return undefined;
        }
      }
      codes[i] = code;
    }
    return codes;
  }
  /** The values that the codes stand for, each once. */
  usedValues(codes: Float64Array): string[] {
    const isUsed = new Uint8Array(this.values.length);
    for (let i = 0; i < codes.length; i++) isUsed[codes[i]] = 1;
    return this.values.filter((_, code) => isUsed[code] === 1);
  }
  #add(value: string, code: number): boolean {
    if (this.#isBlankPadded) {
      const trimmed = value.trimEnd();
      if (this.#trimmed.has(trimmed)) return false;
      this.#trimmed.add(trimmed);
    }
    this.#codes.set(value, code);
    this.values.push(value);
    return true;
  }
  #truncate(length: number): void {
    for (const value of this.values.splice(length)) {
      this.#codes.delete(value);
      if (this.#isBlankPadded) this.#trimmed.delete(value.trimEnd());
    }
  }

  /** What the next file starts with. */
  get inheritance(): readonly string[] {
    return this.values.length <= inheritedMax ? this.values : [];
  }
}

/** Blocks of text chunks, each after its length (u32, padded to 8). */
export function encodeDictionary(values: readonly string[]): Buffer {
  const parts: Uint8Array[] = [];
  for (let first = 0; first < values.length; first += blockRows) {
    const chunk = encodeTexts(values.slice(first, first + blockRows));
    const header = Buffer.alloc(8);
    header.writeUInt32LE(chunk.length, 0);
    parts.push(header, chunk);
  }
  return Buffer.concat(parts);
}

function decodeDictionary(bytes: Uint8Array, count: number): Dictionary {
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const values: Datum[] = [];
  let at = 0;
  while (values.length < count) {
    const length = Math.min(blockRows, count - values.length);
    values.push(...decodeTexts({ view, at: at + 8 }, length, undefined).values);
    at += 8 + view.getUint32(at, true);
  }
  return { values };
}

interface Interned {
  readonly bytes: Uint8Array;
  readonly dictionary: Dictionary;
}
const interned = new Map<string, Interned>();
/** Larger ones belong to one file anyway. */
const internedBytesMax = 65536;
const internedMax = 1000;

/** The dictionary of these bytes; equal bytes give the same object, as far as this thread remembers. */
export function internDictionary(bytes: Uint8Array, count: number, checksum: number): Dictionary {
  if (bytes.length > internedBytesMax) return decodeDictionary(bytes, count);
  const name = `${checksum}:${bytes.length}`;
  const known = interned.get(name);
  if (known !== undefined && Buffer.compare(known.bytes, bytes) === 0) return known.dictionary;
  const dictionary = decodeDictionary(bytes, count);
  if (interned.size >= internedMax) interned.delete(interned.keys().next().value!);
  interned.set(name, { bytes, dictionary });
  return dictionary;
}
