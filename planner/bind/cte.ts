// WITH (PostgreSQL's parse_cte.c): common table expressions in order, recursive ones as a
// non-recursive term and a step that reads the rows of the round before.

import type { CommonTableExpr, Node, SelectStmt, WithClause } from '@pgsql/types';
import { databaseError, sqlType, type Expression } from '#common';
import { at, syntaxError } from '../errors.ts';
import type { CteDefinition, LogicalPlan, PlanColumn } from '../logical-plan.ts';
import { exactPlan, type BoundSelect } from './bound-select.ts';
import { collationName, mergedColumnType, typeCollation } from './collation.ts';
import { coerceToCommon, commonTypmod, selectCommonType } from './common-type.ts';
import { bodyOf, locationOf, stringsOf } from './node.ts';
import { bindingOrder, checkSelfReferences, isRecursive } from './recursion-form.ts';
import { derivedItem, type ItemAlias, type RelationItem } from './relation-item.ts';
import { columnReference, type CteEntry, type NamespaceItem, type Scope } from './scope.ts';
import { AddedColumns } from './search-cycle.ts';
import { typeName } from './type-name.ts';

export function bindWithClause(clause: WithClause | undefined, scope: Scope): void {
  if (clause === undefined) return;
  const ctes = (clause.ctes ?? []).map((node) => bodyOf(node, 'CommonTableExpr')!);
  refuseDuplicates(ctes, scope);
  const position = (location: number | undefined) => scope.position(location);
  const ordered = clause.recursive === true ? bindingOrder(ctes, position) : ctes;
  for (const cte of ordered) {
    const recursive = clause.recursive === true && isRecursive(cte);
    if (recursive) bindRecursive(cte, scope, position(cte.location));
    else bindPlainCte(cte, scope);
  }
}

function refuseDuplicates(ctes: readonly CommonTableExpr[], scope: Scope): void {
  const names = new Set<string>();
  for (const { ctename: name = '', location } of ctes) {
    if (names.has(name)) {
      throw databaseError(
        'duplicateAlias',
        `WITH query name "${name}" specified more than once`,
        at(scope.position(location)),
      );
    }
    names.add(name);
  }
}

/** The plan under its WITH definitions. */
export function wrapWith(body: LogicalPlan, scope: Scope): LogicalPlan {
  const { cteDefinitions: definitions } = scope;
  if (definitions.length === 0) return body;
  return { kind: 'with', definitions, body, outputs: body.outputs };
}

/** What SEARCH and CYCLE add is no part of * inside the query itself. */
function withoutAdded(item: NamespaceItem, { recursion, addedCount = 0 }: CteEntry): NamespaceItem {
  if (recursion !== 'allowed' || addedCount === 0) return item;
  const shown = item.columns.length - addedCount;
  return {
    ...item,
    columns: item.columns.map((column, index) =>
      index < shown ? column : { ...column, inStar: false },
    ),
  };
}

function bindPlainCte(cte: CommonTableExpr, scope: Scope): void {
  const { binder } = scope;
  if (hasAddedColumns(cte))
    throw syntaxError('WITH query is not recursive', scope.position(cte.location));
  const statement = bodyOf(cte.ctequery, 'SelectStmt');
  const modifies = statement === undefined;
  if (bodyOf(cte.ctequery, 'MergeStmt') !== undefined) {
    throw databaseError(
      'featureNotSupported',
      'MERGE not supported in WITH query',
      at(scope.position(cte.location)),
    );
  }
  if (modifies && scope.parent !== undefined) {
    throw databaseError(
      'featureNotSupported',
      'WITH clause containing a data-modifying statement must be at the top level',
      at(scope.position(cte.location)),
    );
  }
  const select = modifies
    ? binder.grammar.modification(cte.ctequery!, scope.child())
    : binder.grammar.select(statement, scope.child());
  const cteId = binder.newCteId();
  register(cte, scope, {
    definition: {
      cteId,
      name: cte.ctename ?? '',
      plan: exactPlan(select),
      materialized: modifies ? 'always' : materialization(cte),
      recursive: undefined,
    },
    columns: namedColumns(cte, select.columns, scope),
    modifies,
  });
}

function materialization(cte: CommonTableExpr): CteDefinition['materialized'] {
  if (cte.ctematerialized === 'CTEMaterializeAlways') return 'always';
  return cte.ctematerialized === 'CTEMaterializeNever' ? 'never' : 'default';
}

function register(
  cte: CommonTableExpr,
  scope: Scope,
  parts: {
    readonly definition: CteDefinition;
    readonly columns: readonly PlanColumn[];
    readonly modifies: boolean;
  },
): CteEntry {
  const name = cte.ctename ?? '';
  const entry: CteEntry = {
    name,
    cteId: parts.definition.cteId,
    columns: parts.columns,
    recursion: 'none',
    hasRows: !parts.modifies || parts.columns.length > 0,
  };
  scope.ctes.set(name, entry);
  scope.cteDefinitions.push(parts.definition);
  return entry;
}

/** Output columns under the names of WITH name(column, …). */
function namedColumns(
  cte: CommonTableExpr,
  columns: readonly PlanColumn[],
  scope: Scope,
): PlanColumn[] {
  const names = stringsOf(cte.aliascolnames);
  if (names.length > columns.length) {
    throw databaseError(
      'invalidColumnReference',
      `WITH query "${cte.ctename}" has ${columns.length} columns available but ${names.length} columns specified`,
      at(scope.position(cte.location)),
    );
  }
  return columns.map((column, index) => ({ ...column, name: names[index] ?? column.name }));
}

function bindRecursive(cte: CommonTableExpr, scope: Scope, position: number | undefined): void {
  const { binder } = scope;
  const name = cte.ctename ?? '';
  const statement = bodyOf(cte.ctequery, 'SelectStmt');
  checkRecursiveForm(cte, statement, scope, position);
  const union = statement!;
  const inner = scope.child();
  if (union.withClause !== undefined) bindWithClause(union.withClause, inner);
  const cteId = binder.newCteId();
  const entry: CteEntry = { name, cteId, columns: [], recursion: 'forbidden', hasRows: true };
  inner.ctes.set(name, entry);
  const base = binder.grammar.select(union.larg!, inner.child());
  const own = namedColumns(cte, base.columns, scope);
  const added = hasAddedColumns(cte) ? new AddedColumns(cte, own, scope) : undefined;
  entry.columns = [...own, ...(added?.columns ?? [])];
  entry.recursion = 'allowed';
  entry.addedCount = added?.columns.length ?? 0;
  const first = added === undefined ? exactPlan(base) : added.first(base);
  const whole = { plan: first, columns: [...base.columns, ...(added?.columns ?? [])] };
  const widened = added === undefined ? union.rarg! : added.widened(union.rarg!);
  const bound = binder.grammar.select(widened, inner.child());
  binder.context.record?.narrow(widened, union.rarg!, entry.addedCount);
  if (added !== undefined && bound.columns.length !== entry.columns.length) throw unequalColumns();
  const step = added === undefined ? bound : added.next(bound);
  const definition: CteDefinition = {
    cteId,
    name,
    plan: wrapWith(first, inner),
    materialized: 'always',
    recursive: { step: typedStep(cte, union, whole, step, scope), all: union.all === true },
  };
  register(cte, scope, { definition, columns: entry.columns, modifies: false });
}

function hasAddedColumns(cte: CommonTableExpr): boolean {
  return cte.search_clause !== undefined || cte.cycle_clause !== undefined;
}

function isCombined(statement: SelectStmt | undefined): boolean {
  return statement?.op !== undefined && statement.op !== 'SETOP_NONE';
}

function unequalColumns(): Error {
  return syntaxError('each UNION query must have the same number of columns', undefined);
}

function checkRecursiveForm(
  cte: CommonTableExpr,
  statement: SelectStmt | undefined,
  scope: Scope,
  position: number | undefined,
): void {
  const name = cte.ctename ?? '';
  const invalid = (message: string): Error =>
    databaseError('invalidRecursion', message, at(position));
  if (statement === undefined) {
    throw invalid(`recursive query "${name}" must not contain data-modifying statements`);
  }
  if (statement.op !== 'SETOP_UNION') {
    throw invalid(
      `recursive query "${name}" does not have the form non-recursive-term UNION [ALL] recursive-term`,
    );
  }
  checkSelfReferences(name, statement, (location) => scope.position(location));
  const refuse = (what: string, node: Node | undefined): void => {
    if (node === undefined) return;
    throw databaseError(
      'featureNotSupported',
      `${what} in a recursive query is not implemented`,
      at(scope.position(locationOf(node))),
    );
  };
  refuse('ORDER BY', bodyOf(statement.sortClause?.[0], 'SortBy')?.node);
  refuse('OFFSET', statement.limitOffset);
  refuse('LIMIT', statement.limitCount);
  refuse('FOR UPDATE/SHARE', statement.lockingClause?.[0]);
  if (hasAddedColumns(cte) && isCombined(statement.larg)) {
    throw databaseError(
      'featureNotSupported',
      'with a SEARCH or CYCLE clause, the left side of the UNION must be a SELECT',
      at(position),
    );
  }
}

function nonRecursiveTerm(name: string, position: number | undefined): Error {
  return databaseError(
    'invalidRecursion',
    `recursive reference to query "${name}" must not appear within its non-recursive term`,
    at(position),
  );
}

/** The step with the column types of the non-recursive term, which must be the common types. */
function typedStep(
  cte: CommonTableExpr,
  union: SelectStmt,
  base: BoundSelect,
  step: BoundSelect,
  scope: Scope,
): LogicalPlan {
  const { binder } = scope;
  if (base.columns.length !== step.columns.length) {
    throw unequalColumns();
  }
  const expressions = base.columns.map((column, index): Expression => {
    const own = columnReference(column.id, column.type);
    const next = columnReference(step.columns[index].id, step.columns[index].type);
    const common = selectCommonType([own, next], 'UNION', binder);
    const typmod = commonTypmod([own, next], common);
    if (common.oid !== column.type.oid || typmod !== column.type.typmod) {
      throw databaseError(
        'datatypeMismatch',
        `recursive query "${cte.ctename}" column ${index + 1} has type ${typeName(column.type, binder)} in non-recursive term but type ${typeName(sqlType(common.oid, typmod), binder)} overall`,
        {
          ...at(scope.position(locationOf(union.larg?.targetList?.[index]))),
          hint: 'Cast the output of the non-recursive term to the correct type.',
        },
      );
    }
    const merged = mergedColumnType(column.type, [own, next], union.all !== true);
    if (typeCollation(merged) !== typeCollation(column.type)) {
      throw databaseError(
        'collationMismatch',
        `recursive query "${cte.ctename}" column ${index + 1} has collation "${collationName(column.type)}" in non-recursive term but collation "${collationName(merged)}" overall`,
        {
          ...at(scope.position(locationOf(union.larg?.targetList?.[index]))),
          hint: 'Use the COLLATE clause to set the collation of the non-recursive term.',
        },
      );
    }
    return coerceToCommon(next, sqlType(common.oid), 'UNION', binder);
  });
  const outputs = expressions.map((expression, index) =>
    binder.newColumn(undefined, base.columns[index].name, expression.type),
  );
  return { kind: 'project', input: step.plan, expressions, outputs };
}

/** A WITH query in FROM. */
export function cteItem(
  entry: CteEntry,
  alias: ItemAlias,
  scope: Scope,
  position: number | undefined,
): RelationItem {
  if (entry.recursion === 'forbidden') {
    throw nonRecursiveTerm(entry.name, position);
  }
  if (!entry.hasRows) {
    throw databaseError(
      'featureNotSupported',
      `WITH query "${entry.name}" does not have a RETURNING clause`,
      at(position),
    );
  }
  const { binder } = scope;
  if (entry.recursion === 'allowed') scope.readsOwnResult = true;
  const outputs = entry.columns.map((column) => {
    const output = scope.newColumn(column.name, column.type);
    binder.describe(output, alias.name, undefined);
    const origin = binder.origins.get(column.id);
    if (origin !== undefined) binder.origins.set(output.id, { ...origin, scan: undefined });
    const shape = binder.recordShapes.get(column.id);
    if (shape !== undefined) binder.recordShapes.set(output.id, shape);
    return output;
  });
  return {
    item: withoutAdded(derivedItem(outputs, alias, { unlockable: 'a WITH query' }), entry),
    build: () => ({
      kind: 'cteScan',
      cteId: entry.cteId,
      alias: alias.name,
      columns: outputs.map((_column, index) => index),
      outputs,
    }),
  };
}
