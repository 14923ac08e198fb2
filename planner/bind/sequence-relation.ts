// A sequence in FROM: its one row of last_value, log_cnt and is_called.

import { sqlType, TypeOid, type Expression, type SequenceDescriptor } from '#common';
import { functionRegistry } from '#functions';
import type { LogicalPlan } from '../logical-plan.ts';
import { booleanType, constant, int8Type } from './expression-build.ts';
import { requireScalar } from './implementation.ts';
import { derivedItem, type ItemAlias, type RelationItem } from './relation-item.ts';
import type { Scope } from './scope.ts';

/** pg_sequence_last_value() is null until the sequence is called; its start counts as the last value then. */
export function sequenceItem(
  sequence: SequenceDescriptor,
  alias: ItemAlias,
  scope: Scope,
): RelationItem {
  const [signature] = functionRegistry.functionsNamed('pg_sequence_last_value');
  const functionOid = signature?.oid ?? 0;
  requireScalar(functionOid, 'reading a sequence as a relation', undefined);
  const lastValue: Expression = {
    kind: 'call',
    functionOid,
    arguments: [constant(sequence.oid, sqlType(TypeOid.regclass))],
    type: int8Type,
  };
  const start = BigInt(sequence.start);
  const startValue = Number.isSafeInteger(Number(start)) ? Number(start) : start;
  const outputs = [
    scope.newColumn('last_value', int8Type),
    scope.newColumn('log_cnt', int8Type),
    scope.newColumn('is_called', booleanType),
  ];
  for (const column of outputs) scope.binder.describe(column, alias.name, undefined);
  const build = (): LogicalPlan => ({
    kind: 'project',
    input: { kind: 'singleRow', outputs: [] },
    expressions: [
      { kind: 'coalesce', arguments: [lastValue, constant(startValue, int8Type)], type: int8Type },
      constant(0, int8Type),
      { kind: 'isNull', argument: lastValue, negated: true, rowwise: false, type: booleanType },
    ],
    outputs,
  });
  return { item: derivedItem(outputs, alias), build };
}
