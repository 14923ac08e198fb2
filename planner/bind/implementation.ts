// The registry knows all of PostgreSQL's functions; what has no implementation is refused when a
// statement names it, not when it runs.

import { notSupported } from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';

export function requireScalar(
  functionOid: number,
  what: string,
  position: number | undefined,
): void {
  if (functionRegistry.scalar(functionOid) === undefined) throw notSupported(what, at(position));
}

export function requireSet(functionOid: number, what: string, position: number | undefined): void {
  if (functionRegistry.set(functionOid) === undefined) throw notSupported(what, at(position));
}

export function requireAggregate(
  functionOid: number,
  what: string,
  position: number | undefined,
): void {
  if (functionRegistry.aggregate(functionOid) === undefined) throw notSupported(what, at(position));
}

export function requireWindow(
  functionOid: number,
  what: string,
  position: number | undefined,
): void {
  if (functionRegistry.window(functionOid) === undefined) throw notSupported(what, at(position));
}
