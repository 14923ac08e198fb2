// Does a plan call routines of users?

import { registeredRoutine } from '#common';
import { functionRegistry } from '#functions';

/** Nodes and expressions are plain data; table descriptors are not looked into. */
export function callsRoutine(parts: readonly unknown[]): boolean {
  return functionsCalled(parts, isRoutine).size > 0;
}

/**
 * Does a plan call routines of users, and give the same rows to them when it runs again from its start? Not when it
 * calls random() or nextval(), too.
 */
export function repeatsItsCalls(parts: readonly unknown[]): boolean {
  return callsRoutine(parts) && functionsCalled(parts, isVolatileBuiltin).size === 0;
}

const isVolatileBuiltin = (oid: number): boolean =>
  !isRoutine(oid) && functionRegistry.functionByOid(oid)?.volatility === 'volatile';

/** Oids of the functions that can go: those of users and of contrib modules. */
export function droppableFunctions(parts: readonly unknown[]): ReadonlySet<number> {
  return functionsCalled(
    parts,
    (oid) => isRoutine(oid) || functionRegistry.functionByOid(oid)?.module !== undefined,
  );
}

const isRoutine = (oid: number): boolean => registeredRoutine(oid) !== undefined;

function functionsCalled(
  parts: readonly unknown[],
  isWanted: (oid: number) => boolean,
): ReadonlySet<number> {
  const found = new Set<number>();
  const pending: unknown[] = [...parts];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if ('functionOid' in value && isWanted(value.functionOid as number))
      found.add(value.functionOid as number);
    for (const name in value) {
      if (name !== 'table') pending.push((value as Record<string, unknown>)[name]);
    }
  }
  return found;
}

/** A function of users that gives one value for its arguments as they are written, and runs in steps. */
export function isPlainRoutine(oid: number): boolean {
  if (registeredRoutine(oid) === undefined) return false;
  const signature = functionRegistry.functionByOid(oid);
  return (
    signature?.kind === 'function' &&
    !signature.returnsSet &&
    signature.variadic === 0 &&
    signature.routine?.language !== 'internal'
  );
}
