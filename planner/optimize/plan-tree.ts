// Walking and rewriting logical plans: children, the expressions of a node, the columns that an
// expression or a plan needs from outside, substitution, and copies with fresh columns.

import type { AggregateExpression, ColumnId, Expression } from '#common';
import type { Assignment, LogicalPlan, PlanColumn, Returning, RowChecks } from '../logical-plan.ts';
import {
  mapChildren,
  mapList,
  mapOptional,
  mapOrderKeys,
  visitExpression,
} from './expression-tree.ts';

/** Rebuilds a node with its input plans replaced (not the plans of subqueries in its expressions). */
export function mapInputs(
  plan: LogicalPlan,
  map: (input: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  switch (plan.kind) {
    case 'scan':
    case 'systemScan':
    case 'values':
    case 'functionScan':
    case 'cteScan':
    case 'empty':
    case 'singleRow':
      return plan;
    case 'filter':
    case 'project':
    case 'projectSet':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lockRows': {
      const input = map(plan.input);
      return input === plan.input ? plan : { ...plan, input };
    }
    case 'join': {
      const left = map(plan.left);
      const right = map(plan.right);
      return left === plan.left && right === plan.right ? plan : { ...plan, left, right };
    }
    case 'setOperation': {
      const inputs = mapList(plan.inputs, map);
      return inputs === plan.inputs ? plan : { ...plan, inputs };
    }
    case 'with': {
      const definitions = mapList(plan.definitions, (definition) => {
        const inner = map(definition.plan);
        const step =
          definition.recursive === undefined ? undefined : map(definition.recursive.step);
        if (inner === definition.plan && step === definition.recursive?.step) return definition;
        const recursive =
          definition.recursive === undefined || step === undefined
            ? undefined
            : { ...definition.recursive, step };
        return { ...definition, plan: inner, recursive };
      });
      const body = map(plan.body);
      return definitions === plan.definitions && body === plan.body
        ? plan
        : { ...plan, definitions, body };
    }
    case 'sequence': {
      const steps = mapList(plan.steps, map);
      return steps === plan.steps ? plan : { ...plan, steps };
    }
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge': {
      const source = map(plan.source);
      return source === plan.source ? plan : { ...plan, source };
    }
  }
}

export function inputsOf(plan: LogicalPlan): readonly LogicalPlan[] {
  const inputs: LogicalPlan[] = [];
  mapInputs(plan, (input) => {
    inputs.push(input);
    return input;
  });
  return inputs;
}

/** Rebuilds a node with the expressions that stand in it replaced. */
export function mapExpressions(
  plan: LogicalPlan,
  map: (expression: Expression) => Expression,
): LogicalPlan {
  const list = (items: readonly Expression[]) => mapList(items, map);
  switch (plan.kind) {
    case 'scan': {
      const { system, valid } = plan.temporal;
      if (system.kind === 'current' && valid.kind === 'all') return plan;
      return {
        ...plan,
        temporal: {
          system:
            system.kind === 'asOf'
              ? { ...system, at: map(system.at) }
              : system.kind === 'range'
                ? { ...system, from: map(system.from), to: map(system.to) }
                : system,
          valid: valid.kind === 'asOf' ? { ...valid, at: map(valid.at) } : valid,
        },
      };
    }
    case 'cteScan': {
      const { correlation } = plan;
      if (correlation === undefined) return plan;
      return { ...plan, correlation: { ...correlation, reads: list(correlation.reads) } };
    }
    case 'systemScan':
    case 'empty':
    case 'singleRow':
    case 'setOperation':
    case 'with':
    case 'lockRows':
    case 'sequence':
      return plan;
    case 'values': {
      const rows = mapList(plan.rows, list);
      return rows === plan.rows ? plan : { ...plan, rows };
    }
    case 'functionScan':
      return { ...plan, calls: plan.calls.map((call) => ({ ...call, call: map(call.call) })) };
    case 'filter': {
      const condition = map(plan.condition);
      return condition === plan.condition ? plan : { ...plan, condition };
    }
    case 'project':
    case 'projectSet': {
      const expressions = list(plan.expressions);
      return expressions === plan.expressions ? plan : { ...plan, expressions };
    }
    case 'join': {
      const condition = mapOptional(plan.condition, map);
      return condition === plan.condition ? plan : { ...plan, condition };
    }
    case 'aggregate': {
      const groupKeys = list(plan.groupKeys);
      const aggregates = mapList(
        plan.aggregates,
        (aggregate) => map(aggregate) as AggregateExpression,
      );
      return groupKeys === plan.groupKeys && aggregates === plan.aggregates
        ? plan
        : { ...plan, groupKeys, aggregates };
    }
    case 'window':
      return {
        ...plan,
        partitionBy: list(plan.partitionBy),
        orderBy: mapOrderKeys(plan.orderBy, map),
        frame: {
          ...plan.frame,
          start: mapBound(plan.frame.start, map),
          end: mapBound(plan.frame.end, map),
        },
        calls: plan.calls.map((call) => ({
          ...call,
          arguments: list(call.arguments),
          filter: mapOptional(call.filter, map),
        })),
      };
    case 'sort': {
      const keys = mapOrderKeys(plan.keys, map);
      return keys === plan.keys ? plan : { ...plan, keys };
    }
    case 'limit':
      return {
        ...plan,
        count: mapOptional(plan.count, map),
        offset: mapOptional(plan.offset, map),
        tieKeys: mapOrderKeys(plan.tieKeys, map),
      };
    case 'distinct':
      return plan.on === undefined ? plan : { ...plan, on: list(plan.on) };
    case 'insert': {
      const onConflict =
        plan.onConflict === undefined
          ? undefined
          : {
              ...plan.onConflict,
              assignments: plan.onConflict.assignments.map((item) => ({
                ...item,
                value: map(item.value),
              })),
              where: mapOptional(plan.onConflict.where, map),
            };
      return {
        ...plan,
        assignments: mapAssignments(plan, map),
        onConflict,
        rowChecks: mapRowChecks(plan.rowChecks, map),
        returning: mapReturning(plan.returning, map),
      };
    }
    case 'update':
      return {
        ...plan,
        assignments: mapAssignments(plan, map),
        rowChecks: mapRowChecks(plan.rowChecks, map),
        returning: mapReturning(plan.returning, map),
      };
    case 'delete':
      return plan.returning === undefined
        ? plan
        : { ...plan, returning: mapReturning(plan.returning, map) };
    case 'merge':
      return {
        ...plan,
        rowChecks: mapRowChecks(plan.rowChecks, map),
        clauses: plan.clauses.map((clause) => ({
          ...clause,
          condition: mapOptional(clause.condition, map),
          assignments: mapAssignments(clause, map),
        })),
      };
  }
}

function mapBound<Bound extends { readonly offset?: Expression }>(
  bound: Bound,
  map: (e: Expression) => Expression,
): Bound {
  return bound.offset === undefined ? bound : { ...bound, offset: map(bound.offset) };
}

function mapAssignments(
  plan: { readonly assignments: readonly Assignment[] },
  map: (expression: Expression) => Expression,
): readonly Assignment[] {
  return plan.assignments.map((item) => ({ ...item, value: map(item.value) }));
}

function mapReturning(
  returning: Returning | undefined,
  map: (expression: Expression) => Expression,
): Returning | undefined {
  return returning === undefined
    ? undefined
    : { ...returning, expressions: returning.expressions.map(map) };
}

function mapRowChecks(
  rowChecks: RowChecks | undefined,
  map: (expression: Expression) => Expression,
): RowChecks | undefined {
  return rowChecks === undefined
    ? undefined
    : {
        ...rowChecks,
        checks: rowChecks.checks.map((check) => ({ ...check, condition: map(check.condition) })),
      };
}

/** Calls `visit` on the expressions of one node. */
export function visitExpressions(plan: LogicalPlan, visit: (expression: Expression) => void): void {
  mapExpressions(plan, (expression) => {
    visit(expression);
    return expression;
  });
}

/** Bottom-up rewrite of a plan; subqueries inside expressions are rewritten too. */
export function rewritePlan(
  plan: LogicalPlan,
  rewrite: (node: LogicalPlan) => LogicalPlan,
): LogicalPlan {
  const inner = mapInputs(plan, (input) => rewritePlan(input, rewrite));
  return rewrite(
    mapExpressions(inner, (expression) =>
      rewriteSubqueries(expression, (plan) => rewritePlan(plan, rewrite)),
    ),
  );
}

/** Replaces the plans of the subqueries in an expression. */
export function rewriteSubqueries(
  expression: Expression,
  rewrite: (plan: LogicalPlan) => LogicalPlan,
): Expression {
  const mapped = mapChildren(expression, (child) => rewriteSubqueries(child, rewrite));
  if (mapped.kind !== 'subquery') return mapped;
  const plan = rewrite(mapped.plan as LogicalPlan);
  return plan === mapped.plan ? mapped : { ...mapped, plan };
}

/** Adds the columns that an expression reads, those that its subqueries need from outside included. */
export function addColumns(expression: Expression, columns: Set<ColumnId>): void {
  visitExpression(expression, (node) => {
    if (node.kind === 'column') columns.add(node.column);
    if (node.kind !== 'subquery') return true;
    const made = new Set<ColumnId>();
    const plan = node.plan as LogicalPlan;
    addFreeColumns(plan, columns);
    for (const output of plan.outputs) made.add(output.id);
    if (node.test !== undefined) {
      for (const column of columnsOf(node.test)) if (!made.has(column)) columns.add(column);
    }
    return false;
  });
}

export function columnsOf(expression: Expression): Set<ColumnId> {
  const columns = new Set<ColumnId>();
  addColumns(expression, columns);
  return columns;
}

/** Columns that a plan reads and does not make: what it is correlated with. */
export function freeColumns(plan: LogicalPlan): Set<ColumnId> {
  const columns = new Set<ColumnId>();
  addFreeColumns(plan, columns);
  return columns;
}

function addFreeColumns(plan: LogicalPlan, columns: Set<ColumnId>): void {
  const visible = visibleColumns(plan);
  const used = new Set<ColumnId>();
  visitExpressions(plan, (expression) => addColumns(expression, used));
  for (const column of used) if (!visible.has(column)) columns.add(column);
  if (plan.kind === 'join' && plan.lateral) {
    addFreeColumns(plan.left, columns);
    for (const column of freeColumns(plan.right)) if (!visible.has(column)) columns.add(column);
    return;
  }
  for (const input of inputsOf(plan)) addFreeColumns(input, columns);
}

/** What the expressions of a node can read without looking outside: its inputs, and what DML adds. */
function visibleColumns(plan: LogicalPlan): Set<ColumnId> {
  const visible = new Set<ColumnId>();
  for (const input of inputsOf(plan)) for (const column of input.outputs) visible.add(column.id);
  if (plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'merge') {
    for (const column of plan.rowChecks?.row ?? []) visible.add(column.id);
  }
  if (plan.kind === 'insert' || plan.kind === 'update' || plan.kind === 'delete') {
    for (const column of plan.returning?.row ?? []) visible.add(column.id);
    if (plan.kind === 'insert' && plan.onConflict !== undefined) {
      for (const column of plan.onConflict.existing) visible.add(column.id);
      for (const column of plan.onConflict.excluded) visible.add(column.id);
    }
  }
  return visible;
}

/** Replaces column references; `replacement` answers undefined for columns that stay. Enters subqueries. */
export function substituteColumns(
  expression: Expression,
  replacement: (column: ColumnId) => Expression | undefined,
): Expression {
  if (expression.kind === 'column') return replacement(expression.column) ?? expression;
  const mapped = mapChildren(expression, (child) => substituteColumns(child, replacement));
  if (mapped.kind !== 'subquery') return mapped;
  const plan = substituteInPlan(mapped.plan as LogicalPlan, replacement);
  return plan === mapped.plan ? mapped : { ...mapped, plan };
}

export function substituteInPlan(
  plan: LogicalPlan,
  replacement: (column: ColumnId) => Expression | undefined,
): LogicalPlan {
  const inner = mapInputs(plan, (input) => substituteInPlan(input, replacement));
  return mapExpressions(inner, (expression) => substituteColumns(expression, replacement));
}

/** A source of column ids that are unused in the statement. */
export interface ColumnSource {
  fresh(): ColumnId;
}

/** A copy of a plan in which every column that it makes has a fresh id. */
export function copyWithFreshColumns(
  plan: LogicalPlan,
  source: ColumnSource,
): { readonly plan: LogicalPlan; readonly columns: ReadonlyMap<ColumnId, ColumnId> } {
  const columns = new Map<ColumnId, ColumnId>();
  const rename = (id: ColumnId) => columns.get(id) ?? id;
  const define = (node: LogicalPlan): void => {
    const made: PlanColumn[] = [...node.outputs];
    if (node.kind === 'insert' || node.kind === 'update' || node.kind === 'delete')
      made.push(...(node.returning?.row ?? []));
    if (node.kind === 'insert')
      made.push(...(node.onConflict?.existing ?? []), ...(node.onConflict?.excluded ?? []));
    for (const column of made) if (!columns.has(column.id)) columns.set(column.id, source.fresh());
    visitExpressions(node, (expression) =>
      visitExpression(expression, (inner) => {
        if (inner.kind === 'subquery') define(inner.plan as LogicalPlan);
      }),
    );
    inputsOf(node).forEach(define);
  };
  define(plan);
  return { plan: renamePlan(plan, rename), columns };
}

function renamePlan(plan: LogicalPlan, rename: (id: ColumnId) => ColumnId): LogicalPlan {
  const renameColumns = (columns: readonly PlanColumn[]) =>
    columns.map((column) => ({ ...column, id: rename(column.id) }));
  const renameIn = (expression: Expression): Expression => {
    if (expression.kind === 'column') return { ...expression, column: rename(expression.column) };
    const mapped = mapChildren(expression, renameIn);
    if (mapped.kind !== 'subquery') return mapped;
    return {
      ...mapped,
      plan: renamePlan(mapped.plan as LogicalPlan, rename),
      outputs: mapped.outputs.map(rename),
    };
  };
  const inner = mapExpressions(
    mapInputs(plan, (input) => renamePlan(input, rename)),
    renameIn,
  );
  const renamed = { ...inner, outputs: renameColumns(inner.outputs) };
  if (renamed.kind === 'lockRows') {
    return {
      ...renamed,
      targets: renamed.targets.map((target) => ({ ...target, rowKey: rename(target.rowKey) })),
    };
  }
  if (renamed.kind === 'insert') {
    return {
      ...renamed,
      onConflict:
        renamed.onConflict === undefined
          ? undefined
          : {
              ...renamed.onConflict,
              existing: renameColumns(renamed.onConflict.existing),
              excluded: renameColumns(renamed.onConflict.excluded),
            },
      returning: renameReturning(renamed.returning, renameColumns),
    };
  }
  if (renamed.kind === 'update' || renamed.kind === 'delete') {
    return {
      ...renamed,
      rowKey: rename(renamed.rowKey),
      returning: renameReturning(renamed.returning, renameColumns),
    };
  }
  if (renamed.kind === 'merge') return { ...renamed, rowKey: rename(renamed.rowKey) };
  return renamed;
}

function renameReturning(
  returning: Returning | undefined,
  renameColumns: (columns: readonly PlanColumn[]) => readonly PlanColumn[],
): Returning | undefined {
  return returning === undefined ? undefined : { ...returning, row: renameColumns(returning.row) };
}
