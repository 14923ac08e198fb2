// Functions and operators of circle.

import { databaseError, GeometricValue, makeBox, TypeOid } from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import {
  add,
  distance,
  divide,
  equal,
  fromPoints,
  greater,
  greaterOrEqual,
  less,
  lessOrEqual,
  middle,
  multiply,
  type Point,
  pointOf,
  pointsOf,
  pointValue,
  quotient,
  samePoint,
  subtract,
} from '../geometry/plane.ts';
import { boxOf, distanceToPolygon } from '../geometry/polygon.ts';
import { polygonCenter } from './geometric-areas.ts';

type Shape = GeometricValue;

interface Circle {
  readonly center: Point;
  readonly radius: number;
}

function circleOf(value: Shape): Circle {
  const [x, y, radius] = value.numbers;
  return { center: { x, y }, radius };
}

function circleValue({ x, y }: Point, radius: number): Shape {
  return new GeometricValue(TypeOid.circle, [x, y, radius]);
}

function circles(test: (left: Circle, right: Circle) => boolean | number): ScalarImplementation {
  return (_context, left: Shape, right: Shape) => test(circleOf(left), circleOf(right));
}

const areaOf = ({ radius }: Circle): number => radius * radius * Math.PI;
const areas = (test: (left: number, right: number) => boolean): ScalarImplementation =>
  circles((left, right) => test(areaOf(left), areaOf(right)));

const apart = (left: Circle, right: Circle): number => distance(left.center, right.center);

function moved(move: (point: Point, by: Point) => Point): ScalarImplementation {
  return (_context, circle: Shape, by: Shape) =>
    circleValue(move(circleOf(circle).center, pointOf(by)), circleOf(circle).radius);
}

/** Multiplying turns and stretches: the radius by the length of the point. */
function scaled(
  move: (point: Point, by: Point) => Point,
  stretch: (radius: number, length: number) => number,
): ScalarImplementation {
  return (_context, circle: Shape, by: Shape) => {
    const { center, radius } = circleOf(circle);
    const point = pointOf(by);
    return circleValue(move(center, point), stretch(radius, Math.hypot(point.x, point.y)));
  };
}

const polygonPointsMax = 1_000_000;

function toPolygon(circle: Circle, count: number): Shape {
  if (circle.radius === 0)
    throw databaseError('featureNotSupported', 'cannot convert circle with radius zero to polygon');
  if (count < 2) throw databaseError('invalidParameterValue', 'must request at least 2 points');
  if (count > polygonPointsMax)
    throw databaseError('programLimitExceeded', 'too many points requested');
  const step = (2 * Math.PI) / count;
  const points = Array.from({ length: count }, (_, i) => ({
    x: circle.center.x - circle.radius * Math.cos(step * i),
    y: circle.center.y + circle.radius * Math.sin(step * i),
  }));
  return fromPoints(TypeOid.polygon, points);
}

function fromPolygon(polygon: Shape): Shape {
  const points = pointsOf(polygon);
  const center = polygonCenter(points);
  const sum = points.reduce((total, point) => total + distance(point, center), 0);
  return circleValue(center, sum / points.length);
}

const toPoint = (circle: Shape, point: Shape): number =>
  Math.max(0, distance(circleOf(circle).center, pointOf(point)) - circleOf(circle).radius);
const toPolygonDistance = (circle: Shape, polygon: Shape): number =>
  Math.max(
    0,
    distanceToPolygon(circleOf(circle).center, pointsOf(polygon)) - circleOf(circle).radius,
  );
const holds = (circle: Shape, point: Shape): boolean =>
  distance(circleOf(circle).center, pointOf(point)) <= circleOf(circle).radius;

export const geometricCircleFamily: Family = {
  scalars: {
    circle_same: circles((l, r) => equal(l.radius, r.radius) && samePoint(l.center, r.center)),
    circle_overlap: circles((l, r) => lessOrEqual(apart(l, r), l.radius + r.radius)),
    circle_left: circles((l, r) => less(l.center.x + l.radius, r.center.x - r.radius)),
    circle_overleft: circles((l, r) => lessOrEqual(l.center.x + l.radius, r.center.x + r.radius)),
    circle_right: circles((l, r) => greater(l.center.x - l.radius, r.center.x + r.radius)),
    circle_overright: circles((l, r) =>
      greaterOrEqual(l.center.x - l.radius, r.center.x - r.radius),
    ),
    circle_below: circles((l, r) => less(l.center.y + l.radius, r.center.y - r.radius)),
    circle_overbelow: circles((l, r) => lessOrEqual(l.center.y + l.radius, r.center.y + r.radius)),
    circle_above: circles((l, r) => greater(l.center.y - l.radius, r.center.y + r.radius)),
    circle_overabove: circles((l, r) =>
      greaterOrEqual(l.center.y - l.radius, r.center.y - r.radius),
    ),
    circle_contain: circles((l, r) => lessOrEqual(apart(l, r), l.radius - r.radius)),
    circle_contained: circles((l, r) => lessOrEqual(apart(l, r), r.radius - l.radius)),
    circle_eq: areas(equal),
    circle_ne: areas((left, right) => !equal(left, right)),
    circle_lt: areas(less),
    circle_le: areas(lessOrEqual),
    circle_gt: areas(greater),
    circle_ge: areas(greaterOrEqual),
    circle_add_pt: moved(add),
    circle_sub_pt: moved(subtract),
    circle_mul_pt: scaled(multiply, (radius, length) => radius * length),
    circle_div_pt: scaled(quotient, divide),
    circle_area: (_context, circle: Shape) => areaOf(circleOf(circle)),
    circle_diameter: (_context, circle: Shape) => circleOf(circle).radius * 2,
    circle_radius: (_context, circle: Shape) => circleOf(circle).radius,
    circle_center: (_context, circle: Shape) => pointValue(circleOf(circle).center),
    circle_distance: circles((l, r) => Math.max(0, apart(l, r) - (l.radius + r.radius))),
    circle_contain_pt: (_context, circle: Shape, point: Shape) => holds(circle, point),
    pt_contained_circle: (_context, point: Shape, circle: Shape) => holds(circle, point),
    dist_pc: (_context, point: Shape, circle: Shape) => toPoint(circle, point),
    dist_cpoint: (_context, circle: Shape, point: Shape) => toPoint(circle, point),
    dist_cpoly: (_context, circle: Shape, polygon: Shape) => toPolygonDistance(circle, polygon),
    dist_polyc: (_context, polygon: Shape, circle: Shape) => toPolygonDistance(circle, polygon),
    cr_circle: (_context, center: Shape, radius: number) => circleValue(pointOf(center), radius),
    circle_box: (_context, circle: Shape) => {
      const { center, radius } = circleOf(circle);
      const half = radius / Math.SQRT2;
      return makeBox([center.x + half, center.y + half, center.x - half, center.y - half]);
    },
    box_circle: (_context, box: Shape) => {
      const { high, low } = boxOf(box);
      const center = middle(high, low);
      return circleValue(center, distance(center, high));
    },
    circle_poly: (_context, count: number, circle: Shape) => toPolygon(circleOf(circle), count),
    'polygon(circle)': (_context, circle: Shape) => toPolygon(circleOf(circle), 12),
    poly_circle: (_context, polygon: Shape) => fromPolygon(polygon),
  },
};
