// JOIN: its condition, and the merged columns of USING and NATURAL (PostgreSQL's parse_clause.c,
// transformFromClauseItem). A merged column is an expression over both sides, not a column of its
// own: the left one for inner and left joins, the right one for right joins, COALESCE for full ones.

import type { JoinExpr, Node } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression } from '#common';
import { at } from '../errors.ts';
import type { JoinType, LogicalPlan } from '../logical-plan.ts';
import { coerceToBoolean } from './coercion.ts';
import { coerceToCommon, commonTypmod, selectCommonType } from './common-type.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { andAll } from './expression-build.ts';
import { checkNameConflicts, type FromElement } from './from-element.ts';
import { stringsOf } from './node.ts';
import { bindOperator } from './operator-call.ts';
import { checkAliasCount, visibleItem } from './relation-item.ts';
import type { NamespaceColumn, NamespaceItem, Scope } from './scope.ts';

const joinTypes: Readonly<Record<string, JoinType>> = {
  JOIN_INNER: 'inner',
  JOIN_LEFT: 'left',
  JOIN_RIGHT: 'right',
  JOIN_FULL: 'full',
};

export function bindJoin(
  join: JoinExpr,
  scope: Scope,
  bindElement: (node: Node, scope: Scope) => FromElement,
): FromElement {
  const type = joinTypes[join.jointype ?? 'JOIN_INNER'] ?? 'inner';
  const left = bindElement(join.larg!, scope);
  const lateralAllowed = type === 'inner' || type === 'left';
  for (const item of left.items) {
    item.lateralOnly = true;
    item.lateralAllowed = lateralAllowed;
  }
  const outerCount = scope.items.length;
  scope.items.push(...left.items);
  const right = bindElement(join.rarg!, scope);
  scope.items.length = outerCount;
  checkNameConflicts(left.items, right.items);
  if (type === 'right' || type === 'full') for (const item of left.items) item.nullable = true;
  if (type === 'left' || type === 'full') for (const item of right.items) item.nullable = true;

  const merged = mergedColumns(join, type, left.row, right.row, scope);
  const condition = merged?.condition ?? joinCondition(join, left, right, scope);
  const columns = joinColumns(left.row, right.row, merged);
  const items = joinItems(join, columns, left, right, merged);
  scope.binder.context.record?.joins.set(join, {
    condition: merged === undefined ? condition : undefined,
    names: merged?.names,
    item: items.at(-1)!,
  });
  return {
    row: items.at(-1)!,
    items,
    lateral: new Set(
      [...left.lateral, ...right.lateral].filter((item) => !left.items.includes(item)),
    ),
    build: () => buildJoin(type, left.build(), right.build(), condition, right.lateral.size > 0),
  };
}

function buildJoin(
  type: JoinType,
  left: LogicalPlan,
  right: LogicalPlan,
  condition: Expression | undefined,
  lateral: boolean,
): LogicalPlan {
  return {
    kind: 'join',
    type: type === 'inner' && condition === undefined && !lateral ? 'cross' : type,
    left,
    right,
    condition,
    lateral,
    outputs: [...left.outputs, ...right.outputs],
  };
}

/** ON sees both sides, and nothing else of this FROM clause but LATERAL. */
function joinCondition(
  join: JoinExpr,
  left: FromElement,
  right: FromElement,
  scope: Scope,
): Expression | undefined {
  if (join.quals === undefined) return undefined;
  const outer = scope.items.splice(0, scope.items.length);
  const sides = [...left.items, ...right.items];
  const lateralOnly = sides.map((item) => item.lateralOnly);
  for (const item of sides) item.lateralOnly = false;
  scope.items.push(...sides);
  try {
    const condition = scope.bindAs(ExpressionKinds.joinCondition, join.quals);
    return coerceToBoolean(condition, ExpressionKinds.joinCondition.name, scope.binder);
  } finally {
    scope.items.splice(0, scope.items.length, ...outer);
    sides.forEach((item, index) => (item.lateralOnly = lateralOnly[index]!));
  }
}

interface MergedColumns {
  readonly names: readonly string[];
  readonly columns: readonly NamespaceColumn[];
  readonly condition: Expression | undefined;
}

function mergedColumns(
  join: JoinExpr,
  type: JoinType,
  left: NamespaceItem,
  right: NamespaceItem,
  scope: Scope,
): MergedColumns | undefined {
  const names =
    join.isNatural === true
      ? left.columns
          .map(({ name }) => name)
          .filter((name) => right.columns.some((c) => c.name === name))
      : join.usingClause === undefined
        ? undefined
        : stringsOf(join.usingClause);
  if (names === undefined) return undefined;
  const seen = new Set<string>();
  const conditions: Expression[] = [];
  const columns = names.map((name) => {
    if (seen.has(name)) {
      throw databaseError(
        'duplicateColumn',
        `column name "${name}" appears more than once in USING clause`,
      );
    }
    seen.add(name);
    const leftColumn = usingColumn(left, name, 'left');
    const rightColumn = usingColumn(right, name, 'right');
    conditions.push(
      scope.within(ExpressionKinds.joinCondition, () =>
        bindOperator('=', leftColumn.expression(), rightColumn.expression(), scope, undefined),
      ),
    );
    return mergeColumn(name, type, leftColumn, rightColumn, scope);
  });
  return { names, columns, condition: conditions.length === 0 ? undefined : andAll(conditions) };
}

function usingColumn(item: NamespaceItem, name: string, side: 'left' | 'right'): NamespaceColumn {
  const found = item.columns.filter((column) => column.name === name);
  if (found.length > 1) {
    throw databaseError(
      'ambiguousColumn',
      `common column name "${name}" appears more than once in ${side} table`,
    );
  }
  if (found.length === 0) {
    throw databaseError(
      'undefinedColumn',
      `column "${name}" specified in USING clause does not exist in ${side} table`,
    );
  }
  return found[0];
}

function mergeColumn(
  name: string,
  type: JoinType,
  left: NamespaceColumn,
  right: NamespaceColumn,
  scope: Scope,
): NamespaceColumn {
  const { binder } = scope;
  const sides = [left.expression(), right.expression()];
  const common = selectCommonType(sides, 'JOIN/USING', binder);
  const target = sqlType(common.oid, commonTypmod(sides, common));
  const coerced = (side: NamespaceColumn): Expression =>
    coerceToCommon(side.expression(), target, 'JOIN/USING', binder);
  const plain = (side: NamespaceColumn): boolean =>
    side.type.oid === target.oid && side.type.typmod === target.typmod;
  if (type === 'full') {
    let both: Expression | undefined;
    const expression = (): Expression => {
      both ??= { kind: 'coalesce', arguments: [coerced(left), coerced(right)], type: target };
      binder.context.record?.merged.set(both, name);
      return both;
    };
    return { name, type: target, expression };
  }
  // An inner join may take either side; the one that needs no cast is cheaper.
  const side =
    type === 'right' || (type === 'inner' && !plain(left) && plain(right)) ? right : left;
  return { name, type: target, expression: () => coerced(side) };
}

function joinColumns(
  left: NamespaceItem,
  right: NamespaceItem,
  merged: MergedColumns | undefined,
): NamespaceColumn[] {
  if (merged === undefined) return [...left.columns, ...right.columns];
  const rest = (item: NamespaceItem): NamespaceColumn[] =>
    item.columns.filter((column) => !merged.names.includes(column.name));
  return [...merged.columns, ...rest(left), ...rest(right)];
}

/** The items that the join leaves in sight; the last one is the join itself. */
function joinItems(
  join: JoinExpr,
  columns: readonly NamespaceColumn[],
  left: FromElement,
  right: FromElement,
  merged: MergedColumns | undefined,
): NamespaceItem[] {
  const name = join.alias?.aliasname;
  const aliases = stringsOf(join.alias?.colnames);
  const item: NamespaceItem = {
    ...visibleItem,
    name: name ?? '',
    relation: undefined,
    table: undefined,
    columns: columns.map((column, index) =>
      aliases[index] === undefined ? column : { ...column, name: aliases[index] },
    ),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(TypeOid.record),
    relationVisible: name !== undefined,
    unlockable: 'a join',
  };
  checkAliasCount({ name: name ?? '', columns: aliases, explicit: true }, columns.length);
  const inner = [...left.items, ...right.items];
  for (const below of inner) {
    below.columnsVisible = false;
    if (name !== undefined) below.relationVisible = false;
  }
  return [...inner, ...usingAlias(join, merged, inner), item];
}

/** JOIN … USING (…) AS alias: the merged columns alone, by qualified name only. */
function usingAlias(
  join: JoinExpr,
  merged: MergedColumns | undefined,
  inner: readonly NamespaceItem[],
): NamespaceItem[] {
  const name = join.join_using_alias?.aliasname;
  if (name === undefined || merged === undefined) return [];
  if (inner.some((item) => item.relationVisible && item.name === name)) {
    throw databaseError(
      'duplicateAlias',
      `table name "${name}" specified more than once`,
      at(undefined),
    );
  }
  return [
    {
      ...visibleItem,
      name,
      relation: undefined,
      table: undefined,
      columns: merged.columns,
      pseudoColumn: () => undefined,
      rowKey: () => undefined,
      rowType: sqlType(TypeOid.record),
      columnsVisible: false,
    },
  ];
}
