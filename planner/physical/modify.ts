// INSERT, UPDATE, DELETE and MERGE. RETURNING reads the written row's columns, then the source's.

import type { ColumnId } from '#common';
import type { LogicalPlan, PlanColumn, Returning, RowChecks } from '../logical-plan.ts';
import type { PhysicalCheck, PhysicalInsert, PhysicalReturning } from '../physical-plan.ts';
import { mapOptional } from '../optimize/expression-tree.ts';
import { foreignTableError } from '../foreign-table.ts';
import { checkReplicaIdentity } from '../replica-identity.ts';
import type { PlanBuilder } from './builder.ts';
import { ordinalsOf, typesOf, unordered, type Built, type Scope } from './built.ts';
import { costs } from './cost.ts';

type Insert = Extract<LogicalPlan, { kind: 'insert' }>;
type Update = Extract<LogicalPlan, { kind: 'update' }>;
type Delete = Extract<LogicalPlan, { kind: 'delete' }>;
type Merge = Extract<LogicalPlan, { kind: 'merge' }>;

/** 55000 for foreign tables, and for published tables whose changes could not be told to subscribers. */
function checkWrite({ catalog }: PlanBuilder, plan: Insert | Update | Delete | Merge): void {
  if (plan.table.foreign !== undefined) throw foreignTableError(catalog, plan.table);
  const updates =
    plan.kind === 'update' ||
    (plan.kind === 'insert' && plan.onConflict?.action === 'update') ||
    (plan.kind === 'merge' && plan.clauses.some(({ action }) => action === 'update'));
  const deletes =
    plan.kind === 'delete' ||
    (plan.kind === 'merge' && plan.clauses.some(({ action }) => action === 'delete'));
  if (updates) checkReplicaIdentity(catalog, plan.table, 'update');
  if (deletes) checkReplicaIdentity(catalog, plan.table, 'delete');
}

function frameOf(builder: PlanBuilder, plan: Insert | Update | Delete, source: Built) {
  checkWrite(builder, plan);
  const { estimatedRows, totalCost } = source.node;
  return {
    ...builder.frame(typesOf(plan.outputs), {
      rows: estimatedRows,
      total: totalCost + estimatedRows * costs.lookup,
    }),
    table: plan.table,
    source: source.node,
    returning: lowerReturning(builder, plan.returning, source),
  };
}

function lowerReturning(
  builder: PlanBuilder,
  returning: Returning | undefined,
  source: Built,
): PhysicalReturning | undefined {
  if (returning === undefined) return undefined;
  const ordinals = behind(returning.row, source.ordinals);
  return {
    rowSources: returning.rowSources,
    expressions: returning.expressions.map((expression) =>
      builder.lower(expression, ordinals, { slots: new Map() }),
    ),
  };
}

function lowerRowChecks(builder: PlanBuilder, rowChecks: RowChecks | undefined): PhysicalCheck[] {
  if (rowChecks === undefined) return [];
  const ordinals = new Map(rowChecks.row.map((column, at) => [column.id, at]));
  const attributes = rowChecks.rowSources.map((source) =>
    source.kind === 'attribute' ? source.attributeNumber : 0,
  );
  return rowChecks.checks.map(({ condition, ...rule }) => ({
    constraintName: rule.name,
    rule,
    attributes,
    condition: builder.lower(condition, ordinals, { slots: new Map() }),
  }));
}

/** Ordinals of `first`, then those of the rows that follow it. */
function behind(
  first: readonly PlanColumn[],
  rest: ReadonlyMap<ColumnId, number>,
): ReadonlyMap<ColumnId, number> {
  const ordinals = new Map<ColumnId, number>();
  for (const [column, ordinal] of rest) ordinals.set(column, first.length + ordinal);
  first.forEach((column, at) => ordinals.set(column.id, at));
  return ordinals;
}

export function buildInsert(builder: PlanBuilder, plan: Insert, scope: Scope): Built {
  const source = builder.build(plan.source, scope);
  return {
    node: {
      ...frameOf(builder, plan, source),
      kind: 'insert',
      assignments: plan.assignments.map(({ attributeNumber, value }) => ({
        attributeNumber,
        value: builder.lower(value, source.ordinals, scope),
      })),
      onConflict: lowerOnConflict(builder, plan, scope),
      checks: [...builder.checks(plan.table), ...lowerRowChecks(builder, plan.rowChecks)],
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

function lowerOnConflict(
  builder: PlanBuilder,
  { onConflict }: Insert,
  scope: Scope,
): PhysicalInsert['onConflict'] {
  if (onConflict === undefined) return undefined;
  const ordinals = behind(onConflict.existing, ordinalsOf(onConflict.excluded));
  return {
    arbiterIndexes: onConflict.arbiterIndexes,
    action: onConflict.action,
    existingSources: onConflict.existingSources,
    excludedAttributes: onConflict.excludedAttributes,
    assignments: onConflict.assignments.map(({ attributeNumber, value }) => ({
      attributeNumber,
      value: builder.lower(value, ordinals, scope),
    })),
    where: mapOptional(onConflict.where, (condition) => builder.lower(condition, ordinals, scope)),
  };
}

export function buildUpdate(builder: PlanBuilder, plan: Update, scope: Scope): Built {
  const source = builder.build(plan.source, scope);
  return {
    node: {
      ...frameOf(builder, plan, source),
      kind: 'update',
      rowKey: source.ordinals.get(plan.rowKey)!,
      assignments: plan.assignments.map(({ attributeNumber, value }) => ({
        attributeNumber,
        value: builder.lower(value, source.ordinals, scope),
      })),
      checks: [...builder.checks(plan.table), ...lowerRowChecks(builder, plan.rowChecks)],
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

export function buildDelete(builder: PlanBuilder, plan: Delete, scope: Scope): Built {
  const source = builder.build(plan.source, scope);
  return {
    node: {
      ...frameOf(builder, plan, source),
      kind: 'delete',
      rowKey: source.ordinals.get(plan.rowKey)!,
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

export function buildMerge(builder: PlanBuilder, plan: Merge, scope: Scope): Built {
  checkWrite(builder, plan);
  const source = builder.build(plan.source, scope);
  const { estimatedRows, totalCost } = source.node;
  return {
    node: {
      ...builder.frame([], {
        rows: estimatedRows,
        total: totalCost + estimatedRows * costs.lookup,
      }),
      kind: 'merge',
      table: plan.table,
      alias: plan.alias,
      source: source.node,
      rowKey: source.ordinals.get(plan.rowKey)!,
      clauses: plan.clauses.map((clause) => ({
        ...clause,
        condition: mapOptional(clause.condition, (condition) =>
          builder.lower(condition, source.ordinals, scope),
        ),
        assignments: clause.assignments.map(({ attributeNumber, value }) => ({
          attributeNumber,
          value: builder.lower(value, source.ordinals, scope),
        })),
      })),
      checks: [...builder.checks(plan.table), ...lowerRowChecks(builder, plan.rowChecks)],
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}

/** Steps of a statement that rules have rewritten. */
export function buildSequence(
  builder: PlanBuilder,
  plan: Extract<LogicalPlan, { kind: 'sequence' }>,
  scope: Scope,
): Built {
  const steps = plan.steps.map((step) => builder.exact(builder.build(step, scope), step.outputs));
  const total = steps.reduce((cost, step) => cost + step.totalCost, 0);
  const { returned, counted } = plan;
  return {
    node: {
      ...builder.frame(typesOf(plan.outputs), { rows: 1, total }),
      kind: 'sequence',
      steps,
      returned,
      counted,
    },
    ordinals: ordinalsOf(plan.outputs),
    ordering: unordered,
  };
}
