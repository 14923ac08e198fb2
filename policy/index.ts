// Grants: lists of access rights, memberships, and who may what.
export {
  type AclChange,
  type AclItem,
  aclOfOwner,
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
// Row policies: whom they are for, and which of them apply.
export {
  type ApplicablePolicies,
  policiesFor,
  type RowSecurityStatus,
  rowSecurityStatus,
} from './rows/row-policies.ts';
