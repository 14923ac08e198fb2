// A relation's name as a value: its whole row.

import { sqlType, TypeOid, type Expression } from '#common';
import type { NamespaceItem } from './scope.ts';

/**
 * A row of the item's columns. A row that an outer join made up is null, not a row of nulls: the item's marker tells the two apart.
 */
export function wholeRow(item: NamespaceItem, position: number | undefined): Expression {
  const fields = item.columns.map((column) => column.expression());
  if (item.scalar && fields.length === 1) return fields[0];
  const row: Expression = {
    kind: 'row',
    fields,
    names: item.columns.map((column) => column.name),
    type: item.rowType,
    ...(position === undefined ? {} : { position }),
  };
  const marker = item.nullable ? item.rowMarker() : undefined;
  if (marker === undefined) return row;
  const exists: Expression = {
    kind: 'isNull',
    argument: marker,
    negated: true,
    rowwise: false,
    type: sqlType(TypeOid.bool),
  };
  return {
    kind: 'case',
    branches: [{ when: exists, then: row }],
    otherwise: undefined,
    type: item.rowType,
    ...(position === undefined ? {} : { position }),
  };
}

/** A row type without a name in the catalog. */
export const recordType = sqlType(TypeOid.record);
