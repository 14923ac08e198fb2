// CREATE TYPE … AS RANGE: a range type over a subtype, and its multirange type.

import type { CreateRangeStmt, DefElem } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  ordersByBytes,
  type SqlType,
  type UserTypeDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { bodyOf, definitionElements, resolveType, stringsOf } from '#planner';
import type { DdlStatement } from './statement.ts';
import { findCollation } from './collations.ts';
import { claimTypeName, freeArrayName, typePlace } from './user-types.ts';

export function createRange(ddl: DdlStatement, statement: CreateRangeStmt): string {
  const place = typePlace(ddl, stringsOf(statement.typeName));
  claimTypeName(ddl, place);
  const parameters = readParameters(ddl, definitionElements(statement.params));
  const { subtype } = parameters;
  if (subtype === undefined) {
    throw databaseError('syntaxError', 'type attribute "subtype" is required');
  }
  requireSubtypeOrder(ddl, subtype);
  const multirangeName = parameters.multirangeName ?? multirangeNameOf(place.name);
  claimTypeName(ddl, { schema: place.schema, name: multirangeName });
  const type: UserTypeDescriptor = {
    kind: 'type',
    oid: ddl.allocateOid(),
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    arrayOid: ddl.allocateOid(),
    arrayName: freeArrayName(ddl, place),
    definition: {
      type: 'range',
      subtype,
      multirangeOid: ddl.allocateOid(),
      multirangeName,
      multirangeArrayOid: ddl.allocateOid(),
      options: {},
    },
  };
  ddl.put(type);
  return 'CREATE TYPE';
}

/** 42704 when values of the subtype have no order. */
function requireSubtypeOrder(ddl: DdlStatement, subtype: SqlType): void {
  if (functionRegistry.ordering(subtype.oid) !== undefined) return;
  throw databaseError(
    'undefinedObject',
    `data type ${ddl.typeText(subtype)} has no default operator class for access method "btree"`,
    {
      hint: 'You must specify an operator class for the range type or define a default operator class for the subtype.',
    },
  );
}

interface RangeParameters {
  readonly subtype: SqlType | undefined;
  readonly multirangeName: string | undefined;
}

function readParameters(ddl: DdlStatement, elements: readonly DefElem[]): RangeParameters {
  let subtype: SqlType | undefined;
  let multirangeName: string | undefined;
  for (const element of elements) {
    const name = (element.defname ?? '').toLowerCase();
    const typeName = bodyOf(element.arg, 'TypeName');
    switch (name) {
      case 'subtype':
        if (subtype !== undefined)
          throw databaseError('syntaxError', 'conflicting or redundant options');
        subtype = resolveType(typeName!, ddl.bindContext, ddl.parsed);
        break;
      case 'multirange_type_name':
        multirangeName = stringsOf(typeName?.names).at(-1);
        break;
      case 'canonical':
        throw notSupported('a canonical function of a range type');
      case 'collation':
        if (!ordersByBytes(findCollation(ddl, stringsOf(typeName?.names)).oid))
          throw notSupported('a range type under a collation that does not order by bytes');
        break;
      case 'subtype_diff':
      case 'subtype_opclass':
        // The subtype's own order holds, and no index asks for differences.
        break;
      default:
        throw databaseError(
          'syntaxError',
          `type attribute "${element.defname ?? ''}" not recognized`,
        );
    }
  }
  return { subtype, multirangeName };
}

/** "textrange" has "textmultirange", "span" has "span_multirange". */
function multirangeNameOf(name: string): string {
  return name.includes('range') ? name.replace('range', 'multirange') : `${name}_multirange`;
}
