// Parts of rows by one of their columns: rows that are equal in it are in the same part. Threads that group, sort
// or number rows within such keys take a part each; every one reads all rows and keeps those of its part, since
// reading columns costs little beside what is done with them.

import { type Expression, type SqlType, TypeOid, isDeterministic, sqlType } from '#common';
import { functionRegistry } from '#functions';

export interface PartSlots {
  readonly count: number;
  readonly part: number;
  readonly negated: number;
}

/** Spreads keys that have a common factor with the number of parts. */
const spread = 1009;

const bool = sqlType(TypeOid.bool);

/** Can rows be told apart by such a column? */
export function isPartKey(type: SqlType): boolean {
  return numberOf({ kind: 'input', ordinal: 0, type }) !== undefined;
}

/** Is the row in the part that the slots name? */
export function inPart(key: Expression, slots: PartSlots): Expression {
  const number = numberOf(key)!;
  const { type } = number;
  const slot = (at: number): Expression => ({ kind: 'slot', slot: at, type });
  const constant = (value: number): Expression => ({ kind: 'constant', value, type });
  const known: Expression = { kind: 'coalesce', arguments: [number, constant(0)], type };
  const place = call('mod', call('mod', known, constant(spread)), slot(slots.count));
  const equals = type.oid === TypeOid.int8 ? 'int8eq' : 'int4eq';
  // The remainder of a negative number is negative.
  const isPart = [slots.part, slots.negated].map((at) => call(equals, place, slot(at)));
  return { kind: 'or', arguments: isPart, type: bool };
}

/** A whole number for the key, the same for equal ones. */
function numberOf(key: Expression): Expression | undefined {
  const { oid, collation } = key.type;
  switch (oid) {
    case TypeOid.int4:
    case TypeOid.int8:
      return key;
    case TypeOid.text:
    case TypeOid.varchar:
      return collation === undefined || isDeterministic(collation)
        ? call('hashtext', { ...key, type: { ...key.type, oid: TypeOid.text } })
        : undefined;
    default:
      return undefined;
  }
}

function call(name: string, ...args: readonly Expression[]): Expression {
  const types = args.map(({ type }) => type.oid).join();
  const found = functionRegistry
    .functionsNamed(name)
    .find(({ argumentTypes }) => argumentTypes.join() === types)!;
  return {
    kind: 'call',
    functionOid: found.oid,
    arguments: args,
    type: sqlType(found.resultType),
  };
}
