// What a SQL function is to the rest of the system: its signature (PostgreSQL's facts, by oid) and an
// implementation. The binder resolves names to signatures; the executor calls implementations.

import type {
  CatalogNames,
  Datum,
  EventTriggerEvent,
  FormatSettings,
  RecordValue,
  RoutineDescriptor,
  SqlType,
  TriggerDescriptor,
  TriggerEvent,
} from '#common';

export type Volatility = 'immutable' | 'stable' | 'volatile';

/** pg_proc's facts about one function that exists in PostgreSQL 15 (or is an extension of ours, oid >= 9000000). */
export interface FunctionSignature {
  readonly oid: number;
  readonly name: string;
  readonly kind: 'function' | 'aggregate' | 'window' | 'procedure';
  readonly argumentTypes: readonly number[];
  /** How many trailing arguments have defaults. */
  readonly defaultCount: number;
  /** Element type of VARIADIC, 0 if none. */
  readonly variadic: number;
  readonly argumentNames: readonly string[];
  readonly resultType: number;
  readonly returnsSet: boolean;
  readonly strict: boolean;
  readonly volatility: Volatility;
  /** OUT columns of a function that returns record; empty otherwise. */
  readonly outColumns: readonly { readonly name: string; readonly type: number }[];
  /** Texts of the defaults of the last `defaultCount` arguments, for their types' input functions. */
  readonly defaults: readonly string[];
  /** What families file an implementation under: pg_proc.prosrc of built-in C functions, else "name(types)". */
  readonly implementation: string;
  /** Aggregates: an ordered-set aggregate's arguments are the direct ones, then WITHIN GROUP's. */
  readonly aggregateKind: 'normal' | 'ordered' | 'hypothetical' | undefined;
  readonly directArgumentCount: number;
  /** Of a contrib module; found by name where that is installed. */
  readonly module?: string;
  /** Made by a user. */
  readonly routine?: RoutineDescriptor;
}

/**
 * Types at a call. Functions over polymorphic types ("any", anyelement, anyarray …) are made for them:
 * pg_typeof, to_json, array_append, array_agg … The caller asks once per expression, not per row.
 */
export interface CallTypes {
  readonly argumentTypes: readonly number[];
  readonly resultType: number;
  /** Of the arguments of a user's routine; absent: the default. */
  readonly inputCollation?: number;
  /** The column definition list of a call in FROM: what a function returning record shall make. */
  readonly columns?: readonly { readonly name: string; readonly type: SqlType }[];
  /** Aggregates called with ORDER BY or WITHIN GROUP: how the rows that they are fed are sorted. */
  readonly orderBy?: readonly { readonly descending: boolean; readonly nullsFirst: boolean }[];
}

/** Strict functions are never called with a null argument. Arguments follow the context. */
export type ScalarImplementation = (context: FunctionContext, ...args: never[]) => Datum;
/** A set: rows as single values, or as arrays of OUT columns when there are several. */
export type SetImplementation = (
  context: FunctionContext,
  ...args: never[]
) => Iterable<Datum | readonly Datum[] | typeof notYet>;

/** Values without nulls, ascending or as WITHIN GROUP has them. */
export interface SortedValues {
  readonly length: number;
  at(position: number): Datum | undefined;
}

export interface AggregateImplementation<State = unknown> {
  create(context: FunctionContext): State;
  /** May mutate and return the state. Not called for null arguments when the aggregate is strict. */
  step(state: State, context: FunctionContext, ...args: Datum[]): State;
  finish(state: State, context: FunctionContext): Datum;
  /** Merges two partial states (parallel and spilled aggregation). */
  combine?(left: State, right: State, context: FunctionContext): State;
  readonly strict: boolean;
  /** Results may be read between steps: finish() leaves the state as it is. */
  readonly resumable?: boolean;
  /** Ordered-set aggregates: the result over some values, at least one, given the direct argument. */
  readonly ofSorted?: (direct: Datum, values: SortedValues) => Datum;
  /** Over window frames whose start moves: the same value from a state that rows can leave again. */
  readonly moving?: MovingAggregate;
}

export interface MovingAggregate extends Omit<AggregateImplementation, 'combine' | 'moving'> {
  /** Takes out the row that was fed first; undefined: it cannot be told, the frame is fed anew. */
  remove(
    state: unknown,
    context: FunctionContext,
    ...args: Datum[]
  ): { state: unknown } | undefined;
}

/** Window functions proper (row_number, lag …): called once per partition row. */
export interface WindowImplementation {
  evaluate(window: WindowPartition, context: FunctionContext): Datum;
}
export interface WindowPartition {
  /** Position of the current row in its partition, from 0. */
  readonly position: number;
  readonly rowCount: number;
  /** First and one past last row that are peers of the current row. */
  readonly peerStart: number;
  readonly peerEnd: number;
  /** Rows with a different order key before the current one's peers, plus one (dense_rank). */
  readonly peerGroup: number;
  /** Value of argument `index` in the row at a position of the partition. */
  argument(index: number, position: number): Datum;
  /** Position of the frame's row number `index` from 0, or from its end, the last one being -1; -1: there is none. */
  frameRow(index: number): number;
}

export interface SequenceAccess {
  /** int8 canonical. Raises 42P01, 2200H, 42501 unless it is an identity column's … */
  next(oid: number, isIdentity?: boolean): number | bigint;
  current(oid: number): number | bigint;
  last(): number | bigint;
  set(oid: number, value: number | bigint, isCalled: boolean): void;
}

/** Catalog questions that functions ask (regclass input, format_type, pg_get_expr, has_table_privilege …). */
export interface CatalogAccess extends CatalogNames {
  /** Any other catalog function by name (pg_get_indexdef, obj_description …): the executor's system catalog answers. */
  call(functionName: string, args: readonly Datum[]): Datum;
}

/** Rows that a statement changed, under the name that REFERENCING gives them. */
export interface TransitionTable {
  readonly name: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  readonly rows: readonly (readonly Datum[])[];
}

/** A trigger that fires: what its function finds in NEW, OLD and the TG_ variables. */
export interface TriggerCall {
  readonly trigger: TriggerDescriptor;
  readonly event: TriggerEvent;
  readonly tableOid: number;
  readonly tableName: string;
  readonly schemaName: string;
  /** Type of the rows. */
  readonly rowType: number;
  readonly old: RecordValue | undefined;
  readonly new: RecordValue | undefined;
  readonly transitions: readonly TransitionTable[];
}

/** What a statement did to one object, for pg_event_trigger_ddl_commands(). */
export interface EventCommand {
  readonly catalog: number;
  readonly oid: number;
  readonly column: number;
  readonly tag: string;
  readonly type: string;
  readonly schema: string | null;
  readonly identity: string;
}

/** For pg_event_trigger_dropped_objects(). */
export interface DroppedObject {
  readonly catalog: number;
  readonly oid: number;
  readonly column: number;
  /** Named in the statement; otherwise it went along. */
  readonly original: boolean;
  readonly normal: boolean;
  readonly temporary: boolean;
  readonly object: {
    readonly type: string;
    readonly schema: string | null;
    readonly name: string | null;
    readonly identity: string;
    readonly addressNames: readonly string[];
    readonly addressArguments: readonly string[];
  };
}

export interface EventTriggerData {
  readonly event: EventTriggerEvent;
  readonly commands: readonly EventCommand[];
  readonly dropped: readonly DroppedObject[];
  readonly rewrite?: { readonly oid: number; readonly reason: number };
}

/** An event trigger that fires. */
export interface EventTriggerCall {
  readonly tag: string;
  readonly data: EventTriggerData;
}

/** What a query gave that a function was handed as a text. */
export interface GivenRows {
  readonly types: readonly number[];
  readonly rows: readonly (readonly Datum[])[];
}

/** Calls of functions that users have written, by oid. Nulls are passed on as they are. */
export interface RoutineCalls {
  /** Calls leave the expression and run outside of it (the query reads no tables). */
  readonly isDriven: boolean;
  call(oid: number, args: readonly Datum[], types: CallTypes): Datum;
  /** The same in steps: after each, others may have their turn. */
  callInTurns(oid: number, args: readonly Datum[], types: CallTypes): Iterator<unknown, Datum>;
  rows(oid: number, args: readonly Datum[], types: CallTypes): Iterable<Datum | readonly Datum[]>;
  /** What the function returned: a row, or null. */
  trigger(oid: number, call: TriggerCall): Datum;
  eventTrigger(oid: number, call: EventTriggerCall): void;
  /** Of the event trigger that runs; undefined: none does. */
  readonly eventData: EventTriggerData | undefined;
  /** 42501 unless the current role may execute the function. */
  requireExecute(oid: number): void;
  /** The rows of a query that is given as a text, read now; it must not write. */
  query(text: string): GivenRows;
  /** Raises what is wrong with a routine that is being made. */
  check(routine: RoutineDescriptor): void;
  /** pg_trigger_depth() */
  readonly triggerDepth: number;
}

/** A file of the server that is read as a table. */
export interface FileRequest {
  readonly format: 'csv' | 'json' | 'parquet';
  readonly path: string;
  readonly columns: readonly { readonly name: string; readonly type: SqlType }[];
  /** Of CSV. */
  readonly header: boolean;
  readonly delimiter: string;
  readonly nullText: string;
}

/** In the place of a row: there is none yet, ask again after others have had their turn. */
export const notYet: unique symbol = Symbol('notYet');

export interface FileTables {
  rows(request: FileRequest): Iterable<readonly Datum[] | typeof notYet>;
}

/** What an implementation may see of the world. One per execution; nothing else is ambient. */
export interface FunctionContext extends FormatSettings {
  /** now(): microseconds since 2000-01-01 UTC. */
  readonly transactionTimestamp: number;
  readonly statementTimestamp: number;
  clockTimestamp(): number;
  /** Uniform in [0, 1); setseed() seeds it. */
  random(): number;
  setSeed(seed: number): void;
  randomBytes(length: number): Uint8Array;
  readonly currentUser: string;
  readonly sessionUser: string;
  readonly databaseName: string;
  readonly searchPath: readonly string[];
  readonly sequences: SequenceAccess;
  readonly catalog: CatalogAccess;
  /** Absent where routines of users cannot run (executor threads, planning). */
  readonly routines?: RoutineCalls;
  /** Absent where files of the server cannot be read. */
  readonly files?: FileTables;
  setting(name: string): string | undefined;
  setSetting(name: string, value: string, local: boolean): string;
  notice(severity: string, message: string): void;
  /** Throws 57014 when the statement was cancelled; call it every few thousand steps of a loop. */
  checkCancel(): void;
  /** Backend facts: process id, transaction id … */
  readonly backendPid: number;
  transactionId(): number;
  sleep(milliseconds: number): void;
}

/** pg_operator's facts. left is 0 for a prefix operator. */
export interface OperatorSignature {
  readonly oid: number;
  readonly name: string;
  readonly left: number;
  readonly right: number;
  readonly result: number;
  readonly functionOid: number;
  readonly commutatorOid: number;
  readonly negatorOid: number;
  readonly canHash: boolean;
  readonly canMerge: boolean;
  /** Of a contrib module; found by name where that is installed. */
  readonly module?: string;
}

/** pg_cast's facts. */
export interface CastSignature {
  readonly source: number;
  readonly target: number;
  readonly functionOid: number;
  readonly context: 'implicit' | 'assignment' | 'explicit';
  readonly method: 'function' | 'binary' | 'inout';
}

/** The registry's interface; the instance is `functionRegistry` in registry.ts. */
export interface FunctionRegistry {
  /** All overloads by name, whether implemented or not; those of all modules too. */
  functionsNamed(name: string): readonly FunctionSignature[];
  functionByOid(oid: number): FunctionSignature | undefined;
  operatorsNamed(name: string): readonly OperatorSignature[];
  operatorByOid(oid: number): OperatorSignature | undefined;
  castBetween(source: number, target: number): CastSignature | undefined;
  castsFrom(source: number): readonly CastSignature[];
  /**
   * undefined: PostgreSQL has it, we do not; the binder answers 0A000. `types` are those of the call
   * (default: the declared ones); without them a polymorphic function may not know what its values are.
   * Variadic functions take the elements as further arguments.
   */
  scalar(oid: number, types?: CallTypes): ScalarImplementation | undefined;
  set(oid: number, types?: CallTypes): SetImplementation | undefined;
  aggregate(oid: number, types?: CallTypes): AggregateImplementation | undefined;
  window(oid: number): WindowImplementation | undefined;
  /** Default btree comparison of a type: oids of the boolean functions and a native three-way comparison. */
  ordering(type: SqlType['oid']): TypeOrdering | undefined;
}

export interface TypeOrdering {
  readonly equalityOid: number;
  readonly lessOid: number;
  readonly lessOperatorOid: number;
  readonly equalityOperatorOid: number;
  readonly greaterOperatorOid: number;
  /** Three-way, for non-null values of the type; NaN sorts last, text by UTF-8 bytes. */
  compare(left: Datum, right: Datum): number;
  /** A value usable as a Map key such that equal values (by the type's equality) have equal keys. */
  hashKey(value: Datum): string | number | bigint | boolean;
}
