// Row policies of tables (CREATE POLICY), as plain data inside their table's descriptor.

import type { StoredExpression } from './schema.ts';

export type PolicyCommand = 'all' | 'select' | 'insert' | 'update' | 'delete';

export interface PolicyDescriptor {
  readonly oid: number;
  readonly name: string;
  readonly command: PolicyCommand;
  /** Permissive ones are alternatives; every restrictive one must let a row through. */
  readonly permissive: boolean;
  /** Roles that it is for; empty: everybody (PUBLIC). */
  readonly roles: readonly number[];
  /** USING: which stored rows exist for the role. */
  readonly using?: StoredExpression;
  /** WITH CHECK: which rows it may write; absent: those of USING. */
  readonly check?: StoredExpression;
  readonly comment?: string;
}
