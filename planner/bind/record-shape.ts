// The fields of record-typed expressions: what (expression).field and (expression).* may name.

import type { Catalog } from '../catalog.ts';
import {
  typeByOid,
  TypeOid,
  type Expression,
  type RelationDescriptor,
  type SqlType,
} from '#common';
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
  return type.oid === TypeOid.record || typeByOid(type.oid) === undefined;
}

/** Live columns of the relation whose row type has the oid. */
export function compositeFields(
  catalog: Catalog,
  typeOid: number,
): readonly RecordField[] | undefined {
  return relationOfRowType(catalog, typeOid)
    ?.columns.filter((column) => !column.dropped)
    .map(({ name, type }) => ({ name, type }));
}

type RowTypedRelation = Extract<RelationDescriptor, { readonly rowTypeOid: number }>;

const rowTypes = new WeakMap<Catalog, { version: number; byOid: Map<number, RowTypedRelation> }>();

/** The table or view that a composite type belongs to. */
export function relationOfRowType(catalog: Catalog, typeOid: number): RowTypedRelation | undefined {
  let known = rowTypes.get(catalog);
  if (known === undefined || known.version !== catalog.version) {
    known = { version: catalog.version, byOid: new Map() };
    for (const relation of catalog.relations()) {
      if ('rowTypeOid' in relation) known.byOid.set(relation.rowTypeOid, relation);
    }
    rowTypes.set(catalog, known);
  }
  return known.byOid.get(typeOid);
}
