// Rules (PostgreSQL's rewriteHandler.c, manual chapter 41): a statement on a table or view that has rules
// becomes a sequence of statements, the actions of the rules and, unless one of them stands instead of
// it, itself. Each action is joined to the rows that the statement means, under the names old and new.

import type { DeleteStmt, InsertStmt, Node, RangeVar, UpdateStmt } from '@pgsql/types';
import {
  databaseError,
  type RelationDescriptor,
  type RuleDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { wrapWith } from './cte.ts';
import type { BoundModification } from './modification.ts';
import { notUpdatable, type WriteCommand } from './modified-table.ts';
import { bodyOf, nodeTag } from './node.ts';
import { relationOf } from './relation-name.ts';
import { bindRuleAction } from './rule-action.ts';
import { ruledRelation, rulesFor } from './rule-choice.ts';
import { ruleReturning } from './rule-returning.ts';
import { openStatement, rowsMeeting, type StatementRows } from './rule-statement.ts';
import { Scope } from './scope.ts';
import { hasInsteadTrigger } from './triggered-view.ts';

type Ruled = TableDescriptor | ViewDescriptor;
type WriteStmt = InsertStmt | UpdateStmt | DeleteStmt;
type Bind = (node: Node, scope: Scope) => BoundModification;

interface Step {
  readonly plan: LogicalPlan;
  readonly columns: readonly PlanColumn[];
  readonly command: string;
  readonly source: 'original' | 'instead' | 'also';
}

const commands: Readonly<Record<string, WriteCommand>> = {
  InsertStmt: 'INSERT',
  UpdateStmt: 'UPDATE',
  DeleteStmt: 'DELETE',
};

/** undefined: no rules apply. `plain` binds a statement as it stands, `modification` with its own rules. */
export function bindWithRules(
  node: Node,
  scope: Scope,
  bind: { readonly plain: Bind; readonly modification: Bind },
): BoundModification | undefined {
  const tag = nodeTag(node);
  const statement = bodyOf(node, tag as 'InsertStmt') as WriteStmt;
  const named = targetOf(statement.relation!, scope);
  if (named === undefined) return undefined;
  const command = commands[tag];
  if (command === undefined) {
    if (named.rules !== undefined) throw mergeRefused(named);
    return undefined;
  }
  const relation = ruledRelation(named, command, scope.binder.context.catalog);
  const rules = relation === undefined ? [] : rulesFor(relation, command);
  refuseConflictClause(statement, named, rules);
  if (relation === undefined) return undefined;
  const { binder } = scope;
  const key = `${command} ${relation.oid}`;
  if (binder.rulesUnderway.has(key)) {
    throw databaseError(
      'invalidObjectDefinition',
      `infinite recursion detected in rules for relation "${relation.name}"`,
    );
  }
  return new Rewriting({ node, statement, command, relation, rules, key, scope }, bind).run();
}

function targetOf(range: RangeVar, scope: Scope): Ruled | undefined {
  if (range.schemaname === undefined && scope.findCte(range.relname ?? '') !== undefined)
    return undefined;
  const relation: RelationDescriptor = relationOf(scope.binder, range);
  return relation.kind === 'table' || relation.kind === 'view' ? relation : undefined;
}

interface Request {
  readonly node: Node;
  readonly statement: WriteStmt;
  readonly command: WriteCommand;
  readonly relation: Ruled;
  readonly rules: readonly RuleDescriptor[];
  readonly key: string;
  readonly scope: Scope;
}

class Rewriting {
  private readonly request: Request;
  private readonly bind: { readonly plain: Bind; readonly modification: Bind };
  private readonly isReplaced: boolean;
  /** The scope of the statement's own WITH. */
  private readonly scope: Scope;
  private readonly isInWith: boolean;

  constructor(request: Request, bind: { readonly plain: Bind; readonly modification: Bind }) {
    this.request = request;
    this.bind = bind;
    this.isReplaced = request.rules.some(isUnconditional);
    this.isInWith = request.scope.parent !== undefined || request.scope.binder.rulesInWith;
    this.scope = new Scope(request.scope.binder, request.scope.parent);
  }

  run(): BoundModification {
    const { command, statement } = this.request;
    this.refuseInWith();
    const rows = openStatement(this.request, this.scope);
    const actions = this.actions(rows);
    const original = this.isReplaced ? [] : [this.original(rows)];
    const steps = command === 'INSERT' ? [...original, ...actions] : [...actions, ...original];
    if (steps.length > 1 && statement.withClause !== undefined) {
      throw databaseError(
        'featureNotSupported',
        'WITH cannot be used in a query that is rewritten by rules into multiple queries',
      );
    }
    const bound = this.sequence(steps);
    return { ...bound, command };
  }

  private actions(rows: StatementRows): Step[] {
    const { rules, scope, key, statement } = this.request;
    const { binder } = scope;
    const { rulesInWith } = binder;
    binder.rulesUnderway.add(key);
    binder.rulesInWith = this.isInWith;
    try {
      return rules.flatMap((rule) =>
        rule.actions.map((action): Step => {
          const wantsRows = statement.returningClause !== undefined && isUnconditional(rule);
          const bound = bindRuleAction({
            action: action.sql,
            rule,
            rows: rowsMeeting(rows, rule.condition?.sql, rows.table, this.scope),
            keepsReturning: wantsRows,
            relation: this.request.relation,
            binder,
            modification: this.bind.modification,
          });
          const { plan, columns } = wantsRows
            ? ruleReturning(bound, statement.returningClause!.exprs, rows, this.scope)
            : bound;
          return {
            plan: wrapWith(plan, this.scope),
            columns,
            command: bound.command,
            source: rule.instead ? 'instead' : 'also',
          };
        }),
      );
    } finally {
      binder.rulesUnderway.delete(key);
      binder.rulesInWith = rulesInWith;
    }
  }

  /** The statement itself, for the rows that no conditional rule takes. */
  private original(rows: StatementRows): Step {
    const { node, relation, rules, command, scope } = this.request;
    const conditions = rules.flatMap(({ instead, condition }) =>
      instead && condition !== undefined ? [condition.sql] : [],
    );
    const isAutomatic = relation.kind === 'view' && !hasInsteadTrigger(relation, command);
    if (isAutomatic && conditions.length > 0) {
      throw notUpdatable(
        relation,
        command,
        'Views with conditional DO INSTEAD rules are not automatically updatable.',
      );
    }
    if (conditions.length > 0) {
      const kept = rows.without(conditions);
      return {
        plan: wrapWith(kept, this.scope),
        columns: kept.outputs,
        command,
        source: 'original',
      };
    }
    const bound = this.bind.plain(node, new Scope(scope.binder, scope.parent));
    return { plan: bound.plan, columns: bound.columns, command, source: 'original' };
  }

  private sequence(steps: readonly Step[]): {
    readonly plan: LogicalPlan;
    readonly columns: readonly PlanColumn[];
  } {
    const { command, statement } = this.request;
    const own = steps.findIndex(({ source }) => source === 'original');
    const counted =
      own >= 0
        ? own
        : steps.findLastIndex((step) => step.source === 'instead' && step.command === command);
    const returned = this.returnedStep(steps, own);
    const isTaken = this.request.rules.some(({ instead }) => instead);
    if (statement.returningClause !== undefined && (returned < 0 || (isTaken && returned === own)))
      throw this.noReturning();
    const columns = returned < 0 ? [] : steps[returned].columns;
    if (steps.length === 0) return { plan: { kind: 'empty', outputs: [] }, columns };
    if (steps.length === 1 && (counted === 0 || this.isInWith))
      return { plan: steps[0].plan, columns };
    const plan: LogicalPlan = {
      kind: 'sequence',
      steps: steps.map((step) => step.plan),
      returned,
      counted,
      outputs: returned < 0 ? [] : steps[returned].plan.outputs,
    };
    return { plan, columns };
  }

  /** Whose rows are the statement's: RETURNING's, or those of a SELECT in its place. */
  private returnedStep(steps: readonly Step[], own: number): number {
    const { returningClause } = this.request.statement;
    if (returningClause === undefined)
      return steps.findLastIndex((step) => step.command === 'SELECT');
    return own >= 0
      ? own
      : steps.findLastIndex((step) => step.source === 'instead' && step.columns.length > 0);
  }

  private noReturning(): Error {
    const { command, relation } = this.request;
    return databaseError(
      'featureNotSupported',
      `cannot perform ${command} RETURNING on relation "${relation.name}"`,
      {
        hint: `You need an unconditional ON ${command} DO INSTEAD rule with a RETURNING clause.`,
      },
    );
  }

  /** Inside WITH, a statement must stay one statement. */
  private refuseInWith(): void {
    const { rules } = this.request;
    if (!this.isInWith) return;
    const refuse = (what: string): never => {
      throw databaseError(
        'featureNotSupported',
        `${what} rules are not supported for data-modifying statements in WITH`,
      );
    };
    const instead = rules.find(isUnconditional);
    if (instead?.actions.length === 0) refuse('DO INSTEAD NOTHING');
    if (rules.some((rule) => rule.instead && rule.condition !== undefined))
      refuse('conditional DO INSTEAD');
    if (rules.some((rule) => !rule.instead)) refuse('DO ALSO');
    if (rules.flatMap((rule) => rule.actions).length > 1) refuse('multi-statement DO INSTEAD');
  }
}

function isUnconditional(rule: RuleDescriptor): boolean {
  return rule.instead && rule.condition === undefined;
}

function mergeRefused(relation: Ruled): Error {
  return databaseError(
    'featureNotSupported',
    `cannot execute MERGE on relation "${relation.name}"`,
    { detail: 'MERGE is not supported for relations with rules.' },
  );
}

function refuseConflictClause(
  statement: InsertStmt,
  relation: Ruled,
  rules: readonly RuleDescriptor[],
): void {
  if (statement.onConflictClause === undefined) return;
  if (rules.length === 0 && rulesFor(relation, 'UPDATE').length === 0) return;
  throw databaseError(
    'featureNotSupported',
    'INSERT with ON CONFLICT clause cannot be used with table that has INSERT or UPDATE rules',
  );
}
