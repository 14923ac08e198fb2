// What the rows of a statement must satisfy as they are written: the row policies of the table, then the
// options WITH CHECK OPTION of the views that it is written through.

import type { LogicalPlan, RowCheck, RowChecks } from '../logical-plan.ts';
import { writtenRow } from './modification.ts';
import type { ModifiedTable } from './modified-table.ts';
import { behindBarrier, type PolicyUse, RowPolicies } from './row-policy.ts';
import type { NamespaceItem, Scope } from './scope.ts';

/**
 * Puts the policies for UPDATE or DELETE, and views that are barriers, between the target's rows and the statement. To be called when
 * all of the statement is bound: whether it reads the table decides whether the policies for SELECT count.
 */
export function securedRows(
  target: ModifiedTable,
  row: NamespaceItem,
  use: 'update' | 'delete',
  scope: Scope,
): (plan: LogicalPlan) => LogicalPlan {
  const policies = RowPolicies.of(target.tableAccess, scope.binder);
  const uses: PolicyUse[] = target.tableAccess.selects ? [use, 'select'] : [use];
  const conditions = policies?.visible(uses, row) ?? [];
  const barriers = target.barriers(row);
  return (plan) =>
    barriers.reduce(
      (rows, condition) => behindBarrier(rows, [condition]),
      behindBarrier(plan, conditions),
    );
}

export type WriteEvent =
  | 'insert'
  | 'insert from merge'
  | 'update'
  | 'conflict'
  | 'replace'
  | 'remove';

/** Checks of INSERT (which ON CONFLICT may make an update), UPDATE and MERGE; undefined: there are none. */
export function bindRowChecks(
  target: ModifiedTable,
  events: readonly WriteEvent[],
  scope: Scope,
): RowChecks | undefined {
  const { item, scan } = writtenRow(target, scope);
  const checks = [
    ...policyChecks(target, item, events, scope),
    ...target.checkOptions(item, false),
  ];
  if (checks.length === 0) return undefined;
  return { row: scan.outputs, rowSources: scan.sources, checks };
}

function policyChecks(
  target: ModifiedTable,
  row: NamespaceItem,
  events: readonly WriteEvent[],
  scope: Scope,
): readonly RowCheck[] {
  const policies = RowPolicies.of(target.tableAccess, scope.binder);
  if (policies === undefined) return [];
  const reads = target.tableAccess.selects;
  const seen = (kind: RowCheck['kind']): readonly RowCheck[] =>
    reads ? policies.checks('select', 'using', row, kind) : [];
  return events.flatMap((event) => {
    switch (event) {
      case 'insert':
        return [...policies.checks('insert', 'check', row, 'inserted'), ...seen('inserted')];
      // MERGE returns no rows, so it need not see those that it adds.
      case 'insert from merge':
        return policies.checks('insert', 'check', row, 'inserted');
      case 'update':
        return [...policies.checks('update', 'check', row, 'updated'), ...seen('updated')];
      case 'conflict':
        return [...policies.checks('update', 'using', row, 'conflicting'), ...seen('conflicting')];
      case 'replace':
        return policies.checks('update', 'using', row, 'replaced');
      case 'remove':
        return policies.checks('delete', 'using', row, 'removed');
    }
  });
}
