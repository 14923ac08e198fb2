// lattice_plan_feedback: what executions have taught about conditions on tables, joins and groupings, one row each. Their
// values may tell of rows, so only those on tables of the role's own are shown.

import { feedbackAbout, hasPrivilegesOf, rowFeedbackAbout } from '#planner';
import type { CatalogRow, CatalogScope, RowSources } from '../contract.ts';

export const planFeedbackSources: RowSources = {
  *lattice_plan_feedback({ catalog, context }: CatalogScope): Iterable<CatalogRow> {
    const role = catalog.findRole(context.functions.currentUser)?.oid ?? 0;
    for (const table of catalog.userRelations()) {
      if (table.kind !== 'table' || !hasPrivilegesOf(catalog, role, table.owner)) continue;
      for (const known of feedbackAbout(table, context.catalog)) {
        yield {
          schemaname: catalog.schemaByOid(table.schemaOid)?.name ?? null,
          tablename: table.name,
          condition: known.condition,
          executions: known.executions,
          estimated_rows: known.estimatedRows,
          actual_rows: known.actualRows,
          factor_min: known.factorMin,
          factor_max: known.factorMax,
          kind: 'scan',
        };
      }
      for (const known of rowFeedbackAbout(table, context.catalog)) {
        const { tables } = known.key;
        if (!tables.every(({ owner }) => hasPrivilegesOf(catalog, role, owner))) continue;
        yield {
          schemaname: catalog.schemaByOid(table.schemaOid)?.name ?? null,
          tablename: table.name,
          condition: known.condition,
          executions: known.executions,
          estimated_rows: Math.round(known.estimatedRows),
          actual_rows: known.actualRows,
          factor_min: known.factorMin,
          factor_max: known.factorMax,
          kind: known.kind,
        };
      }
    }
  },
};
