// Boxes, paths and polygons: where points and segments lie relative to them.

import type { GeometricValue } from '#common';
import {
  type Closest,
  closestBetween,
  closestOnSegment,
  crossSegments,
  equal,
  greater,
  greaterOrEqual,
  isZero,
  less,
  lessOrEqual,
  middle,
  onSegment,
  type Point,
  pointsOf,
  samePoint,
  type Segment,
} from './plane.ts';

export interface Box {
  readonly high: Point;
  readonly low: Point;
}

export function boxOf(value: GeometricValue): Box {
  const [x1, y1, x2, y2] = value.numbers;
  return { high: { x: x1, y: y1 }, low: { x: x2, y: y2 } };
}

export function boundingBox(points: readonly Point[]): Box {
  const xs = points.map(({ x }) => x);
  const ys = points.map(({ y }) => y);
  const extreme = (values: number[], pick: (a: number, b: number) => number): number =>
    values.reduce((a, b) => pick(a, b));
  return {
    high: { x: extreme(xs, Math.max), y: extreme(ys, Math.max) },
    low: { x: extreme(xs, Math.min), y: extreme(ys, Math.min) },
  };
}

export const boxesOverlap = (left: Box, right: Box): boolean =>
  lessOrEqual(left.low.x, right.high.x) &&
  lessOrEqual(right.low.x, left.high.x) &&
  lessOrEqual(left.low.y, right.high.y) &&
  lessOrEqual(right.low.y, left.high.y);

export const boxContains = (outer: Box, inner: Box): boolean =>
  greaterOrEqual(outer.high.x, inner.high.x) &&
  lessOrEqual(outer.low.x, inner.low.x) &&
  greaterOrEqual(outer.high.y, inner.high.y) &&
  lessOrEqual(outer.low.y, inner.low.y);

export const inBox = (box: Box, point: Point): boolean =>
  box.high.x >= point.x && box.low.x <= point.x && box.high.y >= point.y && box.low.y <= point.y;

/** In PostgreSQL's order: left, top, bottom, right. */
export function boxSides({ high, low }: Box): Segment[] {
  const topLeft = { x: low.x, y: high.y };
  const bottomRight = { x: high.x, y: low.y };
  return [
    { start: low, end: topLeft },
    { start: high, end: topLeft },
    { start: low, end: bottomRight },
    { start: high, end: bottomRight },
  ];
}

function nearest(candidates: readonly Closest[]): Closest {
  return candidates.reduce((best, next) => (next.distance < best.distance ? next : best));
}

export function closestOnBox(box: Box, point: Point): Closest {
  if (inBox(box, point)) return { point, distance: 0 };
  return nearest(boxSides(box).map((side) => closestOnSegment(side, point)));
}

export function boxMeetsSegment(box: Box, segment: Segment): boolean {
  if (!boxesOverlap(boundingBox([segment.start, segment.end]), box)) return false;
  if (inBox(box, segment.start) || inBox(box, segment.end)) return true;
  return boxSides(box).some((side) => crossSegments(side, segment) !== undefined);
}

export function closestOnBoxToSegment(box: Box, segment: Segment): Closest {
  if (boxMeetsSegment(box, segment)) {
    const { point } = closestOnSegment(segment, middle(box.high, box.low));
    return { point, distance: 0 };
  }
  return nearest(boxSides(box).map((side) => closestBetween(side, segment)));
}

/** The segments between successive points; those of a closed shape begin with the closing one. */
export function sidesOf(points: readonly Point[], isClosed: boolean): Segment[] {
  const sides: Segment[] = [];
  for (let i = isClosed ? 0 : 1; i < points.length; i++) {
    sides.push({ start: points[i === 0 ? points.length - 1 : i - 1], end: points[i] });
  }
  return sides;
}

export function pathSides(value: GeometricValue): Segment[] {
  return sidesOf(pointsOf(value), value.isClosed);
}

type Place = 'outside' | 'inside' | 'on';

/** How a side passes the ray from the origin to the right: twice its turns, undefined when on it. */
function crossings(point: Point, previous: Point): number | undefined {
  const { x, y } = point;
  if (isZero(y)) {
    if (isZero(x)) return undefined;
    if (greater(x, 0)) {
      if (isZero(previous.y)) return greater(previous.x, 0) ? 0 : undefined;
      return less(previous.y, 0) ? 1 : -1;
    }
    if (isZero(previous.y)) return less(previous.x, 0) ? 0 : undefined;
    return 0;
  }
  const sign = greater(y, 0) ? 1 : -1;
  if (isZero(previous.y)) return less(previous.x, 0) ? 0 : sign;
  if (sign < 0 ? less(previous.y, 0) : greater(previous.y, 0)) return 0;
  if (greaterOrEqual(x, 0) && greater(previous.x, 0)) return 2 * sign;
  if (less(x, 0) && lessOrEqual(previous.x, 0)) return 0;
  const z = (x - previous.x) * y - (y - previous.y) * x;
  if (isZero(z)) return undefined;
  return (sign < 0 ? less(z, 0) : greater(z, 0)) ? 0 : 2 * sign;
}

export function placeInPolygon(point: Point, polygon: readonly Point[]): Place {
  if (polygon.length === 0) return 'outside';
  const moved = polygon.map(({ x, y }) => ({ x: x - point.x, y: y - point.y }));
  let total = 0;
  for (let i = 1; i <= moved.length; i++) {
    const cross = crossings(moved[i % moved.length], moved[i - 1]);
    if (cross === undefined) return 'on';
    total += cross;
  }
  return total === 0 ? 'outside' : 'inside';
}

function segmentInside(start: Point, end: Point, polygon: readonly Point[], from: number): boolean {
  const segment = { start, end };
  let crossed = false;
  let previous = polygon[from === 0 ? polygon.length - 1 : from - 1];
  for (let i = from; i < polygon.length; i++) {
    const side = { start: previous, end: polygon[i] };
    previous = polygon[i];
    if (onSegment(side, start)) {
      if (onSegment(side, end)) return true;
      if (!touchingInside(start, end, side, polygon, i + 1)) return false;
      continue;
    }
    if (onSegment(side, end)) {
      if (!touchingInside(end, start, side, polygon, i + 1)) return false;
      continue;
    }
    const cross = crossSegments(segment, side);
    if (cross === undefined) continue;
    crossed = true;
    if (!segmentInside(start, cross, polygon, i + 1)) return false;
    if (!segmentInside(end, cross, polygon, i + 1)) return false;
  }
  return crossed || placeInPolygon(middle(start, end), polygon) !== 'outside';
}

/** `touching` lies on the side, `free` does not: only what runs past the side needs a look. */
function touchingInside(
  touching: Point,
  free: Point,
  side: Segment,
  polygon: readonly Point[],
  from: number,
): boolean {
  const segment = { start: touching, end: free };
  const past = (point: Point): boolean => onSegment(segment, point);
  const rest = (point: Point): boolean => segmentInside(free, point, polygon, from);
  if (samePoint(touching, side.start)) return past(side.end) ? rest(side.end) : true;
  if (samePoint(touching, side.end)) return past(side.start) ? rest(side.start) : true;
  if (past(side.start)) return rest(side.start);
  return past(side.end) ? rest(side.end) : true;
}

export function polygonContains(outer: readonly Point[], inner: readonly Point[]): boolean {
  if (!boxContains(boundingBox(outer), boundingBox(inner))) return false;
  return sidesOf(inner, true).every(({ start, end }) => segmentInside(start, end, outer, 0));
}

export function polygonsOverlap(left: readonly Point[], right: readonly Point[]): boolean {
  if (!boxesOverlap(boundingBox(left), boundingBox(right))) return false;
  const others = sidesOf(right, true);
  const cross = sidesOf(left, true).some((side) =>
    others.some((other) => crossSegments(side, other) !== undefined),
  );
  return (
    cross ||
    placeInPolygon(left[0], right) !== 'outside' ||
    placeInPolygon(right[0], left) !== 'outside'
  );
}

/** The same points in the same or the opposite order, from any of them on. */
export function samePolygon(left: readonly Point[], right: readonly Point[]): boolean {
  const count = left.length;
  if (count !== right.length) return false;
  return right.some((_point, offset) =>
    [1, -1].some((step) =>
      left.every((point, i) =>
        samePoint(point, right[(offset + step * i + count * count) % count]),
      ),
    ),
  );
}

export function distanceToPolygon(point: Point, polygon: readonly Point[]): number {
  if (placeInPolygon(point, polygon) !== 'outside') return 0;
  return nearest(sidesOf(polygon, true).map((side) => closestOnSegment(side, point))).distance;
}

export function polygonDistance(left: readonly Point[], right: readonly Point[]): number {
  if (polygonsOverlap(left, right)) return 0;
  const others = sidesOf(right, true);
  const distances = sidesOf(left, true).flatMap((side) =>
    others.map((other) => closestBetween(side, other)),
  );
  return nearest(distances).distance;
}

export function area(points: readonly Point[]): number {
  let sum = 0;
  for (const { start, end } of sidesOf(points, true)) sum += start.x * end.y - start.y * end.x;
  return Math.abs(sum) / 2;
}

export const onOpenPath = (point: Point, points: readonly Point[]): boolean =>
  sidesOf(points, false).some(({ start, end }) => {
    const whole = Math.hypot(start.x - end.x, start.y - end.y);
    const first = Math.hypot(point.x - start.x, point.y - start.y);
    const second = Math.hypot(point.x - end.x, point.y - end.y);
    return equal(first + second, whole);
  });
