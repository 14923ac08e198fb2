// Finds equal expressions among many: lists of a statement may be thousands long, so each is looked up
// by a key of its top before it is compared.

import type { Datum, Expression } from '#common';
import { mapChildren } from '../optimize/expression-tree.ts';
import { sameExpression } from '../optimize/same-expression.ts';

export class ExpressionIndex {
  private readonly byKey = new Map<string, { expression: Expression; position: number }[]>();
  private count = 0;

  /** The position of an equal expression, in order of addition; -1 when there is none. */
  find(expression: Expression): number {
    const candidates = this.byKey.get(topKey(expression));
    const found = candidates?.find((each) => sameExpression(each.expression, expression));
    return found?.position ?? -1;
  }

  add(expression: Expression): number {
    const key = topKey(expression);
    const entry = { expression, position: this.count++ };
    const candidates = this.byKey.get(key);
    if (candidates === undefined) this.byKey.set(key, [entry]);
    else candidates.push(entry);
    return entry.position;
  }
}

const keyDepthMax = 4;
const keyNodesMax = 16;

/** The same for equal expressions: what the top of the tree says. */
function topKey(expression: Expression): string {
  let key = '';
  let nodes = 0;
  const add = (each: Expression, depth: number): void => {
    if (nodes++ >= keyNodesMax) return;
    key += `${nodeKey(each)} `;
    // A subquery's test reads columns of its own plan, whose ids say nothing.
    if (depth >= keyDepthMax || each.kind === 'subquery') return;
    mapChildren(each, (child) => {
      add(child, depth + 1);
      return child;
    });
  };
  add(expression, 1);
  return key;
}

function nodeKey(expression: Expression): string {
  switch (expression.kind) {
    case 'column':
      return `c${expression.column}`;
    case 'constant':
      return `k${expression.type.oid}:${keyOfValue(expression.value)}`;
    case 'call':
    case 'aggregate':
      return `${expression.kind}${expression.functionOid}`;
    default:
      return expression.kind;
  }
}

/** Primitive values tell constants apart; others share a key. */
function keyOfValue(value: Datum): string {
  return typeof value === 'object' ? '' : String(value);
}
