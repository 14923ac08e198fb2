// The objects that a GRANT or REVOKE names, each with its list of rights and how to store a new one.

import type { GrantStmt, Node } from '@pgsql/types';
import {
  type CatalogObject,
  databaseError,
  type EntryClass,
  notSupported,
  type RelationDescriptor,
  typeByName,
} from '#common';
import { functionRegistry } from '#functions';
import {
  bodyOf,
  type Grantable,
  type GrantableKind,
  nodeText,
  relationGrantable,
  stringsOf,
} from '#planner';
import { TableLock } from '#storage';
import { entryClasses, entryClassOf } from '../catalog/entry-classes.ts';
import { isBuiltin } from '../catalog/entry-names.ts';
import { referredEntry } from './entries/entry-references.ts';
import { databaseDoesNotExist } from './errors.ts';
import { grantOnLargeObject } from './large-objects.ts';
import { findRoutine, routineNouns } from './routine-names.ts';
import type { DdlStatement } from './statement.ts';
import { findType } from './user-types.ts';

type RelationWithRights = Exclude<RelationDescriptor, { readonly kind: 'index' | 'system' }>;

export interface GrantTarget {
  readonly grantable: Grantable;
  /** "table", for messages. */
  readonly words: string;
  readonly name: string;
  put(acl: readonly string[]): void;
  /** The newest state of a relation; undefined for anything else. */
  readonly relation: () => RelationWithRights | undefined;
}

export function grantTargets(ddl: DdlStatement, statement: GrantStmt): GrantTarget[] {
  const objects = statement.objects ?? [];
  if (statement.targtype === 'ACL_TARGET_ALL_IN_SCHEMA') return inSchemas(ddl, statement, objects);
  switch (statement.objtype) {
    case 'OBJECT_TABLE':
    case 'OBJECT_SEQUENCE':
      return objects.flatMap((node) => namedRelation(ddl, statement, node));
    case 'OBJECT_SCHEMA':
      return objects.map((node) => plainTarget(ddl, 'schema', ddl.schema(nodeText(node) ?? '')));
    case 'OBJECT_DATABASE':
      return objects.map((node) => {
        const name = nodeText(node) ?? '';
        const database = ddl.catalog.state.databaseNamed(name);
        if (database === undefined) throw databaseDoesNotExist(name);
        return plainTarget(ddl, 'database', database);
      });
    case 'OBJECT_TYPE':
    case 'OBJECT_DOMAIN':
      return objects.flatMap((node) => userType(ddl, node, statement.objtype === 'OBJECT_DOMAIN'));
    case 'OBJECT_FUNCTION':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_PROCEDURE':
      return objects.flatMap((node) => namedRoutines(ddl, statement, node));
    case 'OBJECT_LARGEOBJECT':
      return objects.map((node) => grantOnLargeObject(ddl, node));
    default: {
      const entryClass = entryClassOf(statement.objtype);
      if (entryClass !== undefined)
        return objects.flatMap((node) => entryTarget(ddl, entryClass, node));
      const words = (statement.objtype ?? '').replace('OBJECT_', '').replaceAll('_', ' ');
      throw notSupported(`GRANT on ${words.toLowerCase()}`);
    }
  }
}

function namedRelation(ddl: DdlStatement, statement: GrantStmt, node: Node): GrantTarget[] {
  const found = ddl.requireRelation(bodyOf(node, 'RangeVar')!, TableLock.accessShare);
  if (found.kind === 'index') throw databaseError('wrongObjectType', `"${found.name}" is an index`);
  if (found.kind === 'system') return [];
  if (statement.objtype === 'OBJECT_SEQUENCE' && found.kind !== 'sequence')
    throw databaseError('wrongObjectType', `"${found.name}" is not a sequence`);
  return [relationTarget(ddl, found)];
}

function relationTarget(ddl: DdlStatement, found: RelationWithRights): GrantTarget {
  const newest = (): RelationWithRights => ddl.changes.forUpdate(found.oid) as RelationWithRights;
  return {
    grantable: relationGrantable(newest()),
    words: found.kind,
    name: found.name,
    put: (acl) => ddl.changes.put({ ...newest(), acl }),
    relation: newest,
  };
}

function plainTarget(
  ddl: DdlStatement,
  kind: GrantableKind,
  object: { readonly oid: number; readonly name: string; readonly owner: number },
): GrantTarget {
  const newest = ddl.changes.forUpdate(object.oid) as CatalogObject & {
    readonly acl?: readonly string[];
  };
  return {
    grantable: {
      kind,
      owner: object.owner,
      ...(newest.acl === undefined ? {} : { acl: newest.acl }),
    },
    words: kind,
    name: object.name,
    put: (acl) => ddl.changes.put({ ...newest, acl } as CatalogObject),
    relation: () => undefined,
  };
}

/** Entries that every database has (languages) are open to everybody. */
function entryTarget(ddl: DdlStatement, name: EntryClass, node: Node): GrantTarget[] {
  const { entry, missing } = referredEntry(ddl, name, node);
  if (entry === undefined) throw missing();
  const { grantable, rightsNoun: noun } = entryClasses[name];
  if (grantable === undefined) throw notSupported(`GRANT on ${noun}`);
  return isBuiltin(entry) ? [] : [{ ...plainTarget(ddl, grantable, entry), words: noun }];
}

/** Types of the server's own have no list: everybody may use them. */
function userType(ddl: DdlStatement, node: Node, isDomain: boolean): GrantTarget[] {
  const list = bodyOf(node, 'List')?.items ?? bodyOf(node, 'TypeName')?.names;
  const parts = list === undefined ? (nodeText(node)?.split('.') ?? []) : stringsOf(list);
  const name = parts.at(-1) ?? '';
  const type = findType(ddl, parts);
  if (type === undefined) {
    if (typeByName(name) !== undefined) return [];
    throw databaseError('undefinedObject', `type "${parts.join('.')}" does not exist`);
  }
  if (type.arrayName === name) {
    throw databaseError('invalidGrantOperation', 'cannot set privileges of array types', {
      hint: 'Set the privileges of the element type instead.',
    });
  }
  if (isDomain && type.definition.type !== 'domain')
    throw databaseError('wrongObjectType', `"${type.name}" is not a domain`);
  return [plainTarget(ddl, 'type', type)];
}

/** Functions of the server's own have no list either. */
function namedRoutines(ddl: DdlStatement, statement: GrantStmt, node: Node): GrantTarget[] {
  if (isBuiltinRoutine(ddl, node)) return [];
  const routine = findRoutine(ddl, node, routineNouns[statement.objtype ?? ''] ?? 'function')!;
  return [{ ...plainTarget(ddl, 'function', routine), words: routine.routineKind }];
}

function isBuiltinRoutine(ddl: DdlStatement, node: Node): boolean {
  const parts = stringsOf(bodyOf(node, 'ObjectWithArgs')?.objname);
  const name = parts.at(-1) ?? '';
  if (parts.length > 1 && parts.at(-2) !== 'pg_catalog') return false;
  return functionRegistry.functionsNamed(name).length > 0 && noneOfUsers(ddl, name, parts.length);
}

function noneOfUsers(ddl: DdlStatement, name: string, partCount: number): boolean {
  if (partCount > 1) return true;
  const open = new Set(ddl.context.searchPath.map((schema) => ddl.catalog.findSchema(schema)?.oid));
  return !ddl.catalog.routinesNamed(name).some(({ schemaOid }) => open.has(schemaOid));
}

function inSchemas(ddl: DdlStatement, statement: GrantStmt, nodes: readonly Node[]): GrantTarget[] {
  const schemas = new Set(nodes.map((node) => ddl.schema(nodeText(node) ?? '').oid));
  if (statement.objtype !== 'OBJECT_TABLE' && statement.objtype !== 'OBJECT_SEQUENCE') {
    return [...ddl.catalog.routines()]
      .filter((routine) => schemas.has(routine.schemaOid))
      .map((routine) => plainTarget(ddl, 'function', routine));
  }
  const found: GrantTarget[] = [];
  for (const relation of [...ddl.catalog.userRelations()]) {
    const { kind, schemaOid } = relation;
    if (kind === 'index' || kind === 'system' || !schemas.has(schemaOid)) continue;
    if ((kind === 'sequence') === (statement.objtype === 'OBJECT_SEQUENCE'))
      found.push(relationTarget(ddl, relation));
  }
  return found;
}
