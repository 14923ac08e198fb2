// A scope is one query level while it is being bound (PostgreSQL's ParseState): the relations its
// names may mean, its WITH queries, and what its expressions collect on the way - aggregates, window
// calls and set-returning calls. Those are replaced by columns at once: the operator that computes
// them is built when the whole level is known. Scopes form a chain outwards for correlation.

import type { LockingClause, Node, WindowDef } from '@pgsql/types';
import type {
  AggregateExpression,
  ColumnExpression,
  ColumnId,
  Expression,
  SqlType,
  TableDescriptor,
} from '#common';
import type { CteDefinition, PlanColumn, WindowCall } from '../logical-plan.ts';
import type { RelationAccess } from './access.ts';
import type { Binder } from './context.ts';
import { ExpressionIndex } from './expression-index.ts';
import { ExpressionKinds, type ExpressionKind } from './expression-kind.ts';
import type { BoundWindow } from './window.ts';

/** A column that a name can mean. */
export interface NamespaceColumn {
  readonly name: string;
  readonly type: SqlType;
  /** False: * leaves it out. */
  readonly inStar?: boolean;
  /** The column as an expression; a scan notes that it is read. */
  expression(): Expression;
}

/** One name in FROM, and which of its columns are visible how. */
export interface NamespaceItem {
  readonly name: string;
  /** For schema.table.column; undefined when there is an alias or no relation. */
  readonly relation: { readonly schemaOid: number; readonly oid: number } | undefined;
  readonly table: TableDescriptor | undefined;
  readonly columns: readonly NamespaceColumn[];
  /** tableoid, ctid and the times, which * leaves out. */
  pseudoColumn(name: string): NamespaceColumn | undefined;
  /** The row key, for DML and row locks. */
  rowKey(): ColumnExpression | undefined;
  /** A column that is never null in a row of the item, to tell rows that an outer join made up. */
  rowMarker(): Expression | undefined;
  /** What the statement does with the relation; undefined for anything else. */
  readonly access?: RelationAccess;
  /** What FOR UPDATE cannot be applied to ("a function"); undefined for tables and subqueries. */
  readonly unlockable: string | undefined;
  /** Type of the whole row: a table's row type or record. */
  readonly rowType: SqlType;
  /** A function that returns a plain scalar: its name alone means the scalar. */
  readonly scalar: boolean;
  /** The name can be used to qualify. */
  relationVisible: boolean;
  /** The columns can be named without qualification and by *. */
  columnsVisible: boolean;
  /** Visible only inside LATERAL. */
  lateralOnly: boolean;
  /** False: LATERAL, but the join's type forbids it (RIGHT, FULL). */
  lateralAllowed: boolean;
  /** May be null-extended by an outer join. */
  nullable: boolean;
}

/** A WITH query while it is in sight. */
export interface CteEntry {
  readonly name: string;
  readonly cteId: number;
  columns: readonly PlanColumn[];
  /** While its own query is being bound: only the recursive term may read it. */
  recursion: 'none' | 'forbidden' | 'allowed';
  /** Columns at its end that SEARCH and CYCLE have added. */
  addedCount?: number;
  /** False for a data-modifying statement without RETURNING. */
  readonly hasRows: boolean;
}

export interface CollectedAggregate {
  readonly column: PlanColumn;
  readonly expression: AggregateExpression;
}
export interface CollectedWindowCall {
  readonly column: PlanColumn;
  readonly call: WindowCall;
  readonly window: BoundWindow;
}
export interface CollectedSet {
  readonly column: PlanColumn;
  readonly call: Expression;
  /** Set-returning calls nested in arguments are computed one level earlier. */
  readonly level: number;
}
export interface CollectedGrouping {
  readonly column: PlanColumn;
  readonly arguments: readonly Expression[];
  readonly position: number | undefined;
}

export class Scope {
  readonly binder: Binder;
  readonly parent: Scope | undefined;
  readonly items: NamespaceItem[] = [];
  /** Relations of the statement that names here cannot mean, for hints. */
  readonly outOfSight: {
    readonly name: string;
    readonly columns: readonly { readonly name: string }[];
  }[] = [];
  readonly ctes = new Map<string, CteEntry>();
  readonly cteDefinitions: CteDefinition[] = [];
  readonly aggregates: CollectedAggregate[] = [];
  readonly aggregateIndex = new ExpressionIndex();
  readonly windowCalls: CollectedWindowCall[] = [];
  readonly sets: CollectedSet[] = [];
  readonly groupings: CollectedGrouping[] = [];
  /** Named and inline window definitions in order of appearance. */
  readonly windows: BoundWindow[] = [];
  readonly inlineWindows = new Map<string, BoundWindow>();
  windowClause: readonly WindowDef[] = [];
  /** FOR UPDATE … of this level, which subqueries in FROM take over. */
  locking: readonly LockingClause[] = [];
  /** In a view, what cannot be locked is left alone. */
  locksLeniently = false;
  /** FROM names the recursive WITH query that this SELECT is a step of. */
  readsOwnResult = false;
  kind: ExpressionKind = ExpressionKinds.selectTarget;
  /** The items of this FROM that the LATERAL element being bound reads. */
  lateralReads = new Set<NamespaceItem>();
  /** While LATERAL is being bound in this scope's FROM. */
  lateralActive = false;
  /** Raised when a CASE or COALESCE argument is being bound: set-returning calls are refused. */
  setForbidden: string | undefined;

  constructor(binder: Binder, parent: Scope | undefined) {
    this.binder = binder;
    this.parent = parent;
  }

  /** Binds an expression in the current kind. */
  bind(node: Node): Expression {
    return this.binder.nested(() => this.binder.grammar.expression(node, this));
  }

  /** Binds an expression that stands in another place. */
  bindAs(kind: ExpressionKind, node: Node): Expression {
    return this.within(kind, () => this.bind(node));
  }

  within<Result>(kind: ExpressionKind, run: () => Result): Result {
    const outer = this.kind;
    this.kind = kind;
    try {
      return run();
    } finally {
      this.kind = outer;
    }
  }

  child(): Scope {
    return new Scope(this.binder, this);
  }

  position(location: number | undefined): number | undefined {
    return this.binder.position(location);
  }

  newColumn(name: string, type: SqlType): PlanColumn {
    return this.binder.newColumn(this, name, type);
  }

  /** The nearest WITH query of the name. */
  findCte(name: string): CteEntry | undefined {
    return this.ctes.get(name) ?? this.parent?.findCte(name);
  }
}

export function columnReference(id: ColumnId, type: SqlType, position?: number): ColumnExpression {
  return position === undefined
    ? { kind: 'column', column: id, type }
    : { kind: 'column', column: id, type, position };
}
