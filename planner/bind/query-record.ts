// What binding found out about each part of a query, by its parse tree: kept on request only, for printing
// the query as PostgreSQL prints it (planner/deparse/query). The trees say how it is built, these
// notes what its names and types are.

import type { CTECycleClause, FuncCall, JoinExpr, Node, SelectStmt, SubLink } from '@pgsql/types';
import type { Expression, OrderKey, RelationDescriptor } from '#common';
import type { BoundLimit } from './limit.ts';
import type { NamespaceItem, Scope } from './scope.ts';

export interface RecordedTarget {
  readonly expression: Expression;
  readonly name: string;
}

export interface RecordedSort {
  readonly expression: Expression;
  readonly key: Pick<OrderKey, 'descending' | 'nullsFirst'>;
  /** From 1 in the select list; 0: it is not there. */
  readonly ordinal: number;
}

export interface RecordedSelect {
  readonly scope: Scope;
  readonly targets: readonly RecordedTarget[];
  readonly where: Expression | undefined;
  readonly having: Expression | undefined;
  readonly sorts: readonly RecordedSort[];
  readonly distinctOn: readonly Expression[] | undefined;
  readonly limit: BoundLimit | undefined;
}

export interface RecordedJoin {
  readonly condition: Expression | undefined;
  /** USING, or what NATURAL stands for. */
  readonly names: readonly string[] | undefined;
  readonly item: NamespaceItem;
}

export class QueryRecord {
  readonly selects = new Map<SelectStmt, RecordedSelect>();
  /** VALUES lists, row by row. */
  readonly values = new Map<SelectStmt, readonly (readonly Expression[])[]>();
  readonly setOperations = new Map<SelectStmt, Pick<RecordedSelect, 'sorts' | 'limit'>>();
  /** By RangeVar, RangeSubselect or RangeFunction. */
  readonly items = new Map<object, NamespaceItem>();
  readonly relations = new Map<object, RelationDescriptor>();
  readonly calls = new Map<object, readonly Expression[]>();
  readonly joins = new Map<JoinExpr, RecordedJoin>();
  /** Merged columns of full joins, which have no table's name. */
  readonly merged = new Map<Expression, string>();
  readonly groups = new Map<Node, Expression>();
  /** What CYCLE marks rows with, and the others. */
  readonly marks = new Map<CTECycleClause, readonly [Expression, Expression]>();
  /** By the plan of the subquery. */
  readonly subqueries = new Map<object, SubLink>();
  /** Calls that were written in SQL's own syntax: EXTRACT (… FROM …). */
  readonly sqlCalls = new Map<Expression, FuncCall>();

  /** A query was bound with some targets more than it was written with. */
  narrow(bound: SelectStmt, written: SelectStmt, added: number): void {
    const select = this.selects.get(bound);
    if (bound === written || select === undefined) return;
    const targets = select.targets.slice(0, select.targets.length - added);
    this.selects.set(written, { ...select, targets });
  }
}
