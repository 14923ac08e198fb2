// Identities of texts, found by their bytes: texts of a segment's block enter and are looked up without
// becoming strings, all others by their UTF-8 form. Open addressing with linear probing over the hashes.

import { type Datum, type Dictionary, type JoinedTexts, latin1Text, utf8Text } from '#common';
import { giveBack, zeroWholes } from './array-pool.ts';

const placesMin = 1024;
const bytesMin = 1 << 14;
/** UTF-8 bytes of a UTF-16 unit. */
const unitBytesMax = 3;

export class TextKeys implements Dictionary {
  length = 0;
  /** All of them, one after the other, and where each ends. */
  private bytes: Buffer = Buffer.alloc(0);
  private ends: Int32Array = new Int32Array(0);
  private hashes: Int32Array = new Int32Array(0);
  /** Identity + 1 by place; 0: none. */
  private places: Int32Array = new Int32Array(0);
  private isAscii = true;
  private made: Datum[] = [];

  get size(): number {
    return this.bytes.length + this.places.byteLength + this.ends.byteLength * 2;
  }

  /** Nothing is looked up any more; texts may still be read. */
  finish(): void {
    giveBack(this.hashes);
    giveBack(this.places);
    this.hashes = new Int32Array(0);
    this.places = new Int32Array(0);
  }

  /** All of them become strings. */
  get values(): readonly Datum[] {
    for (let identity = this.made.length; identity < this.length; identity++)
      this.made.push(this.at(identity));
    return this.made;
  }

  at(identity: number): Datum {
    if (identity < this.made.length) return this.made[identity];
    const start = identity === 0 ? 0 : this.ends[identity - 1];
    const end = this.ends[identity];
    return this.isAscii ? latin1Text(this.bytes, start, end) : utf8Text(this.bytes, start, end);
  }

  /** The identity of the text at a place of a block; of an unknown one a new one when `adds`, else -1. */
  ofBlock({ bytes, ends }: JoinedTexts, place: number, adds: boolean): number {
    return this.identityOf(bytes, place === 0 ? 0 : ends[place - 1], ends[place], adds);
  }

  ofString(text: string, adds: boolean): number {
    if (scratch.length < text.length * unitBytesMax)
      scratch = Buffer.allocUnsafe(text.length * unitBytesMax * 2);
    const length = encoded(text);
    if (adds && length !== text.length) this.isAscii = false;
    return this.identityOf(scratch, 0, length, adds);
  }

  private identityOf(bytes: Uint8Array, start: number, end: number, adds: boolean): number {
    const hash = hashOf(bytes, start, end);
    const mask = this.places.length - 1;
    let place = hash & mask;
    if (mask >= 0) {
      for (let known = this.places[place]; known !== 0; known = this.places[place]) {
        if (this.hashes[known - 1] === hash && this.isSame(known - 1, bytes, start, end))
          return known - 1;
        place = (place + 1) & mask;
      }
    }
    return adds ? this.add(hash, bytes, start, end) : -1;
  }

  private isSame(identity: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.bytes;
    let at = identity === 0 ? 0 : this.ends[identity - 1];
    if (this.ends[identity] - at !== end - start) return false;
    for (let i = start; i < end; i++) if (own[at++] !== bytes[i]) return false;
    return true;
  }

  private add(hash: number, bytes: Uint8Array, start: number, end: number): number {
    const identity = this.length++;
    if (identity >= this.ends.length) this.makeRoom();
    const from = identity === 0 ? 0 : this.ends[identity - 1];
    const to = from + end - start;
    if (to > this.bytes.length) this.lengthen(to);
    const own = this.bytes;
    for (let i = start, at = from; i < end; i++) own[at++] = bytes[i];
    this.ends[identity] = to;
    this.hashes[identity] = hash;
    this.place(identity);
    return identity;
  }

  private place(identity: number): void {
    const { places } = this;
    const mask = places.length - 1;
    let place = this.hashes[identity] & mask;
    while (places[place] !== 0) place = (place + 1) & mask;
    places[place] = identity + 1;
  }

  /** For twice as many texts. */
  private makeRoom(): void {
    const capacity = Math.max(placesMin, this.ends.length * 2);
    const ends = new Int32Array(capacity);
    ends.set(this.ends);
    this.ends = ends;
    this.hashes = longer(this.hashes, capacity);
    giveBack(this.places);
    this.places = zeroWholes(capacity * 2);
    for (let identity = 0; identity < this.length - 1; identity++) this.place(identity);
  }

  private lengthen(needed: number): void {
    const longer = Buffer.allocUnsafeSlow(Math.max(bytesMin, needed * 2));
    this.bytes.copy(longer);
    this.bytes = longer;
  }
}

let scratch = Buffer.allocUnsafe(1024);

/** Puts the text into `scratch`; the number of bytes. */
function encoded(text: string): number {
  const { length } = text;
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    if (unit > 127) return scratch.write(text, 'utf8');
    scratch[i] = unit;
  }
  return length;
}

function longer(array: Int32Array, length: number): Int32Array {
  const grown = zeroWholes(length);
  grown.set(array);
  giveBack(array);
  return grown;
}

/** As MurmurHash3 does, four bytes at a time. */
function hashOf(bytes: Uint8Array, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) {
    const word = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
    hash = step(hash, word);
  }
  let rest = 0;
  for (; at < end; at++) rest = (rest << 8) | bytes[at];
  hash = step(hash, rest);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

function step(hash: number, word: number): number {
  let mixed = Math.imul(word, 0xcc9e2d51);
  mixed = (mixed << 15) | (mixed >>> 17);
  const next = hash ^ Math.imul(mixed, 0x1b873593);
  return (Math.imul((next << 13) | (next >>> 19), 5) + 0xe6546b64) | 0;
}
