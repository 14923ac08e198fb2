// ALTER DEFAULT PRIVILEGES: what objects that a role makes from now on are granted. Kept with the
// database; what holds for all schemas is a whole list, what holds for one schema comes on top of it.

import type { AlterDefaultPrivilegesStmt, DefElem, Node } from '@pgsql/types';
import { type DatabaseDescriptor, databaseError, type DefaultAcl } from '#common';
import {
  allRights,
  bodyOf,
  changedAcl,
  defaultAcl,
  formatAcl,
  hasPrivilegesOf,
  parseAcl,
  stringsOf,
} from '#planner';
import { granteesOf, privilegeLetter } from './grants.ts';
import { defaultAclKinds, type DefaultAclType } from './initial-acl.ts';
import type { DdlStatement } from './statement.ts';

const objectTypes: Readonly<Record<string, DefaultAclType>> = {
  OBJECT_TABLE: 'r',
  OBJECT_SEQUENCE: 'S',
  OBJECT_FUNCTION: 'f',
  OBJECT_ROUTINE: 'f',
  OBJECT_TYPE: 'T',
  OBJECT_SCHEMA: 'n',
};

export function alterDefaultPrivileges(
  ddl: DdlStatement,
  { options, action }: AlterDefaultPrivilegesStmt,
): string {
  const objectType = objectTypes[action?.objtype ?? 'OBJECT_TABLE'];
  const kind = defaultAclKinds[objectType];
  const isGrant = action?.is_grant === true;
  const letters =
    action?.privileges === undefined
      ? allRights[kind]
      : action.privileges
          .map((node) => privilegeLetter(bodyOf(node, 'AccessPriv')?.priv_name ?? ''))
          .join('');
  const wrong = letters.split('').find((letter) => !allRights[kind].includes(letter));
  if (wrong !== undefined)
    throw databaseError('invalidGrantOperation', `invalid privilege type for ${kind}`);
  const grantees = granteesOf(ddl, action?.grantees ?? []);
  const grantOption = action?.grant_option === true;
  const cascade = action?.behavior === 'DROP_CASCADE';
  for (const role of rolesOfOptions(ddl, options)) {
    for (const schema of schemasOf(ddl, options)) {
      const change = { grantees, grantor: role, letters, isGrant, grantOption, cascade };
      changeDefault(ddl, { role, schema, objectType }, (items) =>
        changedAcl(items, change, { roles: ddl.catalog, owner: role }),
      );
    }
  }
  return 'ALTER DEFAULT PRIVILEGES';
}

function optionNodes(options: readonly Node[] | undefined, name: string): readonly Node[] {
  for (const node of options ?? []) {
    const element: DefElem | undefined = bodyOf(node, 'DefElem');
    if (element?.defname === name) return bodyOf(element.arg, 'List')?.items ?? [];
  }
  return [];
}

function rolesOfOptions(ddl: DdlStatement, options: readonly Node[] | undefined): number[] {
  const current = ddl.context.currentRole.oid;
  const nodes = optionNodes(options, 'roles');
  if (nodes.length === 0) return [current];
  return nodes.map((node) => {
    const { oid } = ddl.roleOf(bodyOf(node, 'RoleSpec')!);
    if (!hasPrivilegesOf(ddl.catalog, current, oid))
      throw databaseError(
        'insufficientPrivilege',
        'permission denied to change default privileges',
      );
    return oid;
  });
}

function schemasOf(ddl: DdlStatement, options: readonly Node[] | undefined): number[] {
  const names = stringsOf(optionNodes(options, 'schemas'));
  return names.length === 0 ? [0] : names.map((name) => ddl.schema(name).oid);
}

type Place = Pick<DefaultAcl, 'role' | 'schema' | 'objectType'>;

function isAt(entry: DefaultAcl, { role, schema, objectType }: Place): boolean {
  return entry.role === role && entry.schema === schema && entry.objectType === objectType;
}

function changeDefault(
  ddl: DdlStatement,
  place: Place,
  change: (items: ReturnType<typeof parseAcl>) => ReturnType<typeof parseAcl>,
): void {
  const database = ddl.changes.forUpdate(ddl.context.databaseOid) as DatabaseDescriptor;
  const entries = database.defaultAcls ?? [];
  const known = entries.find((entry) => isAt(entry, place));
  const builtin =
    place.schema === 0 ? defaultAcl(defaultAclKinds[place.objectType], place.role) : [];
  const acl = formatAcl(change(known === undefined ? builtin : parseAcl(known.acl)));
  const others = entries.filter((entry) => entry !== known);
  const isDefault = acl.join() === formatAcl(builtin).join();
  ddl.changes.put({
    ...database,
    defaultAcls: isDefault ? others : [...others, { ...place, acl }],
  });
}
