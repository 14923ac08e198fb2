// CREATE TYPE … AS RANGE: a range type over a subtype, and its multirange type.

import type { CreateRangeStmt, DefElem } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type SqlType,
  TypeOid,
  type UserTypeDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import {
  bodyOf,
  definitionElements,
  resolveType,
  stringsOf,
  isCollatable,
  withCollation,
} from '#planner';
import type { DdlStatement } from './statement.ts';
import { functionWith } from '../catalog/function-name.ts';
import { findCollation } from './collations.ts';
import { namesOf } from './entries/entry-references.ts';
import { operatorClassOf } from './operator-classes.ts';
import { claimTypeName, freeArrayName, typePlace } from './user-types.ts';

export function createRange(ddl: DdlStatement, statement: CreateRangeStmt): string {
  const place = typePlace(ddl, stringsOf(statement.typeName));
  claimTypeName(ddl, place);
  const parameters = readParameters(ddl, definitionElements(statement.params));
  const { subtype } = parameters;
  if (subtype === undefined) {
    throw databaseError('syntaxError', 'type attribute "subtype" is required');
  }
  const order = readOrder(ddl, subtype, parameters);
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
      ...order,
    },
  };
  ddl.put(type);
  return 'CREATE TYPE';
}

/** 42704 when values of the subtype have no order, or what gives it or differences is not there. */
function readOrder(
  ddl: DdlStatement,
  subtype: SqlType,
  { operatorClass, subtypeDiff }: RangeParameters,
): Pick<RangeDefinition, 'operatorClassOid' | 'subtypeDiffOid'> {
  if (operatorClass === undefined && functionRegistry.ordering(subtype.oid) === undefined) {
    throw databaseError(
      'undefinedObject',
      `data type ${ddl.typeText(subtype)} has no default operator class for access method "btree"`,
      {
        hint: 'You must specify an operator class for the range type or define a default operator class for the subtype.',
      },
    );
  }
  return {
    ...(operatorClass && {
      operatorClassOid: operatorClassOf(ddl, 'btree', operatorClass, subtype).oid,
    }),
    ...(subtypeDiff && { subtypeDiffOid: differenceFunction(ddl, subtypeDiff, subtype) }),
  };
}

/** 42883, 42P17 */
function differenceFunction(ddl: DdlStatement, parts: readonly string[], subtype: SqlType): number {
  const oid = functionWith(namesOf(ddl), parts, [subtype.oid, subtype.oid]);
  const signature = oid === undefined ? undefined : functionRegistry.functionByOid(oid);
  const shown = `${parts.join('.')}(${ddl.typeText(subtype)}, ${ddl.typeText(subtype)})`;
  if (oid === undefined || signature === undefined)
    throw databaseError('undefinedFunction', `function ${shown} does not exist`);
  if (signature.resultType !== TypeOid.float8) {
    throw databaseError(
      'invalidObjectDefinition',
      `range subtype diff function ${shown} must return type double precision`,
    );
  }
  if (signature.volatility !== 'immutable') {
    const message = `range subtype diff function ${shown} must be immutable`;
    throw databaseError('invalidObjectDefinition', message);
  }
  return oid;
}

type RangeDefinition = Extract<UserTypeDescriptor['definition'], { readonly type: 'range' }>;

interface RangeParameters {
  readonly subtype: SqlType | undefined;
  readonly multirangeName: string | undefined;
  readonly operatorClass: readonly string[] | undefined;
  readonly subtypeDiff: readonly string[] | undefined;
}

function readParameters(ddl: DdlStatement, elements: readonly DefElem[]): RangeParameters {
  let subtype: SqlType | undefined;
  let collation: number | undefined;
  let multirangeName: string | undefined;
  let operatorClass: readonly string[] | undefined;
  let subtypeDiff: readonly string[] | undefined;
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
        collation = findCollation(ddl, stringsOf(typeName?.names)).oid;
        break;
      case 'subtype_diff':
        subtypeDiff = stringsOf(typeName?.names);
        break;
      case 'subtype_opclass':
        operatorClass = stringsOf(typeName?.names);
        break;
      default:
        throw databaseError(
          'syntaxError',
          `type attribute "${element.defname ?? ''}" not recognized`,
        );
    }
  }
  if (subtype !== undefined && collation !== undefined) {
    if (!isCollatable(subtype)) {
      throw databaseError(
        'wrongObjectType',
        'range collation specified but subtype does not support collation',
      );
    }
    subtype = withCollation(subtype, collation);
  }
  return { subtype, multirangeName, operatorClass, subtypeDiff };
}

/** "textrange" has "textmultirange", "span" has "span_multirange". */
function multirangeNameOf(name: string): string {
  return name.includes('range') ? name.replace('range', 'multirange') : `${name}_multirange`;
}
