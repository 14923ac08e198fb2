// The tables beside orders and lineitem: region, nation, supplier, customer, part, partsupp.

import type { RandomStream } from './random-stream.ts';
import type { RowWriter } from './row-writer.ts';
import {
  encode,
  encodeAll,
  retailPrice,
  rowCount,
  supplierOfPart,
  writeAddress,
  writeComment,
  writePhone,
} from './values.ts';
import { containers, nations, partNameWords, partTypes, regions, segments } from './word-lists.ts';

/** What every table's generator takes. */
export interface TableInput {
  readonly scale: number;
  readonly random: RandomStream;
  readonly pool: Uint8Array;
}

export function writeRegions(writer: RowWriter, { random, pool }: TableInput): void {
  for (const [key, name] of regions.entries()) {
    writer.integer(key);
    writer.text(encode(name));
    writeComment(writer, random, pool, { min: 31, max: 115 });
    writer.endRow();
  }
}

export function writeNations(writer: RowWriter, { random, pool }: TableInput): void {
  for (const [key, [name, region]] of nations.entries()) {
    writer.integer(key);
    writer.text(encode(name));
    writer.integer(region);
    writeComment(writer, random, pool, { min: 31, max: 114 });
    writer.endRow();
  }
}

/** Of ten thousand suppliers five have had complaints and five recommendations. */
export function writeSuppliers(writer: RowWriter, { scale, random, pool }: TableInput): void {
  const count = rowCount(scale, 10_000);
  const remarks = supplierRemarks(random, count);
  const prefix = encode('Supplier#');
  for (let key = 1; key <= count; key++) {
    const nation = random.between(0, 24);
    writer.integer(key);
    writer.numbered(prefix, key);
    writeAddress(writer, random);
    writer.integer(nation);
    writePhone(writer, random, nation);
    writer.hundredths(random.between(-99_999, 999_999));
    const remark = remarks.get(key);
    if (remark === undefined) writeComment(writer, random, pool, { min: 25, max: 100 });
    else writer.text(supplierComment(random, pool, remark));
    writer.endRow();
  }
}

function supplierRemarks(random: RandomStream, suppliers: number): Map<number, string> {
  const each = Math.min(Math.ceil(suppliers / 2000), suppliers >> 1);
  const remarks = new Map<number, string>();
  while (remarks.size < each) remarks.set(random.between(1, suppliers), 'Complaints');
  while (remarks.size < 2 * each) {
    const key = random.between(1, suppliers);
    if (!remarks.has(key)) remarks.set(key, 'Recommends');
  }
  return remarks;
}

/** "Customer", something, and the remark, somewhere in a comment. */
function supplierComment(random: RandomStream, pool: Uint8Array, remark: string): Uint8Array {
  const length = random.between(25, 100);
  const gap = random.between(0, length - 8 - remark.length);
  const start = random.between(0, length - 8 - remark.length - gap);
  const from = random.between(0, pool.length - length);
  const comment = pool.slice(from, from + length);
  comment.set(encode('Customer'), start);
  comment.set(encode(remark), start + 8 + gap);
  return comment;
}

export function writeCustomers(writer: RowWriter, { scale, random, pool }: TableInput): void {
  const count = rowCount(scale, 150_000);
  const prefix = encode('Customer#');
  const segmentTexts = encodeAll(segments);
  for (let key = 1; key <= count; key++) {
    const nation = random.between(0, 24);
    writer.integer(key);
    writer.numbered(prefix, key);
    writeAddress(writer, random);
    writer.integer(nation);
    writePhone(writer, random, nation);
    writer.hundredths(random.between(-99_999, 999_999));
    writer.text(random.pick(segmentTexts));
    writeComment(writer, random, pool, { min: 29, max: 116 });
    writer.endRow();
  }
}

export function writeParts(writer: RowWriter, { scale, random, pool }: TableInput): void {
  const count = rowCount(scale, 200_000);
  const typeTexts = encodeAll(partTypes);
  const containerTexts = encodeAll(containers);
  for (let key = 1; key <= count; key++) {
    const manufacturer = random.between(1, 5);
    writer.integer(key);
    writer.text(encode(partName(random)));
    writer.text(encode(`Manufacturer#${manufacturer}`));
    writer.text(encode(`Brand#${manufacturer}${random.between(1, 5)}`));
    writer.text(random.pick(typeTexts));
    writer.integer(random.between(1, 50));
    writer.text(random.pick(containerTexts));
    writer.hundredths(retailPrice(key));
    writeComment(writer, random, pool, { min: 5, max: 22 });
    writer.endRow();
  }
}

/** Five different words. */
function partName(random: RandomStream): string {
  const words: string[] = [];
  while (words.length < 5) {
    const word = random.pick(partNameWords);
    if (!words.includes(word)) words.push(word);
  }
  return words.join(' ');
}

export function writePartSuppliers(writer: RowWriter, { scale, random, pool }: TableInput): void {
  const parts = rowCount(scale, 200_000);
  const suppliers = rowCount(scale, 10_000);
  for (let part = 1; part <= parts; part++) {
    for (let place = 0; place < 4; place++) {
      writer.integer(part);
      writer.integer(supplierOfPart(part, place, suppliers));
      writer.integer(random.between(1, 9999));
      writer.hundredths(random.between(100, 100_000));
      writeComment(writer, random, pool, { min: 49, max: 198 });
      writer.endRow();
    }
  }
}
