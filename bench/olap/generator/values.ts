// Values that several tables share: comments, addresses, telephone numbers, the price of a part and the
// supplier of a part (specification 4.2.2 and 4.2.3).

import type { RandomStream } from './random-stream.ts';
import type { RowWriter } from './row-writer.ts';

const encoder = new TextEncoder();

export const encode = (text: string): Uint8Array => encoder.encode(text);

export const encodeAll = (texts: readonly string[]): readonly Uint8Array[] => texts.map(encode);

/** How many rows a table has. */
export function rowCount(scale: number, base: number): number {
  return Math.max(1, Math.round(scale * base));
}

/** A random piece of the text pool. */
export interface CommentLength {
  readonly min: number;
  readonly max: number;
}

export function writeComment(
  writer: RowWriter,
  random: RandomStream,
  pool: Uint8Array,
  length: CommentLength,
): void {
  const bytes = random.between(length.min, length.max);
  writer.slice(pool, random.between(0, pool.length - bytes), bytes);
}

const addressCharacters = encode(
  '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ, ',
);
const address = new Uint8Array(40);

/** 10 to 40 characters of an alphabet of 64. */
export function writeAddress(writer: RowWriter, random: RandomStream): void {
  const length = random.between(10, 40);
  for (let index = 0; index < length; index++)
    address[index] = addressCharacters[random.between(0, 63)];
  writer.slice(address, 0, length);
}

/** Two digits that name the nation, and ten random ones. */
export function writePhone(writer: RowWriter, random: RandomStream, nation: number): void {
  const [first, second] = [random.between(100, 999), random.between(100, 999)];
  writer.text(encode(`${nation + 10}-${first}-${second}-${random.between(1000, 9999)}`));
}

/** In hundredths. */
export function retailPrice(part: number): number {
  return 90_000 + (Math.floor(part / 10) % 20_001) + 100 * (part % 1000);
}

/** One of the four suppliers of a part; `place` is 0 to 3. */
export function supplierOfPart(part: number, place: number, suppliers: number): number {
  const step = Math.floor(suppliers / 4) + Math.floor((part - 1) / suppliers);
  return ((part + place * step) % suppliers) + 1;
}
