// Aggregates that users have made (CREATE AGGREGATE), as the registry shows them: implementations that
// call the step and final functions, built in or written by users. A state of type internal has no SQL
// value: such aggregates are known by their support functions, and run as the built-in one that has them.

import {
  type AggregateSteps,
  arrayTypeOf,
  type Datum,
  databaseError,
  elementTypeOf,
  multirangeInfoOf,
  notSupported,
  rangeInfoOf,
  typeByOid,
  typeInput,
  TypeOid,
} from '#common';
import type {
  AggregateImplementation,
  CallTypes,
  FunctionContext,
  FunctionRegistry,
  FunctionSignature,
  MovingAggregate,
} from './contract.ts';
import { aggregateWithSupport } from './facts/facts.ts';
import { userFunction } from './user-functions.ts';

export function userAggregate(
  registry: FunctionRegistry,
  oid: number,
  types: CallTypes | undefined,
): AggregateImplementation | undefined {
  const signature = userFunction(oid);
  const definition = signature?.routine?.aggregate;
  if (signature === undefined || definition === undefined) return undefined;
  if (definition.stateType === TypeOid.internal) {
    const builtin = aggregateWithSupport(definition.stepOid, definition.finishOid);
    return builtin === 0 ? undefined : registry.aggregate(builtin, types);
  }
  const call = types ?? {
    argumentTypes: signature.argumentTypes,
    resultType: signature.resultType,
  };
  const machine = new StateMachine(registry, { signature, call, steps: definition });
  const { moving } = definition;
  if (moving === undefined) return machine;
  const { inverseOid } = moving;
  const reversible = new ReversibleMachine(
    registry,
    { signature, call, steps: moving },
    inverseOid,
  );
  return Object.assign(machine, { moving: reversible });
}

interface Recipe {
  readonly signature: FunctionSignature;
  readonly call: CallTypes;
  readonly steps: AggregateSteps;
}

interface State {
  value: Datum;
  /** A strict step function without initial value takes its first input as the state. */
  started: boolean;
  /** Rows fed and not taken out. */
  rows: number;
  /** Of an ordered-set aggregate, from the first row. */
  direct: readonly Datum[];
}

type Call = (context: FunctionContext, args: readonly Datum[]) => Datum;

class StateMachine implements AggregateImplementation<State> {
  readonly strict: boolean;
  readonly resumable = true;
  protected readonly advance: Call;
  private readonly finalCall: Call | undefined;
  private readonly strictFinal: boolean;
  /** How many nulls follow the final function's own arguments. */
  private readonly extraCount: number;
  private readonly directCount: number;
  private readonly initial: string | undefined;
  private readonly stateType: number;
  private readonly oid: number;

  constructor(registry: FunctionRegistry, { signature, call, steps }: Recipe) {
    const direct = signature.aggregateKind === 'normal' ? 0 : signature.directArgumentCount;
    const { argumentTypes } = call;
    this.stateType = concrete(steps.stateType, signature, call);
    this.advance = callOf(registry, steps.stepOid, {
      ...call,
      argumentTypes: [this.stateType, ...argumentTypes.slice(direct)],
      resultType: this.stateType,
    });
    this.strict = registry.functionByOid(steps.stepOid)?.strict === true;
    const finish = registry.functionByOid(steps.finishOid);
    const extra = steps.finishExtra === true ? argumentTypes.slice(direct) : [];
    this.finalCall =
      finish === undefined
        ? undefined
        : callOf(registry, finish.oid, {
            ...call,
            argumentTypes: [this.stateType, ...argumentTypes.slice(0, direct), ...extra],
            resultType: call.resultType,
          });
    this.strictFinal = finish?.strict === true;
    this.extraCount = extra.length;
    this.directCount = direct;
    this.initial = steps.initial;
    this.oid = signature.oid;
  }

  create(context: FunctionContext): State {
    context.routines?.requireExecute(this.oid);
    const value =
      this.initial === undefined ? null : typeInput(this.stateType)(this.initial, -1, context);
    return { value, started: value !== null || !this.strict, rows: 0, direct: [] };
  }

  step(state: State, context: FunctionContext, ...args: Datum[]): State {
    const values = this.directCount === 0 ? args : args.slice(this.directCount);
    if (state.rows === 0) state.direct = args.slice(0, this.directCount);
    state.rows++;
    if (!state.started) {
      state.started = true;
      state.value = values[0] ?? null;
    } else if (!this.strict || state.value !== null) {
      state.value = this.advance(context, [state.value, ...values]);
    }
    return state;
  }

  finish(state: State, context: FunctionContext): Datum {
    if (this.finalCall === undefined) return state.value;
    const { direct } = state;
    const args: Datum[] = [state.value];
    for (let place = 0; place < this.directCount; place++) args.push(direct[place] ?? null);
    for (let place = 0; place < this.extraCount; place++) args.push(null);
    if (this.strictFinal && args.includes(null)) return null;
    return this.finalCall(context, args);
  }
}

class ReversibleMachine extends StateMachine implements MovingAggregate {
  private readonly inverse: Call;

  constructor(registry: FunctionRegistry, recipe: Recipe, inverseOid: number) {
    super(registry, recipe);
    const { signature, call, steps } = recipe;
    const stateType = concrete(steps.stateType, signature, call);
    this.inverse = callOf(registry, inverseOid, {
      ...call,
      argumentTypes: [stateType, ...call.argumentTypes],
      resultType: stateType,
    });
  }

  remove(
    given: unknown,
    context: FunctionContext,
    ...args: Datum[]
  ): { readonly state: State } | undefined {
    const state = given as State;
    if (state.rows <= 1) return { state: this.create(context) };
    if (this.strict && state.value === null) {
      throw databaseError(
        'nullValueNotAllowed',
        'aggregate transition value is NULL before inverse transition',
      );
    }
    const value = this.inverse(context, [state.value, ...args]);
    if (value === null) return undefined;
    state.value = value;
    state.rows--;
    return { state };
  }
}

/** The type that a state's declared type stands for in a call, whose arguments have been coerced. */
function concrete(declared: number, signature: FunctionSignature, call: CallTypes): number {
  const position = signature.argumentTypes.indexOf(declared);
  if (position >= 0) return call.argumentTypes[position] ?? declared;
  const name = typeByOid(declared)?.name ?? '';
  if (typeByOid(declared)?.kind !== 'pseudo' || !name.startsWith('any')) return declared;
  const element = elementInCall(signature, call, name.startsWith('anycompatible'));
  if (name.endsWith('array') && !name.endsWith('nonarray')) return arrayTypeOf(element);
  return name.endsWith('range') ? declared : element;
}

function elementInCall(
  signature: FunctionSignature,
  call: CallTypes,
  isCompatible: boolean,
): number {
  for (const [position, type] of signature.argumentTypes.entries()) {
    const name = typeByOid(type)?.name ?? '';
    const actual = call.argumentTypes[position] ?? 0;
    if (!name.startsWith('any') || name.startsWith('anycompatible') !== isCompatible) continue;
    if (name.endsWith('multirange')) return multirangeInfoOf(actual)?.subtype ?? 0;
    if (name.endsWith('range')) return rangeInfoOf(actual)?.subtype ?? 0;
    const isArray = name.endsWith('array') && !name.endsWith('nonarray');
    return isArray ? elementTypeOf(actual) : actual;
  }
  return 0;
}

/** Functions are looked up when they are called first, since a statement may only show a plan. */
function callOf(registry: FunctionRegistry, oid: number, types: CallTypes): Call {
  let found: ReturnType<FunctionRegistry['scalar']>;
  return (context, args) => {
    found ??= registry.scalar(oid, types);
    if (found === undefined)
      throw notSupported(`function ${registry.functionByOid(oid)?.name ?? oid} as a step`);
    return found(context, ...(args as never[]));
  };
}
