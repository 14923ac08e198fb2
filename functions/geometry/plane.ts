// Points, lines and segments of the plane, compared as PostgreSQL does: numbers within a millionth of
// each other are equal. Closest points and distances between them.

import { databaseError, GeometricValue, lineWithSlope, TypeOid } from '#common';

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Segment {
  readonly start: Point;
  readonly end: Point;
}

/** Ax + By + C = 0 */
export interface Line {
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A point of something, and how far it is from something else. */
export interface Closest {
  readonly point: Point;
  readonly distance: number;
}

const epsilon = 1e-6;

export const isZero = (value: number): boolean => Math.abs(value) <= epsilon;
export const equal = (left: number, right: number): boolean =>
  left === right || Math.abs(left - right) <= epsilon;
export const less = (left: number, right: number): boolean => right - left > epsilon;
export const lessOrEqual = (left: number, right: number): boolean => left - right <= epsilon;
export const greater = (left: number, right: number): boolean => left - right > epsilon;
export const greaterOrEqual = (left: number, right: number): boolean => right - left <= epsilon;

/** Results that left the range of doubles, though no argument had: 22003. */
export function checked(value: number, ...from: readonly number[]): number {
  if (Math.abs(value) === Infinity && from.every(Number.isFinite))
    throw databaseError('numericValueOutOfRange', 'value out of range: overflow');
  return value;
}

/** A product that vanished though no factor is zero: 22003. */
function product(left: number, right: number): number {
  const result = checked(left * right, left, right);
  if (result !== 0 || left === 0 || right === 0) return result;
  throw databaseError('numericValueOutOfRange', 'value out of range: underflow');
}

export function divide(left: number, right: number): number {
  if (right === 0 && !Number.isNaN(left)) throw databaseError('divisionByZero', 'division by zero');
  return checked(left / right, left, right);
}

export const samePoint = (left: Point, right: Point): boolean =>
  equal(left.x, right.x) && equal(left.y, right.y);

export function distance(left: Point, right: Point): number {
  return checked(Math.hypot(left.x - right.x, left.y - right.y), left.x, left.y, right.x, right.y);
}

export function middle(left: Point, right: Point): Point {
  return { x: (left.x + right.x) / 2, y: (left.y + right.y) / 2 };
}

export const add = (left: Point, right: Point): Point => ({
  x: checked(left.x + right.x, left.x, right.x),
  y: checked(left.y + right.y, left.y, right.y),
});
export const subtract = (left: Point, right: Point): Point => ({
  x: checked(left.x - right.x, left.x, right.x),
  y: checked(left.y - right.y, left.y, right.y),
});

/** As complex numbers. */
export const multiply = (left: Point, right: Point): Point => ({
  x: product(left.x, right.x) - product(left.y, right.y),
  y: product(left.x, right.y) + product(left.y, right.x),
});

export function quotient(left: Point, right: Point): Point {
  const length = product(right.x, right.x) + product(right.y, right.y);
  return {
    x: divide(product(left.x, right.x) + product(left.y, right.y), length),
    y: divide(product(left.y, right.x) - product(left.x, right.y), length),
  };
}

export function slope(left: Point, right: Point): number {
  if (equal(left.x, right.x)) return Infinity;
  if (equal(left.y, right.y)) return 0;
  return (left.y - right.y) / (left.x - right.x);
}

/** Of the perpendicular. */
function inverseSlope(left: Point, right: Point): number {
  if (equal(left.x, right.x)) return 0;
  if (equal(left.y, right.y)) return Infinity;
  return (left.x - right.x) / (right.y - left.y);
}

export const segmentSlope = ({ start, end }: Segment): number => slope(start, end);
export const segmentInverseSlope = ({ start, end }: Segment): number => inverseSlope(start, end);
export const segmentLength = ({ start, end }: Segment): number => distance(start, end);

export function lineOf(value: GeometricValue): Line {
  const [a, b, c] = value.numbers;
  return { a, b, c };
}

function lineAt(point: Point, lineSlope: number): Line {
  return lineOf(lineWithSlope(point.x, point.y, lineSlope));
}

export function lineSlope({ a, b }: Line): number {
  if (isZero(a)) return 0;
  return isZero(b) ? Infinity : a / -b;
}

function lineInverseSlope({ a, b }: Line): number {
  if (isZero(a)) return Infinity;
  return isZero(b) ? 0 : b / a;
}

export const onLine = (line: Line, point: Point): boolean =>
  isZero(line.a * point.x + line.b * point.y + line.c);

export function crossLines(left: Line, right: Line): Point | undefined {
  if (isZero(left.b)) return isZero(right.b) ? undefined : crossing(right, left);
  return crossing(left, right);
}

/** `first` is not vertical. */
function crossing(first: Line, second: Line): Point | undefined {
  if (equal(second.a, first.a * (second.b / first.b))) return undefined;
  const x = (first.b * second.c - second.b * first.c) / (first.a * second.b - second.a * first.b);
  return { x: x + 0, y: -(first.a * x + first.c) / first.b + 0 };
}

function ratioOf(left: Line, right: Line): number {
  if (!isZero(left.a) && !isZero(right.a)) return left.a / right.a;
  return !isZero(left.b) && !isZero(right.b) ? left.b / right.b : 1;
}

export function sameLine(left: Line, right: Line): boolean {
  const ratio = ratioOf(left, right);
  return (
    equal(left.a, ratio * right.a) &&
    equal(left.b, ratio * right.b) &&
    equal(left.c, ratio * right.c)
  );
}

export function lineDistance(left: Line, right: Line): number {
  if (crossLines(left, right) !== undefined) return 0;
  return Math.abs(left.c - ratioOf(left, right) * right.c) / Math.hypot(left.a, left.b);
}

export function perpendicularLines(left: Line, right: Line): boolean {
  if (isZero(left.a)) return isZero(right.b);
  if (isZero(right.a)) return isZero(left.b);
  if (isZero(left.b)) return isZero(right.a);
  if (isZero(right.b)) return isZero(left.a);
  return equal((left.a * right.a) / (left.b * right.b), -1);
}

export function closestOnLine(line: Line, point: Point): Closest {
  const found = crossLines(lineAt(point, lineInverseSlope(line)), line) ?? point;
  return { point: found, distance: distance(found, point) };
}

export function onSegment(segment: Segment, point: Point): boolean {
  return equal(
    distance(point, segment.start) + distance(point, segment.end),
    segmentLength(segment),
  );
}

export function crossSegmentLine(segment: Segment, line: Line): Point | undefined {
  const found = crossLines(lineAt(segment.start, segmentSlope(segment)), line);
  if (found === undefined || !onSegment(segment, found)) return undefined;
  if (samePoint(segment.start, found)) return segment.start;
  return samePoint(segment.end, found) ? segment.end : found;
}

export function crossSegments(left: Segment, right: Segment): Point | undefined {
  const found = crossSegmentLine(left, lineAt(right.start, segmentSlope(right)));
  return found !== undefined && onSegment(right, found) ? found : undefined;
}

export function closestToLine(segment: Segment, line: Line): Closest {
  const found = crossSegmentLine(segment, line);
  if (found !== undefined) return { point: found, distance: 0 };
  const first = closestOnLine(line, segment.start).distance;
  const second = closestOnLine(line, segment.end).distance;
  return first < second
    ? { point: segment.start, distance: first }
    : { point: segment.end, distance: second };
}

export function closestOnSegment(segment: Segment, point: Point): Closest {
  const found = closestToLine(segment, lineAt(point, segmentInverseSlope(segment))).point;
  return { point: found, distance: distance(found, point) };
}

/** The point of `on` that is nearest to `to`. */
export function closestBetween(on: Segment, to: Segment): Closest {
  const found = crossSegments(on, to);
  if (found !== undefined) return { point: found, distance: 0 };
  let best = closestOnSegment(on, to.start);
  const other = closestOnSegment(on, to.end);
  if (other.distance < best.distance) best = other;
  for (const point of [on.start, on.end]) {
    const reach = closestOnSegment(to, point).distance;
    if (reach < best.distance) best = { point, distance: reach };
  }
  return best;
}

export function pointValue({ x, y }: Point): GeometricValue {
  return new GeometricValue(TypeOid.point, [x, y]);
}

export function pointOf(value: GeometricValue): Point {
  const [x, y] = value.numbers;
  return { x, y };
}

export function segmentOf(value: GeometricValue): Segment {
  const [x1, y1, x2, y2] = value.numbers;
  return { start: { x: x1, y: y1 }, end: { x: x2, y: y2 } };
}

export function pointsOf(value: GeometricValue): Point[] {
  const points: Point[] = [];
  const { numbers } = value;
  for (let i = 0; i < numbers.length; i += 2) points.push({ x: numbers[i], y: numbers[i + 1] });
  return points;
}

export function fromPoints(
  typeOid: number,
  points: readonly Point[],
  isClosed = true,
): GeometricValue {
  return new GeometricValue(
    typeOid,
    points.flatMap(({ x, y }) => [x, y]),
    isClosed,
  );
}
