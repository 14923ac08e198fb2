// pg_relation_size() and its family, from storage's estimates.

import type { RelationDescriptor } from '#common';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunction, CatalogFunctions } from './catalog-functions.ts';

const pageBytes = 8192;

function treeBytes({ catalog }: CatalogQuestion, treeId: number): number {
  const { rows, rowBytes } = catalog.storage.estimate(treeId);
  return Math.ceil((rows * rowBytes) / pageBytes) * pageBytes;
}

function indexBytes(question: CatalogQuestion, relation: RelationDescriptor): number {
  if (relation.kind !== 'table') return 0;
  return relation.indexes
    .filter((index) => !index.clustered)
    .reduce((sum, index) => sum + treeBytes(question, index.treeId), 0);
}

function ownBytes(question: CatalogQuestion, relation: RelationDescriptor): number {
  if (relation.kind === 'table') return treeBytes(question, relation.treeId);
  if (relation.kind === 'index')
    return relation.clustered ? 0 : treeBytes(question, relation.treeId);
  return relation.kind === 'sequence' ? pageBytes : 0;
}

/** With column segments, as PostgreSQL's has TOAST and maps. */
function tableBytes(question: CatalogQuestion, relation: RelationDescriptor): number {
  const own = ownBytes(question, relation);
  if (relation.kind !== 'table') return own;
  return own + (question.catalog.storage.segmentSummary(relation.treeId)?.bytes ?? 0);
}

/** All tables and indexes of the current database. */
function allBytes(question: CatalogQuestion): number {
  let bytes = 0;
  for (const relation of question.catalog.userRelations()) bytes += tableBytes(question, relation);
  return bytes;
}

/** null for an oid that is no relation. */
function sizeOf(
  measure: (question: CatalogQuestion, relation: RelationDescriptor) => number,
): CatalogFunction {
  return (question, [oid]) => {
    const relation = question.catalog.relationByOid(Number(oid));
    return relation === undefined ? null : measure(question, relation);
  };
}

export const sizeFunctions: CatalogFunctions = {
  pg_relation_size: sizeOf(ownBytes),
  pg_table_size: sizeOf(tableBytes),
  pg_indexes_size: sizeOf(indexBytes),
  pg_total_relation_size: sizeOf(
    (question, relation) => tableBytes(question, relation) + indexBytes(question, relation),
  ),
  pg_database_size: (question) => allBytes(question),
  pg_tablespace_size: (question) => allBytes(question),
};
