// pg_largeobject_metadata and pg_largeobject: large objects and their pages.

import { LargeObjects } from '#storage';
import {
  aclArray,
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  type RowSources,
} from '../contract.ts';

export function largeObjectsOf({ catalog, context }: CatalogScope): LargeObjects {
  return new LargeObjects(context.transaction, catalog.database.oid);
}

function* metadataRows(scope: CatalogScope): Iterable<CatalogRow> {
  for (const { oid, facts } of largeObjectsOf(scope).all())
    yield { oid, lomowner: facts.owner, lomacl: aclArray(scope, facts.acl) };
}

function* pageRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const wanted = lookups.get('loid');
  const oid = typeof wanted === 'number' ? wanted : undefined;
  for (const { oid: loid, page, data } of largeObjectsOf(scope).pages(oid))
    yield { loid, pageno: page, data };
}

export const largeObjectSources: RowSources = {
  pg_largeobject_metadata: metadataRows,
  pg_largeobject: pageRows,
};
