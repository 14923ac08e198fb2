// What another thread must be told of the types that users have made, so that it can read their values. Plain data.

import { registeredValueTypes, registerType, type RegisteredType } from './type-registry.ts';
import { registeredEnums, registerEnum, type EnumLabels } from './user-types.ts';
import { type RangeInfo, rangeInfoOf } from './value-types/range-info.ts';
import { defineRangeType } from './value-types/range-types.ts';

export interface TypeDefinitions {
  /** Enums, domains and ranges, and arrays of them. */
  readonly types: readonly RegisteredType[];
  readonly enums: readonly (readonly [number, EnumLabels])[];
  readonly ranges: readonly RangeInfo[];
}

export function typeDefinitions(): TypeDefinitions {
  const types = registeredValueTypes();
  const ranges = types.flatMap(({ oid }) => rangeInfoOf(oid) ?? []);
  return { types, enums: registeredEnums(), ranges };
}

export function defineTypes({ types, enums, ranges }: TypeDefinitions): void {
  for (const type of types) registerType(type);
  for (const [oid, labels] of enums) registerEnum(oid, labels);
  for (const range of ranges) defineRangeType(range);
}
