// Temporary tables live in a schema pg_temp_<n> of their session. Their descriptors are ordinary rows,
// so a session that ends - or a server that starts after a crash - removes them.

import type { LogPosition, StorageEngine } from '../contract.ts';
import type { CatalogChanges } from './catalog-changes.ts';
import type { CatalogStore } from './catalog-store.ts';
import { clusterScope } from './catalog-rows.ts';

const temporaryPrefix = 'pg_temp_';

export function isTemporarySchema(name: string): boolean {
  return name.startsWith(temporaryPrefix);
}

/** The name of a session's schema of temporary objects; the number is unique among live sessions. */
export function temporarySchemaName(sessionNumber: number): string {
  return temporaryPrefix + String(sessionNumber);
}

/** Removes a schema of temporary objects and what is in it, data included. */
export function dropTemporarySchema(changes: CatalogChanges, name: string): void {
  const schema = changes.state.schemaNamed(name);
  if (schema === undefined) return;
  for (const object of [...changes.state.local.objects()]) {
    if (!('schemaOid' in object) || object.schemaOid !== schema.oid) continue;
    if (object.kind === 'table') {
      changes.transaction.dropTree(object.treeId);
      for (const index of object.indexes) {
        if (index.treeId !== object.treeId) changes.transaction.dropTree(index.treeId);
      }
    }
    changes.remove(object);
  }
  changes.remove(schema);
}

/** What earlier runs left behind; returns the log position of the clean-up. */
export function removeTemporaryObjects(storage: StorageEngine, store: CatalogStore): LogPosition {
  let position = 0;
  for (const database of store.scope(clusterScope).objects()) {
    if (database.kind !== 'database') continue;
    const left = [...store.scope(database.oid).objects()].filter(
      (object) => object.kind === 'schema' && isTemporarySchema(object.name),
    );
    if (left.length === 0) continue;
    const transaction = storage.begin({ isolation: 'read committed', readOnly: false });
    transaction.beginStatement();
    const changes = store.forTransaction(transaction, database.oid);
    for (const schema of left) dropTemporarySchema(changes, schema.name);
    position = transaction.commit().position;
  }
  return position;
}
