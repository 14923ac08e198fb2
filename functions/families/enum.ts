// Enums: values are the places of their labels, so the operators compare numbers; enum_first() and the
// like list what the type has.

import {
  ArrayValue,
  type Datum,
  databaseError,
  enumLabels,
  typeDisplayName,
  unsafeEnumValue,
} from '#common';
import type { CallTypes, ScalarImplementation } from '../contract.ts';
import { aggregate, type Family, forTypes } from '../family.ts';

type Operator = (left: number, right: number) => Datum;

function operator(apply: Operator): ScalarImplementation {
  return (_context, left: number, right: number) => apply(left, right);
}

/** min and max. */
function extreme(choose: (kept: number, value: number) => number) {
  return aggregate<{ value: number | null }>({
    strict: true,
    create: () => ({ value: null }),
    step: (state, _context, value) => {
      state.value = state.value === null ? (value as number) : choose(state.value, value as number);
      return state;
    },
    combine: (left, right) => {
      if (right.value === null) return left;
      left.value = left.value === null ? right.value : choose(left.value, right.value);
      return left;
    },
    finish: (state) => state.value,
  });
}

/** Places in order. 55P04 when one is too new to be a value. */
function places(typeOid: number): number[] {
  const known = enumLabels(typeOid);
  if (known === undefined) return [];
  return known.labels.map(({ label, order }) => {
    if (known.unsafe.has(label)) throw unsafeEnumValue(typeOid, label);
    return order;
  });
}

/** The place at one end; the labels between need not be values yet. */
function end(types: CallTypes, at: 0 | -1): number {
  const [typeOid] = types.argumentTypes;
  const known = enumLabels(typeOid);
  const label = known?.labels.at(at);
  if (known === undefined || label === undefined) {
    const name = typeDisplayName(typeOid) ?? String(typeOid);
    throw databaseError('objectNotInPrerequisiteState', `enum ${name} contains no values`);
  }
  if (known.unsafe.has(label.label)) throw unsafeEnumValue(typeOid, label.label);
  return label.order;
}

export const enumFamily: Family = {
  scalars: {
    enum_eq: operator((left, right) => left === right),
    enum_ne: operator((left, right) => left !== right),
    enum_lt: operator((left, right) => left < right),
    enum_le: operator((left, right) => left <= right),
    enum_gt: operator((left, right) => left > right),
    enum_ge: operator((left, right) => left >= right),
    enum_cmp: operator((left, right) => Math.sign(left - right)),
    enum_smaller: operator((left, right) => (left < right ? left : right)),
    enum_larger: operator((left, right) => (left > right ? left : right)),
    enum_first: forTypes((types) => () => end(types, 0)),
    enum_last: forTypes((types) => () => end(types, -1)),
    enum_range_all: forTypes(
      ({ argumentTypes: [typeOid] }) =>
        () =>
          ArrayValue.of(typeOid, places(typeOid)),
    ),
    enum_range_bounds: forTypes(
      ({ argumentTypes: [typeOid] }) =>
        (_context, from: number | null, to: number | null) =>
          ArrayValue.of(
            typeOid,
            places(typeOid).filter(
              (place) => (from === null || place >= from) && (to === null || place <= to),
            ),
          ),
    ),
  },
  aggregates: {
    'min(anyenum)': extreme((kept, value) => (kept < value ? kept : value)),
    'max(anyenum)': extreme((kept, value) => (kept > value ? kept : value)),
  },
};
