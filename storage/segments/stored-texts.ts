// Texts of a block as the file has them: bytes outside of the JavaScript heap, which cost little to keep.
// Strings are made of them when somebody asks, and given up again when the cache says so.

import { type Datum, type DatumVector, type JoinedTexts, latin1Text, utf8Text } from '#common';

export class StoredTexts implements DatumVector {
  readonly kind = 'datum';
  readonly texts: JoinedTexts | undefined;
  /** Asked for strings; who keeps the vector sets it to count them. */
  onUse: ((made: boolean) => void) | undefined = undefined;
  readonly #raw: Buffer;
  /** In UTF-16 units, which are bytes where everything is ASCII. */
  readonly #ends: Int32Array;
  readonly #nulls: Uint8Array | undefined;
  #values: readonly Datum[] | undefined = undefined;

  constructor(
    raw: Buffer,
    layout: {
      readonly ends: Int32Array;
      readonly nulls: Uint8Array | undefined;
      readonly isAscii: boolean;
    },
  ) {
    const { ends, nulls, isAscii } = layout;
    this.#raw = raw;
    this.#ends = ends;
    this.#nulls = nulls;
    this.texts = isAscii ? { bytes: raw, ends, nulls } : undefined;
  }

  get values(): readonly Datum[] {
    const isMade = this.#values === undefined;
    const values = (this.#values ??= this.#strings());
    this.onUse?.(isMade);
    return values;
  }

  get length(): number {
    return this.#ends.length;
  }

  /** Without the strings. */
  get bytes(): number {
    return this.#raw.length + this.#ends.byteLength + (this.#nulls?.byteLength ?? 0);
  }

  forgetValues(): void {
    this.#values = undefined;
  }

  #strings(): readonly Datum[] {
    const raw = this.#raw;
    const ends = this.#ends;
    const nulls = this.#nulls;
    const joined =
      this.texts === undefined ? utf8Text(raw, 0, raw.length) : latin1Text(raw, 0, raw.length);
    const values = new Array<Datum>(ends.length);
    let at = 0;
    for (let i = 0; i < values.length; i++) {
      const end = ends[i];
      values[i] = nulls !== undefined && nulls[i] !== 0 ? null : joined.slice(at, end);
      at = end;
    }
    return values;
  }
}
