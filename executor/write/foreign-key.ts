// A foreign key as both of its sides need it: which columns of the referencing row make up the key of
// the referenced row, and how violations are worded.

import {
  type ConstraintDescriptor,
  type DatabaseError,
  type Datum,
  type TableDescriptor,
  TypeOid,
  databaseError,
  notSupported,
} from '#common';
import { type FunctionContext, functionRegistry } from '#functions';
import type { Catalog } from '#planner';
import { scalarImplementation } from '../expression/calls.ts';
import { valueText } from '../expression/text-conversion.ts';

export type ForeignKeyDescriptor = ConstraintDescriptor & { readonly type: 'foreign' };

export interface ForeignKey {
  readonly constraint: ForeignKeyDescriptor;
  /** The table that has the constraint. */
  readonly referencing: TableDescriptor;
  readonly referenced: TableDescriptor;
}

export function isForeignKey(constraint: ConstraintDescriptor): constraint is ForeignKeyDescriptor {
  return constraint.type === 'foreign';
}

/** The values of some attributes of a row. */
export function attributeValues(row: readonly Datum[], attributes: readonly number[]): Datum[] {
  return attributes.map((attribute) => row[attribute - 1] ?? null);
}

export function columnType(table: TableDescriptor, attribute: number): number {
  return table.columns.find((column) => column.attributeNumber === attribute)!.type.oid;
}

/** Do two rows agree in some attributes? Nulls are equal. */
export function sameValues(
  table: TableDescriptor,
  attributes: readonly number[],
  before: readonly Datum[],
  after: readonly Datum[],
): boolean {
  return attributes.every((attribute) => {
    const left = before[attribute - 1] ?? null;
    const right = after[attribute - 1] ?? null;
    if (left === right) return true;
    if (left === null || right === null) return false;
    const ordering = functionRegistry.ordering(columnType(table, attribute));
    return ordering !== undefined && ordering.compare(left, right) === 0;
  });
}

const interchangeable: readonly (readonly number[])[] = [
  [TypeOid.int2, TypeOid.int4, TypeOid.int8, TypeOid.oid],
  [TypeOid.text, TypeOid.varchar],
];

/** Converts a value of one column's type to the type of the column that it is compared with. */
export function keyConversion(
  source: number,
  target: number,
): ((value: Datum, context: FunctionContext) => Datum) | undefined {
  if (source === target) return undefined;
  if (interchangeable.some((types) => types.includes(source) && types.includes(target)))
    return undefined;
  const cast = functionRegistry.castBetween(source, target);
  if (cast === undefined) throw notSupported('a foreign key between these types');
  if (cast.method === 'binary') return undefined;
  const implementation = scalarImplementation(cast.functionOid);
  return (value, context) => (value === null ? null : implementation(context, value));
}

/** (a, b)=(1, 2) */
function keyText(
  table: TableDescriptor,
  attributes: readonly number[],
  values: readonly Datum[],
  context: FunctionContext,
): string {
  const columns = attributes.map((attribute) =>
    table.columns.find((c) => c.attributeNumber === attribute)!,
  );
  const texts = values.map((value, i) =>
    value === null ? 'null' : valueText(value, columns[i].type.oid, context),
  );
  return `(${columns.map((column) => column.name).join(', ')})=(${texts.join(', ')})`;
}

function fields(key: ForeignKey, table: TableDescriptor, catalog: Catalog): Record<string, string> {
  const schema = catalog.schemaByOid(table.schemaOid)?.name;
  return {
    ...(schema === undefined ? {} : { schema }),
    table: table.name,
    constraint: key.constraint.name,
  };
}

export interface ErrorScope {
  readonly catalog: Catalog;
  readonly functions: FunctionContext;
}

export function missingReferencedRow(
  key: ForeignKey,
  values: readonly Datum[],
  scope: ErrorScope,
): DatabaseError {
  const { referencing, referenced, constraint } = key;
  const text = keyText(referencing, constraint.columns, values, scope.functions);
  return databaseError(
    'foreignKeyViolation',
    `insert or update on table "${referencing.name}" violates foreign key constraint "${constraint.name}"`,
    {
      ...fields(key, referencing, scope.catalog),
      detail: `Key ${text} is not present in table "${referenced.name}".`,
    },
  );
}

export function mixedNulls(key: ForeignKey, scope: ErrorScope): DatabaseError {
  const { referencing, constraint } = key;
  return databaseError(
    'foreignKeyViolation',
    `insert or update on table "${referencing.name}" violates foreign key constraint "${constraint.name}"`,
    {
      ...fields(key, referencing, scope.catalog),
      detail: 'MATCH FULL does not allow mixing of null and nonnull key values.',
    },
  );
}

/** A partition's part of a foreign key, as the table has it that declares it. */
function declaredKey(key: ForeignKey, catalog: Catalog): ForeignKey {
  const { parentOid } = key.constraint;
  if (parentOid === undefined) return key;
  const referencing = catalog.tableByOid(key.referencing.parents?.[0] ?? 0);
  const constraint = referencing?.constraints.find(({ oid }) => oid === parentOid);
  if (referencing === undefined || constraint === undefined || !isForeignKey(constraint))
    return key;
  return declaredKey({ ...key, referencing, constraint }, catalog);
}

export function stillReferenced(
  key: ForeignKey,
  values: readonly Datum[],
  scope: ErrorScope,
): DatabaseError {
  const { referenced } = key;
  const text = keyText(referenced, key.constraint.referencedColumns, values, scope.functions);
  const { referencing, constraint } = declaredKey(key, scope.catalog);
  return databaseError(
    'foreignKeyViolation',
    `update or delete on table "${referenced.name}" violates foreign key constraint "${constraint.name}" on table "${referencing.name}"`,
    {
      ...fields({ ...key, constraint }, referencing, scope.catalog),
      detail: `Key ${text} is still referenced from table "${referencing.name}".`,
    },
  );
}
