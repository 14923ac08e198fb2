// Type names: from the parse tree to a type (PostgreSQL's parse_type.c) and back (format_type).

import type { Node, TypeName } from '@pgsql/types';
import {
  arrayTypeOf,
  databaseError,
  numericTypmod,
  oidOfTypeName,
  sqlType,
  typeByName,
  typeByOid,
  typeDisplayName,
  TypeOid,
  type Expression,
  type SqlType,
} from '#common';
import { at, typeDoesNotExist } from '../errors.ts';
import type { Binder } from './context.ts';
import { bodyOf, stringsOf } from './node.ts';
import { moduleTypeNamed } from './module-schema.ts';
import { findRelation } from './relation-name.ts';
import { compositeFields } from './record-shape.ts';

/** format_type() without modifier: "integer", "text[]", a table's name for its row type. */
export function typeName(type: SqlType, binder: Binder): string {
  const known = typeDisplayName(type.oid);
  if (known !== undefined) return known;
  return binder.context.catalog.rowType(type.oid)?.name ?? `type ${type.oid}`;
}

export function typesOf(expressions: readonly Expression[], binder: Binder): string {
  return expressions.map(({ type }) => typeName(type, binder)).join(', ');
}

/** The type that a TypeName means, its modifier included; 42704 when there is none. */
export function resolveTypeName(name: TypeName, binder: Binder): SqlType {
  const position = binder.position(name.location);
  if (name.pct_type === true) {
    throw databaseError('undefinedObject', '%TYPE references are not supported here', at(position));
  }
  if (name.setof === true) {
    throw databaseError(
      'invalidFunctionDefinition',
      'type modifier SETOF is not allowed here',
      at(position),
    );
  }
  const base = findType(stringsOf(name.names), binder, position);
  const typmod = typeModifier(base, name.typmods ?? [], binder, position);
  if (name.arrayBounds === undefined || name.arrayBounds.length === 0) return sqlType(base, typmod);
  const array = arrayTypeOf(base);
  if (array === 0) {
    if (compositeFields(binder.context.catalog, base) !== undefined)
      return sqlType(TypeOid.recordArray);
    throw typeDoesNotExist(`${typeName(sqlType(base), binder)}[]`, position);
  }
  return sqlType(array, typmod);
}

/**
 * The oid of a possibly qualified type name: a built-in type, a user's or a table's row type. Stored
 * texts name user types by oid (pg_catalog."16384"), so that renaming them does no harm.
 */
export function findType(
  parts: readonly string[],
  binder: Binder,
  position: number | undefined,
): number {
  const name = parts.at(-1) ?? '';
  const schema = parts.length > 1 ? parts.at(-2) : undefined;
  if (schema === undefined || schema === 'pg_catalog') {
    const builtin = typeByName(name);
    if (builtin !== undefined) return builtin.oid;
    if (schema !== undefined && /^\d+$/.test(name) && typeByOid(Number(name)) !== undefined)
      return Number(name);
  }
  const brought = moduleTypeNamed(binder.context.catalog, name, schema);
  if (brought !== undefined) return brought.oid;
  const made = findUserType(parts, binder);
  if (made !== undefined) return made;
  const relation = findRelation(binder, { schema, name });
  if (relation !== undefined && 'rowTypeOid' in relation) return relation.rowTypeOid;
  if (schema !== undefined && binder.context.catalog.findSchema(schema) === undefined) {
    throw databaseError('invalidSchemaName', `schema "${schema}" does not exist`, at(position));
  }
  throw typeDoesNotExist(parts.join('.'), position);
}

/** A type that a user has made, or the array type over it. */
export function findUserType(parts: readonly string[], binder: Binder): number | undefined {
  const { catalog } = binder.context;
  const name = parts.at(-1) ?? '';
  const schemas = parts.length > 1 ? [parts.at(-2)!] : binder.searchPath;
  for (const candidate of schemas) {
    const named =
      candidate === 'pg_temp'
        ? binder.searchPath.find((each) => each.startsWith('pg_temp_'))
        : candidate;
    const schema = named === undefined ? undefined : catalog.findSchema(named);
    if (schema === undefined) continue;
    const type = catalog.findType(schema.oid, name);
    if (type !== undefined) return oidOfTypeName(type, name);
    // A relation of an earlier schema hides the types of later ones.
    if (catalog.findRelation(schema.oid, name) !== undefined) return undefined;
  }
  return undefined;
}

/** The modifier that (…) after a type name means; 42601 when the type takes none. */
function typeModifier(
  oid: number,
  nodes: readonly Node[],
  binder: Binder,
  position: number | undefined,
): number {
  if (nodes.length === 0) return -1;
  const numbers = nodes.map((node) => modifierNumber(node, binder, position));
  switch (oid) {
    case TypeOid.varchar:
    case TypeOid.bpchar:
      return lengthModifier(oid === TypeOid.varchar ? 'varchar' : 'char', numbers, position) + 4;
    case TypeOid.bit:
    case TypeOid.varbit:
      return lengthModifier(oid === TypeOid.bit ? 'bit' : 'varbit', numbers, position);
    case TypeOid.numeric:
      return numericModifier(numbers, position);
    case TypeOid.time:
    case TypeOid.timetz:
    case TypeOid.timestamp:
    case TypeOid.timestamptz:
      return precisionModifier(oid, numbers, position);
    case TypeOid.interval:
      return intervalModifier(numbers, position);
    default:
      throw databaseError(
        'syntaxError',
        `type modifier is not allowed for type "${typeDisplayName(oid) ?? oid}"`,
        at(position),
      );
  }
}

function modifierNumber(node: Node, binder: Binder, position: number | undefined): number {
  const literal = bodyOf(node, 'A_Const');
  if (literal?.ival !== undefined) return literal.ival.ival ?? 0;
  const parameter = bodyOf(node, 'ParamRef');
  const lifted =
    parameter === undefined ? undefined : binder.parameters.pinInteger(parameter.number ?? 0);
  if (lifted !== undefined) return lifted;
  throw databaseError(
    'invalidParameterValue',
    'type modifiers must be simple constants or identifiers',
    at(position),
  );
}

function lengthModifier(
  name: string,
  numbers: readonly number[],
  position: number | undefined,
): number {
  if (numbers.length !== 1)
    throw databaseError('invalidParameterValue', 'invalid type modifier', at(position));
  const [length] = numbers as [number];
  if (length < 1) {
    throw databaseError(
      'invalidParameterValue',
      `length for type ${name} must be at least 1`,
      at(position),
    );
  }
  const lengthMax = name.includes('bit') ? 83886080 : 10485760;
  if (length > lengthMax) {
    throw databaseError(
      'invalidParameterValue',
      `length for type ${name} cannot exceed ${lengthMax}`,
      at(position),
    );
  }
  return length;
}

function numericModifier(numbers: readonly number[], position: number | undefined): number {
  const [precision = 0, scale = 0] = numbers;
  const invalid = (message: string): Error =>
    databaseError('invalidParameterValue', message, at(position));
  if (numbers.length > 2) throw invalid('invalid NUMERIC type modifier');
  if (precision < 1 || precision > 1000) {
    throw invalid(`NUMERIC precision ${precision} must be between 1 and 1000`);
  }
  if (scale < -1000 || scale > 1000)
    throw invalid(`NUMERIC scale ${scale} must be between -1000 and 1000`);
  return numericTypmod(precision, scale);
}

/** Fractional digits of seconds; more than 6 are cut to 6, as PostgreSQL warns and does. */
function precisionModifier(
  oid: number,
  numbers: readonly number[],
  position: number | undefined,
): number {
  const [precision = 0] = numbers;
  if (numbers.length !== 1)
    throw databaseError('invalidParameterValue', 'invalid type modifier', at(position));
  if (precision < 0) {
    const name = oid === TypeOid.time || oid === TypeOid.timetz ? 'TIME' : 'TIMESTAMP';
    throw databaseError(
      'invalidParameterValue',
      `${name}(${precision})${oid === TypeOid.timetz || oid === TypeOid.timestamptz ? ' WITH TIME ZONE' : ''} precision must not be negative`,
      at(position),
    );
  }
  return Math.min(precision, 6);
}

/** interval's modifier: the range mask in the high half, the precision (65535: full) in the low one. */
function intervalModifier(numbers: readonly number[], position: number | undefined): number {
  const [range = 0x7fff, precision] = numbers;
  if (precision !== undefined && precision < 0) {
    throw databaseError(
      'invalidParameterValue',
      `INTERVAL(${precision}) precision must not be negative`,
      at(position),
    );
  }
  const digits = precision === undefined ? 0xffff : Math.min(precision, 6);
  return ((range & 0x7fff) << 16) | digits;
}
