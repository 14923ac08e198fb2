// Calls of routines in one session: runs what compiled-routines.ts has made ready, with the rights and settings that
// the routine asks for, and knows which calls are running.

import {
  DatabaseError,
  type Datum,
  inputParameters,
  RecordValue,
  type RoutineDescriptor,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import type {
  CallTypes,
  EventTriggerCall,
  EventTriggerData,
  GivenRows,
  RoutineCalls,
  TriggerCall,
} from '#functions';
import { bindCallStatement, optimize, stackDepthError } from '#planner';
import { routineDepthMax } from '../limits.ts';
import { type Compiled, CompiledRoutines, unknownLanguage } from './compiled-routines.ts';
import { doArguments } from './do-arguments.ts';
import type { DrivenCalls } from './driven-calls.ts';
import { runGivenQuery } from './given-query.ts';
import type { Pace, ProceduralHost, Work } from './host.ts';
import type { InnerStatement, StatementScope } from './inner-statement.ts';
import { compileFunction } from './plpgsql/compile-function.ts';
import { finishResult } from './plpgsql/compile-return.ts';
import type { CompiledFunction } from './plpgsql/compiled-function.ts';
import { addContext, frameLine } from './plpgsql/context.ts';
import { Frame, type FrameOptions, type Outcome } from './plpgsql/frame.ts';
import { setEventVariables, setTriggerVariables } from './plpgsql/trigger-variables.ts';
import { expectedRecord, outputRecord } from './records.ts';
import { SqlFunction } from './sql-function.ts';
import { QueryRun, runAtOnce } from './statement-run.ts';
import { ValueCasts } from './value-casts.ts';

/** A call that is running. */
interface Activation {
  line(): string;
  readonly runs: Iterable<QueryRun>;
}

export interface ProcedureResult {
  /** Output parameters, and the variables that were given for them. */
  readonly outputs: readonly {
    readonly name: string;
    readonly type: number;
    readonly variable: readonly string[] | undefined;
  }[];
  /** undefined: no output parameters. */
  readonly record: RecordValue | undefined;
}

export class RoutineCaller implements RoutineCalls {
  readonly host: ProceduralHost;
  readonly casts: ValueCasts;
  private readonly routines: CompiledRoutines;
  private readonly activations: Activation[] = [];
  triggerDepth = 0;
  eventData: EventTriggerData | undefined = undefined;
  /** Set while a query runs whose calls are driven from outside. */
  driven: DrivenCalls | undefined = undefined;

  constructor(host: ProceduralHost) {
    this.host = host;
    this.casts = new ValueCasts(host);
    this.routines = new CompiledRoutines(host);
  }

  // ---- calls in expressions ------------------------------------------------------------------

  call(oid: number, args: readonly Datum[], types: CallTypes): Datum {
    const routine = this.routines.callable(oid);
    if (routine.strict && args.includes(null)) return null;
    const compiled = this.routines.prepare(routine, types);
    if (this.driven !== undefined && this.activations.length === 0) {
      const start = (): Work<Datum> =>
        this.valueWork(routine, compiled, { args, types, pace: 'waiting' });
      const value = this.driven.take(start) as Datum | undefined;
      if (value !== undefined) return value;
    }
    return this.atOnce(() => this.valueWork(routine, compiled, { args, types, pace: 'atOnce' }));
  }

  get isDriven(): boolean {
    return this.driven !== undefined && this.activations.length === 0;
  }

  *callInTurns(oid: number, args: readonly Datum[], types: CallTypes): Work<Datum> {
    const routine = this.routines.callable(oid);
    if (routine.strict && args.includes(null)) return null;
    return yield* this.valueWork(routine, this.routines.prepare(routine, types), {
      args,
      types,
      pace: 'inTurns',
    });
  }

  private atOnce<Result>(start: () => Work<Result>): Result {
    try {
      return runAtOnce(start());
    } catch (error) {
      if (error instanceof RangeError) throw stackDepthError();
      throw error;
    }
  }

  private *valueWork(
    routine: RoutineDescriptor,
    compiled: Compiled,
    call: { readonly args: readonly Datum[]; readonly types: CallTypes; readonly pace: Pace },
  ): Work<Datum> {
    const { args, types, pace } = call;
    this.checkDepth();
    const leave = this.enter(routine);
    try {
      if (compiled instanceof SqlFunction) {
        return yield* this.sqlWork(compiled, () => compiled.value(this, args, pace, types));
      }
      const frame = this.frame(compiled, args, { pace, mayEndTransaction: false });
      const outcome = yield* this.runFrameWork(frame);
      return this.guarded(frame, () =>
        expectedRecord(finishResult(frame, outcome), types, this.routines),
      );
    } finally {
      leave();
    }
  }

  private *sqlWork<Result>(compiled: SqlFunction, start: () => Work<Result>): Work<Result> {
    const activation: Activation = { line: () => compiled.line(), runs: [] };
    this.activations.push(activation);
    try {
      return yield* start();
    } finally {
      this.activations.splice(this.activations.indexOf(activation), 1);
    }
  }

  rows(oid: number, args: readonly Datum[], types: CallTypes): Iterable<Datum | readonly Datum[]> {
    const routine = this.routines.callable(oid);
    if (routine.strict && args.includes(null)) return [];
    const compiled = this.routines.prepare(routine, types);
    if (this.driven !== undefined && this.activations.length === 0) {
      const start = (): Work<readonly Datum[]> =>
        this.rowsWork(routine, compiled, { args, types, pace: 'waiting' });
      const found = this.driven.take(start) as readonly Datum[] | undefined;
      if (found !== undefined) return found;
    }
    return this.atOnce(() => this.rowsWork(routine, compiled, { args, types, pace: 'atOnce' }));
  }

  private *rowsWork(
    routine: RoutineDescriptor,
    compiled: Compiled,
    call: {
      readonly args: readonly Datum[];
      readonly types: CallTypes;
      readonly pace: Pace;
    },
  ): Work<readonly Datum[]> {
    const { args, types, pace } = call;
    this.checkDepth();
    const leave = this.enter(routine);
    try {
      if (compiled instanceof SqlFunction) {
        return yield* this.sqlWork(compiled, () => compiled.rows(this, args, pace, types));
      }
      const expectedColumns = types.columns;
      const options = { pace, mayEndTransaction: false, expectedColumns };
      const frame = this.frame(compiled, args, options);
      yield* this.runFrameWork(frame);
      return frame.rows;
    } finally {
      leave();
    }
  }

  query(text: string): GivenRows {
    if (this.isDriven) {
      const start = (): Work<GivenRows> => runGivenQuery(this.host, text, 'waiting');
      const found = this.driven!.take(start as never) as unknown as GivenRows | undefined;
      if (found !== undefined) return found;
    }
    return this.atOnce(() => runGivenQuery(this.host, text, 'atOnce'));
  }

  // ---- procedures and blocks -----------------------------------------------------------------

  /** CALL. */
  *callProcedure(
    statement: InnerStatement,
    scope: StatementScope,
    mayEndTransaction: boolean,
  ): Work<ProcedureResult> {
    const bound = bindCallStatement(statement.parsed, {
      ...this.host.bindContext(),
      parameterTypes: scope.types,
      allowParameters: true,
      variables: scope,
    });
    const routine = this.routines.callable(bound.routineOid);
    const plan = optimize(bound.query, this.host.bindContext().catalog, {
      functions: this.host.planningFunctions,
      checksFor: (table) => this.host.checksFor(table),
    });
    const run = new QueryRun(scope, plan);
    let values: readonly Datum[];
    try {
      values = (yield* run.next()) ?? [];
    } finally {
      run.close();
    }
    const args = inputParameters(routine).map(
      (parameter) => values[routine.parameters.indexOf(parameter)] ?? null,
    );
    const argumentTypes = inputParameters(routine).map(
      (parameter) => bound.parameterTypes[routine.parameters.indexOf(parameter)],
    );
    const record = yield* this.runProcedure(routine, args, {
      argumentTypes,
      pace: scope.pace,
      mayEndTransaction:
        mayEndTransaction && routine.settings === undefined && !routine.securityDefiner,
    });
    return { outputs: bound.outputs, record };
  }

  private *runProcedure(
    routine: RoutineDescriptor,
    args: readonly Datum[],
    options: Pick<FrameOptions, 'pace' | 'mayEndTransaction'> & {
      readonly argumentTypes: readonly number[];
    },
  ): Work<RecordValue | undefined> {
    const { argumentTypes } = options;
    const compiled = this.routines.prepare(routine, {
      argumentTypes,
      resultType: routine.resultType,
    });
    this.checkDepth();
    const leave = this.enter(routine);
    try {
      if (compiled instanceof SqlFunction) {
        // The row of the last statement: one field for each output.
        const value = yield* compiled.value(this, args, options.pace);
        return value instanceof RecordValue ? value : undefined;
      }
      const frame = this.frame(compiled, args, options);
      const outcome = yield* this.runFrameWork(frame);
      return outputRecord(routine, finishResult(frame, outcome));
    } finally {
      leave();
    }
  }

  /** DO. */
  *doStatement(statement: InnerStatement, pace: Pace, mayEndTransaction: boolean): Work<void> {
    const { language, body } = doArguments(statement);
    if (language !== 'plpgsql') throw unknownLanguage(language);
    const compiled = compileFunction(this.host, {
      routine: undefined,
      body,
      title: 'inline_code_block',
      kind: 'block',
      parameterTypes: [],
      resultType: sqlType(TypeOid.void),
      inputCollation: undefined,
      returnsSet: false,
    });
    this.checkDepth();
    yield* this.runFrameWork(this.frame(compiled, [], { pace, mayEndTransaction }));
  }

  // ---- running -------------------------------------------------------------------------------

  trigger(oid: number, call: TriggerCall): Datum {
    const routine = this.routines.routine(oid);
    this.triggerDepth++;
    try {
      return this.runTrigger(routine, call);
    } finally {
      this.triggerDepth--;
    }
  }

  eventTrigger(oid: number, call: EventTriggerCall): void {
    const routine = this.routines.routine(oid);
    const outer = this.eventData;
    this.eventData = call.data;
    try {
      const compiled = this.routines.prepare(routine, {
        argumentTypes: [],
        resultType: TypeOid.void,
      });
      if (compiled instanceof SqlFunction) throw unknownLanguage('sql');
      this.entered(routine, () => {
        const frame = this.frame(compiled, [], { pace: 'atOnce', mayEndTransaction: false });
        setEventVariables(frame, call);
        this.runFrame(frame);
      });
    } finally {
      this.eventData = outer;
    }
  }

  private runTrigger(routine: RoutineDescriptor, call: TriggerCall): Datum {
    const compiled = this.routines.prepare(routine, {
      argumentTypes: [],
      resultType: TypeOid.trigger,
    });
    if (compiled instanceof SqlFunction) throw unknownLanguage('sql');
    return this.entered(routine, () => {
      const frame = this.frame(compiled, [], {
        transitions: call.transitions,
        pace: 'atOnce',
        mayEndTransaction: false,
      });
      setTriggerVariables(frame, call);
      const outcome = this.runFrame(frame);
      return this.guarded(frame, () => finishResult(frame, outcome));
    });
  }

  private frame(
    compiled: CompiledFunction,
    args: readonly Datum[],
    options: Omit<FrameOptions, 'host' | 'calls' | 'compiled'>,
  ): Frame {
    const frame = new Frame({ host: this.host, calls: this, compiled, ...options });
    compiled.arguments.forEach((variable, position) => {
      const value = args[position] ?? null;
      frame.values[variable.index] = value;
    });
    frame.found = false;
    return frame;
  }

  private runFrame(frame: Frame): Outcome {
    return runAtOnce(this.runFrameWork(frame));
  }

  private *runFrameWork(frame: Frame): Work<Outcome> {
    const activation: Activation = { line: () => frameLine(frame), runs: frame.openRuns };
    this.activations.push(activation);
    try {
      const result = frame.compiled.run(frame);
      return typeof result === 'object' ? yield* result : result;
    } catch (error) {
      throw this.withFrame(frame, error);
    } finally {
      this.activations.splice(this.activations.indexOf(activation), 1);
    }
  }

  private guarded<Result>(frame: Frame, run: () => Result): Result {
    try {
      return run();
    } catch (error) {
      throw this.withFrame(frame, error);
    }
  }

  private withFrame(frame: Frame, error: unknown): unknown {
    if (error instanceof RangeError) return stackDepthError();
    if (!(error instanceof DatabaseError)) return error;
    if (error.position !== undefined) {
      error.internalPosition = error.position;
      error.position = undefined;
    }
    addContext(error, frameLine(frame));
    return error;
  }

  /** Runs something as the routine asks for, within the limit of nesting. */
  private entered<Result>(routine: RoutineDescriptor, run: () => Result): Result {
    this.checkDepth();
    const leave = this.enter(routine);
    try {
      return run();
    } catch (error) {
      if (error instanceof RangeError) throw stackDepthError();
      throw error;
    } finally {
      leave();
    }
  }

  private checkDepth(): void {
    this.host.functions.checkCancel();
    if (this.activations.length >= routineDepthMax) throw stackDepthError();
  }

  private enter(routine: RoutineDescriptor): () => void {
    const { settings, securityDefiner, owner } = routine;
    if (settings === undefined && !securityDefiner) return nothing;
    const role = securityDefiner ? this.host.bindContext().catalog.roleByOid(owner) : undefined;
    return this.host.enter({
      ...(settings === undefined ? {} : { settings }),
      ...(role === undefined ? {} : { role }),
    });
  }

  // ---- what messages say ---------------------------------------------------------------------

  requireExecute(oid: number): void {
    this.routines.callable(oid);
  }

  check(routine: RoutineDescriptor): void {
    this.routines.check(routine);
  }

  typeName(type: SqlType): string {
    return this.routines.typeName(type);
  }

  /** CONTEXT lines of the calls around the current one. */
  callLines(): readonly string[] {
    return this.activations
      .slice(0, -1)
      .toReversed()
      .map((activation) => activation.line());
  }

  *openRuns(): Iterable<QueryRun> {
    for (const activation of this.activations) yield* activation.runs;
  }
}

function nothing(): void {}
