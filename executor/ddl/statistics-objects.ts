// CREATE, ALTER and DROP STATISTICS, and ALTER COLUMN … SET STATISTICS. The objects live inside their table's
// descriptor and go with it; their names share a name space in each schema.

import type { AlterStatsStmt, AlterTableCmd, CreateStatsStmt, DropStmt } from '@pgsql/types';
import {
  databaseError,
  type DatabaseError,
  type IndexDescriptor,
  notSupported,
  type StatisticsDescriptor,
  type StatisticsKind,
  type TableDescriptor,
} from '#common';
import { functionRegistry } from '#functions';
import { bodyOf, generatedName, listItems, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import { columnOfRelationDoesNotExist } from './errors.ts';
import { liveColumn } from './index-definition.ts';
import type { DdlStatement, NameInSchema } from './statement.ts';

const columnsMax = 8;
const targetMax = 10_000;
const kindNames: Readonly<Record<string, StatisticsKind>> = {
  ndistinct: 'distinct',
  dependencies: 'dependencies',
  mcv: 'common',
};
const allKinds = Object.values(kindNames);

export function createStatistics(ddl: DdlStatement, statement: CreateStatsStmt): string {
  const range = bodyOf(statement.relations?.[0], 'RangeVar');
  if (range === undefined || (statement.relations ?? []).length !== 1) {
    throw databaseError(
      'featureNotSupported',
      'only a single relation is allowed in CREATE STATISTICS',
    );
  }
  const found = ddl.requireRelation(range, TableLock.shareUpdateExclusive);
  if (found.kind !== 'table') {
    const message = `cannot define statistics for relation "${found.name}"`;
    throw databaseError('wrongObjectType', message);
  }
  ddl.requireOwner('table', found);
  const attributes = attributesOf(found, statement);
  const kinds = kindsOf(stringsOf(statement.stat_types));
  const place = placeOf(ddl, found, stringsOf(statement.defnames), attributes);
  if (statisticsNamed(ddl, place) !== undefined) {
    const message = `statistics object "${place.name}" already exists`;
    if (statement.if_not_exists !== true) throw databaseError('duplicateObject', message);
    ddl.notice(`${message}, skipping`, '42710');
    return 'CREATE STATISTICS';
  }
  ddl.changes.forUpdate(found.oid);
  const table = ddl.table(found.oid);
  const made: StatisticsDescriptor = {
    oid: ddl.allocateOid(),
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    attributes,
    kinds,
  };
  ddl.put({ ...table, statistics: [...(table.statistics ?? []), made] });
  return 'CREATE STATISTICS';
}

function placeOf(
  ddl: DdlStatement,
  table: TableDescriptor,
  names: readonly string[],
  attributes: readonly number[],
): NameInSchema {
  if (names.length > 0) return { schema: ddl.creationSchema(names.at(-2)), name: names.at(-1)! };
  const schema = ddl.schemaByOid(table.schemaOid);
  const columns = table.columns
    .filter(({ attributeNumber }) => attributes.includes(attributeNumber))
    .map(({ name }) => name)
    .join('_');
  let name = generatedName(table.name, columns, 'stat');
  for (let count = 1; statisticsNamed(ddl, { schema, name }) !== undefined; count++)
    name = generatedName(table.name, columns, `stat${count}`);
  return { schema, name };
}

/** In attribute order. */
function attributesOf(table: TableDescriptor, statement: CreateStatsStmt): number[] {
  const attributes: number[] = [];
  for (const node of statement.exprs ?? []) {
    const name = bodyOf(node, 'StatsElem')?.name;
    if (name === undefined) throw notSupported('extended statistics on expressions');
    const column = liveColumn(table, name);
    if (column === undefined)
      throw databaseError('undefinedColumn', `column "${name}" does not exist`);
    if (functionRegistry.ordering(column.type.oid) === undefined) {
      throw databaseError(
        'featureNotSupported',
        `column "${name}" cannot be used in statistics because its type has no default btree operator class`,
      );
    }
    if (attributes.includes(column.attributeNumber))
      throw databaseError('duplicateColumn', 'duplicate column name in statistics definition');
    attributes.push(column.attributeNumber);
  }
  if (attributes.length > columnsMax) {
    const message = `cannot have more than ${columnsMax} columns in statistics`;
    throw databaseError('tooManyColumns', message);
  }
  if (attributes.length < 2) {
    const message = 'extended statistics require at least 2 columns';
    throw databaseError('invalidObjectDefinition', message);
  }
  return attributes.toSorted((left, right) => left - right);
}

function kindsOf(names: readonly string[]): StatisticsKind[] {
  for (const name of names) {
    if (!Object.hasOwn(kindNames, name))
      throw databaseError('syntaxError', `unrecognized statistics kind "${name}"`);
  }
  const asked = names.map((name) => kindNames[name]);
  return allKinds.filter((kind) => asked.length === 0 || asked.includes(kind));
}

interface Owned {
  readonly table: TableDescriptor;
  readonly statistics: StatisticsDescriptor;
}

function statisticsNamed(ddl: DdlStatement, place: NameInSchema): Owned | undefined {
  for (const relation of ddl.catalog.userRelations()) {
    if (relation.kind !== 'table') continue;
    const statistics = relation.statistics?.find(
      ({ name, schemaOid }) => name === place.name && schemaOid === place.schema.oid,
    );
    if (statistics !== undefined) return { table: relation, statistics };
  }
  return undefined;
}

/** By a name that may leave the schema to the search path; undefined: there is none. */
function findStatistics(ddl: DdlStatement, names: readonly string[]): Owned | undefined {
  const name = names.at(-1) ?? '';
  if (names.length > 1) return statisticsNamed(ddl, { schema: ddl.schema(names.at(-2)!), name });
  for (const path of ddl.context.searchPath) {
    const schema = ddl.catalog.findSchema(path);
    const found = schema === undefined ? undefined : statisticsNamed(ddl, { schema, name });
    if (found !== undefined) return found;
  }
  return undefined;
}

function missing(names: readonly string[]): DatabaseError {
  return databaseError('undefinedObject', `statistics object "${names.join('.')}" does not exist`);
}

function requireStatisticsOwner(ddl: DdlStatement, { name, owner }: StatisticsDescriptor): void {
  if (ddl.isMemberOf(ddl.context.currentRole.oid, owner)) return;
  const message = `must be owner of statistics object ${name}`;
  throw databaseError('insufficientPrivilege', message);
}

function replace(
  ddl: DdlStatement,
  { table, statistics }: Owned,
  by: StatisticsDescriptor | undefined,
): void {
  requireStatisticsOwner(ddl, statistics);
  ddl.changes.forUpdate(table.oid);
  const newest = ddl.table(table.oid);
  const others = (newest.statistics ?? []).filter(({ oid }) => oid !== statistics.oid);
  ddl.put({ ...newest, statistics: by === undefined ? others : [...others, by] });
}

export function dropStatistics(ddl: DdlStatement, statement: DropStmt): string {
  for (const node of statement.objects ?? []) {
    const names = stringsOf(listItems(node));
    const found = findStatistics(ddl, names);
    if (found !== undefined) replace(ddl, found, undefined);
    else if (statement.missing_ok !== true) throw missing(names);
    else ddl.notice(`statistics object "${names.join('.')}" does not exist, skipping`);
  }
  return 'DROP STATISTICS';
}

export function alterStatistics(ddl: DdlStatement, statement: AlterStatsStmt): string {
  const names = stringsOf(statement.defnames);
  const found = findStatistics(ddl, names);
  if (found === undefined) {
    if (statement.missing_ok !== true) throw missing(names);
    ddl.notice(`statistics object "${names.join('.')}" does not exist, skipping`);
    return 'ALTER STATISTICS';
  }
  const { target: _, ...rest } = found.statistics;
  const target = checkedTarget(ddl, integerOf(statement.stxstattarget));
  replace(ddl, found, target < 0 ? rest : { ...rest, target });
  return 'ALTER STATISTICS';
}

function integerOf(value: unknown): number {
  if (typeof value === 'number') return value;
  const node = value as { readonly Integer?: { readonly ival?: number } } | undefined;
  return node?.Integer?.ival ?? 0;
}

/** -1 is the default. 22023. */
function checkedTarget(ddl: DdlStatement, target: number): number {
  if (target < -1)
    throw databaseError('invalidParameterValue', `statistics target ${target} is too low`);
  if (target <= targetMax) return target;
  ddl.warning(`lowering statistics target to ${targetMax}`, '22023');
  return targetMax;
}

/** ALTER TABLE … ALTER COLUMN … SET STATISTICS. */
export function setColumnStatistics(
  ddl: DdlStatement,
  table: TableDescriptor,
  command: AlterTableCmd,
): void {
  if (command.name === undefined)
    throw databaseError('featureNotSupported', 'cannot refer to non-index column by number');
  const { name } = command;
  const column = liveColumn(table, name);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, table.name);
  const statisticsTarget = checkedTarget(ddl, integerOf(command.def));
  ddl.put({
    ...table,
    columns: table.columns.map((each) => (each === column ? { ...each, statisticsTarget } : each)),
  });
}

/** ALTER INDEX … ALTER COLUMN … SET STATISTICS: of an expression, by its number or name. */
export function setIndexStatistics(
  ddl: DdlStatement,
  index: IndexDescriptor,
  command: AlterTableCmd,
): void {
  const table = ddl.table(index.tableOid);
  const names = indexColumnNames(table, index.columns, index.included);
  const { num = 0, name = names[num - 1] } = command;
  const position = names.indexOf(name ?? '');
  if (name === undefined) {
    throw databaseError(
      'undefinedColumn',
      `column number ${num} of relation "${index.name}" does not exist`,
    );
  }
  if (position < 0) throw columnOfRelationDoesNotExist(name, index.name);
  const column = index.columns[position];
  if (column?.expression === undefined) {
    const what = column === undefined ? 'included' : 'non-expression';
    throw databaseError(
      'featureNotSupported',
      `cannot alter statistics on ${what} column "${name}" of index "${index.name}"`,
      column === undefined ? {} : { hint: 'Alter statistics on table column instead.' },
    );
  }
  const statisticsTarget = checkedTarget(ddl, integerOf(command.def));
  const columns = index.columns.with(position, { ...column, statisticsTarget });
  ddl.put({
    ...table,
    indexes: table.indexes.map((each) => (each.oid === index.oid ? { ...index, columns } : each)),
  });
}

/** The general forms of ALTER and COMMENT: a new name, schema, owner or comment. 42704, 42501, 42710. */
export function changeStatistics(
  ddl: DdlStatement,
  names: readonly string[],
  change: Partial<Pick<StatisticsDescriptor, 'name' | 'schemaOid' | 'owner' | 'comment'>>,
): void {
  const found = findStatistics(ddl, names);
  if (found === undefined) throw missing(names);
  requireStatisticsOwner(ddl, found.statistics);
  const changed = { ...found.statistics, ...change };
  const isMoved =
    changed.name !== found.statistics.name || changed.schemaOid !== found.statistics.schemaOid;
  if (change.name !== undefined) ddl.requireSchemaRight(ddl.schemaByOid(changed.schemaOid), 'C');
  const schema = ddl.schemaByOid(changed.schemaOid);
  const isTaken =
    (isMoved || change.name !== undefined) &&
    statisticsNamed(ddl, { schema, name: changed.name }) !== undefined;
  if (isTaken) {
    throw databaseError(
      'duplicateObject',
      `statistics object "${changed.name}" already exists in schema "${schema.name}"`,
    );
  }
  const { comment, ...rest } = changed;
  replace(ddl, found, comment === undefined || comment === '' ? rest : { ...rest, comment });
}

/** ALTER STATISTICS … OWNER TO: who is no superuser gives them to a role that he belongs to. */
export function giveStatistics(
  ddl: DdlStatement,
  names: readonly string[],
  role: { readonly oid: number; readonly name: string },
): void {
  const found = findStatistics(ddl, names);
  if (found === undefined) throw missing(names);
  const current = ddl.context.currentRole.oid;
  const isOwner = ddl.isMemberOf(current, found.statistics.owner);
  if (isOwner && !ddl.isMemberOf(current, role.oid))
    throw databaseError('insufficientPrivilege', `must be member of role "${role.name}"`);
  changeStatistics(ddl, names, { owner: role.oid });
}
