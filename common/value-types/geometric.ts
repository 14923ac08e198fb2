// point, line, lseg, box, path, polygon and circle: lists of doubles.
//
//   point x y | line A B C (Ax + By + C = 0) | lseg x1 y1 x2 y2 | box high x y, low x y
//   path, polygon x1 y1 x2 y2 … | circle x y r
//
// Binary form: the doubles; path: closed flag byte, then point count int32; polygon: point count int32.
// Stored form: closed flag byte, then the doubles.

import { databaseError } from '../errors.ts';
import { TypedValue } from '../datum.ts';
import type { ByteWriter } from '../byte-writer.ts';
import type { FormatSettings } from '../format-settings.ts';
import { expectLength, insufficientData, invalidInput, typeIo } from '../type-io/contract.ts';
import { formatFloat8, parseFloat8 } from '../type-io/floats.ts';
import { TypeOid } from '../types.ts';
import { valueType, type AnyValueType } from './contract.ts';

export class GeometricValue extends TypedValue {
  readonly typeOid: number;
  readonly numbers: readonly number[];
  /** Of a path. */
  readonly isClosed: boolean;

  constructor(typeOid: number, numbers: readonly number[], isClosed = true) {
    super();
    this.typeOid = typeOid;
    this.numbers = numbers;
    this.isClosed = isClosed;
  }

  override get codecOid(): number {
    return this.typeOid;
  }
}

const names = new Map<number, string>([
  [TypeOid.point, 'point'],
  [TypeOid.line, 'line'],
  [TypeOid.lseg, 'lseg'],
  [TypeOid.box, 'box'],
  [TypeOid.path, 'path'],
  [TypeOid.polygon, 'polygon'],
  [TypeOid.circle, 'circle'],
]);

/** Reads the shapes' texts, which all are pairs of numbers with optional brackets. */
class ShapeReader {
  private readonly text: string;
  private readonly typeName: string;
  private at = 0;

  constructor(text: string, typeName: string) {
    this.text = text;
    this.typeName = typeName;
    this.skip();
  }

  get failure(): Error {
    return invalidInput(this.typeName, this.text);
  }

  private skip(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  peek(character: string): boolean {
    return this.text[this.at] === character;
  }

  take(character: string): boolean {
    if (!this.peek(character)) return false;
    this.at++;
    this.skip();
    return true;
  }

  expect(character: string): void {
    if (!this.take(character)) throw this.failure;
  }

  end(): void {
    if (this.at < this.text.length) throw this.failure;
  }

  number(): number {
    const match = /^[-+]?(?:\d+\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|inf(?:inity)?|nan)/i.exec(
      this.text.slice(this.at, this.at + 400),
    );
    if (match === null) throw this.failure;
    this.at += match[0].length;
    this.skip();
    return parseFloat8(match[0]);
  }

  pair(into: number[]): void {
    const bracketed = this.take('(');
    into.push(this.number());
    this.expect(',');
    into.push(this.number());
    if (bracketed) this.expect(')');
  }

  /** Points up to the closing bracket; says whether they stood in square brackets. */
  points(count: number | undefined, mayBeOpen: boolean): { numbers: number[]; isOpen: boolean } {
    const isOpen = this.peek('[');
    let depth = 0;
    if (isOpen) {
      if (!mayBeOpen) throw this.failure;
      this.take('[');
      depth = 1;
    } else if (this.peek('(') && this.outerBracket()) {
      this.take('(');
      depth = 1;
    }
    const numbers: number[] = [];
    this.pair(numbers);
    while (this.take(',')) this.pair(numbers);
    if (depth > 0) this.expect(isOpen ? ']' : ')');
    if (count !== undefined && numbers.length !== count * 2) throw this.failure;
    return { numbers, isOpen };
  }

  /** Whether the bracket here surrounds all points: another follows at once, or none follows at all. */
  private outerBracket(): boolean {
    const rest = this.text.slice(this.at + 1);
    return /^\s*\(/.test(rest) || !rest.includes('(');
  }
}

function parsePoint(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'point');
  const numbers: number[] = [];
  reader.pair(numbers);
  reader.end();
  return new GeometricValue(TypeOid.point, numbers);
}

function parseSegment(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'lseg');
  const { numbers } = reader.points(2, true);
  reader.end();
  return new GeometricValue(TypeOid.lseg, numbers);
}

function parseBox(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'box');
  const { numbers } = reader.points(2, false);
  reader.end();
  return makeBox(numbers);
}

/** Any two opposite corners. */
export function makeBox(numbers: readonly number[]): GeometricValue {
  const [x1, y1, x2, y2] = numbers;
  const high = (a: number, b: number): number => (a > b || Number.isNaN(a) ? a : b);
  const low = (a: number, b: number): number => (a > b || Number.isNaN(a) ? b : a);
  return new GeometricValue(TypeOid.box, [high(x1, x2), high(y1, y2), low(x1, x2), low(y1, y2)]);
}

function parsePath(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'path');
  const { numbers, isOpen } = reader.points(undefined, true);
  reader.end();
  return new GeometricValue(TypeOid.path, numbers, !isOpen);
}

function parsePolygon(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'polygon');
  const { numbers } = reader.points(undefined, false);
  reader.end();
  return new GeometricValue(TypeOid.polygon, numbers);
}

function parseCircle(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'circle');
  const angled = reader.take('<');
  const nested = !angled && /^\s*\(\s*\(/.test(text) && reader.take('(');
  const single = !angled && !nested && /^\s*\([^()]*\)\s*$/.test(text) && reader.take('(');
  const numbers: number[] = [];
  reader.pair(numbers);
  reader.take(',');
  numbers.push(reader.number());
  if (numbers[2] < 0) throw reader.failure;
  if (angled) reader.expect('>');
  if (nested || single) reader.expect(')');
  reader.end();
  return new GeometricValue(TypeOid.circle, numbers);
}

function parseLine(text: string): GeometricValue {
  const reader = new ShapeReader(text, 'line');
  if (!reader.take('{')) {
    const { numbers } = reader.points(2, true);
    reader.end();
    return lineThrough(numbers, 'invalidTextRepresentation');
  }
  const a = reader.number();
  reader.expect(',');
  const b = reader.number();
  reader.expect(',');
  const c = reader.number();
  reader.expect('}');
  reader.end();
  if (Math.abs(a) <= 1e-6 && Math.abs(b) <= 1e-6) {
    throw databaseError(
      'invalidTextRepresentation',
      'invalid line specification: A and B cannot both be zero',
    );
  }
  return new GeometricValue(TypeOid.line, [a, b, c]);
}

/** Through two points x1 y1 x2 y2. */
export function lineThrough(
  numbers: readonly number[],
  condition: 'invalidTextRepresentation' | 'invalidParameterValue',
): GeometricValue {
  const [x1, y1, x2, y2] = numbers;
  const sameX = x1 === x2 || Math.abs(x1 - x2) <= 1e-6;
  const sameY = y1 === y2 || Math.abs(y1 - y2) <= 1e-6;
  if (sameX && sameY) {
    throw databaseError(condition, 'invalid line specification: must be two distinct points');
  }
  return lineWithSlope(x1, y1, sameX ? Infinity : sameY ? 0 : (y1 - y2) / (x1 - x2));
}

export function lineWithSlope(x: number, y: number, slope: number): GeometricValue {
  if (Math.abs(slope) === Infinity) return new GeometricValue(TypeOid.line, [-1, 0, x]);
  if (slope === 0) return new GeometricValue(TypeOid.line, [0, -1, y]);
  return new GeometricValue(TypeOid.line, [slope, -1, y - slope * x + 0]);
}

/** What a subscript of a shape gives: its numbers or its points, from 0 on. 0: it takes none. */
export function shapeElementType(typeOid: number): number {
  if (typeOid === TypeOid.point || typeOid === TypeOid.line) return TypeOid.float8;
  return typeOid === TypeOid.lseg || typeOid === TypeOid.box ? TypeOid.point : 0;
}

/** undefined outside of the shape. */
export function shapeElement(
  value: GeometricValue,
  index: number,
): number | GeometricValue | undefined {
  if (shapeElementType(value.typeOid) === TypeOid.float8) return value.numbers[index];
  const point = value.numbers.slice(index * 2, index * 2 + 2);
  return index < 0 || point.length < 2 ? undefined : new GeometricValue(TypeOid.point, point);
}

/** The shape with one number or point replaced; undefined outside of it. */
export function withShapeElement(
  value: GeometricValue,
  index: number,
  element: number | GeometricValue,
): GeometricValue | undefined {
  if (shapeElement(value, index) === undefined) return undefined;
  const parts = typeof element === 'number' ? [element] : element.numbers;
  const numbers = [...value.numbers];
  numbers.splice(index * parts.length, parts.length, ...parts);
  return new GeometricValue(value.typeOid, numbers, value.isClosed);
}

function format(value: GeometricValue, settings: FormatSettings): string {
  const texts = value.numbers.map((number) => formatFloat8(number, settings.extraFloatDigits));
  const points: string[] = [];
  for (let i = 0; i + 1 < texts.length; i += 2) points.push(`(${texts[i]},${texts[i + 1]})`);
  switch (value.typeOid) {
    case TypeOid.line:
      return `{${texts.join(',')}}`;
    case TypeOid.lseg:
      return `[${points.join(',')}]`;
    case TypeOid.path:
      return value.isClosed ? `(${points.join(',')})` : `[${points.join(',')}]`;
    case TypeOid.polygon:
      return `(${points.join(',')})`;
    case TypeOid.circle:
      return `<${points[0]},${texts[2]}>`;
    default:
      return points.join(',');
  }
}

const counts = new Map<number, number>([
  [TypeOid.point, 2],
  [TypeOid.line, 3],
  [TypeOid.lseg, 4],
  [TypeOid.box, 4],
  [TypeOid.circle, 3],
]);

function receive(oid: number, bytes: Buffer): GeometricValue {
  const isPath = oid === TypeOid.path;
  const head = counts.has(oid) ? 0 : isPath ? 5 : 4;
  if (bytes.length < head) throw insufficientData();
  const count = counts.get(oid) ?? bytes.readInt32BE(isPath ? 1 : 0) * 2;
  if (count <= 0 || count > 1 << 26) {
    throw databaseError(
      'invalidBinaryRepresentation',
      `invalid number of points in external "${names.get(oid)}" value`,
    );
  }
  expectLength(bytes, head + count * 8);
  const numbers: number[] = [];
  for (let i = 0; i < count; i++) numbers.push(bytes.readDoubleBE(head + i * 8));
  if (oid === TypeOid.box) return makeBox(numbers);
  if (oid === TypeOid.circle && numbers[2] < 0) {
    throw databaseError('invalidBinaryRepresentation', 'invalid radius in external "circle" value');
  }
  if (oid === TypeOid.line && numbers[0] === 0 && numbers[1] === 0) {
    throw databaseError(
      'invalidBinaryRepresentation',
      'invalid line specification: A and B cannot both be zero',
    );
  }
  return new GeometricValue(oid, numbers, !isPath || bytes[0] !== 0);
}

function send(writer: ByteWriter, value: GeometricValue): void {
  const { typeOid, numbers } = value;
  if (typeOid === TypeOid.path) writer.uint8(value.isClosed ? 1 : 0);
  if (!counts.has(typeOid)) writer.int32(numbers.length / 2);
  for (const number of numbers) writer.float64(number);
}

function geometricType(oid: number, input: (text: string) => GeometricValue): AnyValueType {
  return valueType<GeometricValue>({
    oid,
    io: typeIo<GeometricValue>({
      input,
      output: format,
      receive: (bytes) => receive(oid, bytes),
      send: (value, writer) => send(writer, value),
    }),
    codec: {
      write: (writer, value) => {
        writer.uint8(value.isClosed ? 1 : 0);
        for (const number of value.numbers) writer.float64(number);
      },
      read: (buffer, start, end) => {
        const numbers: number[] = [];
        for (let at = start + 1; at < end; at += 8) numbers.push(buffer.readDoubleBE(at));
        return new GeometricValue(oid, numbers, buffer[start] === 1);
      },
    },
  });
}

export const geometricTypes: readonly AnyValueType[] = [
  geometricType(TypeOid.point, parsePoint),
  geometricType(TypeOid.line, parseLine),
  geometricType(TypeOid.lseg, parseSegment),
  geometricType(TypeOid.box, parseBox),
  geometricType(TypeOid.path, parsePath),
  geometricType(TypeOid.polygon, parsePolygon),
  geometricType(TypeOid.circle, parseCircle),
];
