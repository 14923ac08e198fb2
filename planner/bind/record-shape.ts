// The fields of record-typed expressions: what (expression).field and (expression).* may name.

import type { Catalog } from '../catalog.ts';
import { baseTypeOf, typeByOid, TypeOid, type Expression, type SqlType } from '#common';
import { typeResolution } from '#functions';
import type { Binder } from './context.ts';

export interface RecordField {
  readonly name: string;
  readonly type: SqlType;
}

/** Fields of an expression's row type; undefined when it is not a row or its fields are unknown. */
export function recordFields(
  expression: Expression,
  binder: Binder,
): readonly RecordField[] | undefined {
  if (expression.type.oid !== TypeOid.record) {
    return compositeFields(binder.context.catalog, expression.type.oid);
  }
  switch (expression.kind) {
    case 'row':
      return expression.fields.map((field, index) => ({
        name: expression.names?.[index] ?? `f${index + 1}`,
        type: field.type,
      }));
    case 'parameter':
      return binder.context.variables?.fields(expression.index);
    case 'column':
      return binder.recordShapes.get(expression.column);
    case 'case': {
      const branch = expression.branches[0]?.then;
      return branch === undefined ? undefined : recordFields(branch, binder);
    }
    case 'call': {
      const argumentTypes = expression.arguments.map((argument) => argument.type.oid);
      const outColumns = typeResolution.outColumns(expression.functionOid, argumentTypes);
      if (outColumns.length === 0) return undefined;
      return outColumns.map(({ name, type }) => ({ name, type: { oid: type, typmod: -1 } }));
    }
    default:
      return undefined;
  }
}

/** type_is_rowtype(): records and row types of relations. */
export function isRowType(type: SqlType): boolean {
  return type.oid === TypeOid.record || isCompositeType(type.oid);
}

/** Row types by their kind; those of a catalog that registers none are known by having no kind. */
export function isCompositeType(oid: number): boolean {
  if (oid === 0) return false;
  const type = typeByOid(baseTypeOf(oid));
  return type === undefined || type.kind === 'composite';
}

/** Live columns of the row type with the oid, or of the one that the domain is over. */
export function compositeFields(
  catalog: Catalog,
  typeOid: number,
): readonly RecordField[] | undefined {
  return catalog
    .rowType(baseTypeOf(typeOid))
    ?.columns.filter((column) => !column.dropped)
    .map(({ name, type }) => ({ name, type }));
}
