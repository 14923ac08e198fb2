// information_schema's relations about types that users have made.

import { type SqlType, type UserTypeDescriptor } from '#common';
import { expressionText } from '../../catalog/expression-text.ts';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';
import { dataType, domainName, typeFacts, userTypeName, yesNo } from './information-columns.ts';

type Definition<Type extends string> = Extract<
  UserTypeDescriptor['definition'],
  { readonly type: Type }
>;

function* typesOf<Type extends UserTypeDescriptor['definition']['type']>(
  { catalog }: CatalogScope,
  type: Type,
): Iterable<readonly [UserTypeDescriptor, Definition<Type>]> {
  for (const each of catalog.types()) {
    if (each.definition.type === type) yield [each, each.definition as Definition<Type>];
  }
}

function schemaName({ catalog }: CatalogScope, type: UserTypeDescriptor): string {
  return catalog.schemaByOid(type.schemaOid)?.name ?? '';
}

function* domainRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const [type, { base, default: stored }] of typesOf(scope, 'domain')) {
    yield {
      ...domainName(scope, { oid: type.oid, typmod: -1 }),
      data_type: dataType(base),
      ...typeFacts(base),
      domain_default: stored === undefined ? null : expressionText(scope.names, stored.sql),
      ...userTypeName(scope, base),
      dtd_identifier: '1',
    };
  }
}

function* domainConstraintRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const [type, { constraints }] of typesOf(scope, 'domain')) {
    for (const { name } of constraints) {
      yield {
        constraint_catalog: scope.catalog.database.name,
        constraint_schema: schemaName(scope, type),
        constraint_name: name,
        ...domainName(scope, { oid: type.oid, typmod: -1 }),
        is_deferrable: 'NO',
        initially_deferred: 'NO',
      };
    }
  }
}

function* domainUsageRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const [type, { base }] of typesOf(scope, 'domain')) {
    yield {
      ...userTypeName(scope, base),
      ...domainName(scope, { oid: type.oid, typmod: -1 }),
    };
  }
}

function* compositeRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const [type] of typesOf(scope, 'composite')) {
    yield {
      user_defined_type_catalog: scope.catalog.database.name,
      user_defined_type_schema: schemaName(scope, type),
      user_defined_type_name: type.name,
      user_defined_type_category: 'STRUCTURED',
      is_instantiable: 'YES',
    };
  }
}

function* attributeRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const [type, { columns }] of typesOf(scope, 'composite')) {
    for (const column of columns) {
      if (column.dropped) continue;
      yield {
        udt_catalog: scope.catalog.database.name,
        udt_schema: schemaName(scope, type),
        udt_name: type.name,
        attribute_name: column.name,
        ordinal_position: column.attributeNumber,
        is_nullable: yesNo(!column.notNull),
        data_type: dataType(column.type),
        ...typeFacts(column.type),
        ...attributeType(scope, column.type),
        dtd_identifier: String(column.attributeNumber),
        is_derived_reference_attribute: 'NO',
      };
    }
  }
}

function attributeType(scope: CatalogScope, type: SqlType): CatalogRow {
  const names = userTypeName(scope, type);
  return {
    attribute_udt_catalog: names['udt_catalog'],
    attribute_udt_schema: names['udt_schema'],
    attribute_udt_name: names['udt_name'],
  };
}

export const informationTypeSources: RowSources = {
  domains: domainRows,
  domain_constraints: domainConstraintRows,
  domain_udt_usage: domainUsageRows,
  user_defined_types: compositeRows,
  attributes: attributeRows,
};
