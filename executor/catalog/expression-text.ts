// Stored expressions with the names of today: the catalog keeps routines, operators, user types and
// relations in them by oid.

import { entryName } from './entry-names.ts';
import type { CatalogNames } from './names.ts';
import { moduleFunctionName, routineName } from './routine-name.ts';

/** A stored expression for people: sequences, tables and user types by name. */
export function expressionText(names: CatalogNames, sql: string): string {
  const named = sql.replace(/pg_catalog\."(\d+)"/g, (whole, oid: string) => {
    const routine = names.catalog.routineByOid(Number(oid));
    if (routine !== undefined) return routineName(names, routine);
    const brought = moduleFunctionName(names, Number(oid));
    if (brought !== undefined) return brought;
    return names.typeName(Number(oid), -1) ?? whole;
  });
  return operatorsNamed(names, named).replace(/'(\d+)'::regclass/g, (whole, oid: string) => {
    const relation = names.catalog.relationByOid(Number(oid));
    if (relation === undefined) return whole;
    return `'${names.relationName(relation).replaceAll("'", "''")}'::regclass`;
  });
}

/** Operators of users, which are kept by oid (deparse.ts), as they have to be written here. */
export function operatorsNamed(names: CatalogNames, sql: string): string {
  return sql.replace(/OPERATOR\("(\d+)"\.([^)]+)\)/g, (whole, oid: string) => {
    const operator = names.catalog.entryByOid('operator', Number(oid));
    if (operator === undefined) return whole;
    const name = entryName(names, operator);
    return name === operator.name ? name : `OPERATOR(${name})`;
  });
}
