// The state of turning one logical plan into a physical one, and the lowering of expressions: columns
// become input ordinals or slots, subqueries become subplans.

import {
  assert,
  type ColumnId,
  type Expression,
  type OrderKey,
  type SqlType,
  type TableDescriptor,
} from '#common';
import type { Catalog } from '../catalog.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import type { PhysicalCheck, PhysicalCte, PhysicalNode } from '../physical-plan.ts';
import type { Cardinality } from '../optimize/cardinality.ts';
import { conjunctsOf, mapChildren, visitExpression } from '../optimize/expression-tree.ts';
import { defaultEquality } from '../optimize/equivalence.ts';
import { columnsOf, freeColumns, inputsOf, visitExpressions } from '../optimize/plan-tree.ts';
import type { Built, Scope, Wanted } from './built.ts';
import { orderedCondition } from './condition-order.ts';
import { type ChoosablePath, disabledCost } from './disabled-paths.ts';

/** Binds the CHECK constraints of a table, over its attributes. */
export type CheckBinder = (table: TableDescriptor) => readonly PhysicalCheck[];

/** As physical nodes have them. */
export function countedRows(estimated: number): number {
  return Math.max(1, Math.round(estimated));
}

/** Builds any node; passed in so that the files of the builders need not import each other. */
export type Build = (plan: LogicalPlan, scope: Scope, wanted?: Wanted) => Built;

/** What a physical node stands for. */
export interface PlanPlace {
  readonly plan: LogicalPlan;
  /** Ordinals of the logical node's columns in the physical node's rows. */
  readonly ordinals: ReadonlyMap<ColumnId, number>;
  /** The plan of an expression, whose columns are known by name alone. */
  readonly isSubquery?: boolean;
}

/** Where a plan for the rest of a statement begins: what has been computed, and numbers that are taken. */
export interface PlanStart {
  readonly ctes: readonly PhysicalCte[];
  readonly subplans: readonly PhysicalNode[];
  readonly slotCount: number;
  readonly nextId: number;
}

type SubqueryExpression = Extract<Expression, { kind: 'subquery' }>;

export class PlanBuilder {
  readonly catalog: Catalog;
  readonly cardinality: Cardinality;
  readonly checks: CheckBinder;
  readonly build: Build;
  private readonly disabled: ReadonlySet<ChoosablePath>;
  readonly subplans: PhysicalNode[];
  readonly ctes: PhysicalCte[];
  slotCount: number;
  nextId: number;
  /** By id: the nodes that depend on no row around them. */
  readonly places = new Map<number, PlanPlace>();

  constructor(parts: {
    readonly catalog: Catalog;
    readonly cardinality: Cardinality;
    readonly checks: CheckBinder;
    readonly build: (
      builder: PlanBuilder,
      plan: LogicalPlan,
      scope: Scope,
      wanted?: Wanted,
    ) => Built;
    readonly disabledPaths?: ReadonlySet<ChoosablePath> | undefined;
    readonly start?: PlanStart | undefined;
  }) {
    this.subplans = [...(parts.start?.subplans ?? [])];
    this.ctes = [...(parts.start?.ctes ?? [])];
    this.slotCount = parts.start?.slotCount ?? 0;
    this.nextId = parts.start?.nextId ?? 1;
    this.disabled = parts.disabledPaths ?? new Set();
    this.catalog = parts.catalog;
    this.cardinality = parts.cardinality;
    this.checks = parts.checks;
    this.build = (plan, scope, wanted) => {
      const built = parts.build(this, plan, scope, wanted);
      if (scope.slots.size === 0)
        this.places.set(built.node.id, { plan, ordinals: built.ordinals });
      return built;
    };
  }

  isDisabled(path: ChoosablePath): boolean {
    return this.disabled.has(path);
  }

  /** What a path counts besides its cost when paths are compared. */
  penalty(path: ChoosablePath): number {
    return this.disabled.has(path) ? disabledCost : 0;
  }

  newId(): number {
    return this.nextId++;
  }

  newSlot(): number {
    return this.slotCount++;
  }

  /** The fields that every physical node has. */
  frame(
    types: readonly SqlType[],
    estimate: { readonly rows: number; readonly startup?: number; readonly total: number },
  ) {
    return {
      id: this.newId(),
      types,
      estimatedRows: countedRows(estimate.rows),
      startupCost: estimate.startup ?? 0,
      totalCost: estimate.total,
    };
  }

  lower(expression: Expression, ordinals: ReadonlyMap<ColumnId, number>, scope: Scope): Expression {
    if (expression.kind === 'column') {
      const ordinal = ordinals.get(expression.column);
      if (ordinal !== undefined) return { kind: 'input', type: expression.type, ordinal };
      const slot = scope.slots.get(expression.column);
      assert(slot !== undefined, `column ${expression.column} is not in reach`);
      return { kind: 'slot', type: expression.type, slot };
    }
    if (expression.kind === 'subquery') return this.lowerSubquery(expression, ordinals, scope);
    return mapChildren(expression, (child) => this.lower(child, ordinals, scope));
  }

  /** Conjuncts as one condition, in the order in which they are asked. */
  lowerCondition(
    conjuncts: readonly Expression[],
    place: { readonly ordinals: ReadonlyMap<ColumnId, number>; readonly scope: Scope },
  ): Expression | undefined {
    return orderedCondition(
      conjuncts.map((conjunct) => this.lower(conjunct, place.ordinals, place.scope)),
      this.subplans,
    );
  }

  lowerKeys(
    keys: readonly OrderKey[],
    ordinals: ReadonlyMap<ColumnId, number>,
    scope: Scope,
  ): readonly OrderKey[] {
    return keys.map((key) => ({ ...key, expression: this.lower(key.expression, ordinals, scope) }));
  }

  /**
   * Gives each column that a dependent plan reads a slot of its own. The values come from the row at
   * hand or from an enclosing slot; also the latter are bound anew, so that a dependent plan without
   * bindings is one that never changes.
   */
  bindSlots(
    columns: Iterable<ColumnId>,
    types: ReadonlyMap<ColumnId, SqlType>,
    place: { readonly ordinals: ReadonlyMap<ColumnId, number>; readonly scope: Scope },
  ): {
    readonly scope: Scope;
    readonly bindings: { readonly slot: number; readonly expression: Expression }[];
  } {
    const slots = new Map(place.scope.slots);
    const bindings: { readonly slot: number; readonly expression: Expression }[] = [];
    for (const column of columns) {
      const type = types.get(column) ?? { oid: 0, typmod: -1 };
      const slot = this.newSlot();
      bindings.push({
        slot,
        expression: this.lower({ kind: 'column', column, type }, place.ordinals, place.scope),
      });
      slots.set(column, slot);
    }
    return { scope: { slots }, bindings };
  }

  private lowerSubquery(
    expression: SubqueryExpression,
    ordinals: ReadonlyMap<ColumnId, number>,
    scope: Scope,
  ): Expression {
    const plan = expression.plan as LogicalPlan;
    const free = freeColumns(plan);
    const inner = this.bindSlots(free, columnTypes(plan), { ordinals, scope });
    const built = this.build(
      plan,
      expression.mode === 'exists' ? { ...inner.scope, stopsEarly: true } : inner.scope,
    );
    const outputs = expression.outputs.map((id) =>
      plan.outputs.find((column) => column.id === id)!,
    );
    const shown = outputs.length === 0 ? plan.outputs.slice(0, 1) : outputs;
    const node = this.exact(built, shown);
    if (inner.bindings.length === 0) {
      const ordinals = new Map(shown.map(({ id }, at) => [id, at]));
      this.places.set(node.id, { plan, ordinals, isSubquery: true });
    }
    const subplan = this.subplans.push(node) - 1;
    const outputSlots = expression.test === undefined ? [] : outputs.map(() => this.newSlot());
    const hashedKeys =
      inner.bindings.length > 0 ? undefined : this.hashedKeys(expression, ordinals, scope);
    let test: Expression | undefined;
    if (expression.test !== undefined) {
      const slots = new Map(scope.slots);
      outputs.forEach((column, at) => slots.set(column.id, outputSlots[at]));
      test = this.lower(expression.test, ordinals, { slots });
    }
    return {
      kind: 'subplan',
      type: expression.type,
      ...(expression.position === undefined ? {} : { position: expression.position }),
      mode: expression.mode,
      subplan,
      bindings: inner.bindings,
      outputSlots,
      test,
      hashedKeys,
    };
  }

  /** The outer sides of `outer = output` for every output in order, when the test is exactly that. */
  private hashedKeys(
    expression: SubqueryExpression,
    ordinals: ReadonlyMap<ColumnId, number>,
    scope: Scope,
  ): readonly Expression[] | undefined {
    if (expression.mode !== 'any' || expression.test === undefined) return undefined;
    const tests = conjunctsOf(expression.test);
    if (tests.length !== expression.outputs.length) return undefined;
    const made = new Set(expression.outputs);
    const keys: Expression[] = [];
    for (const [at, test] of tests.entries()) {
      const equality = defaultEquality(test);
      if (equality === undefined) return undefined;
      const { left, right } = equality;
      const outputFirst = left.kind === 'column' && left.column === expression.outputs[at];
      const output = outputFirst ? left : right;
      const outer = outputFirst ? right : left;
      if (output.kind !== 'column' || output.column !== expression.outputs[at]) return undefined;
      for (const column of columnsOf(outer)) if (made.has(column)) return undefined;
      keys.push(this.lower(outer, ordinals, scope));
    }
    return keys;
  }

  /** The node with exactly these columns in this order. */
  exact(
    built: Built,
    columns: readonly { readonly id: ColumnId; readonly type: SqlType }[],
  ): PhysicalNode {
    const { node, ordinals } = built;
    const identical =
      columns.length === node.types.length &&
      columns.every((column, at) => ordinals.get(column.id) === at);
    if (identical) return node;
    return {
      ...this.frame(
        columns.map((column) => column.type),
        { rows: node.estimatedRows, startup: node.startupCost, total: node.totalCost },
      ),
      kind: 'project',
      input: node,
      expressions: columns.map((column) => {
        const ordinal = ordinals.get(column.id);
        assert(ordinal !== undefined, `column ${column.id} is not made`);
        return { kind: 'input', type: column.type, ordinal };
      }),
    };
  }
}

/** Types of the columns that occur in a plan, for binding its free ones. */
export function columnTypes(plan: LogicalPlan): ReadonlyMap<ColumnId, SqlType> {
  const types = new Map<ColumnId, SqlType>();
  const enter = (node: LogicalPlan): void => {
    visitExpressions(node, (expression) => collectTypes(expression, types, enter));
    inputsOf(node).forEach(enter);
  };
  enter(plan);
  return types;
}

function collectTypes(
  expression: Expression,
  types: Map<ColumnId, SqlType>,
  enter: (plan: LogicalPlan) => void,
): void {
  visitExpression(expression, (node) => {
    if (node.kind === 'column') types.set(node.column, node.type);
    if (node.kind === 'subquery') enter(node.plan as LogicalPlan);
  });
}
