// MERGE INTO … USING … ON … WHEN … (PostgreSQL's parse_merge.c). The source is joined to the target, by
// an outer join when some clause is for rows that match nothing; clauses for such rows see the source
// alone.

import type { MergeStmt, MergeWhenClause, Node } from '@pgsql/types';
import { databaseError, notSupported, type Expression } from '#common';
import type { LogicalPlan, MergeClause, MergeNode } from '../logical-plan.ts';
import { currentVersions } from '../temporal.ts';
import { extend } from './bound-select.ts';
import { coerceToBoolean } from './coercion.ts';
import { bindWithClause, wrapWith } from './cte.ts';
import { andAll, booleanType } from './expression-build.ts';
import { ExpressionKinds } from './expression-kind.ts';
import { bindFromClause } from './from-clause.ts';
import { bindInsertedRow } from './insert.ts';
import { existingValue, type BoundModification } from './modification.ts';
import { modifiedTable, type ModifiedTable } from './modified-table.ts';
import { bodyOf } from './node.ts';
import { tableItem } from './relation-item.ts';
import { behindBarrier, RowPolicies } from './row-policy.ts';
import { bindRowChecks, type WriteEvent } from './row-checks.ts';
import { relationOf } from './relation-name.ts';
import type { NamespaceItem, Scope } from './scope.ts';
import { assignedNames, bindSetClause, type SetClause } from './set-clause.ts';

interface MergeTarget {
  readonly modified: ModifiedTable;
  /** The scanned row, and the same as the statement sees it. */
  readonly row: NamespaceItem;
  readonly visible: NamespaceItem;
  readonly rowKey: Expression;
}

type Records = SetClause['records'][number][];

export function bindMerge(statement: MergeStmt, scope: Scope): BoundModification {
  refuseNewForms(statement);
  if (statement.withClause?.recursive === true) {
    throw databaseError('syntaxError', 'WITH RECURSIVE is not supported for MERGE statement');
  }
  bindWithClause(statement.withClause, scope);
  const clauses = (statement.mergeWhenClauses ?? []).map((node) =>
    bodyOf(node, 'MergeWhenClause')!,
  );
  refuseUnreachable(clauses);
  refuseTarget(statement, scope);
  const modified = modifiedTable(statement.relation!, 'UPDATE', scope);
  const { table, alias } = modified;
  const scan = tableItem(table, alias, currentVersions, scope, { inherited: modified.inherited });
  const visible = modified.present(scan.item);
  const from = bindFromClause([statement.sourceRelation!], scope);
  refuseSameName(visible, scope.items);
  // The rows are joined, whether an expression reads them or not.
  visible.access!.selects = true;
  const isOuter = clauses.some((clause) => !isMatched(clause));
  visible.nullable = isOuter;
  scope.items.unshift(visible);
  const condition = coerceToBoolean(
    scope.bindAs(ExpressionKinds.joinCondition, statement.joinCondition!),
    ExpressionKinds.joinCondition.name,
    scope.binder,
  );
  const rowKey = visible.rowKey()!;
  const target: MergeTarget = { modified, row: scan.item, visible, rowKey };
  const records: Records = [];
  const bound = clauses.map((clause) => bindClause(clause, target, records, scope));
  const policies = RowPolicies.of(modified.tableAccess, scope.binder);
  const conditions = policies?.visible(['select'], scan.item) ?? [];
  const rowChecks = bindRowChecks(modified, mergeEvents(clauses), scope);
  const left = from();
  const right = behindBarrier(scan.build(), conditions);
  const joined: LogicalPlan = {
    kind: 'join',
    type: isOuter ? 'left' : 'inner',
    left,
    right,
    condition,
    lateral: false,
    outputs: [...left.outputs, ...right.outputs],
  };
  const node: MergeNode = {
    kind: 'merge',
    table,
    alias: alias.name,
    source: extend(joined, records),
    rowKey: rowKey.column,
    rowChecks,
    clauses: bound,
    outputs: [],
  };
  return { command: 'MERGE', plan: wrapWith(node, scope), columns: [] };
}

/** Rows that are updated or deleted are checked as they were before, too. */
function mergeEvents(clauses: readonly MergeWhenClause[]): readonly WriteEvent[] {
  const commands = new Set(clauses.map(({ commandType }) => commandType));
  return [
    ...(commands.has('CMD_UPDATE') ? (['replace', 'update'] as const) : []),
    ...(commands.has('CMD_DELETE') ? (['remove'] as const) : []),
    ...(commands.has('CMD_INSERT') ? (['insert from merge'] as const) : []),
  ];
}

/** What the grammar of later versions than PostgreSQL 15 has. */
function refuseNewForms(statement: MergeStmt): void {
  if (statement.returningClause !== undefined) throw notSupported('MERGE with RETURNING');
  for (const node of statement.mergeWhenClauses ?? []) {
    if (bodyOf(node, 'MergeWhenClause')?.matchKind === 'MERGE_WHEN_NOT_MATCHED_BY_SOURCE') {
      throw notSupported('MERGE with WHEN NOT MATCHED BY SOURCE');
    }
  }
}

function isMatched(clause: MergeWhenClause): boolean {
  return (clause.matchKind ?? 'MERGE_WHEN_MATCHED') === 'MERGE_WHEN_MATCHED';
}

function refuseUnreachable(clauses: readonly MergeWhenClause[]): void {
  const ended = new Set<boolean>();
  for (const clause of clauses) {
    if (ended.has(isMatched(clause))) {
      throw databaseError(
        'syntaxError',
        'unreachable WHEN clause specified after unconditional WHEN clause',
      );
    }
    if (clause.condition === undefined) ended.add(isMatched(clause));
  }
}

const refusedKinds = { view: 'views', sequence: 'sequences' } as const;

/** 0A000: views are not written through. What is left is for modifiedTable() to refuse. */
function refuseTarget({ relation: range }: MergeStmt, scope: Scope): void {
  const { schemaname, relname = '' } = range!;
  if (schemaname === undefined && scope.findCte(relname) !== undefined) return;
  const relation = relationOf(scope.binder, range!);
  const kinds =
    relation.kind === 'table' && relation.materialized !== undefined
      ? 'materialized views'
      : relation.kind === 'view' || relation.kind === 'sequence'
        ? refusedKinds[relation.kind]
        : undefined;
  if (kinds === undefined) return;
  throw databaseError(
    'featureNotSupported',
    `cannot execute MERGE on relation "${relation.name}"`,
    { detail: `This operation is not supported for ${kinds}.` },
  );
}

function refuseSameName(target: NamespaceItem, sources: readonly NamespaceItem[]): void {
  if (!sources.some((item) => item.relationVisible && item.name === target.name)) return;
  throw databaseError('duplicateAlias', `name "${target.name}" specified more than once`, {
    detail: 'The name is used both as MERGE target table and data source.',
  });
}

function bindClause(
  clause: MergeWhenClause,
  target: MergeTarget,
  records: Records,
  scope: Scope,
): MergeClause {
  if (isMatched(clause)) return bindVisible(clause, target, records, scope);
  const { modified, visible } = target;
  scope.items.shift();
  scope.outOfSight.push({ name: visible.name, columns: modified.columns });
  try {
    return bindVisible(clause, target, records, scope);
  } finally {
    scope.outOfSight.pop();
    scope.items.unshift(visible);
  }
}

/** A clause whose names are the scope's. */
function bindVisible(
  clause: MergeWhenClause,
  target: MergeTarget,
  records: Records,
  scope: Scope,
): MergeClause {
  const { modified, row } = target;
  const matched = isMatched(clause);
  const condition = clause.condition === undefined ? undefined : bindWhen(clause.condition, scope);
  switch (clause.commandType) {
    case 'CMD_INSERT': {
      const names = assignedNames(clause.targetList);
      const all = clause.values === undefined ? [] : modified.columns.map(({ name }) => name);
      modified.noteWrite('INSERT', clause.targetList === undefined ? all : names);
      const assignments = bindInsertedRow(clause, modified, scope);
      return { matched, condition, action: 'insert', assignments };
    }
    case 'CMD_UPDATE': {
      modified.noteWrite('UPDATE', assignedNames(clause.targetList));
      const set = bindSetClause(clause.targetList, modified, scope, (column) =>
        existingValue(modified.table, row, column),
      );
      records.push(...guarded(set.records, condition, target.rowKey));
      const { columns } = modified.table;
      const assignments = set.assignments.filter(
        ({ attributeNumber }) => columns[attributeNumber - 1]?.generated === undefined,
      );
      return { matched, condition, action: 'update', assignments };
    }
    case 'CMD_DELETE':
      modified.noteWrite('DELETE', []);
      return { matched, condition, action: 'delete', assignments: [] };
    default:
      return { matched, condition, action: 'nothing', assignments: [] };
  }
}

/** The condition of a clause. Rows that the join made up have no place: 42P10 for system columns. */
function bindWhen(node: Node, scope: Scope): Expression {
  const items = scope.items.splice(0);
  scope.items.push(...items.map(withoutPlace));
  try {
    return coerceToBoolean(scope.bindAs(ExpressionKinds.mergeWhen, node), 'WHEN', scope.binder);
  } finally {
    scope.items.splice(0, scope.items.length, ...items);
  }
}

function withoutPlace(item: NamespaceItem): NamespaceItem {
  return {
    ...item,
    pseudoColumn(name) {
      const column = item.pseudoColumn(name);
      if (column === undefined || name === 'tableoid') return column;
      throw databaseError(
        'invalidColumnReference',
        `cannot use system column "${name}" in MERGE WHEN condition`,
      );
    },
  };
}

/** Subqueries of (columns) = (SELECT …) are computed only for rows that the clause may take. */
function guarded(
  records: SetClause['records'],
  condition: Expression | undefined,
  rowKey: Expression,
): Records {
  const matches: Expression = {
    kind: 'isNull',
    argument: rowKey,
    negated: true,
    rowwise: false,
    type: booleanType,
  };
  const when = condition === undefined ? matches : andAll([matches, condition]);
  return records.map(({ column, expression }) => ({
    column,
    expression: {
      kind: 'case',
      branches: [{ when, then: expression }],
      otherwise: undefined,
      type: expression.type,
    },
  }));
}
