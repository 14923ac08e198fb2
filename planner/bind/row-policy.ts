// Row-level security (PostgreSQL's rowsecurity.c): the conditions that the row policies of a table put
// before what a statement reads of it and behind what it writes. Conditions become filters that are
// barriers: what the statement asks comes after them, unless it is leakproof (optimize/passes).

import type { Node } from '@pgsql/types';
import {
  databaseError,
  type Expression,
  type PolicyDescriptor,
  type TableDescriptor,
} from '#common';
import { type ApplicablePolicies, policiesFor, rowSecurityStatus } from '#policy';
import type { LogicalPlan, RowCheck } from '../logical-plan.ts';
import type { RelationAccess } from './access.ts';
import { coerceToBoolean } from './coercion.ts';
import type { Binder } from './context.ts';
import { andAll, booleanType, constant, logic } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bodyOf } from './node.ts';
import { Scope, type NamespaceItem } from './scope.ts';
import { noSource } from './stored-expression.ts';
import { parseStored } from './view.ts';

export type PolicyUse = 'select' | 'insert' | 'update' | 'delete';

/** The policies of one table as they bind one role. */
export class RowPolicies {
  private readonly table: TableDescriptor;
  private readonly binder: Binder;
  private readonly role: number;
  private readonly owner: number | undefined;

  private constructor(
    table: TableDescriptor,
    binder: Binder,
    role: number,
    access: RelationAccess,
  ) {
    this.table = table;
    this.binder = binder;
    this.role = role;
    this.owner = access.as;
  }

  /** undefined: nothing stands between the role and the rows. 42501 when row_security is off. */
  static of(access: RelationAccess, binder: Binder): RowPolicies | undefined {
    const { relation } = access;
    if (relation.kind !== 'table' || relation.rowSecurity?.enabled !== true) return undefined;
    if (binder.context.definesOnly === true) return undefined;
    binder.dependsOnRole = true;
    const { catalog, currentUser, rowSecurity } = binder.context;
    const role = access.as ?? catalog.findRole(currentUser)?.oid;
    if (role === undefined || rowSecurityStatus(relation, catalog, role) !== 'applies')
      return undefined;
    if (rowSecurity === false) throw refused(relation, role);
    return new RowPolicies(relation, binder, role, access);
  }

  /** What a stored row has to meet to be there for all the uses. */
  visible(uses: readonly PolicyUse[], row: NamespaceItem): readonly Expression[] {
    return uses.flatMap((use) => {
      const { permissive, restrictive } = this.applicable(use);
      return [
        this.anyOf(permissive, 'using', row),
        ...restrictive.flatMap((policy) => this.condition(policy, 'using', row) ?? []),
      ];
    });
  }

  /** What a row has to meet when it is written, or changed: with PostgreSQL's messages. */
  checks(
    use: PolicyUse,
    clause: 'using' | 'check',
    row: NamespaceItem,
    kind: RowCheck['kind'],
  ): readonly RowCheck[] {
    const { permissive, restrictive } = this.applicable(use);
    const { name } = this.table;
    const all: RowCheck = { kind, name, condition: this.anyOf(permissive, clause, row) };
    const each = restrictive.flatMap((policy): RowCheck[] => {
      const condition = this.condition(policy, clause, row);
      return condition === undefined ? [] : [{ kind, name, policy: policy.name, condition }];
    });
    return [all, ...each];
  }

  private applicable(use: PolicyUse): ApplicablePolicies {
    return policiesFor(this.table, use, this.binder.context.catalog, this.role);
  }

  private anyOf(
    policies: readonly PolicyDescriptor[],
    clause: 'using' | 'check',
    row: NamespaceItem,
  ): Expression {
    const conditions = policies.flatMap((policy) => this.condition(policy, clause, row) ?? []);
    if (conditions.length === 0) return constant(false, booleanType);
    return conditions.length === 1 ? conditions[0] : logic('or', conditions);
  }

  private condition(
    policy: PolicyDescriptor,
    clause: 'using' | 'check',
    row: NamespaceItem,
  ): Expression | undefined {
    const stored = (clause === 'check' ? policy.check : undefined) ?? policy.using;
    if (stored === undefined) return undefined;
    const { binder, table } = this;
    if (binder.policiesUnderway.has(table.oid)) {
      throw databaseError(
        'invalidObjectDefinition',
        `infinite recursion detected in policy for relation "${table.name}"`,
      );
    }
    binder.policiesUnderway.add(table.oid);
    try {
      return binder.asOwner(this.owner, () => bindPolicyText(stored.sql, table, row, binder));
    } finally {
      binder.policiesUnderway.delete(table.oid);
    }
  }
}

function refused(table: TableDescriptor, role: number): Error {
  return databaseError(
    'insufficientPrivilege',
    `query would be affected by row-level security policy for table "${table.name}"`,
    table.owner === role
      ? {
          hint: "To disable the policy for the table's owner, use ALTER TABLE NO FORCE ROW LEVEL SECURITY.",
        }
      : {},
  );
}

function bindPolicyText(
  sql: string,
  table: TableDescriptor,
  row: NamespaceItem,
  binder: Binder,
): Expression {
  const { statement } = parseStored(`SELECT ${sql}`);
  const target = bodyOf(bodyOf(statement, 'SelectStmt')?.targetList?.[0], 'ResTarget');
  return binder.withSource(noSource, () => bindPolicyNode(target!.val!, table, row, binder));
}

/** A condition over the columns of a row of the table, which go by the table's name. */
export function bindPolicyNode(
  node: Node,
  table: TableDescriptor,
  row: NamespaceItem,
  binder: Binder,
): Expression {
  const scope = new Scope(binder, undefined);
  scope.items.push({
    ...row,
    name: table.name,
    relation: { schemaOid: table.schemaOid, oid: table.oid },
    columns: row.columns.map((column, index) => ({
      ...column,
      name: table.columns.filter(({ dropped }) => !dropped)[index].name,
    })),
    relationVisible: true,
    columnsVisible: true,
    lateralOnly: false,
    nullable: false,
  });
  const bound = scope.bindAs(ExpressionKinds.policy, node);
  return coerceToBoolean(bound, ExpressionKinds.policy.name, binder);
}

/** A filter before anything that the statement itself asks of the rows. */
export function behindBarrier(plan: LogicalPlan, conditions: readonly Expression[]): LogicalPlan {
  if (conditions.length === 0) return plan;
  return {
    kind: 'filter',
    input: plan,
    condition: andAll(conditions),
    barrier: true,
    outputs: plan.outputs,
  };
}
