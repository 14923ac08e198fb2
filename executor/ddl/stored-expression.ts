// Expressions that the catalog keeps: defaults, checks, generation and index expressions, predicates.
// Each is bound once to be checked and typed, and kept as text.

import type { Node } from '@pgsql/types';
import { type Expression, notSupported, type SqlType, type StoredExpression, type TableDescriptor } from '#common';
import type { DdlStatement } from './statement.ts';

export type ExpressionPlace =
  | 'columnDefault'
  | 'check'
  | 'generated'
  | 'indexExpression'
  | 'indexPredicate'
  | 'alterColumn';

export interface ExpressionTarget {
  readonly place: ExpressionPlace;
  /** Columns that the expression may name; absent: none. */
  readonly table?: TableDescriptor;
  /** The column that the value is for; it is converted to its type. */
  readonly column?: { readonly name: string; readonly type: SqlType };
}

export interface StoredBinding {
  readonly stored: StoredExpression;
  /** Over `input` ordinals: attribute number - 1. */
  readonly expression: Expression;
  /** Attributes that the expression reads, ascending. */
  readonly attributes: readonly number[];
}

export function bindStored(_ddl: DdlStatement, _node: Node, target: ExpressionTarget): StoredBinding {
  throw notSupported(`an expression (${target.place})`);
}

/** Text that was stored before, bound anew (LIKE, ALTER TABLE). */
export function copyStored(_ddl: DdlStatement, _sql: string, target: ExpressionTarget): StoredBinding {
  throw notSupported(`an expression (${target.place})`);
}
