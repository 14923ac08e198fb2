// WHEN (…) of a trigger: a condition over the rows new and old. As `input` ordinals the columns of new
// come first, by attribute number - 1, then those of old.

import type { Node } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression, type ColumnDescriptor } from '#common';
import { wrongArgumentType } from '../errors.ts';
import { guardStack } from '../parse/index.ts';
import { coerceToTarget } from './coercion.ts';
import type { BindContext, Binder, SourceText } from './context.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { newBinder } from './grammar.ts';
import { startOf } from './located.ts';
import { bodyOf } from './node.ts';
import { visibleItem } from './relation-item.ts';
import { Scope, type NamespaceItem } from './scope.ts';
import { noSource } from './stored-expression.ts';
import { typeName } from './type-name.ts';
import { parseStored } from './view.ts';

/** What a trigger is on. */
export interface TriggerTarget {
  readonly columns: readonly ColumnDescriptor[];
  readonly rowTypeOid: number;
}

/** The stored text of a condition. */
export function bindTriggerCondition(
  sql: string,
  table: TriggerTarget,
  context: BindContext,
): Expression {
  return guardStack(() => {
    const { statement } = parseStored(`SELECT ${sql}`);
    const target = bodyOf(bodyOf(statement, 'SelectStmt')?.targetList?.[0], 'ResTarget');
    if (target?.val === undefined) {
      throw databaseError('invalidObjectDefinition', 'a stored condition is empty');
    }
    return bindCondition(target.val, table, newBinder(context, noSource));
  });
}

/** The condition of CREATE TRIGGER. */
export function bindTriggerConditionNode(
  node: Node,
  table: TriggerTarget,
  source: SourceText,
  context: BindContext,
): Expression {
  return guardStack(() => bindCondition(node, table, newBinder(context, source)));
}

function bindCondition(node: Node, table: TriggerTarget, binder: Binder): Expression {
  const scope = new Scope(binder, undefined);
  scope.items.push(rowItem('new', table, 0), rowItem('old', table, table.columns.length));
  const value = scope.bindAs(ExpressionKinds.triggerWhen, node);
  const boolean = coerceToTarget(value, sqlType(TypeOid.bool), 'assignment', binder);
  if (boolean !== undefined) return boolean;
  throw wrongArgumentType('WHEN', 'boolean', typeName(value.type, binder), startOf(value));
}

function rowItem(name: 'new' | 'old', table: TriggerTarget, first: number): NamespaceItem {
  return {
    ...visibleItem,
    name,
    relation: undefined,
    table: undefined,
    columnsVisible: false,
    columns: table.columns
      .filter((column) => !column.dropped)
      .map((column) => ({
        name: column.name,
        type: column.type,
        expression: () => ({
          kind: 'input',
          ordinal: first + column.attributeNumber - 1,
          type: column.type,
        }),
      })),
    pseudoColumn: () => undefined,
    rowKey: () => undefined,
    rowType: sqlType(table.rowTypeOid),
  };
}
