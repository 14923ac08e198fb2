// min and max of every ordered type, bool_and and bool_or, and the bitwise aggregates.

import { canonicalInteger, type Datum, TypeOid } from '#common';
import type { AggregateImplementation } from '../contract.ts';
import { aggregate, type Entry, type Family, forTypes } from '../family.ts';
import { comparisonOf } from '../ordering.ts';

interface Kept {
  value: Datum;
}

/** An aggregate that folds its values with a function; null over no values. */
function fold(combine: (kept: Datum, value: Datum) => Datum): AggregateImplementation {
  return aggregate<Kept>({
    strict: true,
    create: () => ({ value: null }),
    step: (state, _context, value) => {
      state.value = state.value === null ? value! : combine(state.value, value);
      return state;
    },
    combine: (left, right) => {
      if (left.value === null) return right;
      if (right.value !== null) left.value = combine(left.value, right.value);
      return left;
    },
    finish: (state) => state.value,
  });
}

/** Of equal values the first is kept for min, the last for max, as *_smaller and *_larger do. */
function minimum(type: number): AggregateImplementation {
  const compare = comparisonOf(type);
  return fold((kept, value) => (compare(kept, value) < 0 ? kept : value));
}

function maximum(type: number): AggregateImplementation {
  const compare = comparisonOf(type);
  return fold((kept, value) => (compare(kept, value) > 0 ? kept : value));
}

/** min or max of a type. */
export function extremeOf(name: 'min' | 'max', type: number): AggregateImplementation {
  return name === 'min' ? minimum(type) : maximum(type);
}

function extremes(): Record<string, Entry<AggregateImplementation>> {
  const types = {
    int2: TypeOid.int2,
    int4: TypeOid.int4,
    int8: TypeOid.int8,
    oid: TypeOid.oid,
    tid: TypeOid.tid,
    float4: TypeOid.float4,
    float8: TypeOid.float8,
    numeric: TypeOid.numeric,
    date: TypeOid.date,
    time: TypeOid.time,
    timetz: TypeOid.timetz,
    timestamp: TypeOid.timestamp,
    timestamptz: TypeOid.timestamptz,
    interval: TypeOid.interval,
    bpchar: TypeOid.bpchar,
    xid8: TypeOid.xid8,
    inet: TypeOid.inet,
    money: TypeOid.money,
    pg_lsn: TypeOid.pg_lsn,
  };
  const entries: Record<string, Entry<AggregateImplementation>> = {};
  for (const [name, type] of Object.entries(types)) {
    entries[`min(${name})`] = minimum(type);
    entries[`max(${name})`] = maximum(type);
  }
  // Text may be under a collation.
  entries['min(text)'] = forTypes((call) => minimum(call.argumentTypes[0]));
  entries['max(text)'] = forTypes((call) => maximum(call.argumentTypes[0]));
  entries['min(bpchar)'] = entries['min(text)'];
  entries['max(bpchar)'] = entries['max(text)'];
  entries['min(anyarray)'] = forTypes((call) => minimum(call.argumentTypes[0]));
  entries['max(anyarray)'] = forTypes((call) => maximum(call.argumentTypes[0]));
  return entries;
}

function bitwise(
  name: string,
  narrow: (left: number, right: number) => number,
  wide: (left: bigint, right: bigint) => bigint,
): Record<string, AggregateImplementation> {
  const small = fold((left, right) => narrow(left as number, right as number));
  return {
    [`${name}(int2)`]: small,
    [`${name}(int4)`]: small,
    [`${name}(int8)`]: fold((left, right) =>
      canonicalInteger(wide(BigInt(left as number), BigInt(right as number))),
    ),
  };
}

const every = fold((left, right) => (left as boolean) && right);

export const extremeFamily: Family = {
  aggregates: {
    ...extremes(),
    'bool_and(bool)': every,
    'every(bool)': every,
    'bool_or(bool)': fold((left, right) => left || right),
    ...bitwise(
      'bit_and',
      (left, right) => left & right,
      (left, right) => left & right,
    ),
    ...bitwise(
      'bit_or',
      (left, right) => left | right,
      (left, right) => left | right,
    ),
    ...bitwise(
      'bit_xor',
      (left, right) => left ^ right,
      (left, right) => left ^ right,
    ),
  },
};
