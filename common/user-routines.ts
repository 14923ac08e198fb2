// Routines that users have made, as far as calls are judged without a catalog: by oid, whether a call
// is strict, volatile or a set. The catalog registers what it keeps, as it does with types
// (user-types.ts); what a call does is looked up in the catalog of its session when it runs.

import type { RoutineDescriptor } from './routines.ts';

const routines = new Map<number, RoutineDescriptor>();

export function registeredRoutine(oid: number): RoutineDescriptor | undefined {
  return routines.get(oid);
}

export function registerRoutine(routine: RoutineDescriptor): void {
  routines.set(routine.oid, routine);
}

export function forgetRoutine(oid: number): void {
  routines.delete(oid);
}
