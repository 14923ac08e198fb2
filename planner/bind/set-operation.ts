// UNION, INTERSECT and EXCEPT (PostgreSQL's transformSetOperationStmt). Columns correspond by
// position and take common types; names come from the leftmost query. ORDER BY sees only them.

import type { SelectStmt } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression, type SqlType } from '#common';
import { at, syntaxError } from '../errors.ts';
import type { LogicalPlan, PlanColumn, SetOperationNode } from '../logical-plan.ts';
import { exactPlan, type BoundSelect } from './bound-select.ts';
import { collatedForEquality, mergedColumnType, plainText } from './collation.ts';
import { coerceToCommon, commonTypmod, selectCommonType } from './common-type.ts';
import { derivedItem } from './relation-item.ts';
import { applyLimit, bindLimit } from './limit.ts';
import { lockingClauses, phraseOf } from './locking.ts';
import { bindOrderBy, orderKeysOver } from './order-by.ts';
import { columnReference, type Scope } from './scope.ts';
import type { OpenSelect } from './select.ts';
import { requireEquality } from './sort-key.ts';
import type { Target } from './target-list.ts';
import { startOf } from './located.ts';

type Open = (statement: SelectStmt, scope: Scope) => OpenSelect;

export function openSetOperation(statement: SelectStmt, scope: Scope, open: Open): OpenSelect {
  const [lock] = lockingClauses(statement);
  if (lock !== undefined && !scope.locksLeniently) {
    throw databaseError(
      'featureNotSupported',
      `${phraseOf(lock)} is not allowed with UNION/INTERSECT/EXCEPT`,
    );
  }
  const combined = bindTree(statement, scope, open);
  const targets: Target[] = combined.outputs.map(({ id, type, name }) => ({
    expression: columnReference(id, type),
    name,
    hidden: false,
  }));
  const visible = [...targets];
  const ordering = scope.child();
  ordering.outOfSight.push(...sideNames(combined));
  ordering.items.push(derivedItem(combined.outputs, { name: '', columns: [], explicit: true }));
  const sorts = bindOrderBy(statement.sortClause, targets, ordering);
  const hidden = targets[visible.length];
  if (hidden !== undefined) {
    throw databaseError('featureNotSupported', 'invalid UNION/INTERSECT/EXCEPT ORDER BY clause', {
      ...at(startOf(hidden.expression)),
      detail: 'Only result column names can be used, not expressions or functions.',
      hint: 'Add the expression/function to every SELECT, or move the UNION into a FROM clause.',
    });
  }
  const limit = bindLimit(statement, scope);
  return {
    targets: visible,
    finish() {
      scope.binder.context.record?.setOperations.set(statement, {
        sorts: sorts.map(({ target, key }) => ({
          expression: target.expression,
          key,
          ordinal: visible.indexOf(target) + 1,
        })),
        limit,
      });
      const keys = orderKeysOver(sorts, (target) => target.expression);
      const sorted: LogicalPlan =
        keys.length === 0
          ? combined.plan
          : { kind: 'sort', input: combined.plan, keys, outputs: combined.outputs };
      const limited = applyLimit(sorted, limit, keys);
      return projectTargets({ plan: limited, columns: combined.outputs }, visible, scope);
    },
  };
}

/** The sides under the names that PostgreSQL's hints give them. */
function sideNames(combined: Tree): Scope['outOfSight'] {
  return combined.inputs.map((input, index) => ({
    name: `*SELECT* ${index + 1}`,
    columns: input.outputs,
  }));
}

/** Applies casts that whoever uses the query put on its columns. */
function projectTargets(
  select: BoundSelect,
  targets: readonly Target[],
  scope: Scope,
): BoundSelect {
  const isPlain = targets.every(({ expression }) => expression.kind === 'column');
  if (isPlain) return select;
  const outputs = targets.map((target) => scope.newColumn(target.name, target.expression.type));
  const expressions = targets.map((target) => target.expression);
  return { plan: { kind: 'project', input: select.plan, expressions, outputs }, columns: outputs };
}

interface Tree {
  readonly plan: LogicalPlan;
  readonly outputs: readonly PlanColumn[];
  readonly inputs: readonly LogicalPlan[];
}

/** One operator over its two sides; a chain of the same UNION becomes one node with many inputs. */
function bindTree(statement: SelectStmt, scope: Scope, open: Open): Tree {
  return scope.binder.nested(() => {
    const operation = operationOf(statement);
    const all = statement.all === true;
    const construct = `${operation.toUpperCase()}${all ? ' ALL' : ''}`;
    const left = bindSide(statement.larg!, scope, open);
    const right = bindSide(statement.rarg!, scope, open);
    if (left.targets.length !== right.targets.length) {
      throw syntaxError(
        `each ${operation.toUpperCase()} query must have the same number of columns`,
        right.targets[0]?.expression.position,
      );
    }
    const types = left.targets.map((target, index) =>
      unifyTargets(
        target,
        right.targets[index],
        { construct, mustAgree: !(operation === 'union' && all) },
        scope,
      ),
    );
    const outputs = types.map((type, index) => scope.newColumn(left.targets[index].name, type));
    if (!(operation === 'union' && all)) {
      outputs.forEach((column, index) =>
        requireEquality(
          columnReference(column.id, column.type, left.targets[index].expression.position),
          scope.binder,
        ),
      );
    }
    const inputs = [left, right].map((side) => typedSide(side.finish(), outputs, scope));
    const flattened = inputs.flatMap((input, index) =>
      mergeable(input, { operation, all }, index === 0),
    );
    const node = { kind: 'setOperation', operation, all, inputs: flattened, outputs } as const;
    const isByBytes = operation === 'union' && all;
    return { plan: isByBytes ? node : underCollations(node, scope), outputs, inputs: flattened };
  });
}

/** Texts that are equal without being the same: the operator sees the types of their collations. */
function underCollations(node: SetOperationNode, scope: Scope): LogicalPlan {
  const { inputs, outputs } = node;
  const compared = outputs.map(({ id, type }) => collatedForEquality(columnReference(id, type)));
  if (compared.every(({ kind }) => kind === 'column')) return node;
  const ownColumns = (): PlanColumn[] =>
    outputs.map((column, index) => scope.newColumn(column.name, compared[index].type));
  const sides = inputs.map((input): LogicalPlan => ({
    kind: 'project',
    input,
    expressions: input.outputs.map(({ id }, index) =>
      collatedForEquality(columnReference(id, outputs[index].type)),
    ),
    outputs: ownColumns(),
  }));
  const inner = ownColumns();
  const expressions = inner.map(({ id, type }, index) => {
    const value = columnReference(id, type);
    return compared[index].kind === 'column' ? value : plainText(value, outputs[index].type);
  });
  return {
    kind: 'project',
    input: { ...node, inputs: sides, outputs: inner },
    expressions,
    outputs,
  };
}

/** Inputs of a left operand that is the same UNION [ALL] already. */
function mergeable(
  input: LogicalPlan,
  outer: { readonly operation: string; readonly all: boolean },
  isLeft: boolean,
): readonly LogicalPlan[] {
  const same =
    isLeft &&
    input.kind === 'setOperation' &&
    input.operation === 'union' &&
    outer.operation === 'union' &&
    input.all === outer.all;
  return same ? input.inputs : [input];
}

function operationOf(statement: SelectStmt): 'union' | 'intersect' | 'except' {
  if (statement.op === 'SETOP_INTERSECT') return 'intersect';
  return statement.op === 'SETOP_EXCEPT' ? 'except' : 'union';
}

/** A side without clauses of its own continues the tree; any other is a query in its own scope. */
function bindSide(statement: SelectStmt, scope: Scope, open: Open): OpenSelect {
  const isPlainTree =
    statement.op !== undefined &&
    statement.op !== 'SETOP_NONE' &&
    statement.withClause === undefined &&
    statement.sortClause === undefined &&
    statement.limitCount === undefined &&
    statement.limitOffset === undefined;
  if (!isPlainTree) return open(statement, scope.child());
  const { plan, outputs } = bindTree(statement, scope, open);
  const targets = outputs.map(({ id, type, name }): Target => ({
    expression: columnReference(id, type),
    name,
    hidden: false,
  }));
  return {
    targets,
    finish: () => projectTargets({ plan, columns: outputs }, targets, scope),
  };
}

/** The common type of a column; untyped literals of either side take it at once. */
function unifyTargets(
  left: Target,
  right: Target,
  { construct, mustAgree }: { readonly construct: string; readonly mustAgree: boolean },
  scope: Scope,
): SqlType {
  const { binder } = scope;
  const common = selectCommonType([left.expression, right.expression], construct, binder);
  for (const target of [left, right]) {
    const { kind, type } = target.expression;
    const untyped = type.oid === TypeOid.unknown && (kind === 'constant' || kind === 'parameter');
    if (untyped) target.expression = coerceToCommon(target.expression, common, construct, binder);
    // Other types are checked now, so that the error has its position, and cast above the side.
    else coerceToCommon(target.expression, common, construct, binder);
  }
  const typmod = commonTypmod([left.expression, right.expression], common);
  const expressions = [left.expression, right.expression];
  return mergedColumnType(sqlType(common.oid, typmod), expressions, mustAgree);
}

/** The side's plan with columns of the common types. */
function typedSide(select: BoundSelect, outputs: readonly PlanColumn[], scope: Scope): LogicalPlan {
  const plan = exactPlan(select);
  const same = select.columns.every((column, index) => column.type.oid === outputs[index].type.oid);
  if (same) return plan;
  const expressions = select.columns.map((column, index): Expression =>
    coerceToCommon(
      columnReference(column.id, column.type),
      outputs[index].type,
      'UNION',
      scope.binder,
    ),
  );
  const columns = expressions.map((expression, index) =>
    expression.kind === 'column'
      ? select.columns[index]
      : scope.binder.newColumn(undefined, select.columns[index].name, expression.type),
  );
  return { kind: 'project', input: plan, expressions, outputs: columns };
}
