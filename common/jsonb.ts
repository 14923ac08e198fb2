// The SQL value of type jsonb. What comes from storage or a message is canonical text and is parsed
// when someone looks inside; a scan that only sends it on never pays for that.

import { parseJson } from './json-text.ts';
import { jsonBytes, writeJsonText, type JsonValue } from './json-value.ts';

const objectBytes = 48;

export class Jsonb {
  #value: JsonValue | undefined;
  #text: string | undefined;
  #valueBytes: number | undefined;

  constructor(value: JsonValue | undefined, canonicalText?: string) {
    this.#value = value;
    this.#text = canonicalText;
  }

  /** From text input: parsed and checked now. */
  static parse(text: string): Jsonb {
    return new Jsonb(parseJson(text));
  }

  /** From text that toString() made. */
  static fromCanonicalText(text: string): Jsonb {
    return new Jsonb(undefined, text);
  }

  get value(): JsonValue {
    if (this.#value === undefined) this.#value = parseJson(this.#text!);
    return this.#value;
  }

  /** The canonical text, where nobody has looked inside yet. */
  get unreadText(): string | undefined {
    return this.#value === undefined ? this.#text : undefined;
  }

  /** Roughly what it holds in memory. */
  get heapBytes(): number {
    if (this.#value !== undefined) this.#valueBytes ??= jsonBytes(this.#value);
    return objectBytes + (this.#text?.length ?? 0) + (this.#valueBytes ?? 0);
  }

  /** jsonb's text output: ", " and ": " between parts. */
  toString(): string {
    this.#text ??= writeJsonText(this.#value!);
    return this.#text;
  }
}
