// The rights on a new object: what ALTER DEFAULT PRIVILEGES has said for its maker.

import type { DatabaseDescriptor, DefaultAcl } from '#common';
import { defaultAcl, formatAcl, type GrantableKind, mergedAcl, parseAcl } from '#planner';

export type DefaultAclType = DefaultAcl['objectType'];

export const defaultAclKinds: Readonly<Record<DefaultAclType, GrantableKind>> = {
  r: 'table',
  S: 'sequence',
  f: 'function',
  T: 'type',
  n: 'schema',
};

/** The list of a new object; undefined: nothing but what every object has. */
export function initialAcl(
  database: DatabaseDescriptor,
  object: { readonly kind: string; readonly owner: number; readonly schemaOid?: number },
): readonly string[] | undefined {
  const objectType = objectTypeOf(object.kind);
  const entries = (database.defaultAcls ?? []).filter(
    (entry) =>
      entry.role === object.owner &&
      entry.objectType === objectType &&
      (entry.schema === 0 || entry.schema === object.schemaOid),
  );
  if (entries.length === 0 || objectType === undefined) return undefined;
  const everywhere = entries.find(({ schema }) => schema === 0);
  let items =
    everywhere === undefined
      ? defaultAcl(defaultAclKinds[objectType], object.owner)
      : parseAcl(everywhere.acl);
  for (const { schema, acl } of entries) {
    if (schema === 0) continue;
    items = mergedAcl(items, parseAcl(acl));
  }
  return formatAcl(items);
}

function objectTypeOf(kind: string): DefaultAclType | undefined {
  if (kind === 'table' || kind === 'view') return 'r';
  if (kind === 'sequence') return 'S';
  if (kind === 'routine') return 'f';
  if (kind === 'type') return 'T';
  return kind === 'schema' ? 'n' : undefined;
}
