// Whether two plans do the same, whatever they expect of it: a plan that was made anew for other values is
// not worth compiling again when only its estimates differ.

import type { PhysicalPlan } from '../physical-plan.ts';

/** Fields that say what is expected, not what is done; and descriptors, which are compared as objects. */
const estimates: ReadonlySet<string> = new Set([
  'estimatedRows',
  'startupCost',
  'totalCost',
  'tableRows',
  'dependsOnValues',
  'feedback',
  'teaches',
  'id',
]);

export function isSamePlan(left: PhysicalPlan, right: PhysicalPlan): boolean {
  return isSame(left, right);
}

function isSame(left: unknown, right: unknown): boolean {
  if (Object.is(left, right)) return true;
  if (typeof left !== 'object' || typeof right !== 'object' || left === null || right === null)
    return false;
  if (Array.isArray(left)) {
    return (
      Array.isArray(right) &&
      left.length === right.length &&
      left.every((item, at) => isSame(item, right[at]))
    );
  }
  if (Object.getPrototypeOf(left) !== Object.prototype) return false;
  const names = Object.keys(left).filter((name) => !estimates.has(name));
  const others = Object.keys(right).filter((name) => !estimates.has(name));
  if (names.length !== others.length) return false;
  return names.every((name) => {
    const one = (left as Record<string, unknown>)[name];
    const other = (right as Record<string, unknown>)[name];
    return name === 'table' ? one === other : isSame(one, other);
  });
}
