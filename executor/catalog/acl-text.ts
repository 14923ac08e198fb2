// Access control lists as SQL shows them (aclitem): with names for the roles' oids.

import type { Catalog } from '#planner';
import { formatRights, parseAcl, publicGrantee } from '#planner';

export function aclTexts(catalog: Catalog, items: readonly string[]): string[] {
  return parseAcl(items).map(({ grantee, grantor, rights }) => {
    const name = grantee === publicGrantee ? '' : roleText(catalog, grantee);
    return `${name}=${formatRights(rights)}/${roleText(catalog, grantor)}`;
  });
}

/** Quoted unless it consists of letters, digits and underscores (putid()). */
function roleText(catalog: Catalog, oid: number): string {
  const name = catalog.roleByOid(oid)?.name ?? String(oid);
  return /^[A-Za-z0-9_\u0080-\uffff]+$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}
