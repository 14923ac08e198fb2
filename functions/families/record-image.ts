// The operators *=, *< … of row types, which compare values by what they look like in memory, not by what
// they mean (record_image_cmp): for each type one order, and equality of exactly the same values.

import {
  compareBytes,
  compareText,
  databaseError,
  type Datum,
  type RecordValue,
  typeByOid,
  typeDisplayName,
  typeSend,
} from '#common';
import type { ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';
import { named, operatorsOf } from './comparison-operators.ts';

function compareImages(left: RecordValue, right: RecordValue): number {
  const shared = Math.min(left.fields.length, right.fields.length);
  for (let i = 0; i < shared; i++) {
    const type = left.types[i];
    if (type !== right.types[i]) {
      throw databaseError(
        'datatypeMismatch',
        `cannot compare dissimilar column types ${typeDisplayName(type) ?? type} and ${typeDisplayName(right.types[i]) ?? right.types[i]} at record column ${i + 1}`,
      );
    }
    const order = compareImage(left.fields[i], right.fields[i], type);
    if (order !== 0) return order;
  }
  if (left.fields.length === right.fields.length) return 0;
  throw databaseError(
    'datatypeMismatch',
    'cannot compare record types with different numbers of columns',
  );
}

function compareImage(left: Datum, right: Datum, type: number): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? 1 : -1;
  if (typeof left === 'string' && typeof right === 'string') return compareText(left, right);
  // Values that fit into a word are compared as words without a sign.
  const isWord = typeByOid(type)?.facts.byValue === true;
  if (isWord && Number.isInteger(left) && Number.isInteger(right)) {
    const [first, second] = [left, right].map((value) => BigInt.asUintN(64, BigInt(Number(value))));
    return first < second ? -1 : first > second ? 1 : 0;
  }
  const image = typeSend(type);
  return compareBytes(image(left), image(right));
}

const operators: Readonly<Record<string, ScalarImplementation>> = operatorsOf(compareImages);

export const recordImageFamily: Family = {
  scalars: named('record_image_', operators, 'btrecordimagecmp'),
};
