// Types as routines name them: SQL's, and those of columns and rows (table.column%TYPE).

import type { TypeName } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type SqlType } from '#common';
import { guardStack, parseStatements } from '../parse/index.ts';
import type { BindContext } from './context.ts';
import { newBinder } from './grammar.ts';
import { bodyOf, stringsOf } from './node.ts';
import { findRelation } from './relation-name.ts';
import { noSource } from './stored-expression.ts';
import { resolveTypeName } from './type-name.ts';

/** A type as it is written after AS in CAST. 42704, 42601. */
export function bindTypeText(text: string, context: BindContext): SqlType {
  const [parsed] = parseStatements(`SELECT CAST(NULL AS ${text}\n)`);
  const target = bodyOf(bodyOf(parsed?.statement, 'SelectStmt')?.targetList?.[0], 'ResTarget');
  const name = bodyOf(target?.val, 'TypeCast')?.typeName;
  if (name === undefined) throw databaseError('syntaxError', `invalid type name "${text}"`);
  return bindTypeNode(name, context);
}

/** A TypeName of a routine's definition: %TYPE is a column's type; SETOF is not looked at. */
export function bindTypeNode(name: TypeName, context: BindContext): SqlType {
  return guardStack(() => {
    const { setof: _setof, ...plain } = name;
    const binder = newBinder(context, noSource);
    if (name.pct_type !== true) return resolveTypeName(plain, binder);
    const parts = stringsOf(name.names);
    return columnType(parts, context);
  });
}

/** [schema.]table.column */
export function columnType(parts: readonly string[], context: BindContext): SqlType {
  const binder = newBinder(context, noSource);
  const column = parts.at(-1)!;
  const schema = parts.length > 2 ? parts.at(-3) : undefined;
  const name = parts.at(-2) ?? '';
  const relation = findRelation(binder, { schema, name });
  if (relation === undefined || !('columns' in relation)) {
    throw databaseError(
      'undefinedTable',
      `relation "${parts.slice(0, -1).join('.')}" does not exist`,
    );
  }
  const found = (
    relation.columns as readonly { name: string; dropped?: boolean; type: SqlType }[]
  ).find((each) => each.name === column && each.dropped !== true);
  if (found === undefined) {
    throw databaseError(
      'undefinedColumn',
      `column "${column}" of relation "${name}" does not exist`,
    );
  }
  return found.type;
}

/** The row type of a table or view: [schema.]table%ROWTYPE. */
export function relationRowType(parts: readonly string[], context: BindContext): SqlType {
  const binder = newBinder(context, noSource);
  const relation = findRelation(binder, { schema: parts.at(-2), name: parts.at(-1)! });
  if (relation === undefined) {
    throw databaseError('undefinedTable', `relation "${parts.join('.')}" does not exist`);
  }
  return 'rowTypeOid' in relation ? sqlType(relation.rowTypeOid) : sqlType(TypeOid.record);
}
