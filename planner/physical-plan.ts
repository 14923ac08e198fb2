// The physical plan: plain data that an executor runs. Expressions read `input` ordinals of the
// node's input batch (for joins: the left columns, then the right ones), `slot`s and `parameter`s;
// no ColumnId is left. Every node's `types` are its output columns.

import type { AggregateExpression, Expression, OrderKey, SqlType, TableDescriptor } from '#common';
import type {
  ResultColumn,
  RowCheck,
  RowLockStrength,
  RowLockWait,
  ScanSource,
  WindowNode,
} from './logical-plan.ts';
import type { ScanExpectation } from './feedback/table-feedback.ts';
import type { TemporalSpec } from './temporal.ts';

interface Node {
  /** Unique in the plan; EXPLAIN ANALYZE keys its measurements by it. */
  readonly id: number;
  readonly types: readonly SqlType[];
  readonly estimatedRows: number;
  /** In PostgreSQL's unit: a sequential page read is 1. */
  readonly startupCost: number;
  readonly totalCost: number;
}

/**
 * A range over the leading columns of a key. `equal` fixes a prefix; `lower`/`upper` bound the next
 * column. Expressions are constant per execution of the scan (constants, parameters, slots) and
 * already of the column's type. A null value matches nothing. With `anyOf`, the scan runs once per
 * element of the array expression as the value of the last `equal` column (IN lists), in key order.
 */
export interface KeyRange {
  readonly equal: readonly Expression[];
  readonly anyOf: Expression | undefined;
  readonly lower: { readonly value: Expression; readonly inclusive: boolean } | undefined;
  readonly upper: { readonly value: Expression; readonly inclusive: boolean } | undefined;
}

export type ScanAccess =
  | { readonly kind: 'full' }
  /** The row tree, by primary key. */
  | { readonly kind: 'key'; readonly range: KeyRange; readonly unique: boolean }
  /** A secondary index; `covering`: the entry alone answers (no fetch of the row). */
  | {
      readonly kind: 'index';
      readonly indexOid: number;
      readonly range: KeyRange;
      readonly unique: boolean;
      /** The entries are read first, and then their rows as they lie in the row tree (a bitmap scan). */
      readonly inRowOrder?: boolean;
    }
  /** An inverted index: rows under the terms of all conditions. The scan's filter still holds them. */
  | {
      readonly kind: 'inverted';
      readonly indexOid: number;
      readonly conditions: readonly InvertedCondition[];
      readonly unique: false;
    }
  /** The row on which a cursor stands. */
  | { readonly kind: 'current'; readonly cursor: Expression; readonly unique: true };

/** `column operator query`, whose terms an inverted index has. */
export interface InvertedCondition {
  /** Of the column in the index. */
  readonly position: number;
  /** Name of its operator class, and the type of its values. */
  readonly operatorClass: string;
  readonly columnType: number;
  readonly operator: string;
  /** Constant per execution of the scan. */
  readonly query: Expression;
  /** The condition itself, over the scan's output columns. */
  readonly condition: Expression;
}

export interface PhysicalScan extends Node {
  readonly kind: 'scan';
  readonly table: TableDescriptor;
  readonly alias: string;
  readonly sources: readonly ScanSource[];
  readonly access: ScanAccess;
  readonly backward: boolean;
  /** Over the scan's own output columns. */
  readonly filter: Expression | undefined;
  readonly temporal: TemporalSpec;
  /** An execution is to say how many rows met the filter. */
  readonly feedback?: ScanExpectation;
  /** Made by the executor: several threads run the scan, each reads the morsels that it takes from this line. */
  readonly line?: number;
}
export interface PhysicalSystemScan extends Node {
  readonly kind: 'systemScan';
  readonly relationOid: number;
  readonly relationName: string;
  readonly alias: string;
  readonly columns: readonly number[];
  /** For EXPLAIN, parallel to columns. */
  readonly columnNames?: readonly string[];
  readonly filter: Expression | undefined;
  /**
   * Equality lookups the relation may use to avoid listing everything: column ordinal in the
   * relation and the value. A hint only; `filter` is still applied.
   */
  readonly lookups: readonly { readonly column: number; readonly value: Expression }[];
}
export interface PhysicalValues extends Node {
  readonly kind: 'values';
  readonly rows: readonly (readonly Expression[])[];
}
/** Rows that whoever runs the plan hands in, a batch an execution (COPY FROM). */
export interface PhysicalFeed extends Node {
  readonly kind: 'feed';
}
export interface PhysicalFunctionScan extends Node {
  readonly kind: 'functionScan';
  readonly alias: string;
  readonly calls: readonly { readonly call: Expression; readonly columnCount: number }[];
  readonly ordinality: boolean;
  readonly filter: Expression | undefined;
}
/** One row without columns, or none; `condition` is evaluated once. */
export interface PhysicalResult extends Node {
  readonly kind: 'result';
  readonly condition: Expression | undefined;
  readonly empty: boolean;
}
export interface PhysicalFilter extends Node {
  readonly kind: 'filter';
  readonly input: PhysicalNode;
  readonly condition: Expression;
}
export interface PhysicalProject extends Node {
  readonly kind: 'project';
  readonly input: PhysicalNode;
  readonly expressions: readonly Expression[];
}
export interface PhysicalProjectSet extends Node {
  readonly kind: 'projectSet';
  readonly input: PhysicalNode;
  readonly expressions: readonly Expression[];
}
/** Per left row: bind slots, run right. Output: left columns then right columns (left only for semi/anti). */
export interface PhysicalNestedLoop extends Node {
  readonly kind: 'nestedLoop';
  readonly type: 'inner' | 'left' | 'semi' | 'anti';
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
  /** Over left row; set before each run of right. Empty: right is run once and kept. */
  readonly bindings: readonly { readonly slot: number; readonly expression: Expression }[];
  /** Over left columns then right columns. */
  readonly condition: Expression | undefined;
}
/** Build a table of right, probe with left. Keys are compared by the equality of their (same) type. */
export interface PhysicalHashJoin extends Node {
  readonly kind: 'hashJoin';
  readonly type: 'inner' | 'left' | 'right' | 'full' | 'semi' | 'anti';
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
  readonly leftKeys: readonly Expression[];
  readonly rightKeys: readonly Expression[];
  /** Equality function per key pair. */
  readonly equalityOids: readonly number[];
  /** Over left columns then right columns, for pairs whose keys are equal. */
  readonly condition: Expression | undefined;
  /** Made by the executor: several threads build the table together and look rows up in it. */
  readonly sharing?: TableSharing;
}

/** Lines of rows (PhysicalScan.line) whose ends the threads await, because the table or its marks are complete then. */
export interface TableSharing {
  /** Of the rows that are stored. */
  readonly built: number;
  /** Of the rows that mark others, where the join asks which rows of the table met a partner … */
  readonly marked?: number;
  /** … and of the table's rows, when they are handed out by their mark. */
  readonly rows?: number;
}
export interface PhysicalAggregate extends Node {
  readonly kind: 'aggregate';
  /** plain: no keys, one row; sorted: input arrives grouped by the keys; hash. */
  readonly strategy: 'plain' | 'sorted' | 'hash';
  readonly input: PhysicalNode;
  readonly groupKeys: readonly Expression[];
  readonly aggregates: readonly AggregateExpression[];
  readonly groupingSets: readonly (readonly number[])[] | undefined;
  /** Of a plain one: how many different arguments those with DISTINCT are estimated to see, the most of any. */
  readonly distinctRows?: number | undefined;
}
export interface PhysicalWindow extends Node {
  readonly kind: 'window';
  /** Sorted by partition and order keys. */
  readonly input: PhysicalNode;
  readonly partitionBy: readonly Expression[];
  readonly orderBy: readonly OrderKey[];
  readonly frame: WindowNode['frame'];
  readonly calls: WindowNode['calls'];
}
export interface PhysicalSort extends Node {
  readonly kind: 'sort';
  readonly input: PhysicalNode;
  readonly keys: readonly OrderKey[];
  /** Keep only the first rows (constant per execution): count + offset of a limit above. */
  readonly limit: Expression | undefined;
  /**
   * Set by the executor where threads share the rows: the lines whose morsels they come from, one after another. The last
   * column, which the input does not have, is a number of the row's morsel, and orders rows with equal keys.
   */
  readonly morselLines?: readonly number[];
}
export interface PhysicalLimit extends Node {
  readonly kind: 'limit';
  readonly input: PhysicalNode;
  readonly count: Expression | undefined;
  readonly offset: Expression | undefined;
  readonly withTies: boolean;
  readonly tieKeys: readonly OrderKey[];
}
export interface PhysicalDistinct extends Node {
  readonly kind: 'distinct';
  readonly input: PhysicalNode;
  /** hash: over all columns; sorted: `on` (or all columns) arrive grouped, the first row of each group is kept. */
  readonly strategy: 'hash' | 'sorted';
  readonly on: readonly Expression[] | undefined;
}
/** UNION ALL: inputs one after another. */
export interface PhysicalAppend extends Node {
  readonly kind: 'append';
  readonly inputs: readonly PhysicalNode[];
}
/** INTERSECT/EXCEPT [ALL], by hashing whole rows (nulls equal). */
export interface PhysicalSetOperation extends Node {
  readonly kind: 'setOperation';
  readonly operation: 'intersect' | 'except';
  readonly all: boolean;
  readonly left: PhysicalNode;
  readonly right: PhysicalNode;
}
/** Reads a WITH definition (PhysicalPlan.ctes), computed once and kept; or the working table inside its own step. */
export interface PhysicalCteScan extends Node {
  readonly kind: 'cteScan';
  readonly cteId: number;
  readonly alias: string;
  readonly columns: readonly number[];
}
export interface PhysicalLockRows extends Node {
  readonly kind: 'lockRows';
  readonly input: PhysicalNode;
  readonly targets: readonly {
    readonly table: TableDescriptor;
    /** Ordinal of the row key in the input. */
    readonly rowKey: number;
    readonly strength: RowLockStrength;
    readonly wait: RowLockWait;
  }[];
  /** No more rows than this are asked for (count + offset of a limit above), so no more are locked. */
  readonly limit?: Expression | undefined;
}
export interface PhysicalAssignment {
  readonly attributeNumber: number;
  /** insert, update: over the source's columns. onConflict: over existing columns then excluded ones. */
  readonly value: Expression;
}
/** Over the written row's columns (rowSources) then the source's columns. */
export interface PhysicalReturning {
  readonly rowSources: readonly ScanSource[];
  readonly expressions: readonly Expression[];
}
export interface PhysicalInsert extends Node {
  readonly kind: 'insert';
  readonly table: TableDescriptor;
  readonly source: PhysicalNode;
  readonly assignments: readonly PhysicalAssignment[];
  readonly onConflict:
    | {
        readonly arbiterIndexes: readonly number[];
        readonly action: 'nothing' | 'update';
        readonly existingSources: readonly ScanSource[];
        readonly excludedAttributes: readonly number[];
        readonly assignments: readonly PhysicalAssignment[];
        readonly where: Expression | undefined;
      }
    | undefined;
  readonly checks: readonly PhysicalCheck[];
  readonly returning: PhysicalReturning | undefined;
}
/** A CHECK constraint over the new row: input ordinal i is attribute `attributes[i]`. False fails, null passes. */
export interface PhysicalCheck {
  readonly constraintName: string;
  /** Beside the table's own constraints: a view's WITH CHECK OPTION or a row policy. */
  readonly rule?: Omit<RowCheck, 'condition'>;
  readonly attributes: readonly number[];
  readonly condition: Expression;
}
/** Steps in order; each sees what those before it wrote. */
export interface PhysicalSequence extends Node {
  readonly kind: 'sequence';
  readonly steps: readonly PhysicalNode[];
  /** Positions of the step whose rows are returned and of the one whose rows count; -1: none. */
  readonly returned: number;
  readonly counted: number;
}
export interface PhysicalUpdate extends Node {
  readonly kind: 'update';
  readonly table: TableDescriptor;
  readonly source: PhysicalNode;
  /** Ordinal in the source. */
  readonly rowKey: number;
  readonly assignments: readonly PhysicalAssignment[];
  readonly checks: readonly PhysicalCheck[];
  readonly returning: PhysicalReturning | undefined;
}
export interface PhysicalDelete extends Node {
  readonly kind: 'delete';
  readonly table: TableDescriptor;
  readonly source: PhysicalNode;
  readonly rowKey: number;
  readonly returning: PhysicalReturning | undefined;
}
export interface PhysicalMerge extends Node {
  readonly kind: 'merge';
  readonly table: TableDescriptor;
  readonly alias: string;
  readonly source: PhysicalNode;
  /** Ordinal in the source; null where no row of the target matches. */
  readonly rowKey: number;
  readonly clauses: readonly PhysicalMergeClause[];
  readonly checks: readonly PhysicalCheck[];
}
/** The first clause that fits a source row acts. Everything is over the source's columns. */
export interface PhysicalMergeClause {
  readonly matched: boolean;
  readonly condition: Expression | undefined;
  readonly action: 'insert' | 'update' | 'delete' | 'nothing';
  readonly assignments: readonly PhysicalAssignment[];
}

/** Made by the executor, never by the planner: each of several threads runs the input over its share of the rows. */
export interface PhysicalGather extends Node {
  readonly kind: 'gather';
  readonly input: PhysicalNode;
  /** What is computed once, before, and handed to all threads: the `received` nodes of the input stand for it. */
  readonly handed: readonly PhysicalNode[];
  /** Place of the input among the parts of the plan that threads share. */
  readonly fragment: number;
  /** Lines of rows in it. */
  readonly lines: number;
  /** Each thread's rows are in this order, and come out in it; more columns of the input than `types` may be among the keys. */
  readonly keys?: readonly OrderKey[];
  /** The planner's node that it stands for, in EXPLAIN ANALYZE. */
  readonly shownAs: number;
}

/**
 * Made by the executor: threads take parts of the input's rows by a key, and run the input once for each part that
 * they take. Its filter looks at the slots.
 */
export interface PhysicalPartitioned extends Node {
  readonly kind: 'partitioned';
  readonly input: PhysicalNode;
  /** All parts, as the planner made it. */
  readonly whole: PhysicalNode;
  /** Of parts. */
  readonly line: number;
  /** Their count, the one at hand, and minus the one at hand. */
  readonly slots: { readonly count: number; readonly part: number; readonly negated: number };
}

/** Made by the executor: rows that a gather node around it hands to all threads. */
export interface PhysicalReceived extends Node {
  readonly kind: 'received';
  /** Place in the gather node's list. */
  readonly ordinal: number;
}

export type PhysicalNode =
  | PhysicalScan
  | PhysicalSystemScan
  | PhysicalValues
  | PhysicalFeed
  | PhysicalFunctionScan
  | PhysicalResult
  | PhysicalFilter
  | PhysicalProject
  | PhysicalProjectSet
  | PhysicalNestedLoop
  | PhysicalHashJoin
  | PhysicalAggregate
  | PhysicalWindow
  | PhysicalSort
  | PhysicalLimit
  | PhysicalDistinct
  | PhysicalAppend
  | PhysicalSetOperation
  | PhysicalCteScan
  | PhysicalLockRows
  | PhysicalInsert
  | PhysicalUpdate
  | PhysicalDelete
  | PhysicalMerge
  | PhysicalGather
  | PhysicalReceived
  | PhysicalPartitioned
  | PhysicalSequence;

export interface PhysicalCte {
  readonly cteId: number;
  readonly name: string;
  readonly plan: PhysicalNode;
  /** Present for WITH RECURSIVE: run until the working table is empty. */
  readonly step: PhysicalNode | undefined;
  readonly all: boolean;
  /** Slots of enclosing rows that it depends on: it is computed anew when one of them changes. */
  readonly outerSlots?: readonly number[];
}

/** Estimated costs; Infinity: never. */
export interface CostLimits {
  /** Of a part of a plan that is compiled. */
  readonly compile: number;
  /** Of a plan that runs on an executor thread. */
  readonly thread: number;
  /** Of a part that several threads share. */
  readonly parallel: number;
  /** Of a plan of which other forms are considered; 0: they are taken whatever they cost. */
  readonly rewrite: number;
}

/** When the rest of a statement is planned anew. */
export interface AdaptiveLimits {
  /** An estimate is off by so much, in either direction; 0: at every place where that can be done. */
  readonly factor: number;
  /** Estimated cost of the rest. */
  readonly cost: number;
}

/** An estimate that an execution has found to be wrong, and after which it planned the rest anew. */
export interface Replanning {
  readonly after: string;
  readonly estimatedRows: number;
  readonly actualRows: number;
}

export interface PhysicalPlan {
  readonly command: 'SELECT' | 'INSERT' | 'UPDATE' | 'DELETE' | 'MERGE' | 'VALUES';
  readonly root: PhysicalNode;
  /** Ordinal in root's output of each result column (hidden sort columns are dropped here). */
  readonly resultOrdinals: readonly number[];
  readonly results: readonly ResultColumn[];
  readonly subplans: readonly PhysicalNode[];
  readonly ctes: readonly PhysicalCte[];
  readonly slotCount: number;
  readonly parameterTypes: readonly SqlType[];
  /** What the choice of operators stands on; empty when it would be the same for any tables. */
  readonly tableRows?: readonly {
    readonly oid: number;
    readonly rows: number;
    /** When the table had been analysed. */
    readonly analyzedAt: number | undefined;
    /** A scan of it read column segments. */
    readonly isColumnar: boolean;
  }[];
  /** Another plan may be far better for some values of the parameters: make one when they are known. */
  readonly dependsOnValues?: boolean;
  /** No writes, no row locks, and no function with side effects: may run on an executor thread. */
  readonly readOnly: boolean;
  /** From which estimated cost on the executor does more for speed; undefined: its own limits. */
  readonly costLimits?: CostLimits;
  /** undefined: it is run as it is, whatever the rows turn out to be. */
  readonly adaptive?: AdaptiveLimits;
  /** Joins and groupings, by id, whose rows an execution is to tell. */
  readonly teaches?: readonly number[];
  /** Of a plan for the rest of a statement: what led to it. */
  readonly replannings?: readonly Replanning[];
  readonly relations: readonly {
    readonly oid: number;
    readonly access: 'read' | 'write' | 'rowLock';
  }[];
}
