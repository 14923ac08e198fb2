// pg_constraint, pg_description, pg_shdescription.

import {
  ArrayValue,
  type CatalogObject,
  type ConstraintDescriptor,
  type Datum,
  type ForeignKeyAction,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import { expressionText } from '../../catalog/expression-text.ts';
import { entryClasses } from '../../catalog/entry-classes.ts';
import { catalogOids } from '../catalog-oids.ts';
import { builtinDescriptions } from '../descriptions.ts';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';
import { largeObjectsOf } from './large-objects.ts';

const constraintTypes = {
  primary: 'p',
  unique: 'u',
  check: 'c',
  foreign: 'f',
  exclude: 'x',
} as const;
const actionCodes: Readonly<Record<ForeignKeyAction, string>> = {
  'no action': 'a',
  restrict: 'r',
  cascade: 'c',
  'set null': 'n',
  'set default': 'd',
};

function* tables({ catalog }: CatalogScope, oid: Datum | undefined): Iterable<TableDescriptor> {
  if (oid !== undefined) {
    const table = typeof oid === 'number' ? catalog.tableByOid(oid) : undefined;
    if (table !== undefined) yield table;
    return;
  }
  for (const relation of catalog.userRelations()) if (relation.kind === 'table') yield relation;
}

function* constraintRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const referenced = lookups.get('confrelid');
  if (typeof referenced === 'number' && lookups.get('conrelid') === undefined) {
    for (const { tableOid, constraintOid } of scope.catalog.tableByOid(referenced)?.referencedBy ??
      []) {
      const table = scope.catalog.tableByOid(tableOid);
      const constraint = table?.constraints.find(({ oid }) => oid === constraintOid);
      if (table !== undefined && constraint !== undefined)
        yield constraintRow(scope, table, constraint);
    }
    return;
  }
  if (lookups.get('conrelid') === undefined || lookups.get('conrelid') === 0) {
    yield* domainConstraintRows(scope, lookups.get('contypid'));
  }
  for (const table of tables(scope, lookups.get('conrelid'))) {
    for (const constraint of table.constraints) yield constraintRow(scope, table, constraint);
  }
}

function numbers(elementType: number, elements: readonly number[] | undefined): Datum {
  return elements === undefined ? null : ArrayValue.of(elementType, elements);
}

function constraintRow(
  scope: CatalogScope,
  table: TableDescriptor,
  constraint: ConstraintDescriptor,
): CatalogRow {
  const foreign = constraint.type === 'foreign' ? constraint : undefined;
  const operators = foreign === undefined ? undefined : equalityOperators(scope, table, foreign);
  return {
    oid: constraint.oid,
    conname: constraint.name,
    connamespace: table.schemaOid,
    contype: constraintTypes[constraint.type],
    condeferrable: constraint.deferrable,
    condeferred: constraint.initiallyDeferred,
    convalidated: constraint.validated,
    conrelid: table.oid,
    contypid: 0,
    conindid: 'indexOid' in constraint ? constraint.indexOid : (foreign?.referencedIndex ?? 0),
    conparentid: constraint.parentOid ?? 0,
    confrelid: foreign?.referencedTable ?? 0,
    confupdtype: foreign === undefined ? ' ' : actionCodes[foreign.onUpdate],
    confdeltype: foreign === undefined ? ' ' : actionCodes[foreign.onDelete],
    confmatchtype: foreign === undefined ? ' ' : foreign.match === 'full' ? 'f' : 's',
    conislocal: constraint.isLocal ?? constraint.parentOid === undefined,
    coninhcount: constraint.inheritCount ?? (constraint.parentOid === undefined ? 0 : 1),
    connoinherit: constraint.type === 'check' ? constraint.noInherit : true,
    conkey: numbers(TypeOid.int2, constraint.columns),
    confkey: numbers(TypeOid.int2, foreign?.referencedColumns),
    conpfeqop: numbers(TypeOid.oid, operators),
    conppeqop: numbers(TypeOid.oid, operators),
    conffeqop: numbers(TypeOid.oid, operators),
    conexclop: constraint.type === 'exclude' ? numbers(TypeOid.oid, constraint.operators) : null,
    confdelsetcols: numbers(TypeOid.int2, foreign?.onDeleteColumns),
    conbin:
      constraint.type === 'check' ? expressionText(scope.names, constraint.expression.sql) : null,
  };
}

function* domainConstraintRows(
  { catalog, names }: CatalogScope,
  wanted: Datum | undefined,
): Iterable<CatalogRow> {
  for (const type of catalog.types()) {
    if (type.definition.type !== 'domain' || (wanted !== undefined && wanted !== type.oid))
      continue;
    for (const { oid, name, expression, validated } of type.definition.constraints) {
      yield {
        oid,
        conname: name,
        connamespace: type.schemaOid,
        contype: 'c',
        condeferrable: false,
        condeferred: false,
        convalidated: validated,
        conrelid: 0,
        contypid: type.oid,
        conindid: 0,
        conparentid: 0,
        confrelid: 0,
        confupdtype: ' ',
        confdeltype: ' ',
        confmatchtype: ' ',
        conislocal: true,
        coninhcount: 0,
        connoinherit: false,
        conbin: expressionText(names, expression.sql),
      };
    }
  }
}

function equalityOperators(
  { catalog }: CatalogScope,
  table: TableDescriptor,
  foreign: Extract<ConstraintDescriptor, { readonly type: 'foreign' }>,
): number[] {
  const referenced = catalog.tableByOid(foreign.referencedTable);
  return foreign.referencedColumns.map((attribute, position) => {
    const left = referenced?.columns[attribute - 1]?.type.oid ?? 0;
    const right = table.columns[foreign.columns[position] - 1]?.type.oid ?? 0;
    const exact = functionRegistry
      .operatorsNamed('=')
      .find((operator) => operator.left === left && operator.right === right);
    return exact?.oid ?? functionRegistry.ordering(left)?.equalityOperatorOid ?? 0;
  });
}

function* descriptionRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const oid = lookups.get('objoid');
  for (const description of builtinDescriptions()) {
    if (oid !== undefined && description.oid !== oid) continue;
    yield {
      objoid: description.oid,
      classoid: description.catalogOid,
      objsubid: 0,
      description: description.text,
    };
  }
  yield* commentRows(scope);
  yield* largeObjectDescriptions(scope);
}

/** pg_statistic_ext */
const statisticsCatalog = 3381;
const largeObjectCatalog = 2613;

const commentHomes: Readonly<Record<string, number>> = {
  schema: catalogOids.namespace,
  type: catalogOids.type,
  routine: catalogOids.procedure,
};

function* commentRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  const row = (
    classoid: number,
    objoid: number,
    objsubid: number,
    description: string,
  ): CatalogRow => ({
    objoid,
    classoid,
    objsubid,
    description,
  });
  for (const object of catalog.state.local.objects()) {
    const classoid =
      object.kind === 'entry'
        ? entryClasses[object.definition.class].catalog
        : (commentHomes[object.kind] ?? catalogOids.class);
    if (object.comment !== undefined) yield row(classoid, object.oid, 0, object.comment);
    if (object.kind === 'table' || object.kind === 'view') {
      for (const column of object.columns) {
        if (column.comment !== undefined)
          yield row(catalogOids.class, object.oid, column.attributeNumber, column.comment);
      }
    }
    if (object.kind !== 'table') continue;
    for (const { oid, comment } of object.statistics ?? [])
      if (comment !== undefined) yield row(statisticsCatalog, oid, 0, comment);
    for (const index of object.indexes) {
      if (index.comment !== undefined) yield row(catalogOids.class, index.oid, 0, index.comment);
    }
    for (const constraint of object.constraints) {
      if (constraint.comment !== undefined)
        yield row(catalogOids.constraint, constraint.oid, 0, constraint.comment);
    }
  }
}

function* largeObjectDescriptions(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { oid, facts } of largeObjectsOf(scope).all()) {
    if (facts.comment === undefined) continue;
    yield {
      objoid: oid,
      classoid: largeObjectCatalog,
      objsubid: 0,
      description: facts.comment,
    };
  }
}

function* sharedDescriptionRows({ catalog }: CatalogScope): Iterable<CatalogRow> {
  for (const object of catalog.state.shared.objects() as Iterable<CatalogObject>) {
    if (object.comment === undefined) continue;
    const classoid =
      object.kind === 'entry'
        ? entryClasses[object.definition.class].catalog
        : object.kind === 'role'
          ? catalogOids.authid
          : catalogOids.database;
    yield { objoid: object.oid, classoid, description: object.comment };
  }
}

export const constraintSources: RowSources = {
  pg_constraint: constraintRows,
  pg_description: descriptionRows,
  pg_shdescription: sharedDescriptionRows,
};
