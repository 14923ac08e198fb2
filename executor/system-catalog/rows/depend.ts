// pg_depend: what PostgreSQL records between the objects of a database. A lookup by objid or refobjid,
// which is how clients read it, lists the dependencies of the tables around that object only.

import {
  BuiltinOid,
  type ColumnDescriptor,
  type Datum,
  elementTypeOf,
  type Entry,
  type EntryDescriptor,
  type IndexDescriptor,
  type RelationDescriptor,
  type TableDescriptor,
  queryOf,
  registeredRoutine,
  type RoutineDescriptor,
  type TriggerDescriptor,
  type StoredExpression,
  typesOfModule,
  type UserTypeDescriptor,
} from '#common';
import { objectsOfModule } from '#functions';
import { entryClasses } from '../../catalog/entry-classes.ts';
import { entriesOfModule } from '../../catalog/module-entries.ts';
import { catalogOf } from '../../catalog/object-identity.ts';
import { catalogOids, defaultOid, rewriteOid } from '../catalog-oids.ts';
import type { CatalogRow, CatalogScope, Lookups, RowSources } from '../contract.ts';

const foreignServer = entryClasses.foreignServer.catalog;

/** Catalog, object, column. */
type Address = readonly [number, number, number];

const {
  class: classOid,
  constraint: constraintOid,
  namespace,
  attrdef,
  rewrite,
  type: typeOid,
  procedure,
  trigger,
} = catalogOids;

function depend(dependent: Address, referenced: Address, type: 'n' | 'a' | 'i' | 'e'): CatalogRow {
  return {
    classid: dependent[0],
    objid: dependent[1],
    objsubid: dependent[2],
    refclassid: referenced[0],
    refobjid: referenced[1],
    refobjsubid: referenced[2],
    deptype: type,
  };
}

function* dependRows({ catalog }: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const wanted = lookups.get('objid');
  const wantedReference = lookups.get('refobjid');
  const matches = (row: CatalogRow): boolean =>
    (wanted === undefined || row['objid'] === wanted) &&
    (wantedReference === undefined || row['refobjid'] === wantedReference);
  for (const relation of relationsAround(catalog, wanted)) {
    for (const row of rowsOf(catalog, relation)) if (matches(row)) yield row;
  }
  for (const routine of catalog.routines()) {
    for (const row of routineRows(catalog, routine)) if (matches(row)) yield row;
  }
  for (const entry of catalog.userEntries()) {
    for (const row of entryRows(catalog, entry)) if (matches(row)) yield row;
  }
  for (const extension of catalog.entries('extension')) {
    for (const row of memberRows(catalog, extension)) if (matches(row)) yield row;
  }
  for (const type of catalog.types()) {
    for (const row of typeRows(type)) if (matches(row)) yield row;
  }
}

/** What an extension has brought, and what was added to it: neither is dumped on its own. */
function* memberRows(
  catalog: CatalogScope['catalog'],
  extension: Entry<'extension'>,
): Iterable<CatalogRow> {
  const { oid, name, definition } = extension;
  const home: Address = [entryClasses.extension.catalog, oid, 0];
  const isMember = (address: Address): CatalogRow => depend(address, home, 'e');
  for (const each of typesOfModule(name)) yield isMember([typeOid, each, 0]);
  for (const each of objectsOfModule(name).functions) yield isMember([procedure, each.oid, 0]);
  for (const each of entriesOfModule(extension))
    yield isMember([entryClasses[each.definition.class].catalog, each.oid, 0]);
  for (const each of definition.members ?? []) {
    const object = catalog.state.find(each);
    if (object !== undefined) yield isMember([catalogOf(object), each, 0]);
  }
}

const bonds = { auto: 'a', internal: 'i' } as const;

function* entryRows(
  catalog: CatalogScope['catalog'],
  { oid, schemaOid, definition, uses }: EntryDescriptor,
): Iterable<CatalogRow> {
  const own: Address = [entryClasses[definition.class].catalog, oid, 0];
  if (schemaOid !== 0) yield depend(own, [namespace, schemaOid, 0], 'n');
  const seen = new Set<string>();
  for (const use of uses) {
    const used = catalog.state.find(use.oid);
    const home = used === undefined ? typeOid : catalogOf(used);
    const key = `${use.oid} ${use.column ?? 0}`;
    if (seen.has(key)) continue;
    seen.add(key);
    yield depend(
      own,
      [home, use.oid, use.column ?? 0],
      use.bond === undefined ? 'n' : bonds[use.bond],
    );
  }
}

/** The relations that may have a row for an objid: its own, or the table that it is part of. */
function* relationsAround(
  catalog: CatalogScope['catalog'],
  objid: Datum | undefined,
): Iterable<RelationDescriptor> {
  const relation = typeof objid === 'number' ? catalog.relationByOid(objid) : undefined;
  if (relation === undefined) {
    yield* catalog.userRelations();
    return;
  }
  yield relation;
  const table = relation.kind === 'index' ? catalog.tableByOid(relation.tableOid) : undefined;
  if (table !== undefined) yield table;
}

function* rowsOf(
  catalog: CatalogScope['catalog'],
  relation: RelationDescriptor,
): Iterable<CatalogRow> {
  if (relation.kind === 'system') return;
  if (relation.kind !== 'index')
    yield depend([classOid, relation.oid, 0], [namespace, relation.schemaOid, 0], 'n');
  if (relation.kind === 'sequence' && relation.ownedBy !== undefined) {
    const { tableOid, attributeNumber } = relation.ownedBy;
    const column = catalog.tableByOid(tableOid)?.columns[attributeNumber - 1];
    const type = column?.identity === undefined ? 'a' : 'i';
    yield depend([classOid, relation.oid, 0], [classOid, tableOid, attributeNumber], type);
  }
  const query = queryOf(relation);
  if (query !== undefined && 'rowTypeOid' in relation) yield* viewRows(relation, query);
  if (relation.kind === 'table' || relation.kind === 'view') yield* triggerRows(relation);
  if (relation.kind === 'table') yield* tableRows(relation);
}

function* viewRows(
  view: { readonly oid: number; readonly rowTypeOid: number },
  query: StoredExpression,
): Iterable<CatalogRow> {
  const rule: Address = [rewrite, rewriteOid(view), 0];
  yield depend(rule, [classOid, view.oid, 0], 'i');
  yield depend(rule, [classOid, view.oid, 0], 'n');
  for (const used of query.dependencies) {
    const home = registeredRoutine(used) === undefined ? classOid : procedure;
    yield depend(rule, [home, used, 0], 'n');
  }
}

function* triggerRows(table: {
  readonly triggers?: readonly TriggerDescriptor[];
}): Iterable<CatalogRow> {
  for (const { oid, tableOid, functionOid, columns } of table.triggers ?? []) {
    yield depend([trigger, oid, 0], [procedure, functionOid, 0], 'n');
    yield depend([trigger, oid, 0], [classOid, tableOid, 0], 'a');
    for (const column of columns)
      yield depend([trigger, oid, 0], [classOid, tableOid, column], 'n');
  }
}

function* routineRows(
  catalog: CatalogScope['catalog'],
  { oid, schemaOid, dependencies }: RoutineDescriptor,
): Iterable<CatalogRow> {
  yield depend([procedure, oid, 0], [namespace, schemaOid, 0], 'n');
  for (const used of dependencies) {
    const isRelation = catalog.relationByOid(used) !== undefined;
    const home =
      registeredRoutine(used) !== undefined ? procedure : isRelation ? classOid : typeOid;
    yield depend([procedure, oid, 0], [home, used, 0], 'n');
  }
}

/** Domains, composite types and ranges upon what they are made of. */
function* typeRows({ oid, schemaOid, definition }: UserTypeDescriptor): Iterable<CatalogRow> {
  yield depend([typeOid, oid, 0], [namespace, schemaOid, 0], 'n');
  const uses =
    definition.type === 'domain'
      ? [definition.base]
      : definition.type === 'range'
        ? [definition.subtype]
        : definition.type === 'composite'
          ? definition.columns.map(({ type }) => type)
          : [];
  for (const used of uses) yield* typeUse([typeOid, oid, 0], used.oid);
}

/** An array is as good as the type of its elements. */
function* typeUse(user: Address, oid: number): Iterable<CatalogRow> {
  if (oid < BuiltinOid.firstUserOid) return;
  yield depend(user, [typeOid, elementTypeOf(oid) || oid, 0], 'n');
}

function* tableRows(table: TableDescriptor): Iterable<CatalogRow> {
  const type = table.partitionBound === undefined ? 'n' : 'a';
  for (const parent of table.parents ?? [])
    yield depend([classOid, table.oid, 0], [classOid, parent, 0], type);
  if (table.foreign !== undefined)
    yield depend([classOid, table.oid, 0], [foreignServer, table.foreign.server, 0], 'n');
  if (table.ofTypeOid !== undefined) yield* typeUse([classOid, table.oid, 0], table.ofTypeOid);
  for (const { dropped, attributeNumber, type: used } of table.columns) {
    if (!dropped) yield* typeUse([classOid, table.oid, attributeNumber], used.oid);
  }
  yield* constraintRows(table);
  const ofConstraints = new Set(
    table.constraints.flatMap((each) => ('indexOid' in each ? [each.indexOid] : [])),
  );
  for (const index of table.indexes) {
    if (!ofConstraints.has(index.oid)) yield* indexRows(table, index);
  }
  for (const column of table.columns) yield* defaultRows(table, column);
}

function* constraintRows(table: TableDescriptor): Iterable<CatalogRow> {
  for (const constraint of table.constraints) {
    const own: Address = [constraintOid, constraint.oid, 0];
    for (const attribute of constraint.columns)
      yield depend(own, [classOid, table.oid, attribute], 'a');
    if ('indexOid' in constraint) yield depend([classOid, constraint.indexOid, 0], own, 'i');
    if (constraint.type !== 'foreign') continue;
    for (const attribute of constraint.referencedColumns)
      yield depend(own, [classOid, constraint.referencedTable, attribute], 'n');
    yield depend(own, [classOid, constraint.referencedIndex, 0], 'n');
  }
}

function* indexRows(table: TableDescriptor, index: IndexDescriptor): Iterable<CatalogRow> {
  const own: Address = [classOid, index.oid, 0];
  const columns = index.columns.map(({ attributeNumber }) => attributeNumber);
  for (const attribute of new Set([...columns, ...index.included])) {
    if (attribute > 0) yield depend(own, [classOid, table.oid, attribute], 'a');
  }
}

function* defaultRows(table: TableDescriptor, column: ColumnDescriptor): Iterable<CatalogRow> {
  const stored = column.default ?? column.generated;
  if (stored === undefined || column.dropped) return;
  const own: Address = [attrdef, defaultOid(table, column.attributeNumber), 0];
  yield depend(own, [classOid, table.oid, column.attributeNumber], 'a');
  for (const used of stored.dependencies) yield depend(own, [classOid, used, 0], 'n');
}

export const dependSources: RowSources = { pg_depend: dependRows };
