// Constants that stand for a position in the target list.

import type { Node } from '@pgsql/types';
import { bodyOf } from './node.ts';
import type { Scope } from './scope.ts';

/** The integer of a bare literal; 'other' for a literal that is none; undefined for any other node. */
export function integerLiteral(node: Node, scope: Scope): number | 'other' | undefined {
  const literal = bodyOf(node, 'A_Const');
  if (literal !== undefined) return literal.ival === undefined ? 'other' : (literal.ival.ival ?? 0);
  const number = bodyOf(node, 'ParamRef')?.number;
  const lifted = number === undefined ? undefined : scope.binder.parameters.literal(number);
  if (number === undefined || lifted === undefined) return undefined;
  return scope.binder.parameters.pinInteger(number) ?? 'other';
}
