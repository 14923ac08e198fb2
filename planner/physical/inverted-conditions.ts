// Conditions that an inverted index serves: an operator of its class between a column and a value that is
// known before the scan.

import { BuiltinOid, type Expression, type IndexDescriptor } from '#common';
import { functionRegistry, indexClassOf, invertedClass, scalarClassName } from '#functions';
import type { ScanNode } from '../logical-plan.ts';
import type { InvertedCondition } from '../physical-plan.ts';
import type { ScannedIndexes } from './index-expressions.ts';
import { asKeyValue } from './key-value.ts';
import { keyTargets, knownBefore } from './key-targets.ts';

interface Facts {
  readonly scan: ScanNode;
  readonly indexes: ScannedIndexes;
  readonly conjuncts: readonly Expression[];
}

/** Over columns of the plan, as everything before lowering. */
export function invertedConditions(
  { scan, indexes, conjuncts }: Facts,
  index: IndexDescriptor,
  attributes: readonly number[],
): InvertedCondition[] {
  const targets = keyTargets(scan, indexes.expressions);
  const isKnown = knownBefore(scan);
  return conjuncts.flatMap((condition): InvertedCondition[] => {
    for (const side of sidesOf(condition)) {
      const target = targets.find(side.column);
      if (target === undefined || !isKnown(side.query)) continue;
      const position = attributes.indexOf(target.attributeNumber);
      if (position < 0) continue;
      const columnType = target.type.oid;
      const name = indexClassOf('gin', index.columns[position].operatorClass, columnType);
      const found = name === undefined ? undefined : invertedClass(name, columnType);
      if (name === undefined || found?.queries[side.operator] === undefined) continue;
      const { operator } = side;
      const query =
        name === scalarClassName
          ? asKeyValue(side.query, target.type, side.column.type.oid)
          : side.query;
      if (query === undefined) continue;
      return [{ position, operatorClass: name, columnType, operator, query, condition }];
    }
    return [];
  });
}

interface Side {
  readonly column: Expression;
  readonly operator: string;
  readonly query: Expression;
}

/** Operators of users may have the names of others. */
function isOfUser(oid: number): boolean {
  return oid >= BuiltinOid.firstUserOid && oid < 9_000_000;
}

/** The condition as written, and turned round. */
function sidesOf(condition: Expression): Side[] {
  if (condition.kind !== 'call' || condition.operatorOid === undefined) return [];
  const operator = functionRegistry.operatorByOid(condition.operatorOid);
  const [left, right] = condition.arguments;
  if (operator === undefined || right === undefined || isOfUser(operator.oid)) return [];
  const sides: Side[] = [{ column: left, operator: operator.name, query: right }];
  const turned = functionRegistry.operatorByOid(operator.commutatorOid);
  if (turned !== undefined) sides.push({ column: right, operator: turned.name, query: left });
  return sides;
}
