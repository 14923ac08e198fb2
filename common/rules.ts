// Rules of tables and views (CREATE RULE), as plain data inside their relation's descriptor.

import type { StoredExpression } from './schema.ts';

export type RuleEvent = 'insert' | 'update' | 'delete';

export interface RuleDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly event: RuleEvent;
  /** The actions take the statement's place; false: they come on top. */
  readonly instead: boolean;
  /** WHERE: over the columns of old and new. */
  readonly condition?: StoredExpression;
  /** Statements with names qualified; none: NOTHING. */
  readonly actions: readonly StoredExpression[];
  /** As pg_rewrite.ev_enabled: O origin, D disabled, R replica, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  readonly comment?: string;
}
