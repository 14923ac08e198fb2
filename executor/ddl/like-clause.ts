// CREATE TABLE (LIKE source INCLUDING …): the source's columns, and what else the clause asks for.

import type { TableLikeClause } from '@pgsql/types';
import { databaseError, type TableDescriptor } from '#common';
import { TableLock } from '#storage';
import { relationDoesNotExist } from './errors.ts';
import { type DdlStatement, rangeName } from './statement.ts';
import type {
  ColumnElement,
  ConstraintElement,
  CopiedIndex,
  TableElements,
} from './table-elements.ts';

/** Bits of TableLikeClause.options (parsenodes.h). */
const includes = {
  comments: 1,
  constraints: 4,
  defaults: 8,
  generated: 16,
  identity: 32,
  indexes: 64,
} as const;

export function likeElements(ddl: DdlStatement, clause: TableLikeClause): TableElements {
  const range = clause.relation!;
  const source = ddl.lockRelation(range, TableLock.accessShare);
  if (source === undefined)
    throw relationDoesNotExist(rangeName(range), ddl.position(range.location));
  if (source.kind !== 'table' && source.kind !== 'view' && source.kind !== 'system') {
    throw databaseError('wrongObjectType', `relation "${source.name}" is invalid in LIKE clause`);
  }
  const options = clause.options ?? 0;
  const has = (bit: number): boolean => (options & bit) !== 0;
  const columns = source.columns
    .filter((column) => !column.dropped)
    .map((column): ColumnElement => ({
      name: column.name,
      type: column.type,
      notNull: column.notNull,
      serial: false,
      ...(has(includes.identity) && column.identity !== undefined
        ? { identity: column.identity }
        : {}),
      ...(has(includes.defaults) && column.default !== undefined
        ? { copiedDefault: column.default.sql }
        : {}),
      ...(has(includes.generated) && column.generated !== undefined
        ? { copiedGenerated: column.generated.sql }
        : {}),
      ...(has(includes.comments) && column.comment !== undefined
        ? { comment: column.comment }
        : {}),
    }));
  const constraints = source.kind === 'table' ? copiedConstraints(source, has) : [];
  const indexes = source.kind === 'table' && has(includes.indexes) ? freeIndexes(source) : [];
  return { columns, constraints, indexes };
}

function freeIndexes(source: TableDescriptor): CopiedIndex[] {
  const owned = new Set(source.constraints.map((each) => ('indexOid' in each ? each.indexOid : 0)));
  return source.indexes.filter(({ oid }) => !owned.has(oid)).map((index) => ({ source, index }));
}

function copiedConstraints(
  source: TableDescriptor,
  has: (bit: number) => boolean,
): ConstraintElement[] {
  const copied: ConstraintElement[] = [];
  const names = (attributes: readonly number[]): string[] =>
    attributes.map((attribute) => source.columns[attribute - 1].name);
  for (const constraint of source.constraints) {
    const base = {
      deferrable: constraint.deferrable,
      initiallyDeferred: constraint.initiallyDeferred,
      validated: true,
      ...(has(includes.comments) && constraint.comment !== undefined
        ? { comment: constraint.comment }
        : {}),
    };
    if (constraint.type === 'check' && has(includes.constraints)) {
      copied.push({
        ...base,
        name: constraint.name,
        type: 'check',
        copied: constraint.expression.sql,
        noInherit: constraint.noInherit,
      });
    }
    if ((constraint.type === 'primary' || constraint.type === 'unique') && has(includes.indexes)) {
      const index = source.indexes.find((candidate) => candidate.oid === constraint.indexOid)!;
      copied.push({
        ...base,
        name: undefined,
        type: constraint.type,
        columns: names(constraint.columns),
        included: names(index.included),
        nullsNotDistinct: index.nullsNotDistinct,
        indexName: undefined,
      });
    }
  }
  return copied;
}
