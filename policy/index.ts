// Grants: lists of access rights, memberships, and who may what.
export { type AclChange, type AclOwner, changedAcl } from './grants/acl-change.ts';
export {
  type AclItem,
  aclOfOwner,
  allRights,
  defaultAcl,
  formatAcl,
  formatRights,
  mergedAcl,
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
// Row policies: whom they are for, and which of them apply.
export {
  type ApplicablePolicies,
  policiesFor,
  type RowSecurityStatus,
  rowSecurityStatus,
} from './rows/row-policies.ts';
