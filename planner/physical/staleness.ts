// A cached plan stands on the row counts of its time. When a table has grown or shrunk by an order of
// magnitude since, has got column segments, or ANALYZE has looked at it again, another plan may be far
// better: whoever keeps plans asks before running one.

import type { TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { viewAsTable } from '../view-table.ts';
import { nodeInputs } from './plan-facts.ts';

/** Counts may differ by this factor before a plan is made anew. */
const growthMax = 8;
/** Below this many rows every plan is fast. */
const rowsMin = 500;
/** Only for tables of this many rows is it asked whether they have got or lost column segments since. */
const columnarRowsMin = 100_000;

/** Plans whose executions have shown that they were made for other rows. */
const misjudged = new WeakSet<PhysicalPlan>();

/** The plan is to be made anew before its next execution. */
export function outdatePlan(plan: PhysicalPlan): void {
  misjudged.add(plan);
}

export function isPlanStale(plan: PhysicalPlan, catalog: Catalog): boolean {
  const { tableRows } = plan;
  if (tableRows === undefined || tableRows.length === 0) return false;
  if (misjudged.has(plan)) return true;
  for (const { oid, rows, analyzedAt, isColumnar } of tableRows) {
    if (catalog.analysis(oid)?.analyzedAt !== analyzedAt) return true;
    const now = catalog.statistics(oid).rows;
    if (Math.max(now, rows) < rowsMin) continue;
    if (now >= columnarRowsMin && isColumnar !== catalog.segmentRows(oid) > 0) return true;
    if (now > Math.max(rows, 1) * growthMax || rows > Math.max(now, 1) * growthMax) return true;
  }
  return false;
}

/** The tables of a plan, unless all it does is to look single rows up. */
export function tableRowsOf(
  roots: readonly PhysicalNode[],
  catalog: Catalog,
): NonNullable<PhysicalPlan['tableRows']> {
  const tables = new Map<number, number>();
  let isLookup = true;
  const enter = (node: PhysicalNode): void => {
    if (node.kind === 'scan') {
      tables.set(node.table.oid, catalog.statistics(node.table.oid).rows);
      isLookup &&= node.access.kind !== 'full' && node.access.unique;
    }
    nodeInputs(node).forEach(enter);
  };
  roots.forEach(enter);
  if (isLookup && tables.size <= 1) return [];
  return [...tables].map(([oid, rows]) => ({
    oid,
    rows,
    analyzedAt: catalog.analysis(oid)?.analyzedAt,
    isColumnar: catalog.segmentRows(oid) > 0,
  }));
}

const planTables = new WeakMap<PhysicalPlan, readonly TableDescriptor[]>();

/** Notes the tables of a new plan as they are: those of its nodes, and those that foreign keys lead to. */
export function rememberTables(plan: PhysicalPlan, catalog: Catalog): void {
  const locked = plan.relations.flatMap(({ oid }) => catalog.tableByOid(oid) ?? []);
  planTables.set(plan, [...new Set([...tablesOf(plan), ...locked])]);
}

/** Are the tables that the plan reads and writes still described as they were when it was made? */
export function namesCurrentTables(plan: PhysicalPlan, catalog: Catalog): boolean {
  let tables = planTables.get(plan);
  if (tables === undefined) {
    tables = tablesOf(plan);
    planTables.set(plan, tables);
  }
  return tables.every((table) => isCurrent(table, catalog));
}

function isCurrent(table: TableDescriptor, catalog: Catalog): boolean {
  if (catalog.tableByOid(table.oid) === table) return true;
  const relation = catalog.relationByOid(table.oid);
  return relation?.kind === 'view' && viewAsTable(relation) === table;
}

function tablesOf(plan: PhysicalPlan): TableDescriptor[] {
  const tables = new Set<TableDescriptor>();
  const enter = (node: PhysicalNode): void => {
    if ('table' in node) tables.add(node.table);
    if (node.kind === 'lockRows') for (const { table } of node.targets) tables.add(table);
    nodeInputs(node).forEach(enter);
  };
  const definitions = plan.ctes.flatMap((cte) =>
    cte.step === undefined ? [cte.plan] : [cte.plan, cte.step],
  );
  [plan.root, ...plan.subplans, ...definitions].forEach(enter);
  return [...tables];
}
