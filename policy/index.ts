// Grants: lists of access rights, memberships, and who may what.
export {
  type AclChange,
  type AclItem,
  allRights,
  changedAcl,
  defaultAcl,
  formatAcl,
  formatRights,
  type GrantableKind,
  parseAcl,
  privilegeLetters,
  publicGrantee,
} from './grants/acl.ts';
export {
  aclOf,
  type Grantable,
  grantableRights,
  hasRights,
  heldRights,
} from './grants/privileges.ts';
export {
  hasPrivilegesOf,
  isMemberOf,
  isSuperuser,
  PredefinedRole,
  type Roles,
  rolesOf,
} from './grants/roles.ts';
