// CREATE TABLE.

import type { ColumnDef, CreateStmt, PartitionSpec } from '@pgsql/types';
import {
  type ColumnDescriptor,
  databaseError,
  type Expression,
  notSupported,
  type PartitionBound,
  type SqlType,
  type TableDescriptor,
  type TupleVersion,
} from '#common';
import { bodyOf, definitionElements, generatedName, nodeTag } from '#planner';
import { TableLock } from '#storage';
import { indexColumnNames } from '../catalog/index-column-names.ts';
import { refuseKeysOnForeign } from './foreign-tables.ts';
import { indexDescriptor, liveColumn } from './index-definition.ts';
import { positionField } from './errors.ts';
import type { UtilityWork } from './contract.ts';
import { addExclusionConstraint } from './exclusion-constraints.ts';
import { addForeignKey } from './foreign-keys.ts';
import { adoptParentParts, mergedElements, type TableShape } from './inheritance.ts';
import { linkChild } from './table-family.ts';
import { typedElements, typedShape } from './typed-tables.ts';
import { requireImmutable } from '../expression/volatility.ts';
import { readBound, readPartitioning, requireFreeBound } from './partitions.ts';
import { checkDefaultPartition } from './attach-partition.ts';
import { addCheckConstraint, addKeyConstraint } from './key-constraints.ts';
import { likeElements } from './like-clause.ts';
import { addColumnSequence, nextValueDefault, persistenceOf } from './sequences.ts';
import { type DdlStatement, type NameInSchema } from './statement.ts';
import {
  bindStored,
  bindStoredText,
  type StoredBinding,
  isNullConstant,
} from './stored-expression.ts';
import {
  checkColumnNames,
  type ColumnElement,
  type CopiedIndex,
  type ConstraintElement,
  readColumn,
  readConstraint,
  type TableElements,
} from './table-elements.ts';
import { tablespacePart } from './relation-tablespace.ts';
import { readTableOptions, type TableOptions } from './table-options.ts';
import { scheduleOnCommit } from './temporary-tables.ts';
import { requireNoTypeNamed } from './user-types.ts';

/** As in PostgreSQL. */
const columnsMax = 1600;

export function* createTable(
  ddl: DdlStatement,
  statement: CreateStmt,
  foreign?: TableDescriptor['foreign'],
): UtilityWork {
  refuseUnsupported(statement);
  const range = statement.relation!;
  const place = ddl.creationName(range);
  if (!ddl.claimName(place)) {
    if (statement.if_not_exists !== true) ddl.requireFreeName(place);
    ddl.notice(`relation "${place.name}" already exists, skipping`, '42P07');
    return 'CREATE TABLE';
  }
  const inherits = statement.partbound === undefined && (statement.inhRelations ?? []).length > 0;
  if (statement.partspec !== undefined && inherits)
    throw databaseError(
      'invalidObjectDefinition',
      'cannot create partitioned table as inheritance child',
    );
  const parents = parentsOf(ddl, statement);
  const isPartition = statement.partbound !== undefined;
  const ofType = statement.ofTypename === undefined ? undefined : typedShape(ddl, statement);
  const shapes = ofType === undefined ? parents : [ofType];
  const own = readElements(ddl, statement, place.name, shapes);
  const elements =
    ofType !== undefined
      ? typedElements(ddl, ofType, own)
      : parents.length === 0
        ? own
        : mergedElements(ddl, parents, own, isPartition);
  const options = readTableOptions(ddl, definitionElements(statement.options));
  const persistence = place.schema.name.startsWith('pg_temp_')
    ? 'temporary'
    : persistenceOf(range.relpersistence);
  for (const parent of parents) requireFittingPersistence(parent, persistence, isPartition);
  const bound =
    statement.partbound === undefined
      ? undefined
      : readBound(ddl, parents[0], statement.partbound, place.name);
  if (bound !== undefined)
    requireFreeBound(ddl, parents[0], bound, place.name, statement.partbound);
  const table = buildTable(ddl, {
    place,
    elements,
    options,
    tablespace: statement.tablespacename,
    persistence,
    parents,
    ...(foreign === undefined ? {} : { foreign }),
    ...(ofType === undefined ? {} : { ofTypeOid: ofType.typeOid }),
    ...(bound === undefined ? {} : { bound }),
    ...(statement.partspec === undefined ? {} : { partition: statement.partspec }),
  });
  if (bound !== undefined) yield* checkDefaultPartition(ddl, parents[0].oid, bound);
  for (const { oid } of parents) linkChild(ddl, oid, table.oid);
  if (bound !== undefined) yield* adoptParentParts(ddl, parents[0].oid, table.oid, true);
  scheduleOnCommit(ddl, table, statement.oncommit);
  return 'CREATE TABLE';
}

/** 42809: a permanent table may not live below a temporary one, nor a temporary partition in a permanent. */
function requireFittingPersistence(
  parent: TableDescriptor,
  persistence: TableDescriptor['persistence'],
  isPartition: boolean,
): void {
  const [isTemporary, isBelowTemporary] = [persistence, parent.persistence].map(
    (each) => each === 'temporary',
  );
  if (isTemporary === isBelowTemporary || (isTemporary && !isPartition)) return;
  throw databaseError(
    'wrongObjectType',
    isTemporary
      ? `cannot create a temporary relation as partition of permanent relation "${parent.name}"`
      : isPartition
        ? `cannot create a permanent relation as partition of temporary relation "${parent.name}"`
        : `cannot inherit from temporary relation "${parent.name}"`,
  );
}

function refuseUnsupported(statement: CreateStmt): void {
  if (statement.accessMethod !== undefined && statement.accessMethod !== 'heap') {
    throw databaseError(
      'undefinedObject',
      `access method "${statement.accessMethod}" does not exist`,
    );
  }
  if (statement.oncommit !== undefined && statement.oncommit !== 'ONCOMMIT_NOOP') {
    if (statement.relation?.relpersistence !== 't') {
      throw databaseError(
        'invalidTableDefinition',
        'ON COMMIT can only be used on temporary tables',
      );
    }
  }
}

/** The tables of INHERITS (…) or PARTITION OF, locked. 42P01, 42809, 42P16. */
function parentsOf(ddl: DdlStatement, statement: CreateStmt): TableDescriptor[] {
  const parents: TableDescriptor[] = [];
  const isPartition = statement.partbound !== undefined;
  for (const node of statement.inhRelations ?? []) {
    const range = bodyOf(node, 'RangeVar')!;
    const mode = isPartition ? TableLock.accessExclusive : TableLock.shareUpdateExclusive;
    const found = ddl.requireRelation(range, mode);
    if (found.kind !== 'table') {
      throw databaseError(
        'wrongObjectType',
        `inherited relation "${found.name}" is not a table or foreign table`,
      );
    }
    if (isPartition && found.partitioning === undefined) {
      throw databaseError('invalidObjectDefinition', `"${found.name}" is not partitioned`, {
        ...positionField(ddl.position(range.location)),
      });
    }
    if (!isPartition && found.partitioning !== undefined) {
      throw databaseError(
        'wrongObjectType',
        `cannot inherit from partitioned table "${found.name}"`,
      );
    }
    if (!isPartition && found.partitionBound !== undefined) {
      throw databaseError('wrongObjectType', `cannot inherit from partition "${found.name}"`);
    }
    if (parents.some(({ oid }) => oid === found.oid)) {
      throw databaseError(
        'duplicateTable',
        `relation "${found.name}" would be inherited from more than once`,
      );
    }
    ddl.requireOwner('table', found);
    parents.push(found);
  }
  return parents;
}

function readElements(
  ddl: DdlStatement,
  statement: CreateStmt,
  name: string,
  parents: readonly TableShape[],
): TableElements {
  const columns: ColumnElement[] = [];
  const constraints: ConstraintElement[] = [];
  const indexes: CopiedIndex[] = [];
  for (const node of statement.tableElts ?? []) {
    switch (nodeTag(node)) {
      case 'ColumnDef': {
        const definition = bodyOf(node, 'ColumnDef') as ColumnDef;
        // Options of a partition's column name no type: it is the parent's.
        const inherited =
          definition.typeName === undefined ? inheritedType(definition, parents) : undefined;
        columns.push(readColumn(ddl, definition, name, constraints, inherited));
        break;
      }
      case 'Constraint':
        readConstraint(ddl, bodyOf(node, 'Constraint')!, constraints);
        break;
      case 'TableLikeClause': {
        const copied = likeElements(ddl, bodyOf(node, 'TableLikeClause')!);
        columns.push(...copied.columns);
        constraints.push(...copied.constraints);
        indexes.push(...(copied.indexes ?? []));
        break;
      }
      default:
        throw notSupported('this element of CREATE TABLE');
    }
  }
  checkColumnNames(columns);
  return { columns, constraints, indexes };
}

function inheritedType({ colname = '' }: ColumnDef, parents: readonly TableShape[]): SqlType {
  for (const parent of parents) {
    const column = parent.columns.find((each) => !each.dropped && each.name === colname);
    if (column !== undefined) return column.type;
  }
  throw databaseError('undefinedColumn', `column "${colname}" does not exist`);
}

export interface NewTable {
  readonly foreign?: TableDescriptor['foreign'];
  readonly ofTypeOid?: number;
  readonly parents?: readonly TableDescriptor[];
  readonly bound?: PartitionBound;
  /** PARTITION BY */
  readonly partition?: PartitionSpec;
  readonly place: NameInSchema;
  readonly elements: TableElements;
  readonly options: TableOptions;
  /** TABLESPACE */
  readonly tablespace?: string | undefined;
  readonly persistence: TableDescriptor['persistence'];
}

/** Adds a table whose name is claimed: columns, sequences, constraints, indexes, references. */
export function buildTable(ddl: DdlStatement, definition: NewTable): TableDescriptor {
  const { place, elements, options } = definition;
  if (elements.columns.length > columnsMax) {
    throw databaseError('tooManyColumns', `tables can have at most ${columnsMax} columns`);
  }
  checkPrimaryKeys(elements.constraints, place.name);
  if (definition.foreign !== undefined) refuseKeysOnForeign(elements.constraints);
  requireNoTypeNamed(ddl, place);
  const columns = elements.columns.map((element, index) => plainColumn(element, index + 1));
  let table: TableDescriptor = {
    kind: 'table',
    oid: ddl.allocateOid(),
    name: place.name,
    schemaOid: place.schema.oid,
    owner: ddl.context.currentRole.oid,
    treeId: ddl.context.storage.allocateTreeId(),
    ...tablespacePart(ddl, definition.tablespace, {
      isTemporary: definition.persistence === 'temporary',
      isPartitioned: definition.partition !== undefined,
      parent: definition.bound === undefined ? undefined : definition.parents?.[0].tablespace,
    }),
    persistence: definition.persistence,
    columns,
    tupleVersions: [tupleVersion(0, columns)],
    keyColumns: [],
    rowTypeOid: ddl.allocateOid(),
    rowArrayOid: ddl.allocateOid(),
    ...(options.retentionMicros === undefined ? {} : { retentionMicros: options.retentionMicros }),
    ...(Object.keys(options.options).length === 0 ? {} : { options: options.options }),
    ...(definition.ofTypeOid === undefined ? {} : { ofTypeOid: definition.ofTypeOid }),
    ...(definition.foreign === undefined ? {} : { foreign: definition.foreign }),
    ...(definition.bound === undefined ? {} : { partitionBound: definition.bound }),
    ...((definition.parents ?? []).length === 0
      ? {}
      : { parents: definition.parents!.map(({ oid }) => oid) }),
    indexes: [],
    constraints: [],
    referencedBy: [],
  };
  if (options.retentionMicros !== undefined) {
    ddl.context.storage.setRetention(table.treeId, options.retentionMicros);
  }
  ddl.transaction.lockTable(table.oid, 8);
  table = {
    ...table,
    columns: elements.columns.map((element, index) =>
      columnWithDefault(ddl, table, element, index + 1),
    ),
  };
  if (definition.partition !== undefined) {
    table = { ...table, partitioning: readPartitioning(ddl, table, definition.partition) };
  }
  for (const constraint of elements.constraints) {
    if (constraint.type === 'check') table = addCheckConstraint(ddl, table, constraint).table;
    else if (constraint.type === 'exclude') table = addExclusionConstraint(ddl, table, constraint);
    else if (constraint.type !== 'foreign') table = addKeyConstraint(ddl, table, constraint).table;
  }
  for (const copied of elements.indexes ?? []) table = copyIndex(ddl, table, copied);
  ddl.put(table);
  for (const constraint of elements.constraints) {
    if (constraint.type === 'foreign') addForeignKey(ddl, table.oid, constraint);
  }
  return ddl.table(table.oid);
}

/** Expressions and predicates name columns, which are called the same in the new table. */
function copyIndex(
  ddl: DdlStatement,
  table: TableDescriptor,
  { source, index }: CopiedIndex,
): TableDescriptor {
  const attribute = (number: number): number =>
    number === 0 ? 0 : liveColumn(table, source.columns[number - 1].name)!.attributeNumber;
  const columns = index.columns.map((column) => ({
    ...column,
    attributeNumber: attribute(column.attributeNumber),
  }));
  const schema = ddl.schemaByOid(table.schemaOid);
  const included = index.included.map(attribute);
  const names = indexColumnNames(table, columns, included).join('_');
  const taken = (name: string): boolean => table.indexes.some((each) => each.name === name);
  const name = ddl.freeName(
    schema,
    (label) => generatedName(table.name, names, label),
    'idx',
    taken,
  );
  const copied = indexDescriptor(ddl, table, { ...index, name, columns, included });
  return { ...table, indexes: [...table.indexes, copied] };
}

function checkPrimaryKeys(constraints: readonly ConstraintElement[], table: string): void {
  if (constraints.filter((constraint) => constraint.type === 'primary').length > 1) {
    throw databaseError(
      'invalidTableDefinition',
      `multiple primary keys for table "${table}" are not allowed`,
    );
  }
}

export function tupleVersion(version: number, columns: readonly ColumnDescriptor[]): TupleVersion {
  return {
    version,
    columns: columns
      .filter((column) => !column.dropped)
      .map(({ attributeNumber, type }) => ({ attributeNumber, type })),
  };
}

/** The column before its default is bound: what expressions of the table may name. */
export function plainColumn(element: ColumnElement, attributeNumber: number): ColumnDescriptor {
  return {
    name: element.name,
    attributeNumber,
    type: element.type,
    notNull: element.notNull,
    dropped: false,
    ...(element.identity === undefined ? {} : { identity: element.identity }),
    ...(element.comment === undefined ? {} : { comment: element.comment }),
    ...(element.foreignOptions === undefined ? {} : { foreignOptions: element.foreignOptions }),
    ...(element.isLocal === undefined ? {} : { isLocal: element.isLocal }),
    ...(element.inheritCount === undefined ? {} : { inheritCount: element.inheritCount }),
    // Stands for the expression until it is bound, so that others know not to use the column.
    ...(isGenerated(element) ? { generated: unboundExpression } : {}),
  };
}

const unboundExpression = { sql: '', dependencies: [] };

function isGenerated(element: ColumnElement): boolean {
  return element.generatedNode !== undefined || element.copiedGenerated !== undefined;
}

/** 42P17 when a generation expression reads a generated column. */
function refuseGenerated(table: TableDescriptor, { expression, attributes }: StoredBinding): void {
  for (const attribute of attributes) {
    const column = table.columns[attribute - 1];
    if (column?.generated === undefined) continue;
    throw databaseError(
      'invalidObjectDefinition',
      `cannot use generated column "${column.name}" in column generation expression`,
      {
        detail: 'A generated column cannot reference another generated column.',
        ...positionField(inputPosition(expression, attribute - 1)),
      },
    );
  }
}

/** Where in the statement an expression reads a column. */
function inputPosition(expression: Expression, ordinal: number): number | undefined {
  const pending: unknown[] = [expression];
  while (pending.length > 0) {
    const value = pending.pop();
    if (typeof value !== 'object' || value === null) continue;
    if (
      'kind' in value &&
      value.kind === 'input' &&
      'ordinal' in value &&
      value.ordinal === ordinal
    ) {
      return (value as Expression).position;
    }
    for (const item of Object.values(value)) pending.push(item);
  }
  return undefined;
}

/** The column with its default, generation expression or sequence. */
export function columnWithDefault(
  ddl: DdlStatement,
  table: TableDescriptor,
  element: ColumnElement,
  attributeNumber: number,
): ColumnDescriptor {
  const column = plainColumn(element, attributeNumber);
  if (element.serial || element.identity !== undefined) {
    const place = { name: element.name, attributeNumber, typeOid: element.type.oid };
    const sequence = addColumnSequence(ddl, table, place, element.sequenceOptions ?? []);
    return {
      ...column,
      sequenceOid: sequence.oid,
      ...(element.serial ? { default: nextValueDefault(sequence) } : {}),
    };
  }
  if (isGenerated(element)) {
    const target = { place: 'generated', table, column } as const;
    const bound =
      element.copiedGenerated === undefined
        ? bindStored(ddl, element.generatedNode!, target)
        : bindStoredText(ddl, element.copiedGenerated, target);
    refuseGenerated(table, bound);
    requireImmutable(bound.expression, 'generated');
    return { ...column, generated: bound.stored };
  }
  const target = { place: 'columnDefault', column } as const;
  if (element.copiedDefault !== undefined) {
    return { ...column, default: bindStoredText(ddl, element.copiedDefault, target).stored };
  }
  if (element.defaultNode === undefined || isNullConstant(element.defaultNode)) return column;
  return { ...column, default: bindStored(ddl, element.defaultNode, target).stored };
}
