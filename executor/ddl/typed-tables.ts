// CREATE TABLE … OF type: the columns are the attributes of a composite type.

import type { CreateStmt } from '@pgsql/types';
import { databaseError, typeByOid } from '#common';
import { resolveType } from '#planner';
import { mergedElements, type TableShape } from './inheritance.ts';
import type { DdlStatement } from './statement.ts';
import type { TableElements } from './table-elements.ts';

interface TypedShape extends TableShape {
  readonly typeOid: number;
}

/** 42809 unless the type is one that stands by itself. */
export function typedShape(ddl: DdlStatement, statement: CreateStmt): TypedShape {
  const { oid } = resolveType(statement.ofTypename!, ddl.bindContext, ddl.parsed);
  const type = ddl.catalog.typeByOid(oid);
  const name = ddl.typeText({ oid, typmod: -1 });
  if (type?.definition.type === 'composite' && type.oid === oid) {
    return { typeOid: oid, columns: type.definition.columns, constraints: [] };
  }
  throw databaseError(
    'wrongObjectType',
    typeByOid(oid)?.kind === 'composite'
      ? `type ${name} is the row type of another table`
      : `type ${name} is not a composite type`,
    typeByOid(oid)?.kind === 'composite'
      ? {
          detail: 'A typed table must use a stand-alone composite type created with CREATE TYPE.',
        }
      : {},
  );
}

/** The type's attributes with the options that the statement adds; nothing is inherited. */
export function typedElements(
  ddl: DdlStatement,
  shape: TypedShape,
  own: TableElements,
): TableElements {
  const merged = mergedElements(ddl, [shape], own, true);
  return {
    ...merged,
    columns: merged.columns.map(({ isLocal: _local, inheritCount: _count, ...column }) => column),
  };
}
