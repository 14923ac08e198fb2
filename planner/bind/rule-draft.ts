// A rule that is being made: its actions bound over rows that stand for any, to see that they can be.

import {
  BuiltinOid,
  type Expression,
  type RelationDescriptor,
  type RuleEvent,
  type TableDescriptor,
} from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import { coerceToBoolean } from './coercion.ts';
import type { BindContext } from './context.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindModification, newBinder } from './grammar.ts';
import { liveColumns } from './modified-table.ts';
import { type BoundAction, bindRuleAction, conditionNode } from './rule-action.ts';
import { ruleItems, type RuleRows } from './rule-rows.ts';
import { ruleTable } from './rule-statement.ts';
import { Scope } from './scope.ts';
import { noSource } from './stored-expression.ts';

export interface RuleDraft {
  readonly event: RuleEvent;
  /** Texts, as they are written or as they are kept. */
  readonly condition: string | undefined;
  readonly actions: readonly string[];
}

export interface BoundRule {
  readonly condition: Expression | undefined;
  readonly actions: readonly BoundAction[];
}

/** Raises what is wrong with the texts under the context's search path. */
export function bindRuleDraft(
  relation: RelationDescriptor,
  draft: RuleDraft,
  context: BindContext,
): BoundRule {
  const table = ruleTable(relation)!;
  const binder = newBinder({ ...context, definesOnly: true }, noSource);
  const scope = new Scope(binder, undefined);
  const rows = anyRows(table, draft.event, scope);
  const { condition } = draft;
  const rule = {
    event: draft.event,
    ...(condition === undefined ? {} : { condition: { sql: condition, dependencies: [] } }),
  };
  const actions = draft.actions.map((action) =>
    bindRuleAction({
      action,
      rule,
      rows: { ...rows, table, isBare: false },
      keepsReturning: true,
      relation: {
        owner: context.catalog.findRole(context.currentUser)?.oid ?? BuiltinOid.bootstrapRole,
      },
      binder,
      modification: bindModification,
    }),
  );
  scope.items.push(...ruleItems(table, rows, true));
  const bound =
    condition === undefined
      ? undefined
      : coerceToBoolean(
          scope.bindAs(ExpressionKinds.where, conditionNode(condition)),
          'WHERE',
          binder,
        );
  return { condition: bound, actions };
}

function anyRows(table: TableDescriptor, event: RuleEvent, scope: Scope): RuleRows {
  const side = () => liveColumns(table).map(({ name, type }) => scope.newColumn(name, type));
  const old = event === 'insert' ? undefined : side();
  const written = event === 'delete' ? undefined : side();
  const outputs = [...(old ?? []), ...(written ?? [])];
  const row = outputs.map(({ type }): Expression => ({ kind: 'constant', value: null, type }));
  const plan: LogicalPlan = { kind: 'values', rows: [row], outputs };
  return { plan, old, new: written };
}
