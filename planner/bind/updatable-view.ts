// Which views can be written through: PostgreSQL's view_query_is_auto_updatable().

import type { Node, SelectStmt } from '@pgsql/types';
import type { RelationDescriptor, ViewDescriptor } from '#common';
import { functionRegistry } from '#functions';
import type { Catalog } from '../catalog.ts';
import { bodyOf, stringsOf } from './node.ts';
import { parseStored } from './view.ts';

/** view_query_is_auto_updatable(): why not, as far as the tree alone tells. */
export function updateObstacle(select: SelectStmt): string | undefined {
  const containing = (what: string): string =>
    `Views containing ${what} are not automatically updatable.`;
  if (select.distinctClause !== undefined) return containing('DISTINCT');
  if (select.groupClause !== undefined) return containing('GROUP BY');
  if (select.havingClause !== undefined) return containing('HAVING');
  if (select.op !== undefined && select.op !== 'SETOP_NONE') {
    return containing('UNION, INTERSECT, or EXCEPT');
  }
  if (select.withClause !== undefined) return containing('WITH');
  if (select.limitCount !== undefined || select.limitOffset !== undefined) {
    return containing('LIMIT or OFFSET');
  }
  if (select.fromClause?.length !== 1 || bodyOf(select.fromClause[0], 'RangeVar') === undefined) {
    return 'Views that do not select from a single table or view are not automatically updatable.';
  }
  return undefined;
}

/** The relation that an automatically updatable view is over, and its columns there; undefined: it is none. */
export function updatableBase(
  view: ViewDescriptor,
  catalog: Catalog,
):
  | { readonly base: RelationDescriptor; readonly columns: readonly (string | undefined)[] }
  | undefined {
  const select = bodyOf(parseStored(view.definition.sql).statement, 'SelectStmt');
  if (select === undefined || updateObstacle(select) !== undefined) return undefined;
  const targets = (select.targetList ?? []).map((node) => bodyOf(node, 'ResTarget')?.val);
  if (targets.some((node) => node !== undefined && computedKind(node) !== undefined))
    return undefined;
  const range = bodyOf(select.fromClause![0], 'RangeVar')!;
  const schema = catalog.findSchema(range.schemaname ?? '');
  const base =
    schema === undefined ? undefined : catalog.findRelation(schema.oid, range.relname ?? '');
  if (base === undefined) return undefined;
  const columns = targets.map(
    (node) => bodyOf(bodyOf(node, 'ColumnRef')?.fields?.at(-1), 'String')?.sval,
  );
  return { base, columns };
}

/** Why a view cannot be written through; undefined when it can. Looks into the views that it is over. */
export function viewObstacle(view: ViewDescriptor, catalog: Catalog): string | undefined {
  const select = bodyOf(parseStored(view.definition.sql).statement, 'SelectStmt');
  if (select === undefined) return 'Views that are no queries are not automatically updatable.';
  return queryObstacle(select, catalog);
}

/** The same of a query that may become a view; its relations are named with their schemas. */
export function queryObstacle(select: SelectStmt, catalog: Catalog): string | undefined {
  const obstacle = updateObstacle(select) ?? targetObstacle(select);
  if (obstacle !== undefined) return obstacle;
  const range = bodyOf(select.fromClause![0], 'RangeVar')!;
  const schema = catalog.findSchema(range.schemaname ?? '');
  const base =
    schema === undefined ? undefined : catalog.findRelation(schema.oid, range.relname ?? '');
  if (base?.kind === 'view') return viewObstacle(base, catalog);
  return base === undefined || (base.kind === 'table' && base.materialized === undefined)
    ? undefined
    : 'Views that do not select from a single table or view are not automatically updatable.';
}

function targetObstacle(select: SelectStmt): string | undefined {
  const targets = (select.targetList ?? []).map((node) => bodyOf(node, 'ResTarget')?.val);
  for (const target of targets) {
    const kind = target === undefined ? undefined : computedKind(target);
    if (kind !== undefined) return `Views that return ${kind} are not automatically updatable.`;
  }
  const hasColumn = targets.some((node) => bodyOf(node, 'ColumnRef') !== undefined);
  return hasColumn
    ? undefined
    : 'Views that have no updatable columns are not automatically updatable.';
}

/** Aggregates, windows and sets, outside of subqueries. */
function computedKind(node: Node): string | undefined {
  const pending: unknown[] = [node];
  while (pending.length > 0) {
    const each = pending.pop();
    if (typeof each !== 'object' || each === null || 'SubLink' in each) continue;
    const call = bodyOf(each as Node, 'FuncCall');
    if (call?.over !== undefined) return 'window functions';
    const signatures = functionRegistry.functionsNamed(stringsOf(call?.funcname).at(-1) ?? '');
    if (call !== undefined && signatures.some(({ kind }) => kind === 'aggregate')) {
      return 'aggregate functions';
    }
    if (call !== undefined && signatures.some(({ returnsSet }) => returnsSet)) {
      return 'set-returning functions';
    }
    for (const value of Object.values(each)) pending.push(value);
  }
  return undefined;
}
