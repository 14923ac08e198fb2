// Ties the mutually recursive parts of the grammar together: whoever starts binding makes a Binder
// here.

import { notSupported } from '#common';
import { Binder, type BindContext, type GrammarBinders, type SourceText } from './context.ts';
import { bindDelete } from './delete.ts';
import { coerceToDomain } from './domain.ts';
import { bindExpressionNode } from './expression.ts';
import { bindInsert } from './insert.ts';
import { bindMerge } from './merge.ts';
import type { BoundModification } from './modification.ts';
import { bodyOf, nodeTag } from './node.ts';
import { bindWithRules } from './rule-rewrite.ts';
import type { Scope } from './scope.ts';
import { bindSelect } from './select.ts';
import { bindStoredText } from './stored-expression.ts';
import { bindUpdate } from './update.ts';
import type { Node } from '@pgsql/types';

/** INSERT, UPDATE, DELETE or MERGE, with the rules of what it writes. */
export function bindModification(node: Node, scope: Scope): BoundModification {
  const binders = { plain: bindPlainModification, modification: bindModification };
  return bindWithRules(node, scope, binders) ?? bindPlainModification(node, scope);
}

function bindPlainModification(node: Node, scope: Scope): BoundModification {
  const insert = bodyOf(node, 'InsertStmt');
  if (insert !== undefined) return bindInsert(insert, scope);
  const update = bodyOf(node, 'UpdateStmt');
  if (update !== undefined) return bindUpdate(update, scope);
  const remove = bodyOf(node, 'DeleteStmt');
  if (remove !== undefined) return bindDelete(remove, scope);
  const merge = bodyOf(node, 'MergeStmt');
  if (merge !== undefined) return bindMerge(merge, scope);
  throw notSupported(nodeTag(node));
}

const grammar: GrammarBinders = {
  expression: bindExpressionNode,
  select: bindSelect,
  modification: bindModification,
  domain: coerceToDomain,
  storedText: bindStoredText,
};

export function newBinder(context: BindContext, source: SourceText): Binder {
  return new Binder(context, grammar, source);
}
