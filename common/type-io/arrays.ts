// Arrays of any type, and int2vector and oidvector, whose text is a blank-separated list.
//
// Binary: dimension count int32, has-null flag int32, element type int32, per dimension length and
// lower bound int32, then each element with its length (-1: null).

import type { ByteWriter } from '../byte-writer.ts';
import { ArrayValue, type ArrayDimension, type Datum } from '../datum.ts';
import { databaseError, type DatabaseError } from '../errors.ts';
import type { FormatSettings } from '../format-settings.ts';
import { arrayDimensionsMax, arrayElementsMax } from '../limits.ts';
import { doubleCharacters } from '../long-text.ts';
import { typeByOid } from '../type-registry.ts';
import { TypeOid } from '../types.ts';
import { readInt32 } from '../value-codec.ts';
import { insufficientData, invalidBinary, typeIo, type AnyTypeIo } from './contract.ts';

export function arrayIo(elementOid: number, ioOf: (oid: number) => AnyTypeIo): AnyTypeIo {
  const delimiter = typeByOid(elementOid)?.delimiter ?? ',';
  const element = ioOf(elementOid);
  return typeIo<ArrayValue>({
    input: (text, typmod, settings) => {
      const literal = new ArrayLiteral(text, delimiter).parse();
      const elements = literal.elements.map((item) =>
        item === null ? null : element.input(item, typmod, settings),
      );
      return new ArrayValue(elementOid, literal.dimensions, elements);
    },
    output: (value, settings) => formatArray(value, delimiter, element, settings),
    receive: (bytes, typmod) => receiveArray(bytes, typmod, elementOid, element),
    send: (value, writer) => sendArray(value, element, writer),
  });
}

/** anyarray: the values of pg_statistic, each an array of its own type. */
export function anyArrayIo(ioOf: (oid: number) => AnyTypeIo): AnyTypeIo {
  const refuse = (): never => {
    throw databaseError('featureNotSupported', 'cannot accept a value of type anyarray');
  };
  const ioOfValue = (value: ArrayValue): AnyTypeIo => arrayIo(value.elementType, ioOf);
  return typeIo<ArrayValue>({
    input: refuse,
    receive: refuse,
    output: (value, settings) => ioOfValue(value).output(value, settings),
    send: (value, writer) => ioOfValue(value).send(value, writer),
  });
}

/** As array_out() prints it, lower bounds only where one differs from 1. */
function formatArray(
  value: ArrayValue,
  delimiter: string,
  element: AnyTypeIo,
  settings: FormatSettings,
): string {
  const { dimensions, elements } = value;
  if (dimensions.length === 0) return '{}';
  const texts = elements.map((item) =>
    item === null ? 'NULL' : quoteElement(element.output(item, settings), delimiter),
  );
  let next = 0;
  const braces = (depth: number): string => {
    const parts: string[] = [];
    for (let index = 0; index < dimensions[depth].length; index++) {
      parts.push(depth + 1 === dimensions.length ? texts[next++] : braces(depth + 1));
    }
    return `{${parts.join(delimiter)}}`;
  };
  const body = braces(0);
  if (dimensions.every((dimension) => dimension.lowerBound === 1)) return body;
  const bounds = dimensions.map(
    ({ lowerBound, length }) => `[${lowerBound}:${lowerBound + length - 1}]`,
  );
  return `${bounds.join('')}=${body}`;
}

const plainElement = /^[^"\\{}\s]+$/;

function quoteElement(text: string, delimiter: string): string {
  const plain =
    plainElement.test(text) && !text.includes(delimiter) && text.toLowerCase() !== 'null';
  return plain ? text : `"${doubleCharacters(text, /["\\]/g, '\\$&')}"`;
}

interface ParsedLiteral {
  readonly dimensions: ArrayDimension[];
  readonly elements: (string | null)[];
}

/** array_in(): optional bounds, then nested braces whose levels all have the same length. */
class ArrayLiteral {
  private readonly text: string;
  private readonly delimiter: string;
  private position: number;
  private readonly lengths: number[];
  private readonly elements: (string | null)[];
  private elementDepth: number;

  constructor(text: string, delimiter: string) {
    this.text = text;
    this.delimiter = delimiter;
    this.position = 0;
    this.lengths = [];
    this.elements = [];
    this.elementDepth = -1;
  }

  parse(): ParsedLiteral {
    const bounds = this.bounds();
    this.skipBlanks();
    if (this.text[this.position] !== '{') {
      throw bounds.length === 0
        ? this.malformed('Array value must start with "{" or dimension information.')
        : this.malformed('Array contents must start with "{".');
    }
    this.level(0);
    this.skipBlanks();
    if (this.position < this.text.length) throw this.malformed('Junk after closing right brace.');
    if (this.elements.length === 0) return { dimensions: [], elements: [] };
    if (bounds.length > 0) {
      const same =
        bounds.length === this.lengths.length &&
        bounds.every((bound, index) => bound.length === this.lengths[index]);
      if (!same) throw this.malformed('Specified array dimensions do not match array contents.');
      return { dimensions: bounds, elements: this.elements };
    }
    const dimensions = this.lengths.map((length) => ({ length, lowerBound: 1 }));
    return { dimensions, elements: this.elements };
  }

  private bounds(): ArrayDimension[] {
    const bounds: ArrayDimension[] = [];
    this.skipBlanks();
    while (this.text[this.position] === '[') {
      const match = /^\[([+-]?\d+)(?::([+-]?\d+))?\]\s*/.exec(this.text.slice(this.position));
      if (match === null)
        throw this.malformed('"[" must introduce explicitly-specified array dimensions.');
      if (bounds.length === arrayDimensionsMax) throw tooManyDimensions(bounds.length + 1);
      const lower = match[2] === undefined ? 1 : Number(match[1]);
      const upper = Number(match[2] ?? match[1]);
      if (upper < lower) {
        throw databaseError('arraySubscriptError', 'upper bound cannot be less than lower bound');
      }
      bounds.push({ length: upper - lower + 1, lowerBound: lower });
      this.position += match[0].length;
    }
    if (bounds.length > 0) {
      if (this.text[this.position] !== '=')
        throw this.malformed('Missing "=" after array dimensions.');
      this.position++;
    }
    return bounds;
  }

  /** One pair of braces; returns how many items it holds. */
  private level(depth: number): void {
    if (depth >= arrayDimensionsMax) throw tooManyDimensions(depth + 1);
    this.position++;
    let count = 0;
    this.skipBlanks();
    if (this.text[this.position] === '}') {
      this.position++;
      // Only a wholly empty array may have an empty level.
      if (depth > 0) {
        this.position--;
        throw this.unexpected('}');
      }
      return;
    }
    for (;;) {
      this.skipBlanks();
      if (this.text[this.position] === '{') {
        if (this.elementDepth === depth) throw this.unexpected('{');
        this.level(depth + 1);
      } else this.element(depth);
      count++;
      this.skipBlanks();
      const next = this.text[this.position];
      if (next === this.delimiter) this.position++;
      else if (next === '}') break;
      else throw next === undefined ? this.ended() : this.unexpectedElement(next);
    }
    this.position++;
    this.closeLevel(depth, count);
  }

  private closeLevel(depth: number, count: number): void {
    const known = this.lengths[depth];
    if (known === undefined) this.lengths[depth] = count;
    else if (known !== count) throw this.mismatch();
  }

  private element(depth: number): void {
    if (this.elementDepth === -1) this.elementDepth = depth;
    else if (this.elementDepth !== depth) throw this.malformed('Unexpected array element.');
    const { text } = this;
    let content = '';
    let quoted = false;
    let escaped = false;
    /** Unquoted blanks at the end do not count. */
    let keep = 0;
    for (;;) {
      const character = text[this.position];
      if (character === undefined) throw this.ended();
      if (character === '"') {
        if (quoted || content !== '') throw this.malformed('Unexpected array element.');
        content = this.quotedText();
        quoted = true;
        keep = content.length;
      } else if (character === '\\') {
        if (quoted) throw this.malformed('Unexpected array element.');
        const next = text[this.position + 1];
        if (next === undefined) throw this.ended();
        content += next;
        keep = content.length;
        escaped = true;
        this.position += 2;
      } else if (character === '{') throw this.unexpected('{');
      else if (character === '}' || character === this.delimiter) break;
      else {
        const blank = /\s/.test(character);
        if (quoted && !blank) throw this.malformed('Unexpected array element.');
        if (!quoted) content += character;
        if (!blank) keep = content.length;
        this.position++;
      }
    }
    content = content.slice(0, keep);
    if (!quoted && content === '') throw this.unexpected(text[this.position]);
    if (this.elements.length >= arrayElementsMax) {
      throw databaseError(
        'programLimitExceeded',
        `array size exceeds the maximum allowed (${arrayElementsMax})`,
      );
    }
    const isNull = !quoted && !escaped && content.toLowerCase() === 'null';
    this.elements.push(isNull ? null : content);
  }

  private quotedText(): string {
    const { text } = this;
    let content = '';
    for (this.position++; ; this.position++) {
      const character = text[this.position];
      if (character === undefined) throw this.ended();
      if (character === '"') break;
      if (character === '\\') {
        const next = text[++this.position];
        if (next === undefined) throw this.ended();
        content += next;
      } else content += character;
    }
    this.position++;
    return content;
  }

  private skipBlanks(): void {
    while (/\s/.test(this.text[this.position] ?? '')) this.position++;
  }

  private malformed(detail: string): DatabaseError {
    return databaseError('invalidTextRepresentation', `malformed array literal: "${this.text}"`, {
      detail,
    });
  }
  private ended(): DatabaseError {
    return this.malformed('Unexpected end of input.');
  }
  private unexpected(character: string): DatabaseError {
    return this.malformed(`Unexpected "${character}" character.`);
  }
  private unexpectedElement(character: string): DatabaseError {
    return character === '{' ? this.unexpected('{') : this.malformed('Unexpected array element.');
  }
  private mismatch(): DatabaseError {
    return this.malformed('Multidimensional arrays must have sub-arrays with matching dimensions.');
  }
}

function tooManyDimensions(count: number): DatabaseError {
  return databaseError(
    'programLimitExceeded',
    `number of array dimensions (${count}) exceeds the maximum allowed (${arrayDimensionsMax})`,
  );
}

function sendArray(value: ArrayValue, element: AnyTypeIo, writer: ByteWriter): void {
  writer.int32(value.dimensions.length);
  writer.int32(value.elements.includes(null) ? 1 : 0);
  writer.int32(value.elementType);
  for (const dimension of value.dimensions) {
    writer.int32(dimension.length);
    writer.int32(dimension.lowerBound);
  }
  for (const item of value.elements) {
    if (item === null) writer.int32(-1);
    else {
      const start = writer.begin();
      element.send(item, writer);
      writer.end(start);
    }
  }
}

function receiveArray(
  bytes: Buffer,
  typmod: number,
  elementOid: number,
  element: AnyTypeIo,
): ArrayValue {
  if (bytes.length < 12) throw insufficientData();
  const dimensionCount = readInt32(bytes, 0);
  if (dimensionCount < 0) {
    throw databaseError(
      'invalidBinaryRepresentation',
      `invalid number of dimensions: ${dimensionCount}`,
    );
  }
  if (dimensionCount > arrayDimensionsMax) {
    throw databaseError(
      'programLimitExceeded',
      `number of array dimensions (${dimensionCount}) exceeds the maximum allowed (${arrayDimensionsMax})`,
    );
  }
  const flags = readInt32(bytes, 4);
  if (flags !== 0 && flags !== 1) {
    throw databaseError('invalidBinaryRepresentation', 'invalid array flags');
  }
  const sentType = readInt32(bytes, 8) >>> 0;
  if (sentType !== elementOid) {
    throw databaseError(
      'datatypeMismatch',
      `binary data has array element type ${sentType} (${typeByOid(sentType)?.name ?? '???'}) ` +
        `instead of expected ${elementOid} (${typeByOid(elementOid)?.name ?? '???'})`,
    );
  }
  if (bytes.length < 12 + dimensionCount * 8) throw insufficientData();
  const dimensions: ArrayDimension[] = [];
  let count = dimensionCount === 0 ? 0 : 1;
  for (let index = 0; index < dimensionCount; index++) {
    const length = readInt32(bytes, 12 + index * 8);
    if (length < 0) throw invalidBinary();
    dimensions.push({ length, lowerBound: readInt32(bytes, 16 + index * 8) });
    count *= length;
  }
  let at = 12 + dimensionCount * 8;
  // Every element has at least its length: a count that the message cannot hold is refused first.
  if (count * 4 > bytes.length - at) throw insufficientData();
  const elements: Datum[] = [];
  for (let index = 0; index < count; index++) {
    if (at + 4 > bytes.length) throw insufficientData();
    const length = readInt32(bytes, at);
    at += 4;
    if (length === -1) elements.push(null);
    else {
      if (length < 0 || at + length > bytes.length) throw insufficientData();
      elements.push(element.receive(bytes.subarray(at, at + length), typmod));
      at += length;
    }
  }
  if (at !== bytes.length) throw invalidBinary();
  return new ArrayValue(elementOid, count === 0 ? [] : dimensions, elements);
}

function vectorIo(elementOid: number, ioOf: (oid: number) => AnyTypeIo): AnyTypeIo {
  const element = ioOf(elementOid);
  const array = arrayIo(elementOid, ioOf);
  return typeIo<ArrayValue>({
    input: (text, _typmod, settings) => {
      const items = text.trim() === '' ? [] : text.trim().split(/\s+/);
      const elements = items.map((item) => element.input(item, -1, settings));
      return new ArrayValue(elementOid, [{ length: elements.length, lowerBound: 0 }], elements);
    },
    output: (value) => value.elements.map(String).join(' '),
    receive: (bytes, typmod) => array.receive(bytes, typmod) as ArrayValue,
    send: (value, writer) => array.send(value, writer),
  });
}

export function vectorTypes(
  ioOf: (oid: number) => AnyTypeIo,
): readonly (readonly [number, AnyTypeIo])[] {
  return [
    [TypeOid.int2vector, vectorIo(TypeOid.int2, ioOf)],
    [TypeOid.oidvector, vectorIo(TypeOid.oid, ioOf)],
  ];
}
