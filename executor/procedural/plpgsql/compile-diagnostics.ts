// GET [CURRENT | STACKED] DIAGNOSTICS.

import { type DatabaseError, databaseError, type Datum, sqlType, TypeOid } from '#common';
import type { PlStatement } from '#planner';
import { assignTo } from './assign-value.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { frameLine } from './context.ts';
import { type Frame, Outcome } from './frame.ts';

type Diagnostics = Extract<PlStatement, { readonly kind: 'diagnostics' }>;

const text = sqlType(TypeOid.text);

type Item = (frame: Frame) => Datum;

const currentItems: Readonly<Record<string, Item>> = {
  row_count: (frame) => frame.rowCount,
  pg_context: (frame) => [frameLine(frame), ...frame.calls.callLines()].join('\n'),
  pg_routine_oid: (frame) => frame.compiled.routine?.oid ?? 0,
};

const stackedItems: Readonly<Record<string, (error: DatabaseError) => Datum>> = {
  returned_sqlstate: (error) => error.sqlState,
  message_text: (error) => error.message,
  pg_exception_detail: (error) => error.detail ?? '',
  pg_exception_hint: (error) => error.hint ?? '',
  pg_exception_context: (error) => error.where ?? '',
  column_name: (error) => error.column ?? '',
  constraint_name: (error) => error.constraint ?? '',
  pg_datatype_name: (error) => error.dataType ?? '',
  table_name: (error) => error.table ?? '',
  schema_name: (error) => error.schema ?? '',
};

export function compileDiagnostics(statement: Diagnostics, compiler: Compiler): Run {
  const items = statement.items.map(({ target, item }) => ({
    target: compiler.target(target),
    item,
    read: readerOf(item, statement.stacked),
  }));
  return (frame) => {
    if (statement.stacked && frame.caught.length === 0) {
      throw databaseError(
        'stackedDiagnosticsAccessedWithoutActiveHandler',
        'GET STACKED DIAGNOSTICS cannot be used outside an exception handler',
      );
    }
    for (const { target, item, read } of items) {
      const type =
        item === 'row_count'
          ? sqlType(TypeOid.int8)
          : item === 'pg_routine_oid'
            ? sqlType(TypeOid.oid)
            : text;
      assignTo(frame, target, read(frame), type);
    }
    return Outcome.next;
  };
}

function readerOf(item: string, stacked: boolean): Item {
  const stackedItem = Object.hasOwn(stackedItems, item) ? stackedItems[item] : undefined;
  const currentItem = Object.hasOwn(currentItems, item) ? currentItems[item] : undefined;
  if (stacked && stackedItem !== undefined) {
    return (frame) => stackedItem(frame.caught.at(-1)!);
  }
  if (!stacked && currentItem !== undefined) return currentItem;
  if (stackedItem === undefined && currentItem === undefined) {
    throw databaseError('syntaxError', 'unrecognized GET DIAGNOSTICS item');
  }
  throw databaseError(
    'syntaxError',
    `diagnostics item ${item.toUpperCase()} is not allowed in GET ${stacked ? 'STACKED' : 'CURRENT'} DIAGNOSTICS`,
  );
}
