// Bound expressions: names resolved, types known, every implicit cast explicit. Plain data, so a
// plan can go to an executor thread or to another replica. Functions are named by oid (#functions).
//
// Columns appear in two forms. In a logical plan a `column` names a ColumnId, unique within the
// statement. In a physical plan the planner has replaced it: `input` is a position in the operator's
// input batch, `slot` is a value that an enclosing operator (a nested loop, a correlated subplan,
// an init plan) put into the execution's slot array.

import type { Datum } from './datum.ts';
import type { SqlType } from './types.ts';

export type ColumnId = number;

interface Typed {
  readonly type: SqlType;
  /** UTF-16 offset in the statement, for error positions; absent for generated expressions. */
  readonly position?: number;
}

export interface ConstantExpression extends Typed {
  readonly kind: 'constant';
  readonly value: Datum;
}
/** $n of the statement, or a literal that the statement cache lifted out; index is zero-based. */
export interface ParameterExpression extends Typed {
  readonly kind: 'parameter';
  readonly index: number;
}
export interface ColumnExpression extends Typed {
  readonly kind: 'column';
  readonly column: ColumnId;
}
export interface InputExpression extends Typed {
  readonly kind: 'input';
  readonly ordinal: number;
}
export interface SlotExpression extends Typed {
  readonly kind: 'slot';
  readonly slot: number;
}
/** A function or operator call. `operatorOid` is kept for deparsing and for the optimizer. */
export interface CallExpression extends Typed {
  readonly kind: 'call';
  readonly functionOid: number;
  readonly operatorOid?: number;
  readonly arguments: readonly Expression[];
  /** The last argument is an array that stands for the variadic arguments. */
  readonly variadicArray?: boolean;
  /** What the body of a user's routine compares its arguments by, where they do not have the default. */
  readonly inputCollation?: number;
  /** The column definition list of a call in FROM whose function returns plain records. */
  readonly columns?: readonly { readonly name: string; readonly type: SqlType }[];
}
/** What a domain asks of its values. Conditions are over `input` 0; false fails, null passes. */
export interface DomainRule {
  readonly name: string;
  readonly schemaName: string;
  readonly notNull: boolean;
  readonly checks: readonly { readonly name: string; readonly condition: Expression }[];
}
/** A cast that is not a plain function call. Function casts are `call`s with castForm set by deparse needs. */
export interface CastExpression extends Typed {
  readonly kind: 'cast';
  /** io: through text output and input; relabel: same representation; array: element by element with elementCast; domain: the value passes `domain` or fails. */
  readonly method: 'io' | 'relabel' | 'array' | 'domain';
  readonly argument: Expression;
  /** For method "array": an expression over `input` 0 that converts one element. */
  readonly elementCast?: Expression;
  readonly domain?: DomainRule;
  readonly explicit: boolean;
  /** COLLATE: the collation's oid; the value stays as it is. */
  readonly collation?: number;
}
export interface LogicExpression extends Typed {
  readonly kind: 'and' | 'or';
  readonly arguments: readonly Expression[];
}
export interface NotExpression extends Typed {
  readonly kind: 'not';
  readonly argument: Expression;
}
export interface IsNullExpression extends Typed {
  readonly kind: 'isNull';
  readonly argument: Expression;
  readonly negated: boolean;
  /** IS NULL on a row value asks each field (SQL standard). */
  readonly rowwise: boolean;
}
/** IS [NOT] TRUE / FALSE / UNKNOWN. */
export interface BooleanTestExpression extends Typed {
  readonly kind: 'booleanTest';
  readonly test: 'true' | 'false' | 'unknown';
  readonly negated: boolean;
  readonly argument: Expression;
}
/** left IS [NOT] DISTINCT FROM right, by the equality function. */
export interface DistinctExpression extends Typed {
  readonly kind: 'isDistinct';
  readonly equalityOid: number;
  readonly left: Expression;
  readonly right: Expression;
  readonly negated: boolean;
}
export interface NullIfExpression extends Typed {
  readonly kind: 'nullIf';
  readonly equalityOid: number;
  readonly left: Expression;
  readonly right: Expression;
}
/** Searched CASE; a simple CASE is bound to equality calls over a `caseTest` value. */
export interface CaseExpression extends Typed {
  readonly kind: 'case';
  /** Evaluated once; `caseTest` inside the branches refers to it. */
  readonly operand?: Expression;
  readonly branches: readonly { readonly when: Expression; readonly then: Expression }[];
  readonly otherwise: Expression | undefined;
}
export interface CaseTestExpression extends Typed {
  readonly kind: 'caseTest';
}
export interface CoalesceExpression extends Typed {
  readonly kind: 'coalesce';
  readonly arguments: readonly Expression[];
}
export interface GreatestLeastExpression extends Typed {
  readonly kind: 'greatest' | 'least';
  readonly arguments: readonly Expression[];
}
/** left op ANY/ALL (array); also IN lists. functionOid returns boolean. */
export interface ArrayComparisonExpression extends Typed {
  readonly kind: 'arrayComparison';
  readonly quantifier: 'any' | 'all';
  readonly functionOid: number;
  readonly operatorOid: number;
  readonly left: Expression;
  readonly array: Expression;
}
export interface ArrayExpression extends Typed {
  readonly kind: 'array';
  /** True when the elements are arrays themselves (ARRAY[[..],[..]] over array-typed values). */
  readonly nested: boolean;
  readonly elements: readonly Expression[];
}
export interface SubscriptExpression extends Typed {
  readonly kind: 'subscript';
  readonly argument: Expression;
  /** One per dimension; a slice has lower and upper (either may be absent). */
  readonly subscripts: readonly {
    readonly slice: boolean;
    readonly lower: Expression | undefined;
    readonly upper: Expression | undefined;
  }[];
  /** SET column[…] = …: what takes the place; the result is then the whole argument, changed. */
  readonly assigned?: Expression;
}
export interface RowExpression extends Typed {
  readonly kind: 'row';
  readonly fields: readonly Expression[];
  readonly names?: readonly string[];
}
/** (a, b) < (c, d): comparison of the pairs left to right; `=` and `<>` are bound to and/or. */
export interface RowComparisonExpression extends Typed {
  readonly kind: 'rowComparison';
  readonly comparison: '<' | '<=' | '>' | '>=';
  /** btree comparison per pair: functions equal and less (boolean). */
  readonly pairs: readonly {
    readonly left: Expression;
    readonly right: Expression;
    readonly equalOid: number;
    readonly lessOid: number;
  }[];
}
export interface FieldExpression extends Typed {
  readonly kind: 'field';
  readonly argument: Expression;
  /** Zero-based ordinal in the record. */
  readonly ordinal: number;
  readonly name: string;
}
/** CURRENT_DATE, CURRENT_TIMESTAMP(p), CURRENT_USER … */
export interface SqlValueExpression extends Typed {
  readonly kind: 'sqlValue';
  readonly name:
    | 'current_date'
    | 'current_time'
    | 'current_timestamp'
    | 'localtime'
    | 'localtimestamp'
    | 'current_role'
    | 'current_user'
    | 'session_user'
    | 'current_catalog'
    | 'current_schema';
}
export interface OrderKey {
  readonly expression: Expression;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}
/** An aggregate; only in an aggregate operator's list (or a window operator's). */
export interface AggregateExpression extends Typed {
  readonly kind: 'aggregate';
  readonly functionOid: number;
  readonly arguments: readonly Expression[];
  readonly distinct: boolean;
  /** As of a call, for the functions of a user's aggregate. */
  readonly inputCollation?: number;
  readonly orderBy: readonly OrderKey[];
  readonly filter: Expression | undefined;
  /** count(*) */
  readonly star: boolean;
}
/** Marks where a plan hangs below an expression; #planner's plan nodes all satisfy it. */
export interface PlanHandle {
  readonly kind: string;
}
/** Logical plans only: a subquery as an expression. */
export interface SubqueryExpression extends Typed {
  readonly kind: 'subquery';
  readonly mode: 'scalar' | 'exists' | 'any' | 'all' | 'array';
  readonly plan: PlanHandle;
  /** Output columns of the plan that the expression reads, in order. */
  readonly outputs: readonly ColumnId[];
  /** any/all: a boolean over outer columns and the plan's output columns. */
  readonly test: Expression | undefined;
}
/**
 * Physical plans only: run subplan `subplan` of the statement. `bindings` are evaluated in the
 * calling row and stored in slots before it runs; without bindings it is run once per execution.
 * For any/all, `test` reads the subplan's row through the slots in `outputSlots`.
 */
export interface SubplanExpression extends Typed {
  readonly kind: 'subplan';
  readonly mode: 'scalar' | 'exists' | 'any' | 'all' | 'array';
  readonly subplan: number;
  readonly bindings: readonly { readonly slot: number; readonly expression: Expression }[];
  readonly outputSlots: readonly number[];
  readonly test: Expression | undefined;
  /**
   * any/all without bindings whose test is plain equality: probe a hash table of the subplan's rows
   * instead of testing row by row (three-valued). The outer side of each equality.
   */
  readonly hashedKeys: readonly Expression[] | undefined;
}

export type Expression =
  | ConstantExpression
  | ParameterExpression
  | ColumnExpression
  | InputExpression
  | SlotExpression
  | CallExpression
  | CastExpression
  | LogicExpression
  | NotExpression
  | IsNullExpression
  | BooleanTestExpression
  | DistinctExpression
  | NullIfExpression
  | CaseExpression
  | CaseTestExpression
  | CoalesceExpression
  | GreatestLeastExpression
  | ArrayComparisonExpression
  | ArrayExpression
  | SubscriptExpression
  | RowExpression
  | RowComparisonExpression
  | FieldExpression
  | SqlValueExpression
  | AggregateExpression
  | SubqueryExpression
  | SubplanExpression;
