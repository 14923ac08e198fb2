// The logical plan: a tree of relational operators over ColumnIds. Built by bind, rewritten by the
// ordered list of passes in optimize/, turned into a physical plan at the end. Nodes are readonly
// data; a pass returns new nodes. Every node says which columns it makes in `outputs`.

import type {
  AggregateExpression,
  ColumnId,
  Datum,
  Expression,
  OrderKey,
  SqlType,
  SystemRelationDescriptor,
  TableDescriptor,
} from '#common';
import type { RelationAccess } from './bind/access.ts';
import type { TemporalSpec } from './temporal.ts';

/** A column that a node makes or passes on. */
export interface PlanColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: SqlType;
}

interface Node {
  readonly outputs: readonly PlanColumn[];
}

/** What a scan reads for one output column: an attribute, a pseudo-column, or the row's key for DML and row locks. */
export type ScanSource =
  | { readonly kind: 'attribute'; readonly attributeNumber: number }
  | {
      readonly kind: 'pseudo';
      readonly name:
        | '_tx_from'
        | '_tx_to'
        | '_valid_from'
        | '_valid_to'
        | 'tableoid'
        | 'ctid'
        | 'xmin'
        | 'xmax'
        | 'cmin'
        | 'cmax';
    }
  | { readonly kind: 'rowKey' };

export interface ScanNode extends Node {
  readonly kind: 'scan';
  readonly table: TableDescriptor;
  readonly alias: string;
  /** Parallel to outputs. */
  readonly sources: readonly ScanSource[];
  readonly temporal: TemporalSpec;
  /** WHERE CURRENT OF: only the row on which the cursor of this name stands. */
  readonly currentOf?: Expression;
}
export interface SystemScanNode extends Node {
  readonly kind: 'systemScan';
  readonly relation: SystemRelationDescriptor;
  readonly alias: string;
  /** Ordinals of the relation's columns, parallel to outputs. */
  readonly columns: readonly number[];
}
export interface ValuesNode extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}
/** FROM function(…) [WITH ORDINALITY]; ROWS FROM (…) has several calls. */
export interface FunctionScanNode extends Node {
  readonly kind: 'functionScan';
  readonly alias: string;
  readonly calls: readonly { readonly call: Expression; readonly columnCount: number }[];
  readonly ordinality: boolean;
}
export interface FilterNode extends Node {
  readonly kind: 'filter';
  readonly input: LogicalPlan;
  readonly condition: Expression;
  /** A security barrier: leaky predicates stay above it (row policies). */
  readonly barrier: boolean;
}
/** One expression per output; plain column expressions pass columns through. */
export interface ProjectNode extends Node {
  readonly kind: 'project';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
}
/** A projection in which some expressions are set-returning calls (at the top level of the expression). */
export interface ProjectSetNode extends Node {
  readonly kind: 'projectSet';
  readonly input: LogicalPlan;
  readonly expressions: readonly Expression[];
}
export type JoinType = 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti' | 'cross';
export interface JoinNode extends Node {
  readonly kind: 'join';
  readonly type: JoinType;
  readonly left: LogicalPlan;
  readonly right: LogicalPlan;
  readonly condition: Expression | undefined;
  /** The right side may read columns of the left (LATERAL, correlated apply). */
  readonly lateral: boolean;
  /** Set where the join order was chosen: it knows of more conjuncts than the node shows. */
  readonly estimatedRows?: number;
}
export interface AggregateNode extends Node {
  readonly kind: 'aggregate';
  readonly input: LogicalPlan;
  /** outputs = one per group key, then one per aggregate, then grouping() values if any. */
  readonly groupKeys: readonly Expression[];
  readonly aggregates: readonly AggregateExpression[];
  /** Positions in groupKeys of each grouping set; absent: one set with all keys. */
  readonly groupingSets?: readonly (readonly number[])[];
}
export interface WindowFrameBound {
  readonly kind:
    | 'unboundedPreceding'
    | 'preceding'
    | 'currentRow'
    | 'following'
    | 'unboundedFollowing';
  readonly offset?: Expression;
}
export interface WindowCall {
  readonly functionOid: number;
  readonly isAggregate: boolean;
  /** As of a call, for the functions of a user's aggregate. */
  readonly inputCollation?: number;
  readonly arguments: readonly Expression[];
  readonly filter: Expression | undefined;
  readonly type: SqlType;
}
export interface WindowNode extends Node {
  readonly kind: 'window';
  readonly input: LogicalPlan;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  readonly frame: {
    readonly mode: 'rows' | 'range' | 'groups';
    readonly start: WindowFrameBound;
    readonly end: WindowFrameBound;
    readonly exclude: 'none' | 'currentRow' | 'group' | 'ties';
  };
  /** outputs = the input's columns, then one per call. */
  readonly calls: readonly WindowCall[];
}
export interface SortNode extends Node {
  readonly kind: 'sort';
  readonly input: LogicalPlan;
  readonly keys: readonly OrderKey[];
}
export interface LimitNode extends Node {
  readonly kind: 'limit';
  readonly input: LogicalPlan;
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly withTies: boolean;
  /** Order keys of the sort below, for WITH TIES. */
  readonly tieKeys: readonly OrderKey[];
}
/** DISTINCT, or DISTINCT ON when `on` names expressions (input sorted by them first). */
export interface DistinctNode extends Node {
  readonly kind: 'distinct';
  readonly input: LogicalPlan;
  readonly on: readonly Expression[] | undefined;
}
export interface SetOperationNode extends Node {
  readonly kind: 'setOperation';
  readonly operation: 'union' | 'intersect' | 'except';
  readonly all: boolean;
  /** Two or more for union, two otherwise; columns correspond by position. */
  readonly inputs: readonly LogicalPlan[];
}
/** WITH: `definitions` are computed at most once each (or inlined by the optimizer), then `body`. */
export interface WithNode extends Node {
  readonly kind: 'with';
  readonly definitions: readonly CteDefinition[];
  readonly body: LogicalPlan;
}
export interface CteDefinition {
  readonly cteId: number;
  readonly name: string;
  readonly plan: LogicalPlan;
  readonly materialized: 'default' | 'always' | 'never';
  readonly recursive: RecursiveUnion | undefined;
}
/** plan is the non-recursive term; `step` reads the working table through cteScan with the same id. */
export interface RecursiveUnion {
  readonly step: LogicalPlan;
  readonly all: boolean;
}
export interface CteScanNode extends Node {
  readonly kind: 'cteScan';
  readonly cteId: number;
  readonly alias: string;
  /** Ordinals in the definition's outputs, parallel to outputs. */
  readonly columns: readonly number[];
  /**
   * The definition depends on the row of an enclosing query: the columns that it reads there, and the
   * id of its physical definition at this place. Set while the physical plan is built.
   */
  readonly correlation?: { readonly cteId: number; readonly reads: readonly Expression[] };
}
export interface LockRowsNode extends Node {
  readonly kind: 'lockRows';
  readonly input: LogicalPlan;
  readonly targets: readonly {
    readonly table: TableDescriptor;
    /** Column of the input that holds the row key of the table (null for a null-extended row). */
    readonly rowKey: ColumnId;
    readonly strength: RowLockStrength;
    readonly wait: RowLockWait;
  }[];
}
export type RowLockStrength = 'key share' | 'share' | 'no key update' | 'update';
export type RowLockWait = 'wait' | 'nowait' | 'skip locked';

/** Values of a stored row by attribute; the source of a written column. */
export interface Assignment {
  readonly attributeNumber: number;
  readonly value: Expression;
}
/**
 * What a row must satisfy beside its table's own constraints; null fails as well.
 * view: as written through a view WITH CHECK OPTION. inserted, updated: as written under row policies.
 * conflicting, replaced, removed: as it was before ON CONFLICT DO UPDATE, UPDATE or DELETE of MERGE.
 */
export interface RowCheck {
  readonly kind: 'view' | 'inserted' | 'updated' | 'conflicting' | 'replaced' | 'removed';
  /** Of the view, or the table. */
  readonly name: string;
  /** Of the restrictive policy. */
  readonly policy?: string;
  readonly condition: Expression;
}
/** Checks in order, over the columns that they read and the attributes that these are. */
export interface RowChecks {
  readonly row: readonly PlanColumn[];
  readonly rowSources: readonly ScanSource[];
  readonly checks: readonly RowCheck[];
}
export interface InsertNode extends Node {
  readonly kind: 'insert';
  readonly table: TableDescriptor;
  readonly source: LogicalPlan;
  /** Over the source's columns; every live column of the table, defaults and casts included. */
  readonly assignments: readonly Assignment[];
  readonly onConflict: OnConflict | undefined;
  readonly rowChecks?: RowChecks | undefined;
  readonly returning: Returning | undefined;
}
export interface OnConflict {
  /** Indexes that arbitrate; empty: any unique index (DO NOTHING without a target). */
  readonly arbiterIndexes: readonly number[];
  readonly action: 'nothing' | 'update';
  /** Over existing (the target row) and excluded (the proposed row). */
  readonly assignments: readonly Assignment[];
  readonly where: Expression | undefined;
  readonly existing: readonly PlanColumn[];
  readonly existingSources: readonly ScanSource[];
  readonly excluded: readonly PlanColumn[];
  readonly excludedAttributes: readonly number[];
}
/** RETURNING: reads the row as written through `row` (one column per attribute in rowSources) and the source's columns. */
export interface Returning {
  readonly row: readonly PlanColumn[];
  readonly rowSources: readonly ScanSource[];
  /** One per output of the DML node. */
  readonly expressions: readonly Expression[];
}
export interface UpdateNode extends Node {
  readonly kind: 'update';
  readonly table: TableDescriptor;
  /** Produces the target's row key, and whatever assignments and RETURNING read. */
  readonly source: LogicalPlan;
  readonly rowKey: ColumnId;
  readonly assignments: readonly Assignment[];
  readonly rowChecks?: RowChecks | undefined;
  readonly returning: Returning | undefined;
}
export interface DeleteNode extends Node {
  readonly kind: 'delete';
  readonly table: TableDescriptor;
  readonly source: LogicalPlan;
  readonly rowKey: ColumnId;
  readonly returning: Returning | undefined;
}
/** Each source row takes the first WHEN clause that fits it. */
export interface MergeNode extends Node {
  readonly kind: 'merge';
  readonly table: TableDescriptor;
  readonly alias: string;
  /** The source's rows with those of the target that they match, if any. */
  readonly source: LogicalPlan;
  /** Null where nothing matches. */
  readonly rowKey: ColumnId;
  readonly rowChecks?: RowChecks | undefined;
  readonly clauses: readonly MergeClause[];
}
export interface MergeClause {
  readonly matched: boolean;
  readonly condition: Expression | undefined;
  readonly action: 'insert' | 'update' | 'delete' | 'nothing';
  /** Over the source's columns; generated columns are computed from the row as it will be written. */
  readonly assignments: readonly Assignment[];
}
/** What rules make of a statement: plans that are run one after the other, each seeing what those before wrote. */
export interface SequenceNode extends Node {
  readonly kind: 'sequence';
  readonly steps: readonly LogicalPlan[];
  /** Position of the step whose rows are returned, and of the one whose rows count; -1: none. */
  readonly returned: number;
  readonly counted: number;
}
/** No rows, known at plan time; or one empty row (SELECT without FROM). */
export interface EmptyNode extends Node {
  readonly kind: 'empty';
}
export interface SingleRowNode extends Node {
  readonly kind: 'singleRow';
}

export type LogicalPlan =
  | ScanNode
  | SystemScanNode
  | ValuesNode
  | FunctionScanNode
  | FilterNode
  | ProjectNode
  | ProjectSetNode
  | JoinNode
  | AggregateNode
  | WindowNode
  | SortNode
  | LimitNode
  | DistinctNode
  | SetOperationNode
  | WithNode
  | CteScanNode
  | LockRowsNode
  | InsertNode
  | UpdateNode
  | DeleteNode
  | MergeNode
  | SequenceNode
  | EmptyNode
  | SingleRowNode;

/** Where a cursor's rows have the key of the table row that they stand for. */
export interface CursorKey {
  readonly column: ColumnId;
  readonly tableOid: number;
  /** Oids of the tables that the key may be of, which it then names; undefined: the table itself. */
  readonly members: readonly number[] | undefined;
  /** By FOR UPDATE and its kin. */
  readonly locked: boolean;
}

/** A bound query: its plan, what it returns and what its parameters are. */
export interface BoundQuery {
  readonly kind: 'query';
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'VALUES';
  readonly plan: LogicalPlan;
  /** Result columns in order; a subset or re-ordering of plan.outputs. Empty for DML without RETURNING. */
  readonly results: readonly ResultColumn[];
  readonly parameterTypes: readonly SqlType[];
  /** Values of parameters that were read at bind time and so are part of the plan's identity. */
  readonly pinnedParameters: readonly { readonly index: number; readonly value: Datum }[];
  /** Relations read or written with the table-lock mode that the statement needs. */
  readonly relations: readonly {
    readonly oid: number;
    readonly access: 'read' | 'write' | 'rowLock';
  }[];
  /** What it does with relations, for the check of privileges. */
  readonly accesses: readonly RelationAccess[];
  /** The role that bound it. */
  readonly currentUser: string;
  /** Row policies are part of it: it is for that role and the row_security of then only. */
  readonly dependsOnRole: boolean;
  /** Of a cursor's query: the last results, one each, are keys that its client does not see. */
  readonly cursorKeys?: readonly CursorKey[];
  readonly nextColumnId: number;
}
export interface ResultColumn {
  readonly id: ColumnId;
  readonly name: string;
  readonly type: SqlType;
  /** Origin for RowDescription; 0 when computed. */
  readonly tableOid: number;
  readonly attributeNumber: number;
}
