// DROP of tables, views, sequences, indexes and schemas, with what depends on them.

import type { DropStmt, Node, RangeVar } from '@pgsql/types';
import {
  DatabaseError,
  BuiltinOid,
  databaseError,
  notSupported,
  type RelationDescriptor,
  type TableDescriptor,
  type IndexDescriptor,
  type StoredExpression,
} from '#common';
import { listItems, nodeText, stringsOf } from '#planner';
import { isTemporarySchema, TableLock } from '#storage';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { objectWords } from './command-tag.ts';
import { skipMissing } from './entries/missing.ts';
import { entriesToDrop } from './entries/drop-entries.ts';
import { requireNoMember } from './extension-members.ts';
import { findCollation } from './collations.ts';
import { findDependents, type Dependent } from './dependencies.ts';
import { schemaDoesNotExist } from './errors.ts';
import { removeReference } from './foreign-keys.ts';
import { unlinkChild } from './table-family.ts';
import { removeAttribute, typesToDrop } from './drop-types.ts';
import { describeTarget, type DropTarget, relationKind } from './object-description.ts';
import type { DdlStatement } from './statement.ts';
import { dropStatistics } from './statistics-objects.ts';
import { bindStoredText } from './stored-expression.ts';
import { dropTrees } from './table-trees.ts';
import { policyNamed, removePolicy } from './policies.ts';
import { removeRule, ruleNamed } from './rules.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import { putTriggers, triggerNamed } from './triggers.ts';

interface DropKind {
  readonly tag: string;
  /** "table" in messages. */
  readonly noun: string;
  readonly article: string;
  readonly missing: 'undefinedTable' | 'undefinedObject';
}

const relationKinds: Readonly<Record<string, DropKind>> = {
  OBJECT_TABLE: { tag: 'DROP TABLE', noun: 'table', article: 'a table', missing: 'undefinedTable' },
  OBJECT_VIEW: { tag: 'DROP VIEW', noun: 'view', article: 'a view', missing: 'undefinedTable' },
  OBJECT_SEQUENCE: {
    tag: 'DROP SEQUENCE',
    noun: 'sequence',
    article: 'a sequence',
    missing: 'undefinedTable',
  },
  OBJECT_INDEX: {
    tag: 'DROP INDEX',
    noun: 'index',
    article: 'an index',
    missing: 'undefinedObject',
  },
  OBJECT_FOREIGN_TABLE: {
    tag: 'DROP FOREIGN TABLE',
    noun: 'foreign table',
    article: 'a foreign table',
    missing: 'undefinedTable',
  },
  OBJECT_MATVIEW: {
    tag: 'DROP MATERIALIZED VIEW',
    noun: 'materialized view',
    article: 'a materialized view',
    missing: 'undefinedTable',
  },
};

export function dropStatement(ddl: DdlStatement, statement: DropStmt): string {
  const type = statement.removeType ?? 'OBJECT_TABLE';
  const cascade = statement.behavior === 'DROP_CASCADE';
  const missingOk = statement.missing_ok ?? false;
  if (type === 'OBJECT_SCHEMA')
    return dropSchemas(ddl, statement.objects ?? [], { cascade, missingOk });
  if (type === 'OBJECT_TYPE' || type === 'OBJECT_DOMAIN') {
    dropTargets(ddl, typesToDrop(ddl, statement), { cascade });
    return type === 'OBJECT_TYPE' ? 'DROP TYPE' : 'DROP DOMAIN';
  }
  if (Object.hasOwn(routineNouns, type)) {
    const noun = routineNouns[type];
    const targets = (statement.objects ?? []).flatMap((node): DropTarget[] => {
      const routine = skipMissing(ddl, missingOk, () => findRoutine(ddl, node, noun, missingOk));
      if (routine === undefined) return [];
      if (noun === 'function' && routine.routineKind === 'aggregate') {
        throw databaseError('wrongObjectType', `"${objectName(node)}" is an aggregate function`, {
          hint: 'Use DROP AGGREGATE to drop aggregate functions.',
        });
      }
      ddl.requireOwner(noun, routine);
      return [{ kind: 'routine', oid: routine.oid }];
    });
    dropTargets(ddl, targets, { cascade });
    return `DROP ${noun.toUpperCase()}`;
  }
  if (type === 'OBJECT_TRIGGER') {
    for (const node of statement.objects ?? []) {
      const found = triggerNamed(ddl, node, missingOk);
      if (found === undefined) continue;
      ddl.requireOwner(found.table.kind, found.table);
      removeTrigger(ddl, found.table.oid, found.trigger.oid);
    }
    return 'DROP TRIGGER';
  }
  if (type === 'OBJECT_RULE') {
    for (const node of statement.objects ?? []) {
      const found = ruleNamed(ddl, node, missingOk);
      if (found === undefined) continue;
      ddl.requireOwner(found.relation.kind, found.relation);
      removeRule(ddl, found.relation.oid, found.rule.oid);
    }
    return 'DROP RULE';
  }
  if (type === 'OBJECT_POLICY') {
    for (const node of statement.objects ?? []) {
      const found = policyNamed(ddl, node, missingOk);
      if (found === undefined) continue;
      ddl.requireOwner('table', found.table);
      removePolicy(ddl, found.table.oid, found.policy.oid);
    }
    return 'DROP POLICY';
  }
  if (type === 'OBJECT_COLLATION') {
    dropTargets(ddl, collationsToDrop(ddl, statement, missingOk), { cascade });
    return 'DROP COLLATION';
  }
  if (type === 'OBJECT_STATISTIC_EXT') return dropStatistics(ddl, statement);
  const entryClass = entryClassOf(type);
  if (entryClass !== undefined) {
    const entries = entriesToDrop(ddl, entryClass, statement);
    dropTargets(ddl, entries, { cascade });
    return `DROP ${objectWords(type)}`;
  }
  const kind = relationKinds[type];
  if (kind === undefined) return dropForeignObject(ddl, statement);
  const oids: number[] = [];
  for (const node of statement.objects ?? []) {
    const oid = relationToDrop(ddl, nameParts(node), kind, missingOk);
    if (oid !== undefined && !oids.includes(oid)) oids.push(oid);
  }
  dropObjects(ddl, oids, { cascade });
  return kind.tag;
}

function collationsToDrop(
  ddl: DdlStatement,
  statement: DropStmt,
  missingOk: boolean,
): readonly DropTarget[] {
  return (statement.objects ?? []).flatMap((node): DropTarget[] => {
    const parts = stringsOf(listItems(node));
    let collation: ReturnType<typeof findCollation>;
    try {
      collation = findCollation(ddl, parts);
    } catch (error) {
      if (!missingOk || !(error instanceof DatabaseError)) throw error;
      ddl.notice(
        error.sqlState === '3F000'
          ? `${error.message}, skipping`
          : `collation "${parts.join('.')}" does not exist, skipping`,
      );
      return [];
    }
    ddl.requireOwner('collation', collation);
    if (collation.oid < BuiltinOid.firstUserOid) {
      throw databaseError(
        'dependentObjectsStillExist',
        `cannot drop collation "${collation.name}" because it is required by the database system`,
      );
    }
    return [{ kind: 'collation', oid: collation.oid }];
  });
}

/** Objects of kinds that do not exist here: IF EXISTS is content, anything else is an error. */
function dropForeignObject(ddl: DdlStatement, statement: DropStmt): string {
  const words = (statement.removeType ?? '')
    .replace('OBJECT_', '')
    .toLowerCase()
    .replaceAll('_', ' ');
  for (const node of statement.objects ?? []) {
    const name = objectName(node);
    if (statement.missing_ok !== true) {
      if (words === 'extension' && name === 'plpgsql')
        throw notSupported('dropping extension "plpgsql"');
      const isRoutine = ['function', 'procedure', 'routine', 'aggregate'].includes(words);
      throw databaseError(
        isRoutine ? 'undefinedFunction' : 'undefinedObject',
        isRoutine
          ? `could not find a ${words} named "${name}"`
          : `${words} "${name}" does not exist`,
      );
    }
    ddl.notice(`${words} "${name}" does not exist, skipping`);
  }
  return `DROP ${words.toUpperCase()}`;
}

function objectName(node: Node): string {
  if ('TypeName' in node) return stringsOf(node.TypeName.names).join('.');
  if ('ObjectWithArgs' in node) return stringsOf(node.ObjectWithArgs.objname).join('.');
  return nodeText(node) ?? '';
}

function nameParts(node: Node): string[] {
  return stringsOf(listItems(node));
}

function relationToDrop(
  ddl: DdlStatement,
  parts: readonly string[],
  kind: DropKind,
  missingOk: boolean,
): number | undefined {
  const relname = parts.at(-1)!;
  const schemaname = parts.at(-2);
  if (
    schemaname !== undefined &&
    schemaname !== 'pg_temp' &&
    ddl.catalog.findSchema(schemaname) === undefined
  ) {
    if (!missingOk) throw schemaDoesNotExist(schemaname);
    ddl.notice(`schema "${schemaname}" does not exist, skipping`);
    return undefined;
  }
  const range: RangeVar = schemaname === undefined ? { relname } : { relname, schemaname };
  const found = ddl.lockRelation(range, TableLock.accessExclusive);
  if (found === undefined) {
    if (!missingOk) throw databaseError(kind.missing, `${kind.noun} "${relname}" does not exist`);
    ddl.notice(`${kind.noun} "${relname}" does not exist, skipping`);
    return undefined;
  }
  checkKind(found, kind);
  if (found.kind !== 'system') ddl.requireRelationOwner(relationKind(found), found);
  if (found.kind === 'index') checkIndexFree(ddl, found);
  return found.oid;
}

function checkKind(found: RelationDescriptor, kind: DropKind): void {
  if (found.kind === 'system') {
    throw databaseError(
      'insufficientPrivilege',
      `permission denied: "${found.name}" is a system catalog`,
    );
  }
  if (relationKind(found) === kind.noun) return;
  const actual = relationKind(found);
  throw databaseError('wrongObjectType', `"${found.name}" is not ${kind.article}`, {
    hint: `Use DROP ${actual.toUpperCase()} to remove ${actual === 'index' ? 'an' : 'a'} ${actual}.`,
  });
}

/** An index that a constraint owns goes with the constraint only. */
function checkIndexFree(ddl: DdlStatement, index: RelationDescriptor & { kind: 'index' }): void {
  const table = ddl.catalog.tableByOid(index.tableOid)!;
  const above = index.parentOid === undefined ? undefined : ddl.catalog.indexByOid(index.parentOid);
  if (above !== undefined) {
    const name = ddl.displayName(above);
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop index ${ddl.displayName(index)} because index ${name} requires it`,
      { hint: `You can drop index ${name} instead.` },
    );
  }
  const owner = table.constraints.find(
    (constraint) => 'indexOid' in constraint && constraint.indexOid === index.oid,
  );
  if (owner === undefined) return;
  const target: DropTarget = { kind: 'constraint', tableOid: table.oid, oid: owner.oid };
  const constraint = describeTarget(ddl, target);
  throw databaseError(
    'dependentObjectsStillExist',
    `cannot drop index ${ddl.displayName(index)} because ${constraint} requires it`,
    { hint: `You can drop ${constraint} instead.` },
  );
}

function dropSchemas(
  ddl: DdlStatement,
  nodes: readonly Node[],
  options: { readonly cascade: boolean; readonly missingOk: boolean },
): string {
  const targets: DropTarget[] = [];
  for (const node of nodes) {
    const name = nodeText(node) ?? '';
    const schema = ddl.catalog.findSchema(name);
    if (schema === undefined) {
      if (!options.missingOk) throw schemaDoesNotExist(name);
      ddl.notice(`schema "${name}" does not exist, skipping`);
      continue;
    }
    if (schema.oid === BuiltinOid.pgCatalogSchema || isTemporarySchema(name)) {
      throw databaseError(
        'dependentObjectsStillExist',
        `cannot drop schema ${name} because it is required by the database system`,
      );
    }
    ddl.requireOwner('schema', schema);
    ddl.changes.lockName('schema', name);
    targets.push({ kind: 'schema', oid: schema.oid });
  }
  dropTargets(ddl, targets, { cascade: options.cascade });
  return 'DROP SCHEMA';
}

export interface DropOptions {
  readonly cascade: boolean;
  /** No notices of what goes along. */
  readonly quiet?: boolean;
}

/** Drops relations by oid, with what depends on them under CASCADE. 2BP01. */
export function dropObjects(
  ddl: DdlStatement,
  oids: readonly number[],
  options: DropOptions,
): void {
  dropTargets(
    ddl,
    oids.map((oid): DropTarget => ({ kind: 'relation', oid })),
    options,
  );
}

export function dropTargets(
  ddl: DdlStatement,
  targets: readonly DropTarget[],
  options: DropOptions,
): void {
  if (targets.length === 0) return;
  for (const target of targets) if ('oid' in target) ddl.originals.add(target.oid);
  const dependents = findDependents(ddl, targets);
  requireRequired(ddl, targets);
  requireNoMember(ddl, targets);
  report(ddl, targets, dependents, options);
  const all = [...targets, ...dependents.map((dependent) => dependent.target)];
  for (const target of all) lockTarget(ddl, target);
  // Parts of tables that stay go first, then relations, then schemas.
  for (const target of all) {
    if (target.kind === 'constraint') removeConstraint(ddl, target.tableOid, target.oid);
    else if (target.kind === 'default') removeDefault(ddl, target.tableOid, target.attributeNumber);
    else if (target.kind === 'column') removeColumn(ddl, target.tableOid, target.attributeNumber);
  }
  for (const target of all) {
    if (target.kind === 'trigger') removeTrigger(ddl, target.tableOid, target.oid);
    else if (target.kind === 'policy') removePolicy(ddl, target.tableOid, target.oid);
    else if (target.kind === 'rule') removeRule(ddl, target.tableOid, target.oid);
  }
  for (const target of all) if (target.kind === 'relation') removeRelation(ddl, target.oid);
  for (const target of all) {
    const routine = target.kind === 'routine' ? ddl.catalog.routineByOid(target.oid) : undefined;
    if (routine !== undefined) ddl.changes.remove(routine);
    const entry = target.kind === 'entry' ? ddl.catalog.state.find(target.oid) : undefined;
    if (entry?.kind === 'entry') ddl.changes.remove(entry);
    const collation =
      target.kind === 'collation' ? ddl.catalog.collationByOid(target.oid) : undefined;
    if (collation !== undefined) ddl.changes.remove(collation);
  }
  for (const target of all) {
    if (target.kind === 'attribute') removeAttribute(ddl, target.typeOid, target.attributeNumber);
    const type = target.kind === 'type' ? ddl.catalog.typeByOid(target.oid) : undefined;
    if (type !== undefined) ddl.changes.remove(type);
  }
  for (const target of all) {
    const schema = target.kind === 'schema' ? ddl.catalog.schemaByOid(target.oid) : undefined;
    if (schema !== undefined) ddl.changes.remove(schema);
  }
}

/** The sequence of an identity column goes with the column only. */
function requireRequired(ddl: DdlStatement, targets: readonly DropTarget[]): void {
  for (const target of targets) {
    if (target.kind !== 'relation') continue;
    const sequence = ddl.catalog.relationByOid(target.oid);
    if (sequence?.kind !== 'sequence' || sequence.ownedBy === undefined) continue;
    const { tableOid, attributeNumber } = sequence.ownedBy;
    if (targets.some((other) => other.kind === 'relation' && other.oid === tableOid)) continue;
    const column = ddl.catalog.tableByOid(tableOid)?.columns[attributeNumber - 1];
    if (column?.identity === undefined || column.sequenceOid !== sequence.oid) continue;
    const owner = describeTarget(ddl, { kind: 'column', tableOid, attributeNumber });
    throw databaseError(
      'dependentObjectsStillExist',
      `cannot drop sequence ${ddl.displayName(sequence)} because ${owner} requires it`,
      { hint: `You can drop ${owner} instead.` },
    );
  }
}

/** Lines of one message past this many are counted only, as PostgreSQL does. */
const reportedMax = 100;

function report(
  ddl: DdlStatement,
  targets: readonly DropTarget[],
  dependents: readonly Dependent[],
  options: DropOptions,
): void {
  const reported = dependents.filter((dependent) => !dependent.automatic);
  if (reported.length === 0) return;
  if (!options.cascade) {
    const what =
      targets.length === 1
        ? `cannot drop ${describeTarget(ddl, targets[0])} because other objects depend on it`
        : 'cannot drop desired object(s) because other objects depend on them';
    throw databaseError('dependentObjectsStillExist', what, {
      detail: lines(
        reported.map(({ message }) => message),
        'other objects (see server log for list)',
      ),
      hint: 'Use DROP ... CASCADE to drop the dependent objects too.',
    });
  }
  if (options.quiet === true) return;
  const names = reported.map(({ target }) => `drop cascades to ${describeTarget(ddl, target)}`);
  if (names.length === 1) ddl.notice(names[0]);
  else {
    ddl.notice(
      `drop cascades to ${names.length} other objects`,
      undefined,
      lines(names, 'other objects (see server log for list)'),
    );
  }
}

function lines(all: readonly string[], rest: string): string {
  if (all.length <= reportedMax) return all.join('\n');
  return [...all.slice(0, reportedMax), `and ${all.length - reportedMax} ${rest}`].join('\n');
}

function lockTarget(ddl: DdlStatement, target: DropTarget): void {
  const oid =
    target.kind === 'relation' ? target.oid : 'tableOid' in target ? target.tableOid : undefined;
  if (oid === undefined) return;
  const relation = ddl.catalog.relationByOid(oid);
  if (relation === undefined) return;
  const locked = relation.kind === 'index' ? relation.tableOid : oid;
  ddl.transaction.lockTable(locked, TableLock.accessExclusive);
  ddl.changes.forUpdate(locked);
}

function removeTrigger(ddl: DdlStatement, tableOid: number, oid: number): void {
  const table = ddl.catalog.relationByOid(tableOid);
  if (table?.kind !== 'table' && table?.kind !== 'view') return;
  const left = (table.triggers ?? []).filter((trigger) => trigger.oid !== oid);
  putTriggers(ddl, table, left);
}

/** Removes one relation from the catalog and its data at commit. */
function removeRelation(ddl: DdlStatement, oid: number): void {
  const relation = ddl.catalog.relationByOid(oid);
  if (relation === undefined || relation.kind === 'system') return;
  if (relation.kind === 'index') {
    const table = ddl.table(relation.tableOid);
    if (!relation.clustered) ddl.transaction.dropTree(relation.treeId);
    ddl.put({ ...table, indexes: table.indexes.filter((index) => index.oid !== oid) });
    return;
  }
  if (relation.kind === 'table') {
    for (const parent of relation.parents ?? []) unlinkChild(ddl, parent, relation.oid);
    removeTableData(ddl, relation);
  }
  ddl.changes.remove(relation);
}

function removeTableData(ddl: DdlStatement, table: TableDescriptor): void {
  for (const constraint of table.constraints) {
    if (constraint.type === 'foreign' && constraint.referencedTable !== table.oid) {
      removeReference(ddl, constraint);
    }
  }
  dropTrees(ddl, table);
}

/** Takes a constraint away, and the index behind a unique one. */
export function removeConstraint(ddl: DdlStatement, tableOid: number, oid: number): void {
  const table = ddl.table(tableOid);
  const constraint = table.constraints.find((candidate) => candidate.oid === oid);
  if (constraint === undefined) return;
  if (constraint.type === 'foreign') removeReference(ddl, constraint);
  const newest = ddl.table(tableOid);
  const indexOid = 'indexOid' in constraint ? constraint.indexOid : 0;
  const index = newest.indexes.find((candidate) => candidate.oid === indexOid);
  if (index !== undefined && !index.clustered) ddl.transaction.dropTree(index.treeId);
  ddl.put({
    ...newest,
    constraints: newest.constraints.filter((candidate) => candidate.oid !== oid),
    indexes: newest.indexes.filter((candidate) => candidate.oid !== indexOid),
  });
}

function removeDefault(ddl: DdlStatement, tableOid: number, attributeNumber: number): void {
  const table = ddl.table(tableOid);
  ddl.put({
    ...table,
    columns: table.columns.map((column) => {
      if (column.attributeNumber !== attributeNumber) return column;
      const { default: _default, sequenceOid: _sequence, ...rest } = column;
      return rest;
    }),
  });
}

/** Marks a column as dropped: its number is never used again. */
export function removeColumn(ddl: DdlStatement, tableOid: number, attributeNumber: number): void {
  for (const constraint of ddl.table(tableOid).constraints) {
    if (constraint.columns.includes(attributeNumber))
      removeConstraint(ddl, tableOid, constraint.oid);
  }
  const table = ddl.table(tableOid);
  const reads = (stored: StoredExpression, place: 'indexExpression' | 'indexPredicate'): boolean =>
    bindStoredText(ddl, stored.sql, { place, table }).attributes.includes(attributeNumber);
  const uses = (index: IndexDescriptor): boolean =>
    index.columns.some(
      (column) =>
        column.attributeNumber === attributeNumber ||
        (column.expression !== undefined && reads(column.expression, 'indexExpression')),
    ) ||
    index.included.includes(attributeNumber) ||
    (index.predicate !== undefined && reads(index.predicate, 'indexPredicate'));
  for (const index of table.indexes) if (uses(index)) ddl.transaction.dropTree(index.treeId);
  const columns = table.columns.map((column) =>
    column.attributeNumber === attributeNumber
      ? {
          name: `........pg.dropped.${attributeNumber}........`,
          attributeNumber,
          type: column.type,
          notNull: false,
          dropped: true,
        }
      : column,
  );
  const statistics = (table.statistics ?? []).filter(
    ({ attributes }) => !attributes.includes(attributeNumber),
  );
  const indexes = table.indexes.filter((index) => !uses(index));
  ddl.put({
    ...table,
    columns,
    indexes,
    ...(table.statistics === undefined ? {} : { statistics }),
  });
}
