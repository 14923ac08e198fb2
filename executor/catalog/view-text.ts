// pg_get_viewdef(): the query of a view as PostgreSQL prints it; what cannot be printed so is shown as it
// was written.

import { queryOf, type RelationDescriptor } from '#common';
import { type PrintNames, printQuery, quoteIdentifier } from '#planner';
import { expressionText, operatorsNamed } from './expression-text.ts';
import type { CatalogNames } from './names.ts';
import { moduleFunctionName, routineName } from './routine-name.ts';

/** With a semicolon at its end; undefined for what is no view. */
export function viewText(
  names: CatalogNames,
  relation: RelationDescriptor,
  pretty: boolean,
): string | undefined {
  const query = queryOf(relation);
  if (query === undefined || !('columns' in relation)) return undefined;
  const columns = (relation.kind === 'index' ? [] : relation.columns).flatMap((column) =>
    column.dropped ? [] : [column.name],
  );
  const printed = printQuery(query.sql, {
    context: { catalog: names.catalog, searchPath: names.searchPath, currentUser: '' },
    names: printNames(names),
    pretty,
    columns,
  });
  const shown = printed === undefined ? undefined : operatorsNamed(names, printed);
  return `${shown ?? ` ${expressionText(names, query.sql.trim())}`};`;
}

/** Objects as they have to be called along the search path. */
function printNames(names: CatalogNames): PrintNames {
  return {
    relation: (relation) => names.relationName(relation),
    type: (oid) => names.typeName(oid, -1) ?? quoteIdentifier(String(oid)),
    routine(oid) {
      const routine = names.catalog.routineByOid(oid);
      return routine === undefined ? moduleFunctionName(names, oid) : routineName(names, routine);
    },
  };
}
