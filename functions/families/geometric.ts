// Functions and operators of point, line and lseg. Boxes, paths and polygons are in
// geometric-areas.ts, circles in geometric-circle.ts.

import { type GeometricValue, lineThrough, TypeOid } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  add,
  closestBetween,
  closestOnLine,
  closestOnSegment,
  closestToLine,
  crossLines,
  crossSegmentLine,
  crossSegments,
  distance,
  equal,
  fromPoints,
  greater,
  greaterOrEqual,
  isZero,
  less,
  lessOrEqual,
  type Line,
  lineDistance,
  lineOf,
  lineSlope,
  middle,
  multiply,
  onLine,
  onSegment,
  perpendicularLines,
  type Point,
  pointOf,
  pointValue,
  quotient,
  sameLine,
  samePoint,
  type Segment,
  segmentInverseSlope,
  segmentLength,
  segmentOf,
  segmentSlope,
  slope,
  subtract,
} from '../geometry/plane.ts';

type Shape = GeometricValue;

function points(test: (left: Point, right: Point) => boolean | number): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(pointOf(left), pointOf(right));
}

function movedPoint(combine: (left: Point, right: Point) => Point): ScalarImplementation {
  return (_context, left: Shape, right: Shape) =>
    pointValue(combine(pointOf(left), pointOf(right)));
}

function segments(test: (left: Segment, right: Segment) => boolean | number): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(segmentOf(left), segmentOf(right));
}

function lines(test: (left: Line, right: Line) => boolean | number): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(lineOf(left), lineOf(right));
}

const lengths = (test: (left: number, right: number) => boolean): ScalarImplementation =>
  segments((left, right) => test(segmentLength(left), segmentLength(right)));

const sameSegment = (left: Segment, right: Segment): boolean =>
  samePoint(left.start, right.start) && samePoint(left.end, right.end);

const optional = (point: Point | undefined): Shape | null =>
  point === undefined ? null : pointValue(point);

const onSegmentBoth = (line: Line, segment: Segment): boolean =>
  onLine(line, segment.start) && onLine(line, segment.end);

const vertical = points((left, right) => equal(left.x, right.x));
const horizontal = points((left, right) => equal(left.y, right.y));
const segmentDistance = (left: Segment, right: Segment): number =>
  closestBetween(left, right).distance;

export const geometricFamily: Family = {
  scalars: {
    construct_point: (_context, x: number, y: number) => pointValue({ x, y }),
    point_eq: points(samePoint),
    point_ne: points((left, right) => !samePoint(left, right)),
    point_left: points((left, right) => less(left.x, right.x)),
    point_right: points((left, right) => greater(left.x, right.x)),
    point_above: points((left, right) => greater(left.y, right.y)),
    point_below: points((left, right) => less(left.y, right.y)),
    point_vert: vertical,
    point_horiz: horizontal,
    point_distance: points(distance),
    point_slope: points(slope),
    point_add: movedPoint(add),
    point_sub: movedPoint(subtract),
    point_mul: movedPoint(multiply),
    point_div: movedPoint(quotient),
    lseg_construct: (_context, start: Shape, end: Shape) =>
      fromPoints(TypeOid.lseg, [pointOf(start), pointOf(end)]),
    lseg_eq: segments(sameSegment),
    lseg_ne: segments((left, right) => !sameSegment(left, right)),
    lseg_lt: lengths(less),
    lseg_le: lengths(lessOrEqual),
    lseg_gt: lengths(greater),
    lseg_ge: lengths(greaterOrEqual),
    lseg_length: (_context, segment: Shape) => segmentLength(segmentOf(segment)),
    lseg_center: (_context, segment: Shape) => {
      const { start, end } = segmentOf(segment);
      return pointValue(middle(start, end));
    },
    lseg_intersect: segments((left, right) => crossSegments(left, right) !== undefined),
    lseg_interpt: (_context, left: Shape, right: Shape) =>
      optional(crossSegments(segmentOf(left), segmentOf(right))),
    lseg_parallel: segments((left, right) => equal(segmentSlope(left), segmentSlope(right))),
    lseg_perp: segments((left, right) => equal(segmentSlope(left), segmentInverseSlope(right))),
    lseg_vertical: (_context, segment: Shape) => {
      const { start, end } = segmentOf(segment);
      return equal(start.x, end.x);
    },
    lseg_horizontal: (_context, segment: Shape) => {
      const { start, end } = segmentOf(segment);
      return equal(start.y, end.y);
    },
    lseg_distance: segments(segmentDistance),
    line_construct_pp: (_context, left: Shape, right: Shape) =>
      lineThrough([...left.numbers, ...right.numbers], 'invalidParameterValue'),
    line_eq: lines(sameLine),
    line_intersect: lines((left, right) => crossLines(left, right) !== undefined),
    line_parallel: lines((left, right) => crossLines(left, right) === undefined),
    line_perp: lines(perpendicularLines),
    line_vertical: (_context, line: Shape) => isZero(lineOf(line).b),
    line_horizontal: (_context, line: Shape) => isZero(lineOf(line).a),
    line_interpt: (_context, left: Shape, right: Shape) =>
      optional(crossLines(lineOf(left), lineOf(right))),
    line_distance: lines(lineDistance),
    dist_ps: (_context, point: Shape, segment: Shape) =>
      closestOnSegment(segmentOf(segment), pointOf(point)).distance,
    dist_sp: (_context, segment: Shape, point: Shape) =>
      closestOnSegment(segmentOf(segment), pointOf(point)).distance,
    dist_pl: (_context, point: Shape, line: Shape) =>
      closestOnLine(lineOf(line), pointOf(point)).distance,
    dist_lp: (_context, line: Shape, point: Shape) =>
      closestOnLine(lineOf(line), pointOf(point)).distance,
    dist_sl: (_context, segment: Shape, line: Shape) =>
      closestToLine(segmentOf(segment), lineOf(line)).distance,
    dist_ls: (_context, line: Shape, segment: Shape) =>
      closestToLine(segmentOf(segment), lineOf(line)).distance,
    on_ps: (_context, point: Shape, segment: Shape) =>
      onSegment(segmentOf(segment), pointOf(point)),
    on_pl: (_context, point: Shape, line: Shape) => onLine(lineOf(line), pointOf(point)),
    on_sl: (_context, segment: Shape, line: Shape) =>
      onSegmentBoth(lineOf(line), segmentOf(segment)),
    inter_sl: (_context, segment: Shape, line: Shape) =>
      crossSegmentLine(segmentOf(segment), lineOf(line)) !== undefined,
    close_ps: (_context, point: Shape, segment: Shape) =>
      pointValue(closestOnSegment(segmentOf(segment), pointOf(point)).point),
    close_pl: (_context, point: Shape, line: Shape) =>
      pointValue(closestOnLine(lineOf(line), pointOf(point)).point),
    close_ls: (_context, line: Shape, segment: Shape) =>
      lineSlope(lineOf(line)) === segmentSlope(segmentOf(segment))
        ? null
        : pointValue(closestToLine(segmentOf(segment), lineOf(line)).point),
    close_lseg: (_context, left: Shape, right: Shape) =>
      segmentSlope(segmentOf(left)) === segmentSlope(segmentOf(right))
        ? null
        : pointValue(closestBetween(segmentOf(right), segmentOf(left)).point),
  },
};
