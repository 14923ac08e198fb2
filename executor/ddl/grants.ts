// GRANT and REVOKE on objects: they change the object's list of rights (policy/grants/acl.ts). Who may
// grant only some of the rights grants those, with a warning; who may grant none is refused.

import type { GrantStmt, Node } from '@pgsql/types';
import { databaseError, type TableDescriptor } from '#common';
import {
  accessDenied,
  type AclChange,
  aclOf,
  allRights,
  bodyOf,
  changedAcl,
  columnGrantable,
  formatAcl,
  type Grantable,
  grantableRights,
  hasPrivilegesOf,
  heldRights,
  isSuperuser,
  privilegeLetters,
  publicGrantee,
  rolesOf,
  stringsOf,
} from '#planner';
import { type GrantTarget, grantTargets } from './grant-targets.ts';
import type { DdlStatement } from './statement.ts';

/** The rights of a statement on whole objects, and on columns of theirs. */
interface Privileges {
  readonly letters: string;
  readonly columns: readonly { readonly letters: string; readonly names: readonly string[] }[];
}

export function grant(ddl: DdlStatement, statement: GrantStmt): string {
  const isGrant = statement.is_grant === true;
  if (
    statement.grantor !== undefined &&
    ddl.roleOf(statement.grantor).oid !== ddl.context.currentRole.oid
  )
    throw databaseError('featureNotSupported', 'grantor must be current user');
  const grantees = granteesOf(ddl, statement.grantees ?? []);
  if (isGrant && statement.grant_option === true && grantees.includes(publicGrantee)) {
    throw databaseError('invalidGrantOperation', 'grant options can only be granted to roles');
  }
  for (const target of grantTargets(ddl, statement)) {
    const privileges = readPrivileges(statement, target);
    const change = {
      grantees,
      isGrant,
      grantOption: statement.grant_option === true,
      cascade: statement.behavior === 'DROP_CASCADE',
      isAll: statement.privileges === undefined,
    };
    if (privileges.letters !== '') grantOn(ddl, target, { ...change, letters: privileges.letters });
    for (const { letters, names } of privileges.columns) {
      for (const name of names) grantOnColumn(ddl, target, name, { ...change, letters });
    }
  }
  return isGrant ? 'GRANT' : 'REVOKE';
}

export function granteesOf(ddl: DdlStatement, nodes: readonly Node[]): number[] {
  return nodes.map((node) => {
    const spec = bodyOf(node, 'RoleSpec')!;
    return spec.roletype === 'ROLESPEC_PUBLIC' ? publicGrantee : ddl.roleOf(spec).oid;
  });
}

function readPrivileges(statement: GrantStmt, { grantable, words }: GrantTarget): Privileges {
  const all = allRights[grantable.kind];
  if (statement.privileges === undefined) return { letters: all, columns: [] };
  let letters = '';
  const columns: { letters: string; names: string[] }[] = [];
  for (const node of statement.privileges) {
    const { priv_name: name, cols } = bodyOf(node, 'AccessPriv')!;
    if (name === undefined) {
      columns.push({ letters: allRights.column, names: stringsOf(cols) });
      continue;
    }
    const letter = privilegeLetter(name);
    if (cols !== undefined) {
      if (!allRights.column.includes(letter)) {
        throw invalidPrivilege(name, 'column');
      }
      columns.push({ letters: letter, names: stringsOf(cols) });
    } else if (all.includes(letter)) letters += letter;
    else throw invalidPrivilege(name, words);
  }
  return { letters, columns };
}

export function privilegeLetter(name: string): string {
  const letter = privilegeLetters[name.toLowerCase()];
  if (letter === undefined)
    throw databaseError('syntaxError', `unrecognized privilege type "${name}"`);
  return letter;
}

function invalidPrivilege(name: string, kind: string): Error {
  return databaseError(
    'invalidGrantOperation',
    `invalid privilege type ${name.toUpperCase()} for ${kind}`,
  );
}

type Change = Omit<AclChange, 'grantor'> & {
  /** ALL: as much of it as there is. */
  readonly isAll: boolean;
};

function grantOn(ddl: DdlStatement, target: GrantTarget, change: Change): void {
  const acl = newAcl(ddl, target.grantable, change, target);
  if (acl === undefined) return;
  target.put(acl);
  if (!change.isGrant) revokeOnColumns(ddl, target, change);
}

/** What is taken from a table is taken from its columns, too. */
function revokeOnColumns(ddl: DdlStatement, target: GrantTarget, change: Change): void {
  const relation = target.relation();
  if (relation === undefined || !('columns' in relation)) return;
  const letters = [...change.letters].filter((each) => allRights.column.includes(each)).join('');
  if (letters === '' || !relation.columns.some((column) => column.acl !== undefined)) return;
  const grantor = mayGrantAll(ddl, relation.owner) ? relation.owner : ddl.context.currentRole.oid;
  const owner = { roles: ddl.catalog, owner: relation.owner };
  const columns = relation.columns.map((column) => {
    if (column.acl === undefined) return column;
    const items = aclOf(columnGrantable(column, relation.owner));
    return withAcl(column, formatAcl(changedAcl(items, { ...change, letters, grantor }, owner)));
  });
  ddl.put({ ...(relation as TableDescriptor), columns });
}

function grantOnColumn(ddl: DdlStatement, target: GrantTarget, name: string, change: Change): void {
  const relation = target.relation();
  if (relation === undefined || !('columns' in relation)) {
    throw databaseError('invalidGrantOperation', 'column privileges are only valid for relations');
  }
  const column = relation.columns.find((each) => each.name === name && !each.dropped);
  if (column === undefined) {
    throw databaseError(
      'undefinedColumn',
      `column "${name}" of relation "${relation.name}" does not exist`,
    );
  }
  const grantable = columnGrantable(column, relation.owner);
  const acl = newAcl(ddl, grantable, change, target, name);
  if (acl === undefined) return;
  const columns = relation.columns.map((each) => (each === column ? withAcl(column, acl) : each));
  ddl.put({ ...(relation as TableDescriptor), columns });
}

function withAcl<Part extends { readonly acl?: readonly string[] }>(
  { acl: _acl, ...part }: Part,
  acl: readonly string[],
): Part {
  return (acl.length === 0 ? part : { ...part, acl }) as Part;
}

/** undefined: nothing of it may be granted by the role, which has been told. */
function newAcl(
  ddl: DdlStatement,
  grantable: Grantable,
  change: Change,
  { words, name, relation }: GrantTarget,
  columnName?: string,
): string[] | undefined {
  const { catalog } = ddl;
  const role = ddl.context.currentRole.oid;
  let { letters } = change;
  const mayAll = mayGrantAll(ddl, grantable.owner);
  if (!mayAll) {
    const object = grantable.kind === 'column' ? ownerOf(relation()) : grantable;
    const onTable = grantableRights(catalog, role, object, letters);
    letters = letters
      .split('')
      .filter(
        (letter) =>
          onTable.includes(letter) || grantableRights(catalog, role, grantable, letter) !== '',
      )
      .join('');
    const held =
      heldRights(catalog, role, object, allRights[object.kind]) +
      heldRights(catalog, role, grantable, allRights[grantable.kind]);
    if (letters === '' && held === '') throw accessDenied(words, name);
    warnOfLess(ddl, {
      letters,
      change,
      what: columnName === undefined ? `"${name}"` : `column "${columnName}" of relation "${name}"`,
    });
    if (letters === '') return undefined;
  }
  const grantor = mayAll ? grantable.owner : bestGrantor(ddl, grantable, letters);
  const owner = { roles: catalog, owner: grantable.owner };
  return formatAcl(changedAcl(aclOf(grantable), { ...change, letters, grantor }, owner));
}

function ownerOf(relation: ReturnType<GrantTarget['relation']>): Grantable {
  const { owner = 0, acl } = relation ?? {};
  return { kind: 'table', owner, ...(acl === undefined ? {} : { acl }) };
}

/** Not all that was asked for is the role's to give. */
function warnOfLess(
  ddl: DdlStatement,
  given: { readonly letters: string; readonly change: Change; readonly what: string },
): void {
  const { letters, change, what } = given;
  if (letters.length === change.letters.length || (change.isAll && letters !== '')) return;
  const verb = change.isGrant ? 'granted' : 'revoked';
  const much = letters === '' ? 'no privileges' : 'not all privileges';
  ddl.warning(`${much} were ${verb} for ${what}`, change.isGrant ? '01007' : '01006');
}

/** select_best_grantor(): the role itself or one that it is a member of, whoever may grant the most of it. */
function bestGrantor(ddl: DdlStatement, grantable: Grantable, letters: string): number {
  const { catalog } = ddl;
  const role = ddl.context.currentRole.oid;
  const items = aclOf(grantable);
  let best = role;
  let most = 0;
  for (const each of rolesOf(catalog, role, 'usage')) {
    const count = [...letters].filter((letter) =>
      items.some(({ grantee, rights }) => grantee === each && rights.get(letter) === true),
    ).length;
    if (count > most) {
      most = count;
      best = each;
    }
  }
  return best;
}

/** Owners, and superusers in their place, grant as the owner. */
function mayGrantAll(ddl: DdlStatement, owner: number): boolean {
  const role = ddl.context.currentRole.oid;
  return isSuperuser(ddl.catalog, role) || hasPrivilegesOf(ddl.catalog, role, owner);
}
