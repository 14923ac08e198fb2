// Functions in FROM (PostgreSQL's transformRangeFunction): one call or ROWS FROM several, column
// definition lists for functions that return record, and WITH ORDINALITY.

import type { FuncCall, Node, RangeFunction } from '@pgsql/types';
import { databaseError, sqlType, TypeOid, type Expression, type SqlType } from '#common';
import { functionRegistry } from '#functions';
import { at } from '../errors.ts';
import type { PlanColumn } from '../logical-plan.ts';
import { columnName } from './column-name.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { int8Type } from './expression-build.ts';
import { bindFromCall } from './function-call.ts';
import { bodyOf, listItems, nodeTag, stringsOf } from './node.ts';
import { columnTypeOf } from './collation.ts';
import { recordFields, type RecordField } from './record-shape.ts';
import { derivedItem, type ItemAlias, type RelationItem } from './relation-item.ts';
import type { Scope } from './scope.ts';
import { textIfUnknown } from './sort-key.ts';
import { resolveTypeName, typeName } from './type-name.ts';

interface BoundCall {
  readonly name: string;
  readonly call: Expression;
  readonly fields: readonly RecordField[];
  /** The function returns one plain value, not a row. */
  readonly scalar: boolean;
}

export function rangeFunctionItem(range: RangeFunction, scope: Scope): RelationItem {
  const lists = (range.functions ?? []).flatMap((node) => separateUnnest(listItems(node)));
  const only = lists.length === 1;
  const aliasName = range.alias?.aliasname;
  const calls = lists.map(([node, definitions]) => {
    const own = definitionList(definitions);
    return bindCall(
      node,
      own.length > 0 ? own : (range.coldeflist ?? []),
      only ? aliasName : undefined,
      scope,
    );
  });
  scope.binder.context.record?.calls.set(
    range,
    calls.map(({ call }) => call),
  );
  const columnAliases = stringsOf(range.alias?.colnames);
  const fields = calls.flatMap((call) => call.fields);
  if (range.ordinality === true) fields.push({ name: 'ordinality', type: int8Type });
  const alias: ItemAlias = {
    name: aliasName ?? calls[0]?.name ?? '',
    columns: columnAliases,
    explicit: true,
  };
  const outputs = fields.map((field, index): PlanColumn => {
    const column = scope.newColumn(columnAliases[index] ?? field.name, field.type);
    scope.binder.describe(column, alias.name, undefined);
    return column;
  });
  const scalar = only && calls[0].scalar && range.ordinality !== true;
  return {
    item: derivedItem(outputs, alias, {
      scalar,
      unlockable: 'a function',
      ...rowTypeOf(calls, scalar),
    }),
    build: () => ({
      kind: 'functionScan',
      alias: alias.name,
      calls: calls.map(({ call, fields: own }) => ({ call, columnCount: own.length })),
      ordinality: range.ordinality === true,
      outputs,
    }),
  };
}

/** unnest(a, b) in FROM is ROWS FROM (unnest(a), unnest(b)). */
function separateUnnest(list: readonly Node[]): (readonly Node[])[] {
  const call = bodyOf(list[0], 'FuncCall');
  const names = stringsOf(call?.funcname);
  const argumentNodes = call?.args ?? [];
  const isUnnest = names.at(-1) === 'unnest' && (names.length === 1 || names[0] === 'pg_catalog');
  if (call === undefined || !isUnnest || argumentNodes.length < 2 || call.func_variadic === true)
    return [list];
  return argumentNodes.map((argument) => [{ FuncCall: { ...call, args: [argument] } }]);
}

function rowTypeOf(calls: readonly BoundCall[], scalar: boolean): { readonly rowType?: SqlType } {
  const [first] = calls;
  if (first === undefined || scalar || calls.length > 1) return {};
  return { rowType: first.call.type };
}

function definitionList(node: Node | undefined): readonly Node[] {
  return node === undefined || nodeTag(node) !== 'List' ? [] : listItems(node);
}

function bindCall(
  node: Node,
  definitions: readonly Node[],
  alias: string | undefined,
  scope: Scope,
): BoundCall {
  const functionCall: FuncCall | undefined = bodyOf(node, 'FuncCall');
  const position = scope.position(functionCall?.location);
  const setCount = scope.sets.length;
  const call = scope.within(ExpressionKinds.fromFunction, () =>
    functionCall === undefined
      ? textIfUnknown(scope.bind(node), scope.binder)
      : bindFromCall(functionCall, scope),
  );
  if (scope.sets.length > setCount) {
    throw databaseError(
      'featureNotSupported',
      'set-returning functions must appear at top level of FROM',
      at(position),
    );
  }
  const name = columnName(node, scope.binder);
  const known = recordFields(call, scope.binder);
  const fields = fieldsOf({ name, call, known, definitions, alias, position, scope });
  const shaped =
    definitions.length > 0 && call.kind === 'call' ? { ...call, columns: fields } : call;
  const scalar = known === undefined && call.type.oid !== TypeOid.record;
  return { name, call: shaped, fields, scalar };
}

function fieldsOf(parts: {
  readonly name: string;
  readonly call: Expression;
  readonly known: readonly RecordField[] | undefined;
  readonly definitions: readonly Node[];
  readonly alias: string | undefined;
  readonly position: number | undefined;
  readonly scope: Scope;
}): readonly RecordField[] {
  const { name, call, known, definitions, position, scope } = parts;
  if (definitions.length > 0) {
    if (call.type.oid !== TypeOid.record) {
      throw databaseError(
        'syntaxError',
        known === undefined
          ? 'a column definition list is only allowed for functions returning "record"'
          : 'a column definition list is redundant for a function returning a named composite type',
        at(position),
      );
    }
    if (known !== undefined) {
      throw databaseError(
        'syntaxError',
        'a column definition list is redundant for a function with OUT parameters',
        at(position),
      );
    }
    const fields = definitions.map((node) => definedField(node, scope));
    fields.forEach(({ name: field }, ordinal) => {
      if (fields.findIndex((other) => other.name === field) === ordinal) return;
      throw databaseError(
        'duplicateColumn',
        `column name "${field}" specified more than once`,
        at(scope.position(bodyOf(definitions[ordinal], 'ColumnDef')?.location)),
      );
    });
    return fields;
  }
  if (known !== undefined) return known;
  if (call.type.oid === TypeOid.record) {
    throw databaseError(
      'syntaxError',
      'a column definition list is required for functions returning "record"',
      at(position),
    );
  }
  // A scalar's one column has its OUT parameter's name, the alias's, or else the function's.
  return [{ name: outParameter(call) ?? parts.alias ?? name, type: columnTypeOf(call) }];
}

function outParameter(call: Expression): string | undefined {
  if (call.kind !== 'call') return undefined;
  const { outColumns } = functionRegistry.functionByOid(call.functionOid) ?? {};
  return outColumns?.length === 1 ? outColumns[0].name : undefined;
}

function definedField(node: Node, scope: Scope): RecordField {
  const definition = bodyOf(node, 'ColumnDef')!;
  const type = resolveTypeName(definition.typeName!, scope.binder);
  if (definition.typeName?.setof === true) {
    throw databaseError(
      'invalidTableDefinition',
      `column "${definition.colname}" cannot be declared SETOF ${typeName(type, scope.binder)}`,
      at(scope.position(definition.location)),
    );
  }
  return { name: definition.colname ?? '', type: sqlType(type.oid, type.typmod) };
}
