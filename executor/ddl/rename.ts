// ALTER … RENAME and SET SCHEMA.

import type { AlterObjectSchemaStmt, RenameStmt } from '@pgsql/types';
import {
  databaseError,
  notSupported,
  type RelationDescriptor,
  type SequenceDescriptor,
  type TableDescriptor,
  type ViewDescriptor,
} from '#common';
import { listItems, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { moveExtension } from './extensions.ts';
import { changeStatistics } from './statistics-objects.ts';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { objectWords } from './command-tag.ts';
import { moveEntry, renameEntry } from './entries/alter-entries.ts';
import { moveCollation, ownCollation } from './collations.ts';
import { replaceConstraint } from './alter-constraints.ts';
import { relationExists } from './errors.ts';
import { familyOf } from './table-family.ts';
import { requireFreeConstraintName } from './key-constraints.ts';
import { relationKind } from './object-description.ts';
import { renameCluster } from './rename-cluster.ts';
import { checkWritableSchema, type DdlStatement, rangeName } from './statement.ts';
import { renameInExpressions, renameInViews } from './rename-references.ts';
import { moveType, renameTypePart } from './rename-types.ts';
import { checkColumnName } from './table-elements.ts';
import { moveRoutine } from './alter-routine.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import { renamePolicy } from './policies.ts';
import { renameRule } from './rules.ts';
import { renameTrigger } from './triggers.ts';

const tags: Readonly<Record<string, string>> = {
  OBJECT_TABLE: 'ALTER TABLE',
  OBJECT_VIEW: 'ALTER VIEW',
  OBJECT_MATVIEW: 'ALTER MATERIALIZED VIEW',
  OBJECT_SEQUENCE: 'ALTER SEQUENCE',
  OBJECT_INDEX: 'ALTER INDEX',
  OBJECT_FOREIGN_TABLE: 'ALTER FOREIGN TABLE',
};

export function rename(ddl: DdlStatement, statement: RenameStmt): string {
  switch (statement.renameType) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_FOREIGN_TABLE':
    case 'OBJECT_INDEX': {
      const tag = tags[statement.renameType];
      const found = target(ddl, statement, tag);
      if (found !== undefined) renameRelation(ddl, found, statement.newname ?? '');
      return tag;
    }
    case 'OBJECT_ATTRIBUTE':
      return renameTypePart(ddl, statement);
    case 'OBJECT_COLUMN': {
      const tag = tags[statement.relationType ?? ''] ?? 'ALTER TABLE';
      // The relation may be of another kind than the statement says, as in PostgreSQL.
      const found = target(ddl, statement, 'ALTER TABLE');
      if (found !== undefined) {
        checkRename(ddl, found, statement);
        renameColumn(ddl, found, statement);
        renameBelow(ddl, found, (child) => renameColumn(ddl, child, statement));
      }
      return tag;
    }
    case 'OBJECT_TABCONSTRAINT': {
      const found = target(ddl, statement, 'ALTER TABLE');
      if (found !== undefined) {
        const constraint =
          found.kind === 'table'
            ? found.constraints.find(({ name }) => name === statement.subname)
            : undefined;
        renameConstraint(ddl, found, statement);
        if (constraint?.type === 'check' && !constraint.noInherit)
          renameBelow(ddl, found, (child) => renameConstraint(ddl, child, statement));
      }
      return 'ALTER TABLE';
    }
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
    case 'OBJECT_DOMCONSTRAINT':
      return renameTypePart(ddl, statement);
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const noun = routineNouns[statement.renameType];
      const routine = findRoutine(ddl, statement.object, noun)!;
      moveRoutine(ddl, routine, { name: statement.newname ?? '' });
      return `ALTER ${noun.toUpperCase()}`;
    }
    case 'OBJECT_COLLATION':
      moveCollation(ddl, ownCollation(ddl, statement.object), { name: statement.newname ?? '' });
      return 'ALTER COLLATION';
    case 'OBJECT_TRIGGER':
      renameTrigger(ddl, statement.relation!, statement.subname ?? '', statement.newname ?? '');
      return 'ALTER TRIGGER';
    case 'OBJECT_RULE':
      renameRule(ddl, statement.relation!, statement.subname ?? '', statement.newname ?? '');
      return 'ALTER RULE';
    case 'OBJECT_POLICY':
      renamePolicy(ddl, statement.relation!, statement.subname ?? '', statement.newname ?? '');
      return 'ALTER POLICY';
    default: {
      if (statement.renameType === 'OBJECT_STATISTIC_EXT') {
        const names = stringsOf(listItems(statement.object));
        changeStatistics(ddl, names, { name: statement.newname ?? '' });
        return 'ALTER STATISTICS';
      }
      const entryClass = entryClassOf(statement.renameType);
      if (entryClass === undefined) return renameCluster(ddl, statement);
      // Of kinds outside of schemas the grammar gives some names as text.
      const node = statement.object ?? { String: { sval: statement.subname ?? '' } };
      renameEntry(ddl, entryClass, node, statement.newname ?? '');
      return `ALTER ${objectWords(statement.renameType)}`;
    }
  }
}

/** What a table has inherited is renamed with the parent's. 42P16. */
function checkRename(ddl: DdlStatement, found: RelationDescriptor, statement: RenameStmt): void {
  if (found.kind !== 'table') return;
  const name = statement.subname ?? '';
  const column = found.columns.find((each) => each.name === name && !each.dropped);
  if ((column?.inheritCount ?? 0) > 0) {
    throw databaseError('invalidTableDefinition', `cannot rename inherited column "${name}"`);
  }
  if (statement.relation?.inh === true || (found.children ?? []).length === 0) return;
  throw databaseError(
    'invalidTableDefinition',
    `inherited column "${name}" must be renamed in child tables too`,
  );
}

function renameBelow(
  ddl: DdlStatement,
  found: RelationDescriptor,
  apply: (child: TableDescriptor) => void,
): void {
  for (const { oid } of familyOf(ddl, found.oid).slice(1)) apply(ddl.lockTable(oid));
}

function target(
  ddl: DdlStatement,
  statement: RenameStmt,
  tag: string,
): RelationDescriptor | undefined {
  const range = statement.relation!;
  const found = ddl.lockRelation(range, TableLock.accessExclusive);
  if (found === undefined) {
    if (statement.missing_ok !== true) {
      throw databaseError('undefinedTable', `relation "${rangeName(range)}" does not exist`);
    }
    ddl.notice(`relation "${rangeName(range)}" does not exist, skipping`);
    return undefined;
  }
  if (found.kind === 'system') {
    throw databaseError(
      'insufficientPrivilege',
      `permission denied: "${found.name}" is a system catalog`,
    );
  }
  const wanted = tag.slice('ALTER '.length).toLowerCase();
  // ALTER TABLE renames whatever it is given, as in PostgreSQL, and ALTER INDEX tables too.
  const isAny = wanted === 'table' || (wanted === 'index' && found.kind === 'table');
  if (!isAny && relationKind(found) !== wanted) {
    throw databaseError(
      'wrongObjectType',
      `"${found.name}" is not ${wanted === 'index' ? 'an' : 'a'} ${wanted}`,
    );
  }
  ddl.requireRelationOwner(relationKind(found), found);
  return found;
}

function renameRelation(ddl: DdlStatement, found: RelationDescriptor, name: string): void {
  ddl.requireFreeName({ schema: ddl.schemaByOid(found.schemaOid), name });
  if (found.kind === 'index') {
    renameIndex(ddl, ddl.table(found.tableOid), found.oid, name);
    return;
  }
  if (found.kind === 'system') return;
  renameInViews(ddl, found.oid, () => ddl.changes.put({ ...found, name }));
}

/** A constraint's index carries its name, and the other way round. */
function renameIndex(ddl: DdlStatement, table: TableDescriptor, oid: number, name: string): void {
  const constraint = table.constraints.find(
    (candidate) => 'indexOid' in candidate && candidate.indexOid === oid,
  );
  if (constraint !== undefined) requireFreeConstraintName(table, name);
  ddl.put({
    ...table,
    indexes: table.indexes.map((index) => (index.oid === oid ? { ...index, name } : index)),
    constraints: table.constraints.map((candidate) =>
      candidate === constraint ? { ...candidate, name } : candidate,
    ),
  });
}

function renameColumn(ddl: DdlStatement, found: RelationDescriptor, statement: RenameStmt): void {
  const [from, to] = [statement.subname ?? '', statement.newname ?? ''];
  if (found.kind !== 'table' && found.kind !== 'view') {
    throw databaseError('wrongObjectType', `cannot rename columns of relation "${found.name}"`);
  }
  const column = found.columns.find((candidate) => candidate.name === from && !candidate.dropped);
  checkColumnName(to);
  if (column === undefined) {
    throw databaseError('undefinedColumn', `column "${from}" does not exist`);
  }
  if (found.columns.some((candidate) => candidate.name === to && !candidate.dropped)) {
    throw databaseError(
      'duplicateColumn',
      `column "${to}" of relation "${found.name}" already exists`,
    );
  }
  const columns = found.columns.map((candidate) =>
    candidate === column ? { ...candidate, name: to } : candidate,
  );
  if (found.kind === 'view') {
    renameInViews(ddl, found.oid, () => ddl.changes.put({ ...found, columns }));
    return;
  }
  renameInViews(ddl, found.oid, () =>
    ddl.put(renameInExpressions(ddl, found, { ...found, columns })),
  );
}

function renameConstraint(
  ddl: DdlStatement,
  found: RelationDescriptor,
  statement: RenameStmt,
): void {
  const [from, to] = [statement.subname ?? '', statement.newname ?? ''];
  if (found.kind !== 'table')
    throw databaseError('wrongObjectType', `"${found.name}" is not a table`);
  const constraint = found.constraints.find((candidate) => candidate.name === from);
  if (constraint === undefined) {
    throw databaseError(
      'undefinedObject',
      `constraint "${from}" for table "${found.name}" does not exist`,
    );
  }
  if (!('indexOid' in constraint)) requireFreeConstraintName(found, to);
  else {
    if (!ddl.claimName({ schema: ddl.schemaByOid(found.schemaOid), name: to }))
      throw relationExists(to);
    renameIndex(ddl, found, constraint.indexOid, to);
    return;
  }
  replaceConstraint(ddl, found.oid, { ...constraint, name: to });
}

export function setSchema(ddl: DdlStatement, statement: AlterObjectSchemaStmt): string {
  if (statement.objectType === 'OBJECT_TYPE' || statement.objectType === 'OBJECT_DOMAIN') {
    return moveType(ddl, statement);
  }
  if (Object.hasOwn(routineNouns, statement.objectType ?? '')) {
    const noun = routineNouns[statement.objectType!];
    const routine = findRoutine(ddl, statement.object, noun)!;
    const schema = ddl.creationSchema(statement.newschema ?? '');
    checkWritableSchema(schema, routine.name);
    moveRoutine(ddl, routine, { schemaOid: schema.oid });
    return `ALTER ${noun.toUpperCase()}`;
  }
  if (statement.objectType === 'OBJECT_STATISTIC_EXT') {
    const schema = ddl.creationSchema(statement.newschema ?? '');
    const names = stringsOf(listItems(statement.object));
    changeStatistics(ddl, names, { schemaOid: schema.oid });
    return 'ALTER STATISTICS';
  }
  if (statement.objectType === 'OBJECT_EXTENSION') return moveExtension(ddl, statement);
  const entryClass = entryClassOf(statement.objectType);
  if (entryClass !== undefined) {
    moveEntry(ddl, entryClass, statement.object!, statement.newschema ?? '');
    return `ALTER ${objectWords(statement.objectType)}`;
  }
  if (statement.objectType === 'OBJECT_COLLATION') {
    const collation = ownCollation(ddl, statement.object);
    const schema = ddl.creationSchema(statement.newschema ?? '');
    checkWritableSchema(schema, collation.name);
    moveCollation(ddl, collation, { schemaOid: schema.oid });
    return 'ALTER COLLATION';
  }
  const tag = tags[statement.objectType ?? ''];
  if (tag === undefined) {
    throw notSupported(`ALTER ${(statement.objectType ?? '').replace('OBJECT_', '')} … SET SCHEMA`);
  }
  const range = statement.relation!;
  const found = ddl.lockRelation(range, TableLock.accessExclusive);
  if (found === undefined) {
    if (statement.missing_ok !== true)
      throw databaseError('undefinedTable', `relation "${rangeName(range)}" does not exist`);
    ddl.notice(`relation "${rangeName(range)}" does not exist, skipping`);
    return tag;
  }
  if (found.kind === 'system' || found.kind === 'index') {
    throw databaseError('wrongObjectType', `"${found.name}" is not a table, view, or sequence`);
  }
  ddl.requireOwner(relationKind(found), found);
  moveRelation(ddl, found, statement.newschema ?? '');
  return tag;
}

function moveRelation(
  ddl: DdlStatement,
  found: TableDescriptor | ViewDescriptor | SequenceDescriptor,
  name: string,
): void {
  const schema = ddl.creationSchema(name);
  if (schema.oid === found.schemaOid) return;
  checkWritableSchema(schema, found.name);
  if (found.kind === 'sequence' && found.ownedBy !== undefined) {
    throw databaseError(
      'featureNotSupported',
      'cannot move an owned sequence into another schema',
      {
        detail: `Sequence "${found.name}" is linked to table "${ddl.catalog.tableByOid(found.ownedBy.tableOid)?.name ?? ''}".`,
      },
    );
  }
  if (!ddl.claimName({ schema, name: found.name })) {
    throw databaseError(
      'duplicateTable',
      `relation "${found.name}" already exists in schema "${schema.name}"`,
    );
  }
  renameInViews(ddl, found.oid, () => {
    if (found.kind !== 'table') {
      ddl.changes.put({ ...found, schemaOid: schema.oid });
      return;
    }
    const indexes = found.indexes.map((index) => ({ ...index, schemaOid: schema.oid }));
    for (const index of indexes) ddl.requireFreeName({ schema, name: index.name });
    ddl.put({ ...found, schemaOid: schema.oid, indexes });
    for (const relation of [...ddl.catalog.userRelations()]) {
      if (relation.kind !== 'sequence' || relation.ownedBy?.tableOid !== found.oid) continue;
      ddl.requireFreeName({ schema, name: relation.name });
      ddl.put({ ...relation, schemaOid: schema.oid });
    }
  });
}
