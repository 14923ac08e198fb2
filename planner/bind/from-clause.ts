// The FROM clause: each item becomes names in the scope and a plan that is built once the whole query
// level is bound (scans then know which of their columns are read).

import type { Alias, Node, RangeSubselect, RangeVar, SelectStmt } from '@pgsql/types';
import {
  type ColumnId,
  databaseError,
  notSupported,
  type Expression,
  type RelationDescriptor,
  type ViewDescriptor,
} from '#common';
import { at } from '../errors.ts';
import type { JoinNode, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import type { TemporalClause } from '../parse/index.ts';
import { notedItem, type RelationAccess } from './access.ts';
import { exactPlan } from './bound-select.ts';
import { cteItem } from './cte.ts';
import { booleanType, constant } from './expression-build.ts';
import { checkNameConflicts, type FromElement } from './from-element.ts';
import { bindJoin } from './join.ts';
import { inheritedLocking, withLocking } from './lock-inheritance.ts';
import { sampledElement } from './table-sample.ts';
import { bodyOf, nodeTag, stringsOf } from './node.ts';
import { behindBarrier, RowPolicies } from './row-policy.ts';
import { isRuleRows } from './rule-rows.ts';
import { rangeFunctionItem } from './range-function.ts';
import { relationOf } from './relation-name.ts';
import {
  derivedItem,
  type RelationItem,
  systemItem,
  tableItem,
  withRowMarker,
  type ItemAlias,
} from './relation-item.ts';
import { columnReference, type NamespaceItem, type Scope } from './scope.ts';
import { sequenceItem } from './sequence-relation.ts';
import { temporalSpec } from './temporal-clause.ts';
import { bindViewDefinition, isBarrier } from './view.ts';

/** Binds FROM, adds its items to the scope and returns how to build the plan; no elements: one row. */
export function bindFromClause(
  nodes: readonly Node[] | undefined,
  scope: Scope,
): () => LogicalPlan {
  const elements: FromElement[] = [];
  for (const node of nodes ?? []) {
    const element = bindFromElement(node, scope);
    checkNameConflicts(scope.items, element.items);
    for (const item of element.items) {
      item.lateralOnly = true;
      item.lateralAllowed = true;
      scope.items.push(item);
    }
    elements.push(element);
  }
  for (const item of scope.items) item.lateralOnly = false;
  return () => joinElements(elements);
}

function joinElements(elements: readonly FromElement[]): LogicalPlan {
  const [first, ...others] = elements;
  if (first === undefined) return { kind: 'singleRow', outputs: [] };
  return others.reduce((left, element): LogicalPlan => {
    const right = element.build();
    return crossJoin(left, right, element.lateral.size > 0);
  }, first.build());
}

export function crossJoin(left: LogicalPlan, right: LogicalPlan, lateral: boolean): JoinNode {
  return {
    kind: 'join',
    type: lateral ? 'inner' : 'cross',
    left,
    right,
    condition: undefined,
    lateral,
    outputs: [...left.outputs, ...right.outputs],
  };
}

export function bindFromElement(node: Node, scope: Scope): FromElement {
  return scope.binder.nested(() => {
    if (isRuleRows(node)) return node.ruleRows();
    const range = bodyOf(node, 'RangeVar');
    if (range !== undefined) return bindRangeVar(range, scope);
    const subselect = bodyOf(node, 'RangeSubselect');
    if (subselect !== undefined) return bindSubselect(subselect, scope);
    const rangeFunction = bodyOf(node, 'RangeFunction');
    if (rangeFunction !== undefined) {
      return withLateral(scope, () =>
        recorded(
          rangeFunction,
          single(withRowMarker(rangeFunctionItem(rangeFunction, scope), scope)),
          scope,
        ),
      );
    }
    const join = bodyOf(node, 'JoinExpr');
    if (join !== undefined) return bindJoin(join, scope, bindFromElement);
    const sample = bodyOf(node, 'RangeTableSample');
    if (sample !== undefined) {
      const relation = bindFromElement(sample.relation!, scope);
      return withLateral(scope, () => sampledElement(sample, relation, scope));
    }
    throw notSupported(nodeTag(node));
  });
}

function single(element: { readonly item: NamespaceItem; build(): LogicalPlan }): FromElement {
  return {
    row: element.item,
    items: [element.item],
    lateral: new Set(),
    build: () => element.build(),
  };
}

/** Binds something that may read the elements before it, and notes which. */
function withLateral(scope: Scope, bind: () => FromElement): FromElement {
  const { lateralActive, lateralReads } = scope;
  const reads = new Set<NamespaceItem>();
  scope.lateralActive = true;
  scope.lateralReads = reads;
  try {
    return { ...bind(), lateral: reads };
  } finally {
    scope.lateralActive = lateralActive;
    scope.lateralReads = new Set([...lateralReads, ...reads]);
  }
}

export function aliasOf(alias: Alias | undefined, name: string): ItemAlias {
  return {
    name: alias?.aliasname ?? name,
    columns: stringsOf(alias?.colnames),
    explicit: alias !== undefined,
  };
}

function bindRangeVar(range: RangeVar, scope: Scope): FromElement {
  const clause = scope.binder.source.temporalClauses.get(range.location ?? 0);
  const position = scope.position(range.location);
  const alias = aliasOf(range.alias, range.relname ?? '');
  if (range.schemaname === undefined) {
    const cte = scope.findCte(range.relname ?? '');
    if (cte !== undefined) {
      if (clause !== undefined) throw temporalNotPossible(cte.name, clause);
      return recorded(
        range,
        single(withRowMarker(cteItem(cte, alias, scope, position), scope)),
        scope,
      );
    }
  }
  const transition = transitionItem(range, alias, scope);
  if (transition !== undefined) return single(transition);
  const relation = relationOf(scope.binder, range);
  scope.binder.touch(relation.oid, 'read');
  const access = scope.binder.access(relation);
  access.selects = true;
  scope.binder.context.record?.relations.set(range, relation);
  const element = notedElement(
    bindRelation({
      relation,
      alias,
      clause,
      scope,
      position,
      access,
      inherited: range.inh === true,
    }),
    access,
  );
  return recorded(range, element, scope);
}

/** Notes what the element of FROM is called, for whoever prints the query. */
function recorded(node: object, element: FromElement, scope: Scope): FromElement {
  scope.binder.context.record?.items.set(node, element.row);
  return element;
}

/** A transition table of the trigger that the statement runs for. */
function transitionItem(range: RangeVar, alias: ItemAlias, scope: Scope): RelationItem | undefined {
  const tables = scope.binder.context.transitionTables;
  if (tables === undefined || range.schemaname !== undefined || scope.binder.isStored)
    return undefined;
  const table = tables.find((each) => each.name === range.relname);
  if (table === undefined) return undefined;
  const outputs = table.columns.map(({ name, type }) => scope.newColumn(name, type));
  return {
    item: derivedItem(outputs, alias),
    build: () => ({
      kind: 'values',
      rows: table.rows.map((row) =>
        row.map((value, position): Expression => ({
          kind: 'constant',
          value,
          type: table.columns[position].type,
        })),
      ),
      outputs,
    }),
  };
}

/** Reading any column is noted with the relation. */
function notedElement(element: FromElement, access: RelationAccess): FromElement {
  const row = notedItem(element.row, access);
  return { ...element, row, items: [row] };
}

interface RelationReference {
  readonly relation: RelationDescriptor;
  readonly alias: ItemAlias;
  readonly clause: TemporalClause | undefined;
  readonly scope: Scope;
  readonly position: number | undefined;
  readonly access: RelationAccess;
  /** No ONLY: with the tables that inherit from it. */
  readonly inherited: boolean;
}

function bindRelation(reference: RelationReference): FromElement {
  const { relation, alias, clause, scope, position } = reference;
  switch (relation.kind) {
    case 'table':
      return single(
        securedItem(
          tableItem(relation, alias, temporalSpec(clause, scope), scope, {
            inherited: reference.inherited,
          }),
          reference,
        ),
      );
    case 'view':
      return single(withRowMarker(viewElement(relation, reference), scope));
    case 'system':
      if (clause !== undefined) throw temporalNotPossible(relation.name, clause);
      return single(systemItem(relation, alias, scope));
    case 'sequence':
      return single(sequenceItem(relation, alias, scope));
    case 'index':
      throw databaseError('wrongObjectType', `cannot open relation "${relation.name}"`, {
        ...at(position),
        detail: 'This operation is not supported for indexes.',
      });
  }
}

/** The rows that the table's policies show; those that are locked must be open to UPDATE as well. */
function securedItem(element: RelationItem, reference: RelationReference): RelationItem {
  const { access, alias, scope } = reference;
  const policies = RowPolicies.of(access, scope.binder);
  if (policies === undefined) return element;
  const isLocked = inheritedLocking(scope.locking, alias.name).length > 0;
  const conditions = policies.visible(isLocked ? ['update', 'select'] : ['select'], element.item);
  return { ...element, build: () => behindBarrier(element.build(), conditions) };
}

function viewElement(
  view: ViewDescriptor,
  { alias, clause, scope }: RelationReference,
): { readonly item: NamespaceItem; build(): LogicalPlan } {
  const { binder } = scope;
  const outer = binder.inheritedSystemTime;
  if (clause !== undefined) binder.inheritedSystemTime = temporalSpec(clause, scope).system;
  try {
    const select = bindViewDefinition(view, binder, inheritedLocking(scope.locking, alias.name));
    const columns = view.columns.filter((column) => !column.dropped);
    const outputs = select.columns.map((column, index) => {
      const output = scope.newColumn(columns[index]?.name ?? column.name, column.type);
      const attributeNumber = columns[index]?.attributeNumber ?? index + 1;
      binder.describe(output, alias.name, { tableOid: view.oid, attributeNumber, scan: undefined });
      return output;
    });
    const item = derivedItem(outputs, alias, { rowType: { oid: view.rowTypeOid, typmod: -1 } });
    const expressions = select.columns.map(({ id, type }) => columnReference(id, type));
    const relation = alias.explicit ? undefined : { schemaOid: view.schemaOid, oid: view.oid };
    return {
      item: { ...item, relation },
      build() {
        const plan: LogicalPlan = { kind: 'project', input: select.plan, expressions, outputs };
        if (!isBarrier(view)) return plan;
        return behindBarrier(plan, [constant(true, booleanType)]);
      },
    };
  } finally {
    binder.inheritedSystemTime = outer;
  }
}

function temporalNotPossible(name: string, clause: TemporalClause): Error {
  return databaseError('wrongObjectType', `FOR SYSTEM_TIME is not possible for "${name}"`, {
    position: clause.position,
    detail: 'Only tables and views over tables keep their history.',
  });
}

function bindSubselect(range: RangeSubselect, scope: Scope): FromElement {
  const alias = aliasOf(range.alias, '');
  const locking = inheritedLocking(scope.locking, alias.name);
  const statement = withLocking(subqueryStatement(range.subquery), locking);
  const bind = (): FromElement => {
    const select = scope.binder.grammar.select(statement, scope.child());
    for (const [index, column] of select.columns.entries()) {
      scope.binder.owners.set(column.id, scope);
      const name = alias.columns[index] ?? column.name;
      scope.binder.labels.set(column.id, `${alias.name}.${name}`);
      // Grouping by a key determines the columns of a table in the same FROM only.
      const origin = scope.binder.origins.get(column.id);
      if (origin !== undefined) scope.binder.origins.set(column.id, { ...origin, scan: undefined });
    }
    const item = derivedItem(toldApart(select.columns, scope), alias);
    // PostgreSQL 16 and later let the alias away; nothing can then qualify with it.
    item.relationVisible = range.alias !== undefined;
    return recorded(
      range,
      single(withRowMarker({ item, build: () => exactPlan(select) }, scope)),
      scope,
    );
  };
  if (range.lateral === true) return withLateral(scope, bind);
  // Without LATERAL the elements of this FROM are out of sight, those of enclosing queries are not.
  const { lateralActive } = scope;
  scope.lateralActive = false;
  try {
    return bind();
  } finally {
    scope.lateralActive = lateralActive;
  }
}

/** In a query that will be printed, columns that are the same below have names of their own. */
function toldApart(columns: readonly PlanColumn[], scope: Scope): readonly PlanColumn[] {
  if (scope.binder.context.record === undefined) return columns;
  const seen = new Set<ColumnId>();
  return columns.map((column) => {
    if (seen.has(column.id)) return scope.newColumn(column.name, column.type);
    seen.add(column.id);
    return column;
  });
}

function subqueryStatement(node: Node | undefined): SelectStmt {
  const statement = bodyOf(node, 'SelectStmt');
  if (statement === undefined) throw notSupported('a data-modifying statement in FROM');
  return statement;
}
