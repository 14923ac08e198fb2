// DROP statements: the objects that they name.

import type { DropStmt, Node, RangeVar } from '@pgsql/types';
import {
  DatabaseError,
  BuiltinOid,
  databaseError,
  notSupported,
  type RelationDescriptor,
} from '#common';
import { listItems, nodeText, stringsOf } from '#planner';
import { isTemporarySchema, TableLock } from '#storage';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { objectWords } from './command-tag.ts';
import { skipMissing } from './entries/missing.ts';
import { entriesToDrop } from './entries/drop-entries.ts';
import { findCollation } from './collations.ts';
import { schemaDoesNotExist } from './errors.ts';
import { typesToDrop } from './drop-types.ts';
import { describeTarget, type DropTarget, relationKind } from './object-description.ts';
import type { DdlStatement } from './statement.ts';
import { dropStatistics } from './statistics-objects.ts';
import { policyNamed, removePolicy } from './policies.ts';
import { removeRule, ruleNamed } from './rules.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import { triggerNamed } from './triggers.ts';
import { dropObjects, dropTargets } from './drop-targets.ts';
import { removeTrigger } from './remove-objects.ts';

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
