// The list of aggregates that have states in typed arrays.

import { type AggregateExpression, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import { callTypes } from '../expression/calls.ts';
import { aggregateImplementation } from '../operators/aggregate-call.ts';
import type { Runtime } from '../runtime.ts';
import type { Accumulator } from './accumulator.ts';
import { floatTypes, wholeNumberTypes } from './compiled-value.ts';
import { CountAccumulator } from './count-accumulator.ts';
import { DistinctCountAccumulator } from './distinct-count.ts';
import { ExtremeAccumulator } from './extreme-accumulator.ts';
import { type FloatAggregate, FloatAccumulator } from './float-accumulator.ts';
import { InterpretedAccumulator } from './interpreted-accumulator.ts';
import { SortedAccumulator, sortsNumbers } from './sorted-accumulator.ts';
import { SumAccumulator } from './sum-accumulator.ts';

const countStar = 2803;
const countAny = 2147;

export function makeAccumulator(expression: AggregateExpression, runtime: Runtime): Accumulator {
  const signature = functionRegistry.functionByOid(expression.functionOid);
  const plain = !expression.distinct && expression.orderBy.length === 0;
  const { functionOid } = expression;
  if (plain && (functionOid === countStar || functionOid === countAny))
    return new CountAccumulator(expression);
  const isDistinctCount = expression.distinct && functionOid === countAny;
  if (isDistinctCount && expression.orderBy.length === 0 && hasOrder(expression))
    return new DistinctCountAccumulator(expression);
  const [argument] = expression.arguments;
  const oid = argument?.type.oid;
  const isWhole = oid === TypeOid.int2 || oid === TypeOid.int4 || oid === TypeOid.int8;
  if (plain && expression.arguments.length === 1 && (isWhole || oid === TypeOid.numeric)) {
    const { implementation } = signature!;
    if (implementation === `sum(${typeName(oid)})` || implementation === `avg(${typeName(oid)})`)
      return new SumAccumulator(expression);
  }
  if (plain && expression.arguments.length === 1 && oid !== undefined) {
    const isExtreme = signature?.name === 'min' || signature?.name === 'max';
    if (floatTypes.has(oid) && floatAggregates.has(signature?.implementation ?? ''))
      return new FloatAccumulator(expression, signature!.name as FloatAggregate);
    if (isExtreme && (wholeNumberTypes.has(oid) || oid === TypeOid.numeric))
      return new ExtremeAccumulator(expression, signature.name === 'max' ? 'max' : 'min');
  }
  if (expression.orderBy.length > 0) {
    const implementation = aggregateImplementation(functionOid, callTypes(expression));
    if (sortsNumbers(expression, implementation))
      return new SortedAccumulator(expression, implementation, runtime);
  }
  return new InterpretedAccumulator(expression, runtime);
}

const floatAggregates: ReadonlySet<string> = new Set(
  ['sum', 'avg', 'min', 'max'].flatMap((name) => [`${name}(float4)`, `${name}(float8)`]),
);

function typeName(oid: number): string {
  if (oid === TypeOid.int2) return 'int2';
  if (oid === TypeOid.int4) return 'int4';
  return oid === TypeOid.int8 ? 'int8' : 'numeric';
}

function hasOrder(expression: AggregateExpression): boolean {
  return functionRegistry.ordering(expression.arguments[0].type.oid) !== undefined;
}
