// Functions and operators of box, path and polygon.

import { databaseError, type Datum, GeometricValue, makeBox, TypeOid } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  add,
  closestBetween,
  closestOnSegment,
  crossSegmentLine,
  crossSegments,
  distance,
  equal,
  fromPoints,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  lineOf,
  middle,
  multiply,
  type Point,
  pointOf,
  pointsOf,
  pointValue,
  quotient,
  samePoint,
  segmentLength,
  segmentOf,
  subtract,
} from '../geometry/plane.ts';
import {
  area,
  boundingBox,
  type Box,
  boxContains,
  boxesOverlap,
  boxMeetsSegment,
  boxOf,
  boxSides,
  closestOnBox,
  closestOnBoxToSegment,
  distanceToPolygon,
  inBox,
  onOpenPath,
  pathSides,
  placeInPolygon,
  polygonContains,
  polygonDistance,
  polygonsOverlap,
  samePolygon,
} from '../geometry/polygon.ts';

type Shape = GeometricValue;

function boxes(test: (left: Box, right: Box) => boolean): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(boxOf(left), boxOf(right));
}

const boxArea = ({ high, low }: Box): number => (high.x - low.x) * (high.y - low.y);
const areas = (test: (left: number, right: number) => boolean): ScalarImplementation =>
  boxes((left, right) => test(boxArea(left), boxArea(right)));
const centerOf = ({ high, low }: Box): Point => middle(high, low);
const boxValue = ({ high, low }: Box): Shape => makeBox([high.x, high.y, low.x, low.y]);

type Move = (point: Point, by: Point) => Point;

function movedBox(move: Move): ScalarImplementation {
  return (_context, box: Shape, by: Shape) => {
    const { high, low } = boxOf(box);
    const offset = pointOf(by);
    return boxValue({ high: move(high, offset), low: move(low, offset) });
  };
}

function movedPath(move: Move): ScalarImplementation {
  return (_context, path: Shape, by: Shape) =>
    fromPoints(
      TypeOid.path,
      pointsOf(path).map((point) => move(point, pointOf(by))),
      path.isClosed,
    );
}

function intersection(left: Box, right: Box): Shape | null {
  if (!boxesOverlap(left, right)) return null;
  return boxValue({
    high: { x: Math.min(left.high.x, right.high.x), y: Math.min(left.high.y, right.high.y) },
    low: { x: Math.max(left.low.x, right.low.x), y: Math.max(left.low.y, right.low.y) },
  });
}

function counts(test: (left: number, right: number) => boolean): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(left.numbers.length, right.numbers.length);
}

function joinPaths(left: Shape, right: Shape): Datum {
  if (left.isClosed || right.isClosed) return null;
  return new GeometricValue(TypeOid.path, [...left.numbers, ...right.numbers], false);
}

function pathToPolygon(path: Shape): Shape {
  if (path.isClosed) return new GeometricValue(TypeOid.polygon, path.numbers);
  throw databaseError('invalidParameterValue', 'open path cannot be converted to polygon');
}

const least = (numbers: readonly number[]): number | null =>
  numbers.length === 0 ? null : numbers.reduce((a, b) => Math.min(a, b));

function pathDistance(left: Shape, right: Shape): number | null {
  const others = pathSides(right);
  return least(
    pathSides(left).flatMap((side) => others.map((other) => closestBetween(side, other).distance)),
  );
}

function pathsCross(left: Shape, right: Shape): boolean {
  if (!boxesOverlap(boundingBox(pointsOf(left)), boundingBox(pointsOf(right)))) return false;
  const others = pathSides(right);
  return pathSides(left).some((side) =>
    others.some((other) => crossSegments(side, other) !== undefined),
  );
}

function distanceToPath(path: Shape, point: Point): number | null {
  const points = pointsOf(path);
  if (points.length === 1) return distance(points[0], point);
  return least(pathSides(path).map((side) => closestOnSegment(side, point).distance));
}

function onPath(point: Point, path: Shape): boolean {
  const points = pointsOf(path);
  return path.isClosed ? placeInPolygon(point, points) !== 'outside' : onOpenPath(point, points);
}

function polygons(
  test: (left: readonly Point[], right: readonly Point[]) => boolean,
): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(pointsOf(left), pointsOf(right));
}

const bounds = (test: (left: Box, right: Box) => boolean): ScalarImplementation =>
  polygons((left, right) => test(boundingBox(left), boundingBox(right)));

function boxToPolygon({ high, low }: Box): Shape {
  const corners = [low, { x: low.x, y: high.y }, high, { x: high.x, y: low.y }];
  return fromPoints(TypeOid.polygon, corners);
}

export function polygonCenter(points: readonly Point[]): Point {
  const sum = points.reduce(add, { x: 0, y: 0 });
  return { x: sum.x / points.length, y: sum.y / points.length };
}

const inPolygon = (point: Shape, polygon: Shape): boolean =>
  placeInPolygon(pointOf(point), pointsOf(polygon)) !== 'outside';

const closestToBox = (segment: Shape, box: Shape): { point: Point; distance: number } =>
  closestOnBoxToSegment(boxOf(box), segmentOf(segment));

const boxFunctions: Record<string, ScalarImplementation> = {
  box_same: boxes((l, r) => samePoint(l.high, r.high) && samePoint(l.low, r.low)),
  box_overlap: boxes(boxesOverlap),
  box_left: boxes((l, r) => less(l.high.x, r.low.x)),
  box_overleft: boxes((l, r) => lessOrEqual(l.high.x, r.high.x)),
  box_right: boxes((l, r) => greater(l.low.x, r.high.x)),
  box_overright: boxes((l, r) => greaterOrEqual(l.low.x, r.low.x)),
  box_below: boxes((l, r) => less(l.high.y, r.low.y)),
  box_overbelow: boxes((l, r) => lessOrEqual(l.high.y, r.high.y)),
  box_above: boxes((l, r) => greater(l.low.y, r.high.y)),
  box_overabove: boxes((l, r) => greaterOrEqual(l.low.y, r.low.y)),
  box_below_eq: boxes((l, r) => lessOrEqual(l.high.y, r.low.y)),
  box_above_eq: boxes((l, r) => greaterOrEqual(l.low.y, r.high.y)),
  box_contain: boxes(boxContains),
  box_contained: boxes((l, r) => boxContains(r, l)),
  box_contain_pt: (_context, box: Shape, point: Shape) => inBox(boxOf(box), pointOf(point)),
  on_pb: (_context, point: Shape, box: Shape) => inBox(boxOf(box), pointOf(point)),
  box_lt: areas(less),
  box_gt: areas(greater),
  box_eq: areas(equal),
  box_le: areas(lessOrEqual),
  box_ge: areas(greaterOrEqual),
  box_area: (_context, box: Shape) => boxArea(boxOf(box)),
  box_width: (_context, box: Shape) => box.numbers[0] - box.numbers[2],
  box_height: (_context, box: Shape) => box.numbers[1] - box.numbers[3],
  box_center: (_context, box: Shape) => pointValue(centerOf(boxOf(box))),
  box_diagonal: (_context, box: Shape) => new GeometricValue(TypeOid.lseg, box.numbers),
  box_distance: (_context, left: Shape, right: Shape) =>
    distance(centerOf(boxOf(left)), centerOf(boxOf(right))),
  box_intersect: (_context, left: Shape, right: Shape) => intersection(boxOf(left), boxOf(right)),
  boxes_bound_box: (_context, left: Shape, right: Shape) =>
    boxValue(boundingBox([...pointsOf(left), ...pointsOf(right)])),
  box_add: movedBox(add),
  box_sub: movedBox(subtract),
  box_mul: movedBox(multiply),
  box_div: movedBox(quotient),
  points_box: (_context, left: Shape, right: Shape) => makeBox([...left.numbers, ...right.numbers]),
  point_box: (_context, point: Shape) => makeBox([...point.numbers, ...point.numbers]),
  box_poly: (_context, box: Shape) => boxToPolygon(boxOf(box)),
  dist_pb: (_context, point: Shape, box: Shape) =>
    closestOnBox(boxOf(box), pointOf(point)).distance,
  dist_bp: (_context, box: Shape, point: Shape) =>
    closestOnBox(boxOf(box), pointOf(point)).distance,
  dist_sb: (_context, segment: Shape, box: Shape) => closestToBox(segment, box).distance,
  dist_bs: (_context, box: Shape, segment: Shape) => closestToBox(segment, box).distance,
  close_pb: (_context, point: Shape, box: Shape) =>
    pointValue(closestOnBox(boxOf(box), pointOf(point)).point),
  close_sb: (_context, segment: Shape, box: Shape) => pointValue(closestToBox(segment, box).point),
  on_sb: (_context, segment: Shape, box: Shape) =>
    pointsOf(segment).every((point) => inBox(boxOf(box), point)),
  inter_sb: (_context, segment: Shape, box: Shape) =>
    boxMeetsSegment(boxOf(box), segmentOf(segment)),
  inter_lb: (_context, line: Shape, box: Shape) =>
    boxSides(boxOf(box)).some((side) => crossSegmentLine(side, lineOf(line)) !== undefined),
};

const pathFunctions: Record<string, ScalarImplementation> = {
  path_area: (_context, path: Shape) => (path.isClosed ? area(pointsOf(path)) : null),
  path_n_lt: counts((left, right) => left < right),
  path_n_gt: counts((left, right) => left > right),
  path_n_eq: counts((left, right) => left === right),
  path_n_le: counts((left, right) => left <= right),
  path_n_ge: counts((left, right) => left >= right),
  path_isclosed: (_context, path: Shape) => path.isClosed,
  path_isopen: (_context, path: Shape) => !path.isClosed,
  path_npoints: (_context, path: Shape) => path.numbers.length / 2,
  path_close: (_context, path: Shape) => new GeometricValue(TypeOid.path, path.numbers, true),
  path_open: (_context, path: Shape) => new GeometricValue(TypeOid.path, path.numbers, false),
  path_length: (_context, path: Shape) =>
    pathSides(path).reduce((sum, side) => sum + segmentLength(side), 0),
  path_add: (_context, left: Shape, right: Shape) => joinPaths(left, right),
  path_add_pt: movedPath(add),
  path_sub_pt: movedPath(subtract),
  path_mul_pt: movedPath(multiply),
  path_div_pt: movedPath(quotient),
  path_inter: (_context, left: Shape, right: Shape) => pathsCross(left, right),
  path_distance: (_context, left: Shape, right: Shape) => pathDistance(left, right),
  dist_ppath: (_context, point: Shape, path: Shape) => distanceToPath(path, pointOf(point)),
  dist_pathp: (_context, path: Shape, point: Shape) => distanceToPath(path, pointOf(point)),
  on_ppath: (_context, point: Shape, path: Shape) => onPath(pointOf(point), path),
  'path_contain_pt(path,point)': (_context, path: Shape, point: Shape) =>
    onPath(pointOf(point), path),
  path_poly: (_context, path: Shape) => pathToPolygon(path),
};

const polygonFunctions: Record<string, ScalarImplementation> = {
  poly_same: polygons(samePolygon),
  poly_contain: polygons(polygonContains),
  poly_contained: polygons((left, right) => polygonContains(right, left)),
  poly_overlap: polygons(polygonsOverlap),
  poly_left: bounds((l, r) => l.high.x < r.low.x),
  poly_overleft: bounds((l, r) => l.high.x <= r.high.x),
  poly_right: bounds((l, r) => l.low.x > r.high.x),
  poly_overright: bounds((l, r) => l.low.x >= r.low.x),
  poly_below: bounds((l, r) => l.high.y < r.low.y),
  poly_overbelow: bounds((l, r) => l.high.y <= r.high.y),
  poly_above: bounds((l, r) => l.low.y > r.high.y),
  poly_overabove: bounds((l, r) => l.low.y >= r.low.y),
  poly_contain_pt: (_context, polygon: Shape, point: Shape) => inPolygon(point, polygon),
  pt_contained_poly: (_context, point: Shape, polygon: Shape) => inPolygon(point, polygon),
  poly_distance: (_context, left: Shape, right: Shape) =>
    polygonDistance(pointsOf(left), pointsOf(right)),
  poly_center: (_context, polygon: Shape) => pointValue(polygonCenter(pointsOf(polygon))),
  poly_npoints: (_context, polygon: Shape) => polygon.numbers.length / 2,
  poly_box: (_context, polygon: Shape) => boxValue(boundingBox(pointsOf(polygon))),
  poly_path: (_context, polygon: Shape) => new GeometricValue(TypeOid.path, polygon.numbers, true),
  dist_ppoly: (_context, point: Shape, polygon: Shape) =>
    distanceToPolygon(pointOf(point), pointsOf(polygon)),
  dist_polyp: (_context, polygon: Shape, point: Shape) =>
    distanceToPolygon(pointOf(point), pointsOf(polygon)),
};

export const geometricAreasFamily: Family = {
  scalars: { ...boxFunctions, ...pathFunctions, ...polygonFunctions },
};
