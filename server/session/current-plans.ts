// Plans that are known to name the tables as they are: looked up once a version of the catalog.

import { namesCurrentTables, type Catalog, type PhysicalPlan } from '#planner';

/** The catalog version for which a plan was last found to be current. */
const currentIn = new WeakMap<PhysicalPlan, number>();

export function isKnownCurrent(plan: PhysicalPlan, catalog: Catalog): boolean {
  return currentIn.get(plan) === catalog.version;
}

export function isCurrent(plan: PhysicalPlan, catalog: Catalog): boolean {
  if (isKnownCurrent(plan, catalog)) return true;
  if (!namesCurrentTables(plan, catalog)) return false;
  currentIn.set(plan, catalog.version);
  return true;
}
