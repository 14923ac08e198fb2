// VALUES lists as a query: columns take the common type of their rows.

import type { SelectStmt } from '@pgsql/types';
import { databaseError, sqlType, type Expression } from '#common';
import { syntaxError } from '../errors.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { mergedColumnType } from './collation.ts';
import { unify } from './common-type.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { applyLimit, bindLimit } from './limit.ts';
import { listItems, locationOf } from './node.ts';
import { bindOrderBy, orderKeysOver } from './order-by.ts';
import { columnReference, type Scope } from './scope.ts';
import type { OpenSelect } from './select.ts';
import { expandStar } from './star.ts';
import type { Target } from './target-list.ts';

export function openValues(statement: SelectStmt, scope: Scope): OpenSelect {
  const rows = bindRows(statement, scope);
  const width = rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, index) =>
    unify(
      rows.map((row) => row[index]),
      'VALUES',
      scope.binder,
    ),
  );
  const outputs = columns.map(({ type: { oid, typmod }, expressions }, index) => {
    const type = mergedColumnType(sqlType(oid, typmod), expressions, false);
    const column = scope.newColumn(`column${index + 1}`, type);
    scope.binder.labels.set(column.id, `*VALUES*.${column.name}`);
    return column;
  });
  const targets: Target[] = outputs.map(({ id, type, name }) => ({
    expression: columnReference(id, type),
    name,
    hidden: false,
  }));
  const visible = [...targets];
  const sorts = bindOrderBy(statement.sortClause, targets, scope);
  const limit = bindLimit(statement, scope);
  if (statement.lockingClause !== undefined)
    throw databaseError('featureNotSupported', 'FOR UPDATE cannot be applied to VALUES');
  return {
    targets: visible,
    finish() {
      const { record } = scope.binder.context;
      record?.values.set(
        statement,
        rows.map((_row, row) => columns.map((column) => column.expressions[row])),
      );
      record?.setOperations.set(statement, {
        sorts: sorts.map(({ target, key }) => ({
          expression: target.expression,
          key,
          ordinal: visible.indexOf(target) + 1,
        })),
        limit,
      });
      const values: LogicalPlan = {
        kind: 'values',
        rows: rows.map((_row, row) => columns.map((column) => column.expressions[row])),
        outputs,
      };
      const isPlain = targets.every(
        (target, index) =>
          target.expression.kind === 'column' && target.expression.column === outputs[index]?.id,
      );
      const projected = isPlain
        ? outputs
        : targets.map((target, index) =>
            target.expression.kind === 'column' && target.expression.column === outputs[index]?.id
              ? outputs[index]
              : scope.newColumn(target.name, target.expression.type),
          );
      let plan: LogicalPlan = isPlain
        ? values
        : {
            kind: 'project',
            input: values,
            expressions: targets.map((target) => target.expression),
            outputs: projected,
          };
      const columnOf = new Map(targets.map((target, index) => [target, projected[index]]));
      const keys = orderKeysOver(sorts, (target) => {
        const column = columnOf.get(target)!;
        return columnReference(column.id, column.type);
      });
      if (keys.length > 0) plan = { kind: 'sort', input: plan, keys, outputs: plan.outputs };
      return { plan: applyLimit(plan, limit, keys), columns: projected.slice(0, visible.length) };
    },
  };
}

/** The rows' expressions; all must be of one length. */
export function bindRows(statement: SelectStmt, scope: Scope): Expression[][] {
  const lists = statement.valuesLists ?? [];
  const width = listItems(lists[0]).length;
  return lists.map((list) => {
    const items = listItems(list);
    if (items.length !== width) {
      throw syntaxError(
        'VALUES lists must all be the same length',
        scope.position(locationOf(items[0])),
      );
    }
    return items.flatMap((item) => {
      const star = expandStar(item, scope);
      if (star !== undefined) return star.map(({ expression }) => expression);
      return [scope.bindAs(ExpressionKinds.values, item)];
    });
  });
}
