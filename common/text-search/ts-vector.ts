// tsvector: sorted distinct lexemes with their positions. A position is packed as PostgreSQL does:
// weight (D 0, C 1, B 2, A 3) << 14 | place in the document.
//
// Stored and binary form: count uint32, per lexeme UTF-8 and 00, position count uint16, positions uint16.

import type { ByteWriter } from '../byte-writer.ts';
import { utf8Text } from '../buffer-text.ts';
import { TypedValue } from '../datum.ts';
import { databaseError, type DatabaseError } from '../errors.ts';
import { encodeInt4, encodeText } from '../key-values.ts';
import { searchedLengthMax } from '../limits.ts';
import { compareText } from '../text-order.ts';
import { insufficientData, invalidBinary, typeIo } from '../type-io/contract.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from '../value-types/contract.ts';
import { LexemeReader, quoteLexeme } from './lexeme-text.ts';

export const positionMax = 16383;
const positionsPerLexemeMax = 255;
const lexemeBytesMax = 2046;

export interface Lexeme {
  readonly word: string;
  /** Ascending places, one weight each; empty when positions were stripped. */
  readonly positions: readonly number[];
}

export const placeOf = (position: number): number => position & positionMax;
export const weightOf = (position: number): number => position >> 14;

export class TsVector extends TypedValue {
  readonly lexemes: readonly Lexeme[];

  /** Lexemes in order, without duplicates. */
  constructor(lexemes: readonly Lexeme[]) {
    super();
    this.lexemes = lexemes;
  }

  /** From lexemes in any order; those of one word are joined. */
  static of(entries: Iterable<Lexeme>): TsVector {
    const byWord = new Map<string, number[]>();
    for (const { word, positions } of entries) {
      checkLexeme(word);
      const known = byWord.get(word);
      if (known === undefined) byWord.set(word, [...positions]);
      else known.push(...positions);
    }
    const words = [...byWord.keys()].sort(compareText);
    return new TsVector(
      words.map((word) => ({ word, positions: distinctPositions(byWord.get(word)!) })),
    );
  }

  override get codecOid(): number {
    return TypeOid.tsvector;
  }

  override toString(): string {
    return this.lexemes.map(lexemeText).join(' ');
  }

  /** Ordinal of a word, or of the first one with a prefix; -1: none. */
  find(word: string, prefix: boolean): number {
    let low = 0;
    let high = this.lexemes.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareText(this.lexemes[middle].word, word) < 0) low = middle + 1;
      else high = middle;
    }
    const found = this.lexemes[low]?.word;
    if (found === undefined) return -1;
    return (prefix ? found.startsWith(word) : found === word) ? low : -1;
  }
}

/** 54000: every word of a text is held at once. */
export function checkSearchedLength(text: string): void {
  if (text.length <= searchedLengthMax) return;
  const message = `string is too long for text search (${text.length} characters, max ${searchedLengthMax})`;
  throw databaseError('programLimitExceeded', message);
}

export function checkLexeme(word: string): void {
  const bytes = Buffer.byteLength(word);
  if (bytes <= lexemeBytesMax) return;
  throw databaseError(
    'programLimitExceeded',
    `word is too long (${bytes} bytes, max ${lexemeBytesMax} bytes)`,
  );
}

/** Ascending by place; of one place the highest weight stays. */
function distinctPositions(positions: number[]): number[] {
  const sorted = positions.sort((a, b) => placeOf(a) - placeOf(b) || weightOf(b) - weightOf(a));
  const result: number[] = [];
  for (const position of sorted) {
    const last = result.at(-1);
    if (last !== undefined && placeOf(last) === placeOf(position)) continue;
    result.push(position);
    if (result.length >= positionsPerLexemeMax || placeOf(position) === positionMax) break;
  }
  return result;
}

const weightLetters = ['', 'C', 'B', 'A'];

function lexemeText({ word, positions }: Lexeme): string {
  if (positions.length === 0) return quoteLexeme(word);
  const places = positions.map(
    (position) => `${placeOf(position)}${weightLetters[weightOf(position)]}`,
  );
  return `${quoteLexeme(word)}:${places.join(',')}`;
}

function parseTsVector(text: string): TsVector {
  checkSearchedLength(text);
  const reader = new LexemeReader(text, 'tsvector', '');
  const lexemes: Lexeme[] = [];
  for (;;) {
    const word = reader.word();
    if (word === undefined) return TsVector.of(lexemes);
    lexemes.push({ word, positions: readPositions(reader, text) });
  }
}

function readPositions(reader: LexemeReader, text: string): number[] {
  const positions: number[] = [];
  if (!reader.take(':')) return positions;
  do {
    const digits = reader.match(/\d+/y);
    if (digits === undefined) throw syntax(text);
    const place = Math.min(Number(digits), positionMax);
    if (place === 0) {
      throw databaseError('syntaxError', `wrong position info in tsvector: "${text}"`);
    }
    let weight = 0;
    for (;;) {
      const letter = reader.match(/[A-Da-d*]/y);
      if (letter === undefined) break;
      if (weight !== 0) throw syntax(text);
      weight = letter === '*' ? 3 : 'DCBA'.indexOf(letter.toUpperCase());
    }
    positions.push((weight << 14) | place);
  } while (reader.take(','));
  if (!reader.atBlank) throw syntax(text);
  return positions;
}

function syntax(text: string): DatabaseError {
  return databaseError('syntaxError', `syntax error in tsvector: "${text}"`);
}

/** Bytes that PostgreSQL keeps for the value: its order begins with them. */
function sizeOf(vector: TsVector): number {
  let bytes = 0;
  for (const { word, positions } of vector.lexemes) {
    bytes += Buffer.byteLength(word);
    if (positions.length > 0) bytes = ((bytes + 1) & ~1) + 2 + positions.length * 2;
  }
  return 8 + vector.lexemes.length * 4 + bytes;
}

export function compareTsVectors(left: TsVector, right: TsVector): number {
  const size = sizeOf(left) - sizeOf(right) || left.lexemes.length - right.lexemes.length;
  if (size !== 0) return size;
  for (const [index, first] of left.lexemes.entries()) {
    const order = compareLexemes(first, right.lexemes[index]);
    if (order !== 0) return order;
  }
  return 0;
}

/** More positions and higher ones come first. */
function compareLexemes(left: Lexeme, right: Lexeme): number {
  const marked = Number(left.positions.length === 0) - Number(right.positions.length === 0);
  if (marked !== 0) return marked;
  const order = compareText(left.word, right.word);
  if (order !== 0) return order;
  const count = right.positions.length - left.positions.length;
  if (count !== 0) return count;
  for (const [index, position] of left.positions.entries()) {
    const other = right.positions[index];
    const difference = placeOf(other) - placeOf(position) || weightOf(other) - weightOf(position);
    if (difference !== 0) return difference;
  }
  return 0;
}

function keyOf(vector: TsVector): string {
  let key = encodeInt4(sizeOf(vector)) + encodeInt4(vector.lexemes.length);
  for (const { word, positions } of vector.lexemes) {
    key +=
      (positions.length === 0 ? '\x01' : '\x00') + encodeText(word) + encodeInt4(-positions.length);
    for (const position of positions) {
      key += encodeInt4(-((placeOf(position) << 2) | weightOf(position)));
    }
  }
  return key;
}

function write(writer: ByteWriter, vector: TsVector): void {
  writer.int32(vector.lexemes.length);
  for (const { word, positions } of vector.lexemes) {
    writer.text(word);
    writer.uint8(0);
    writer.int16(positions.length);
    for (const position of positions) writer.int16(position);
  }
}

function read(buffer: Buffer, start: number, end: number): TsVector {
  if (end - start < 4) throw insufficientData();
  const lexemes: Lexeme[] = [];
  let at = start + 4;
  for (let count = buffer.readUInt32BE(start); count > 0; count--) {
    const stop = buffer.indexOf(0, at);
    if (stop < 0 || stop + 3 > end) throw insufficientData();
    const word = utf8Text(buffer, at, stop);
    const length = buffer.readUInt16BE(stop + 1);
    at = stop + 3;
    if (at + length * 2 > end) throw insufficientData();
    const positions: number[] = [];
    for (let i = 0; i < length; i++, at += 2) positions.push(buffer.readUInt16BE(at));
    lexemes.push({ word, positions });
  }
  if (at !== end) throw invalidBinary();
  return new TsVector(lexemes);
}

export const tsVectorTypes: readonly AnyValueType[] = [
  valueType<TsVector>({
    oid: TypeOid.tsvector,
    io: typeIo<TsVector>({
      input: parseTsVector,
      output: (value) => value.toString(),
      receive: (bytes) => TsVector.of(read(bytes, 0, bytes.length).lexemes),
      send: (value, writer) => write(writer, value),
    }),
    codec: { write, read },
    order: { compare: compareTsVectors, hashKey: keyOf, encodeKey: keyOf },
  }),
];
