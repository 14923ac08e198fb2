// COMMENT ON.

import type { CommentStmt } from '@pgsql/types';
import { databaseError, notSupported } from '#common';
import { bodyOf, listItems, nodeText, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { entryClassOf } from '../catalog/entry-classes.ts';
import { ownCollation } from './collations.ts';
import { replaceConstraint } from './alter-constraints.ts';
import { objectWords } from './command-tag.ts';
import { commentOnEntry } from './entries/alter-entries.ts';
import {
  columnOfRelationDoesNotExist,
  constraintDoesNotExist,
  databaseDoesNotExist,
  wrongRelationKind,
} from './errors.ts';
import { requireDomain } from './domains.ts';
import { relationKind } from './object-description.ts';
import { commentOnLargeObject } from './large-objects.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import { policyNamed, replacePolicy } from './policies.ts';
import { putRules, ruleNamed } from './rules.ts';
import { putTriggers, triggerNamed } from './triggers.ts';
import type { DdlStatement } from './statement.ts';
import { changeStatistics } from './statistics-objects.ts';
import { requireType, typeNameParts } from './user-types.ts';

export function comment(ddl: DdlStatement, statement: CommentStmt): string {
  const text = statement.comment === '' ? undefined : statement.comment;
  switch (statement.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_VIEW':
    case 'OBJECT_MATVIEW':
    case 'OBJECT_SEQUENCE':
    case 'OBJECT_INDEX':
    case 'OBJECT_FOREIGN_TABLE':
      commentOnRelation(ddl, statement, text);
      break;
    case 'OBJECT_COLUMN':
      commentOnColumn(ddl, statement, text);
      break;
    case 'OBJECT_TABCONSTRAINT':
      commentOnConstraint(ddl, statement, text);
      break;
    case 'OBJECT_SCHEMA':
    case 'OBJECT_DATABASE':
    case 'OBJECT_ROLE':
      commentOnNamed(ddl, statement, text);
      break;
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN': {
      const type = requireType(ddl, typeNameParts(bodyOf(statement.object, 'TypeName')));
      ddl.put(commented(type, text));
      break;
    }
    case 'OBJECT_DOMCONSTRAINT':
      commentOnDomainConstraint(ddl, statement, text);
      break;
    case 'OBJECT_FUNCTION':
    case 'OBJECT_PROCEDURE':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_AGGREGATE': {
      const noun = routineNouns[statement.objtype];
      const routine = findRoutine(ddl, statement.object, noun)!;
      ddl.requireOwner(noun, routine);
      ddl.put(commented(routine, text));
      break;
    }
    case 'OBJECT_COLLATION':
      ddl.put(commented(ownCollation(ddl, statement.object), text));
      break;
    case 'OBJECT_TRIGGER': {
      const { table, trigger } = triggerNamed(ddl, statement.object!, false)!;
      ddl.requireOwner(table.kind, table);
      putTriggers(
        ddl,
        table,
        table.triggers!.map((each) => (each === trigger ? commented(each, text) : each)),
      );
      break;
    }
    case 'OBJECT_RULE': {
      const { relation, rule } = ruleNamed(ddl, statement.object!, false)!;
      ddl.requireOwner(relation.kind, relation);
      putRules(
        ddl,
        relation,
        relation.rules!.map((each) => (each === rule ? commented(each, text) : each)),
      );
      break;
    }
    case 'OBJECT_POLICY': {
      const { table, policy } = policyNamed(ddl, statement.object!, false)!;
      ddl.requireOwner('table', table);
      replacePolicy(ddl, table, commented(policy, text));
      break;
    }
    case 'OBJECT_LARGEOBJECT':
      commentOnLargeObject(ddl, statement.object, text);
      break;
    case 'OBJECT_EXTENSION':
      if (nodeText(statement.object!) !== 'plpgsql')
        commentOnEntry(ddl, 'extension', statement.object!, text);
      break;
    default: {
      if (statement.objtype === 'OBJECT_STATISTIC_EXT') {
        const names = stringsOf(listItems(statement.object));
        changeStatistics(ddl, names, { comment: text ?? '' });
        break;
      }
      const entryClass = entryClassOf(statement.objtype);
      if (entryClass === undefined)
        throw notSupported(`COMMENT ON ${objectWords(statement.objtype)}`);
      commentOnEntry(ddl, entryClass, statement.object!, text);
    }
  }
  return 'COMMENT';
}

/** The object with another comment, or with none. */
function commented<Value extends object>(object: Value, text: string | undefined): Value {
  const { comment: _old, ...rest } = object as Value & { comment?: string };
  return (text === undefined ? rest : { ...rest, comment: text }) as Value;
}

function rangeOf(parts: readonly string[]): { relname: string; schemaname?: string } {
  const [schemaname, relname] = [parts.at(-2), parts.at(-1) ?? ''];
  return schemaname === undefined ? { relname } : { relname, schemaname };
}

function commentOnRelation(
  ddl: DdlStatement,
  statement: CommentStmt,
  text: string | undefined,
): void {
  const found = ddl.requireRelation(
    rangeOf(stringsOf(listItems(statement.object))),
    TableLock.shareUpdateExclusive,
  );
  const wanted = (statement.objtype ?? '')
    .replace('OBJECT_', '')
    .toLowerCase()
    .replace('matview', 'materialized view')
    .replace('_', ' ');
  if (found.kind === 'system' || relationKind(found) !== wanted) {
    throw wrongRelationKind(found.name, `${wanted === 'index' ? 'an' : 'a'} ${wanted}`);
  }
  if (found.kind === 'index') {
    const table = ddl.table(found.tableOid);
    const indexes = table.indexes.map((index) =>
      index.oid === found.oid ? commented(index, text) : index,
    );
    ddl.put({ ...table, indexes });
    return;
  }
  ddl.requireOwner(relationKind(found), found);
  ddl.changes.put(commented(found, text));
}

function commentOnColumn(
  ddl: DdlStatement,
  statement: CommentStmt,
  text: string | undefined,
): void {
  const parts = stringsOf(listItems(statement.object));
  const name = parts.at(-1) ?? '';
  const found = ddl.requireRelation(rangeOf(parts.slice(0, -1)), TableLock.shareUpdateExclusive);
  if (found.kind !== 'table' && found.kind !== 'view')
    throw wrongRelationKind(
      found.name,
      'a table, view, materialized view, composite type, or foreign table',
    );
  ddl.requireOwner(relationKind(found), found);
  const column = found.columns.find((candidate) => candidate.name === name && !candidate.dropped);
  if (column === undefined) throw columnOfRelationDoesNotExist(name, found.name);
  const columns = found.columns.map((candidate) =>
    candidate === column ? commented(candidate, text) : candidate,
  );
  ddl.changes.put({ ...found, columns });
}

function commentOnConstraint(
  ddl: DdlStatement,
  statement: CommentStmt,
  text: string | undefined,
): void {
  const parts = stringsOf(listItems(statement.object));
  const name = parts.at(-1) ?? '';
  const found = ddl.requireRelation(rangeOf(parts.slice(0, -1)), TableLock.shareUpdateExclusive);
  if (found.kind !== 'table') throw wrongRelationKind(found.name, 'a table');
  const constraint = found.constraints.find((candidate) => candidate.name === name);
  if (constraint === undefined) {
    throw databaseError(
      'undefinedObject',
      constraintDoesNotExist(name, found.name).message.replace('of relation', 'for table'),
    );
  }
  replaceConstraint(ddl, found.oid, commented(constraint, text));
}

function commentOnDomainConstraint(
  ddl: DdlStatement,
  statement: CommentStmt,
  text: string | undefined,
): void {
  const [typeNode, nameNode] = listItems(statement.object);
  const domain = requireDomain(ddl, typeNameParts(bodyOf(typeNode, 'TypeName')));
  const name = nameNode === undefined ? '' : (nodeText(nameNode) ?? '');
  const { constraints } = domain.definition;
  if (!constraints.some((constraint) => constraint.name === name)) {
    throw databaseError(
      'undefinedObject',
      `constraint "${name}" for domain ${domain.name} does not exist`,
    );
  }
  const changed = constraints.map((constraint) =>
    constraint.name === name ? commented(constraint, text) : constraint,
  );
  ddl.put({ ...domain, definition: { ...domain.definition, constraints: changed } });
}

function commentOnNamed(ddl: DdlStatement, statement: CommentStmt, text: string | undefined): void {
  const name = nodeText(statement.object!) ?? '';
  if (statement.objtype === 'OBJECT_DATABASE') {
    const database = ddl.catalog.state.databaseNamed(name);
    if (database === undefined) throw databaseDoesNotExist(name);
    ddl.changes.forUpdate(database.oid);
    ddl.changes.put(commented(database, text));
    return;
  }
  const object = statement.objtype === 'OBJECT_SCHEMA' ? ddl.schema(name) : ddl.role(name);
  ddl.changes.forUpdate(object.oid);
  ddl.changes.put(commented(object, text));
}
