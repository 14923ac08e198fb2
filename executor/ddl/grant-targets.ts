// The objects that a GRANT or REVOKE names, each with its list of rights and how to store a new one.

import type { GrantStmt, Node } from '@pgsql/types';
import {
  type CatalogObject,
  databaseError,
  type EntryClass,
  notSupported,
  type RelationDescriptor,
} from '#common';
import { bodyOf, type Grantable, type GrantableKind, nodeText, relationGrantable } from '#planner';
import { TableLock } from '#storage';
import { entryClasses, entryClassOf } from '../catalog/entry-classes.ts';
import { isBuiltin } from '../catalog/entry-names.ts';
import { referredEntry } from './entries/entry-references.ts';
import { databaseDoesNotExist } from './errors.ts';
import type { DdlStatement } from './statement.ts';

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
      return objects.flatMap((node) => userType(ddl, node));
    case 'OBJECT_FUNCTION':
    case 'OBJECT_ROUTINE':
    case 'OBJECT_PROCEDURE':
      return objects.flatMap((node) => namedRoutines(ddl, node));
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
function userType(ddl: DdlStatement, node: Node): GrantTarget[] {
  const parts = nodeText(node)?.split('.') ?? [];
  const name = parts.at(-1) ?? '';
  for (const schema of parts.length > 1 ? [parts[0]] : ddl.context.searchPath) {
    const found = ddl.catalog.findSchema(schema);
    const type = found === undefined ? undefined : ddl.catalog.findType(found.oid, name);
    if (type !== undefined) return [plainTarget(ddl, 'type', type)];
  }
  return [];
}

/** Functions of the server's own have no list either. */
function namedRoutines(ddl: DdlStatement, node: Node): GrantTarget[] {
  const names = bodyOf(node, 'ObjectWithArgs')?.objname ?? [];
  const parts = names.map((part) => bodyOf(part, 'String')?.sval ?? '');
  const schemas = parts.length > 1 ? [parts[0]] : ddl.context.searchPath;
  const oids = new Set(schemas.map((schema) => ddl.catalog.findSchema(schema)?.oid));
  return ddl.catalog
    .routinesNamed(parts.at(-1) ?? '')
    .filter((routine) => oids.has(routine.schemaOid))
    .map((routine) => plainTarget(ddl, 'function', routine));
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
