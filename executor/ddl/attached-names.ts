// How DROP and COMMENT name what is attached to a relation: policies, rules and triggers. The last part of the name is
// its own, the parts before are the relation's.

import type { Node } from '@pgsql/types';
import { databaseError, type RelationDescriptor } from '#common';
import { listItems, stringsOf } from '#planner';
import { TableLock } from '#storage';
import { type DdlStatement, rangeName } from './statement.ts';

export interface AttachedName {
  readonly name: string;
  readonly relationName: string;
  /** Locked. */
  readonly relation: RelationDescriptor;
}

/** undefined: there is no such relation, and the statement goes on without it (a notice says so). 42P01. */
export function attachedName(
  ddl: DdlStatement,
  node: Node,
  missingOk: boolean,
): AttachedName | undefined {
  const parts = stringsOf(listItems(node));
  const [schemaname, relname = '', name = ''] = [parts.at(-3), parts.at(-2), parts.at(-1)];
  const range = schemaname === undefined ? { relname } : { relname, schemaname };
  const relation = ddl.lockRelation(range, TableLock.accessExclusive);
  if (relation !== undefined) return { name, relationName: relname, relation };
  if (!missingOk)
    throw databaseError('undefinedTable', `relation "${rangeName(range)}" does not exist`);
  ddl.notice(`relation "${rangeName(range)}" does not exist, skipping`);
  return undefined;
}

/** There is nothing of the name, and the statement goes on without it. */
export function skipAttached(
  ddl: DdlStatement,
  kind: 'policy' | 'rule' | 'trigger',
  { name, relationName }: AttachedName,
): undefined {
  ddl.notice(`${kind} "${name}" for relation "${relationName}" does not exist, skipping`);
  return undefined;
}
