// GROUP BY and what follows from it (PostgreSQL's parseCheckAggregates): every expression above the
// grouping is rewritten over its outputs, and a column that is neither grouped nor determined by the
// grouped primary key is refused.

import type { GroupingSet, Node } from '@pgsql/types';
import {
  databaseError,
  type ColumnId,
  type Expression,
  type OrderKey,
  type SqlType,
} from '#common';
import { at, columnsMustBeGrouped } from '../errors.ts';
import type { LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { mapChildren } from '../optimize/expression-tree.ts';
import { mapExpressions, mapInputs, substituteColumns } from '../optimize/plan-tree.ts';
import { collatedForEquality, columnTypeOf, plainText } from './collation.ts';
import { ExpressionIndex } from './expression-index.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { expandGroupingSets, type SetTree } from './grouping-sets.ts';
import { bodyOf, locationOf } from './node.ts';
import { findTarget } from './order-by.ts';
import { columnReference, type Scope } from './scope.ts';
import { requireEquality, textIfUnknown } from './sort-key.ts';
import type { Target } from './target-list.ts';

export interface BoundGrouping {
  readonly keys: readonly Expression[];
  /** Positions in keys; undefined: one set of all. */
  readonly sets: readonly (readonly number[])[] | undefined;
  readonly distinctSets: boolean;
}

export function bindGroupBy(
  nodes: readonly Node[] | undefined,
  distinct: boolean,
  targets: Target[],
  scope: Scope,
): BoundGrouping | undefined {
  if (nodes === undefined || nodes.length === 0) return undefined;
  const keys: Expression[] = [];
  const index = new ExpressionIndex();
  const key = (node: Node): number => {
    const target = findTarget(node, targets, scope, ExpressionKinds.groupBy);
    target.expression = textIfUnknown(target.expression, scope.binder);
    requireEquality(target.expression, scope.binder, scope.position(locationOf(node)));
    checkKey(target.expression, scope);
    scope.binder.context.record?.groups.set(node, target.expression);
    const known = index.find(target.expression);
    if (known >= 0) return known;
    keys.push(target.expression);
    return index.add(target.expression);
  };
  const keysOf = (node: Node): number[] => {
    const row = bodyOf(node, 'RowExpr');
    // (a, b) inside GROUP BY is a list, not a row value.
    if (row !== undefined && row.row_format === 'COERCE_IMPLICIT_CAST')
      return (row.args ?? []).flatMap(keysOf);
    return [key(node)];
  };
  const tree = nodes.map((node) => setTree(node, keysOf));
  const plain = tree.every((each) => each.kind === 'keys');
  const sets = plain ? undefined : expandGroupingSets(tree, distinct);
  return { keys, sets, distinctSets: distinct };
}

function setTree(node: Node, keysOf: (node: Node) => number[]): SetTree {
  const set: GroupingSet | undefined = bodyOf(node, 'GroupingSet');
  if (set === undefined) return { kind: 'keys', keys: keysOf(node) };
  const content = (set.content ?? []).map((each) => setTree(each, keysOf));
  switch (set.kind) {
    case 'GROUPING_SET_ROLLUP':
      return { kind: 'rollup', content };
    case 'GROUPING_SET_CUBE':
      return { kind: 'cube', content };
    case 'GROUPING_SET_SETS':
      return { kind: 'sets', content };
    default:
      return { kind: 'empty' };
  }
}

/** Aggregates and windows of the target list cannot be grouped by. */
function checkKey(key: Expression, scope: Scope): void {
  const visit = (expression: Expression): Expression => {
    if (expression.kind === 'column') {
      const has = (list: readonly { readonly column: PlanColumn }[]): boolean =>
        list.some(({ column }) => column.id === expression.column);
      if (has(scope.aggregates)) {
        throw databaseError(
          'groupingError',
          'aggregate functions are not allowed in GROUP BY',
          at(expression.position),
        );
      }
      if (has(scope.windowCalls)) {
        throw databaseError(
          'windowingError',
          'window functions are not allowed in GROUP BY',
          at(expression.position),
        );
      }
    }
    return mapChildren(expression, visit);
  };
  visit(key);
}

/** The grouping step and the rewriting of what stands above it. */
export class GroupedExpressions {
  readonly scope: Scope;
  readonly keys: Expression[];
  /** Of the keys as the query has them; a key under a collation is text again above the grouping. */
  private readonly types: SqlType[];
  readonly outputs: PlanColumn[];
  readonly sets: (readonly number[])[] | undefined;
  private readonly index = new ExpressionIndex();
  private readonly computed: Set<ColumnId>;
  /** Of the columns that stand for set-returning calls. */
  private readonly setCalls: ReadonlyMap<ColumnId, Expression>;

  constructor(grouping: BoundGrouping | undefined, scope: Scope) {
    this.scope = scope;
    const keys = grouping?.keys ?? [];
    this.keys = keys.map(collatedForEquality);
    this.types = keys.map(({ type }) => type);
    this.sets = grouping?.sets === undefined ? undefined : [...grouping.sets];
    this.outputs = this.keys.map((key) => this.outputOf(key));
    this.setCalls = new Map(scope.sets.map(({ column, call }) => [column.id, call]));
    for (const key of keys) this.index.add(this.withCalls(key));
    this.computed = new Set([
      ...scope.aggregates.map(({ column }) => column.id),
      ...scope.groupings.map(({ column }) => column.id),
      ...scope.windowCalls.map(({ column }) => column.id),
      ...scope.sets.map(({ column }) => column.id),
      ...this.outputs.map(({ id }) => id),
    ]);
  }

  /** A grouped column of this level keeps its id, except where grouping sets make it null. */
  private outputOf(key: Expression): PlanColumn {
    const { binder } = this.scope;
    const label = key.kind === 'column' ? (binder.labels.get(key.column) ?? 'group') : 'group';
    const isOwn = key.kind === 'column' && binder.owners.get(key.column) === this.scope;
    if (key.kind === 'column' && isOwn && this.sets === undefined) {
      return { id: key.column, name: label.slice(label.lastIndexOf('.') + 1), type: key.type };
    }
    const name = label.slice(label.lastIndexOf('.') + 1);
    const output = this.scope.newColumn(name, columnTypeOf(key));
    const origin = key.kind === 'column' ? binder.origins.get(key.column) : undefined;
    if (origin !== undefined) binder.origins.set(output.id, { ...origin, scan: undefined });
    return output;
  }

  /** The expression over the outputs of the grouping; 42803 when it reads an ungrouped column. */
  rewrite(expression: Expression): Expression {
    return this.rewriteAt(expression, false);
  }

  rewriteKeys(keys: readonly OrderKey[]): OrderKey[] {
    return keys.map((key) => ({ ...key, expression: this.rewrite(key.expression) }));
  }

  private rewriteAt(expression: Expression, inSubquery: boolean): Expression {
    const position = this.index.find(this.withCalls(expression));
    if (position >= 0) {
      const output = this.outputs[position];
      const column = columnReference(output.id, output.type, expression.position);
      const type = this.types[position] ?? output.type;
      return type.oid === output.type.oid ? column : plainText(column, type);
    }
    if (expression.kind === 'column') {
      if (!this.isUngrouped(expression.column)) return expression;
      if (this.addDependent(expression)) return expression;
      throw this.mustBeGrouped(expression.column, inSubquery, expression.position);
    }
    const mapped = mapChildren(expression, (child) => this.rewriteAt(child, inSubquery));
    if (mapped.kind !== 'subquery') return mapped;
    return { ...mapped, plan: this.rewritePlan(mapped.plan as LogicalPlan) };
  }

  /** With set-returning calls in the place of their columns: equal calls are equal. */
  private withCalls(expression: Expression): Expression {
    const { setCalls } = this;
    if (setCalls.size === 0) return expression;
    return substituteColumns(expression, (id) => {
      const call = setCalls.get(id);
      return call === undefined ? undefined : this.withCalls(call);
    });
  }

  private rewritePlan(plan: LogicalPlan): LogicalPlan {
    const inner = mapInputs(plan, (input) => this.rewritePlan(input));
    return mapExpressions(inner, (expression) => this.rewriteAt(expression, true));
  }

  private isUngrouped(column: ColumnId): boolean {
    return this.scope.binder.owners.get(column) === this.scope && !this.computed.has(column);
  }

  /** A column of a table whose whole primary key is grouped: it joins the keys. */
  private addDependent(expression: Expression & { readonly kind: 'column' }): boolean {
    const { binder } = this.scope;
    const scan = binder.origins.get(expression.column)?.scan;
    const primary = scan?.table.constraints.find((constraint) => constraint.type === 'primary');
    if (scan === undefined || primary === undefined || primary.columns.length === 0) return false;
    const positions = primary.columns.map((attribute) => {
      const id = scan.columnOf(attribute);
      return this.keys.findIndex((key) => key.kind === 'column' && key.column === id);
    });
    if (positions.includes(-1)) return false;
    if (
      this.sets !== undefined &&
      !this.sets.every((set) => positions.every((each) => set.includes(each)))
    ) {
      return false;
    }
    const { position: _position, ...key } = expression;
    this.keys.push(key);
    this.index.add(key);
    this.computed.add(key.column);
    this.outputs.push({
      id: key.column,
      name: binder.labels.get(key.column) ?? '',
      type: key.type,
    });
    if (this.sets !== undefined) {
      const added = this.keys.length - 1;
      this.sets.forEach((set, index) => (this.sets![index] = [...set, added]));
    }
    return true;
  }

  private mustBeGrouped(
    column: ColumnId,
    inSubquery: boolean,
    position: number | undefined,
  ): Error {
    const label = this.scope.binder.labels.get(column) ?? '?column?';
    if (!inSubquery) return columnsMustBeGrouped(label, position);
    return databaseError(
      'groupingError',
      `subquery uses ungrouped column "${label}" from outer query`,
      at(position),
    );
  }
}
