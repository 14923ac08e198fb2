// The names at one level of a query: each relation in FROM under a name that no enclosing level has, and
// columns under the names of their relations (set_rtable_names() in PostgreSQL's ruleutils.c).

import type { JoinExpr, Node } from '@pgsql/types';
import type { ColumnId, Expression } from '#common';
import { bodyOf } from '../../bind/node.ts';
import type { QueryRecord } from '../../bind/query-record.ts';
import type { NamespaceItem, Scope } from '../../bind/scope.ts';
import { quoteIdentifier } from '../identifier.ts';

export class Level {
  readonly parent: Level | undefined;
  readonly scope: Scope | undefined;
  /** By RangeVar, RangeSubselect, RangeFunction or JoinExpr. */
  private readonly names = new Map<object, string>();
  private readonly taken: Set<string>;
  private readonly columns = new Map<ColumnId, string>();

  constructor(
    parent: Level | undefined,
    scope: Scope | undefined,
    reserved: readonly string[] = [],
  ) {
    this.parent = parent;
    this.scope = scope;
    this.taken = new Set([...(parent?.taken ?? []), ...reserved]);
  }

  /** Names the elements of FROM, in order. */
  enter(nodes: readonly Node[] | undefined, record: QueryRecord): void {
    for (const node of nodes ?? []) this.enterNode(node, record);
  }

  nameOf(body: object): string {
    return this.names.get(body) ?? '';
  }

  /** undefined: the column belongs to no relation in sight. */
  column(id: ColumnId): string | undefined {
    return this.columns.get(id) ?? this.parent?.column(id);
  }

  /** Items that have been made by hand: old and new of a rule. */
  addItem(item: NamespaceItem): void {
    this.noteColumns(item, item.name);
  }

  private enterNode(node: Node, record: QueryRecord): void {
    const join = bodyOf(node, 'JoinExpr');
    if (join !== undefined) {
      this.enterNode(join.larg!, record);
      this.enterNode(join.rarg!, record);
      this.enterJoin(join, record);
      return;
    }
    const sample = bodyOf(node, 'RangeTableSample')?.relation;
    if (sample !== undefined) {
      this.enterNode(sample, record);
      return;
    }
    const body =
      bodyOf(node, 'RangeVar') ?? bodyOf(node, 'RangeSubselect') ?? bodyOf(node, 'RangeFunction');
    const item = body === undefined ? undefined : record.items.get(body);
    if (body === undefined || item === undefined) return;
    const relation = record.relations.get(body);
    const given = body.alias?.aliasname;
    const name = this.free(given ?? relation?.name ?? item.name);
    this.names.set(body, name);
    this.noteColumns(item, name);
  }

  private enterJoin(join: JoinExpr, record: QueryRecord): void {
    const name = join.alias?.aliasname;
    const item = record.joins.get(join)?.item;
    if (name === undefined || item === undefined) return;
    const free = this.free(name);
    this.names.set(join, free);
    this.noteColumns(item, free);
  }

  private noteColumns(item: NamespaceItem, name: string): void {
    for (const column of item.columns) {
      const expression: Expression = column.expression();
      if (expression.kind === 'column') {
        this.columns.set(
          expression.column,
          `${quoteIdentifier(name)}.${quoteIdentifier(column.name)}`,
        );
      }
    }
    for (const pseudo of ['tableoid', 'ctid', 'xmin']) {
      const expression = item.pseudoColumn(pseudo)?.expression();
      if (expression?.kind === 'column')
        this.columns.set(expression.column, `${quoteIdentifier(name)}.${pseudo}`);
    }
  }

  private free(name: string): string {
    let free = name;
    for (let count = 1; this.taken.has(free); count++) free = `${name}_${count}`;
    this.taken.add(free);
    return free;
  }
}
