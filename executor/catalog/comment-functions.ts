// obj_description(), col_description(), shobj_description(): comments by oid and catalog.

import type { Datum } from '#common';
import { builtinDescription } from '../system-catalog/descriptions.ts';
import { systemRelationNamed } from '../system-catalog/relations.ts';
import { entryClasses } from './entry-classes.ts';
import type { CatalogQuestion } from './catalog-access.ts';
import type { CatalogFunctions } from './catalog-functions.ts';

const pgCatalogOid = 11;

/** Of an object of the database, in the catalog that the second argument names (any, when absent). */
function objectComment({ catalog }: CatalogQuestion, [oid, catalogName]: readonly Datum[]): Datum {
  const object = catalog.state.local.find(Number(oid));
  if (object !== undefined) {
    const homes: Readonly<Record<string, string>> = {
      schema: 'pg_namespace',
      type: 'pg_type',
      routine: 'pg_proc',
      collation: 'pg_collation',
    };
    const home =
      object.kind === 'entry'
        ? entryClasses[object.definition.class].catalogName
        : (homes[object.kind] ?? 'pg_class');
    return matches(catalogName, home) ? (object.comment ?? null) : null;
  }
  const table = catalog.state.local.ownerOfPart(Number(oid));
  if (table !== undefined && 'triggers' in table) {
    const trigger = table.triggers?.find((candidate) => candidate.oid === oid);
    if (trigger !== undefined)
      return matches(catalogName, 'pg_trigger') ? (trigger.comment ?? null) : null;
  }
  const constraints =
    table?.kind === 'table'
      ? table.constraints
      : table?.kind === 'type' && table.definition.type === 'domain'
        ? table.definition.constraints
        : undefined;
  const constraint =
    constraints !== undefined ? constraints.find((candidate) => candidate.oid === oid) : undefined;
  return matches(catalogName, 'pg_constraint') ? (constraint?.comment ?? null) : null;
}

/** Statistics objects stand in their tables' descriptors. */
function statisticsComment(
  { catalog }: CatalogQuestion,
  [oid, catalogName]: readonly Datum[],
): Datum {
  if (!matches(catalogName, 'pg_statistic_ext')) return null;
  for (const relation of catalog.userRelations()) {
    const found =
      relation.kind === 'table' && relation.statistics?.find((each) => each.oid === oid);
    if (found !== false && found !== undefined) return found.comment ?? null;
  }
  return null;
}

function builtinComment([oid, catalogName]: readonly Datum[]): Datum {
  const catalogOid =
    typeof catalogName === 'string'
      ? systemRelationNamed(pgCatalogOid, catalogName)?.oid
      : undefined;
  return builtinDescription(Number(oid), catalogOid) ?? null;
}

function matches(catalogName: Datum | undefined, home: string): boolean {
  return catalogName === undefined || catalogName === home;
}

export const commentFunctions: CatalogFunctions = {
  obj_description(question, args) {
    const [, catalogName] = args;
    if (
      typeof catalogName === 'string' &&
      systemRelationNamed(pgCatalogOid, catalogName) === undefined
    ) {
      return null;
    }
    const own = objectComment(question, args);
    if (own !== null) return own;
    if (catalogName === 'pg_largeobject')
      return question.session.largeObjects?.().find(Number(args[0]))?.comment ?? null;
    const isStatistics = catalogName === 'pg_statistic_ext';
    return (isStatistics ? statisticsComment(question, args) : null) ?? builtinComment(args);
  },
  col_description({ catalog }, [oid, ordinal]) {
    const relation = catalog.relationByOid(Number(oid));
    if (relation?.kind !== 'table' && relation?.kind !== 'view') return null;
    return relation.columns[Number(ordinal) - 1]?.comment ?? null;
  },
  shobj_description({ catalog }, [oid]) {
    const object = catalog.state.shared.object(Number(oid));
    return object !== undefined && 'comment' in object ? (object.comment ?? null) : null;
  },
};
