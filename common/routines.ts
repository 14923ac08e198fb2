// Descriptors of what users program: functions and procedures, and the triggers that call them. Plain,
// immutable data like the rest of schema.ts; a routine is one object of the catalog, a trigger lives
// inside its table or view.

import type { StoredExpression } from './schema.ts';

export type RoutineLanguage = 'sql' | 'plpgsql' | 'internal';

export interface RoutineParameter {
  /** Empty: none. */
  readonly name: string;
  readonly mode: 'in' | 'out' | 'inout' | 'variadic' | 'table';
  /** Type's oid. */
  readonly type: number;
  /** Input parameters only. */
  readonly default?: StoredExpression;
}

export interface RoutineDescriptor {
  readonly kind: 'routine';
  readonly oid: number;
  readonly name: string;
  readonly schemaOid: number;
  readonly owner: number;
  readonly routineKind: 'function' | 'procedure' | 'aggregate';
  readonly language: RoutineLanguage;
  /** In the order of the definition. */
  readonly parameters: readonly RoutineParameter[];
  /** void for procedures without output; record when there are several output parameters. */
  readonly resultType: number;
  readonly returnsSet: boolean;
  readonly strict: boolean;
  readonly volatility: 'immutable' | 'stable' | 'volatile';
  readonly securityDefiner: boolean;
  readonly leakproof: boolean;
  readonly parallel: 'safe' | 'restricted' | 'unsafe';
  readonly cost: number;
  /** Estimate for sets, 0 for others. */
  readonly rows: number;
  /** SET clauses, in order. */
  readonly settings?: Readonly<Record<string, string>>;
  /** The text between the quotes; for language internal the function's name. */
  readonly body: string;
  /** A SQL-standard body (RETURN …, BEGIN ATOMIC … END) as it is shown; `body` is empty then. */
  readonly standardBody?: string;
  /** Search path under which a standard body was bound. */
  readonly searchPath?: readonly string[];
  /** Types, relations and routines that the definition uses, for DROP. */
  readonly dependencies: readonly number[];
  readonly aggregate?: AggregateDefinition;
  readonly comment?: string;
  readonly acl?: readonly string[];
}

/** The functions that make one value of many, and the state that goes through them. */
export interface AggregateSteps {
  readonly stepOid: number;
  readonly stateType: number;
  /** 0: the state is the result. */
  readonly finishOid: number;
  /** The final function is declared with the aggregate's arguments too, and gets nulls for them. */
  readonly finishExtra?: boolean;
  /** pg_aggregate.aggfinalmodify: the final function reads the state, may share it, or writes it. */
  readonly finishModify?: 'r' | 's' | 'w';
  /** As text input of the state's type; absent: null. */
  readonly initial?: string;
  /** Bytes of a state, as an estimate; 0: a default. */
  readonly stateSpace?: number;
}

/** CREATE AGGREGATE: what makes a value of many. */
export interface AggregateDefinition extends AggregateSteps {
  readonly aggregateKind: 'normal' | 'ordered' | 'hypothetical';
  readonly directArgumentCount: number;
  readonly combineOid?: number;
  readonly serializeOid?: number;
  readonly deserializeOid?: number;
  readonly sortOperatorOid?: number;
  /** Used over window frames whose start moves: rows that leave are taken out by `inverseOid`. */
  readonly moving?: AggregateSteps & { readonly inverseOid: number };
}

export type TriggerTiming = 'before' | 'after' | 'instead of';
export type TriggerEvent = 'insert' | 'delete' | 'update' | 'truncate';

export interface TriggerDescriptor {
  readonly kind: 'trigger';
  readonly oid: number;
  readonly name: string;
  readonly tableOid: number;
  readonly functionOid: number;
  readonly timing: TriggerTiming;
  readonly events: readonly TriggerEvent[];
  /** FOR EACH ROW; false: for each statement. */
  readonly row: boolean;
  /** UPDATE OF: attribute numbers; empty: any column. */
  readonly columns: readonly number[];
  /** WHEN: over the columns new.… and old.… */
  readonly condition?: StoredExpression;
  readonly arguments: readonly string[];
  /** As pg_trigger.tgenabled: O origin, D disabled, R replica, A always. */
  readonly enabled: 'O' | 'D' | 'R' | 'A';
  /** Names of transition tables. */
  readonly oldTable?: string;
  readonly newTable?: string;
  readonly constraint?: {
    readonly oid: number;
    readonly deferrable: boolean;
    readonly initiallyDeferred: boolean;
    /** FROM; 0: none. */
    readonly referencedTable: number;
  };
  readonly comment?: string;
}

/** Parameters that a call gives values to. */
export function inputParameters(routine: RoutineDescriptor): readonly RoutineParameter[] {
  return routine.parameters.filter(({ mode }) => mode !== 'out' && mode !== 'table');
}

/** What a column of a result is called, by its place among the output parameters. */
export function outputName(parameter: RoutineParameter, ordinal: number): string {
  return parameter.name === '' ? `column${ordinal + 1}` : parameter.name;
}

/** Parameters that make up the result. */
export function outputParameters(routine: RoutineDescriptor): readonly RoutineParameter[] {
  return routine.parameters.filter(({ mode }) => mode !== 'in' && mode !== 'variadic');
}
