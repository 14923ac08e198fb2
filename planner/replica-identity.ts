// May a published table be updated or deleted from? Only if a subscriber could tell which row it was, and if
// the publications' filters and column lists need no more than that (CheckCmdReplicaIdentity). Asked once
// a plan; databases without publications are not looked at.

import { databaseError, type Entry, type TableDescriptor } from '#common';
import type { Catalog } from './catalog.ts';

export type ReplicatedCommand = 'update' | 'delete';

/** 55000, 42P10. Of a partitioned table the partitions are asked. */
export function checkReplicaIdentity(
  catalog: Catalog,
  table: TableDescriptor,
  command: ReplicatedCommand,
): void {
  if (catalog.entries('publication').length === 0) return;
  if (table.partitioning === undefined) {
    checkTable(catalog, table, command);
    return;
  }
  for (const oid of table.children ?? [])
    checkReplicaIdentity(catalog, catalog.tableByOid(oid)!, command);
}

interface Published {
  readonly publication: Entry<'publication'>;
  /** Of the table or of the ancestor as which it is published. */
  readonly part: Entry<'publicationTable'> | undefined;
  readonly as: TableDescriptor;
}

function checkTable(catalog: Catalog, table: TableDescriptor, command: ReplicatedCommand): void {
  if (table.persistence !== 'permanent' || table.foreign !== undefined) return;
  const published = publicationsOf(catalog, table);
  const identity = identityColumns(table);
  for (const { publication, part, as } of published) {
    const { update, delete: deletes } = publication.definition;
    if ((!update && !deletes) || part === undefined) continue;
    const names = part.definition.columns?.map((number) => as.columns[number - 1].name);
    checkFilter(catalog, table, command, { part, as, identity });
    if (names === undefined) continue;
    const isCovered =
      identity !== 'full' && [...identity].every((column) => names.includes(column));
    if (!isCovered)
      throw refused(
        table,
        command,
        'Column list used by the publication does not cover the replica identity.',
      );
  }
  if (identity === 'full' || identity.size > 0) return;
  if (!published.some(({ publication }) => publication.definition[command])) return;
  const phrase = command === 'update' ? 'cannot update' : 'cannot delete from';
  throw databaseError(
    'objectNotInPrerequisiteState',
    `${phrase} table "${table.name}" because it does not have a replica identity and publishes ${command}s`,
    {
      hint: `To enable ${command === 'update' ? 'updating' : 'deleting from'} the table, set REPLICA IDENTITY using ALTER TABLE.`,
    },
  );
}

function refused(table: TableDescriptor, command: ReplicatedCommand, detail: string): Error {
  const phrase = command === 'update' ? 'cannot update' : 'cannot delete from';
  return databaseError('invalidColumnReference', `${phrase} table "${table.name}"`, { detail });
}

/** Columns that the filter reads must be in the replica identity. */
function checkFilter(
  catalog: Catalog,
  table: TableDescriptor,
  command: ReplicatedCommand,
  {
    part,
    as,
    identity,
  }: {
    readonly part: Entry<'publicationTable'>;
    readonly as: TableDescriptor;
    readonly identity: 'full' | ReadonlySet<string>;
  },
): void {
  if (part.definition.condition === undefined || identity === 'full') return;
  const listed = new Set(part.definition.columns);
  for (const { oid, column } of part.uses) {
    if (oid !== as.oid || column === undefined) continue;
    const name = as.columns[column - 1].name;
    const isOnlyListed = listed.has(column) && !filterReads(part, name);
    if (isOnlyListed || identity.has(name)) continue;
    throw refused(
      table,
      command,
      'Column used in the publication WHERE expression is not part of the replica identity.',
    );
  }
}

/** A column of the list that the filter's text names as well. */
function filterReads({ definition }: Entry<'publicationTable'>, name: string): boolean {
  return definition.condition?.sql.includes(name) === true;
}

/** Names of the columns that tell rows apart; none: nothing does. */
function identityColumns(table: TableDescriptor): 'full' | ReadonlySet<string> {
  const { replicaIdentity: identity } = table;
  if (identity === 'full') return 'full';
  if (identity === 'nothing') return new Set();
  const index =
    identity === undefined
      ? table.indexes.find(({ primary, deferrable }) => primary && deferrable !== true)
      : table.indexes.find(({ oid }) => oid === identity.indexOid);
  const columns = index?.columns ?? [];
  return new Set(columns.map(({ attributeNumber }) => table.columns[attributeNumber - 1].name));
}

/** The publications that a table is in, by itself, by an ancestor, by a schema or with all tables. */
function publicationsOf(catalog: Catalog, table: TableDescriptor): Published[] {
  const line = [table];
  while (line[0].partitionBound !== undefined) {
    const parent = catalog.tableByOid(line[0].parents?.[0] ?? 0);
    if (parent === undefined) break;
    line.unshift(parent);
  }
  return catalog.entries('publication').flatMap((publication): Published[] => {
    const { oid, definition } = publication;
    if (definition.allTables) return [{ publication, part: undefined, as: table }];
    const parts = catalog
      .entries('publicationTable')
      .filter((part) => part.definition.publication === oid);
    // The topmost ancestor is what is published with publish_via_partition_root, else the table itself.
    const order = definition.viaRoot ? line : line.toReversed();
    for (const as of order) {
      const part = parts.find((each) => each.definition.table === as.oid);
      if (part === undefined) continue;
      const isOwn = definition.viaRoot || as === table;
      return [{ publication, part: isOwn ? part : undefined, as }];
    }
    const isInSchema = catalog
      .entries('publicationSchema')
      .some(
        (part) =>
          part.definition.publication === oid &&
          line.some(({ schemaOid }) => schemaOid === part.definition.schema),
      );
    return isInSchema ? [{ publication, part: undefined, as: table }] : [];
  });
}
