// Rows of the catalog tree. Every object is one row; indexes and constraints live inside their table.
//
//   key    'o' database oid (4 bytes, big-endian; 0: cluster-wide) oid (4 bytes)   an object
//          's' database oid (4 bytes) table's oid (4 bytes)                           what ANALYZE found
//          'n' database oid (4 bytes) name in its name space (UTF-8)               a name, only locked
//          'i' id of an index's tree (4 bytes)      empty; as old as the tree, so who sees it sees all entries
//          'v'                                                                     the format row
//   value  UTF-8 JSON of a CatalogObject, of a TableAnalysis, or of { format }

import { type CatalogObject, databaseError, isClusterEntry, type TableAnalysis } from '#common';
import type { Key } from '../contract.ts';

/** The catalog's own tree; ids handed out by allocateTreeId() begin above the fixed ones. */
export const catalogTreeId = 1;
/** Rises when descriptors change in a way that older code cannot read. */
export const catalogFormat = 1;
/** Scope of roles and databases. */
export const clusterScope = 0;

export const formatKey: Key = 'v';
export const objectPrefix: Key = 'o';
export const analysisPrefix: Key = 's';

export function objectKey(scope: number, oid: number): Key {
  return objectPrefix + fourBytes(scope) + fourBytes(oid);
}

export function analysisKey(scope: number, tableOid: number): Key {
  return analysisPrefix + fourBytes(scope) + fourBytes(tableOid);
}

export function nameKey(scope: number, name: string): Key {
  return 'n' + fourBytes(scope) + Buffer.from(name, 'utf8').toString('latin1');
}

/** From the commit on that put it, the tree has an entry for every row of its table. */
export function indexBirthKey(treeId: number): Key {
  return 'i' + fourBytes(treeId);
}

export function scopeOfKey(key: Key): number {
  return objectReferenceOf(key).scope;
}

/** What an object's key says. */
export function objectReferenceOf(key: Key): { readonly scope: number; readonly oid: number } {
  const bytes = Buffer.from(key, 'latin1');
  const start = objectPrefix.length;
  return { scope: bytes.readUInt32BE(start), oid: bytes.readUInt32BE(start + 4) };
}

/** Where an object's row and name live: the cluster for roles, databases and such, else its database. */
export function scopeOf(object: CatalogObject, databaseOid: number): number {
  if (object.kind === 'entry') return isClusterEntry(object) ? clusterScope : databaseOid;
  return object.kind === 'role' || object.kind === 'database' ? clusterScope : databaseOid;
}

export function encodeRow(
  value: CatalogObject | TableAnalysis | { readonly format: number },
): Uint8Array {
  return Buffer.from(JSON.stringify(value), 'utf8');
}

export function decodeObject(row: Uint8Array): CatalogObject {
  return JSON.parse(asText(row)) as CatalogObject;
}

export function decodeAnalysis(row: Uint8Array): TableAnalysis {
  return JSON.parse(asText(row)) as TableAnalysis;
}

/** 55000 when a newer release wrote the directory. */
export function checkFormat(row: Uint8Array): void {
  const { format } = JSON.parse(asText(row)) as { format: number };
  if (format <= catalogFormat) return;
  throw databaseError(
    'objectNotInPrerequisiteState',
    `the catalog has format ${format}, this server reads formats up to ${catalogFormat}`,
  );
}

function asText(row: Uint8Array): string {
  return Buffer.from(row.buffer, row.byteOffset, row.byteLength).toString('utf8');
}

function fourBytes(value: number): string {
  return String.fromCharCode(value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255);
}
