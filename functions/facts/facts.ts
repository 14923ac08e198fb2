// PostgreSQL 15's facts about functions, operators, casts, aggregates and operator classes, decoded
// from the generated text at first use (a few milliseconds) and kept.

import type {
  CastSignature,
  FunctionSignature,
  OperatorSignature,
  Volatility,
} from '../contract.ts';
import { contribFacts } from './contrib.ts';
import { contribOrderings } from './contrib-orderings.ts';
import { binderFunctions, extensionFunctions } from './extensions.ts';
import { statementStatisticsFunctions } from './statement-statistics.ts';
import { aggregatesText } from './generated/aggregates.ts';
import { castsText } from './generated/casts.ts';
import { estimatesText } from './generated/estimates.ts';
import { leakproofText } from './generated/leakproof.ts';
import { operatorClassesText } from './generated/operator-classes.ts';
import { operatorStrategiesText } from './generated/operator-strategies.ts';
import { operatorsText } from './generated/operators.ts';
import { proceduresText } from './generated/procedures.ts';

/** A default operator class: which family orders (btree) or hashes a type. */
export interface OperatorClass {
  readonly accessMethod: 'btree' | 'hash';
  readonly oid: number;
  readonly name: string;
  readonly family: number;
  readonly inputType: number;
}

/** An operator's place in a family. btree: 1 <, 2 <=, 3 =, 4 >=, 5 >; hash: 1 =. */
export interface OperatorStrategy {
  readonly operatorOid: number;
  readonly accessMethod: 'btree' | 'hash';
  readonly family: number;
  readonly strategy: number;
}

export interface FunctionFacts {
  readonly all: readonly FunctionSignature[];
  readonly byOid: ReadonlyMap<number, FunctionSignature>;
  readonly byName: ReadonlyMap<string, readonly FunctionSignature[]>;
}

export interface OperatorFacts {
  readonly all: readonly OperatorSignature[];
  readonly byOid: ReadonlyMap<number, OperatorSignature>;
  readonly byName: ReadonlyMap<string, readonly OperatorSignature[]>;
}

export interface OrderingFacts {
  readonly classes: readonly OperatorClass[];
  readonly strategies: readonly OperatorStrategy[];
  readonly strategiesOf: ReadonlyMap<number, readonly OperatorStrategy[]>;
}

/** Aggregates that an index can answer: the operator whose first row is the result (min, max). */
export const sortOperatorOf = (aggregateOid: number): number =>
  aggregateFacts().get(aggregateOid)?.sortOperator ?? 0;

export const functionFacts = once((): FunctionFacts => {
  const all = [
    ...rows(proceduresText).map(decodeFunction),
    ...extensionFunctions,
    ...statementStatisticsFunctions,
    ...contribFacts().functions,
  ];
  return {
    all,
    byOid: indexBy([...all, ...binderFunctions], (signature) => signature.oid),
    byName: groupBy(all, (s) => s.name),
  };
});

const functionsByImplementation = once(
  (): ReadonlyMap<string, FunctionSignature> =>
    new Map(
      functionFacts()
        .all.toReversed()
        .map((signature) => [signature.implementation, signature]),
    ),
);

/** A built-in function by the name of what computes it (pg_proc.prosrc), as LANGUAGE internal names it. */
export function internalFunction(name: string): FunctionSignature | undefined {
  return functionsByImplementation().get(name);
}

export const operatorFacts = once((): OperatorFacts => {
  const all = [...rows(operatorsText).map(decodeOperator), ...contribFacts().operators];
  return {
    all,
    byOid: indexBy(all, (signature) => signature.oid),
    byName: groupBy(all, (s) => s.name),
  };
});

/** Functions that tell nothing about their arguments but by their result: no errors, no side effects. */
export const leakproofFunctions = once(
  (): ReadonlySet<number> => new Set(leakproofText.split('\n').map(Number)),
);

/** What pg_proc tells planners of a function, where that is not the usual. */
export interface FunctionEstimate {
  /** In evaluations of a plain operator. */
  readonly cost: number;
  /** Of a set. */
  readonly rows: number;
  readonly parallel: 's' | 'r' | 'u';
}

export const functionEstimates = once(
  (): ReadonlyMap<number, FunctionEstimate> =>
    new Map(
      rows(estimatesText).map(([oid, cost, setRows, parallel]) => [
        Number(oid),
        {
          cost: Number(cost || 1),
          rows: Number(setRows || 1000),
          parallel: (parallel || 's') as FunctionEstimate['parallel'],
        },
      ]),
    ),
);

/** Casts in order of source and target. */
export const castFacts = once((): readonly CastSignature[] => [
  ...rows(castsText).map(decodeCast),
  ...contribFacts().casts,
]);

export const orderingFacts = once((): OrderingFacts => {
  const classes = rows(operatorClassesText).map((fields): OperatorClass => ({
    accessMethod: fields[0] as 'btree' | 'hash',
    oid: Number(fields[1]),
    name: fields[2],
    family: Number(fields[3]),
    inputType: Number(fields[4]),
  }));
  classes.push(...contribOrderings().classes);
  const strategies = rows(operatorStrategiesText).map((fields): OperatorStrategy => ({
    operatorOid: Number(fields[0]),
    accessMethod: fields[1] as 'btree' | 'hash',
    family: Number(fields[2]),
    strategy: Number(fields[3]),
  }));
  strategies.push(...contribOrderings().strategies);
  return {
    classes,
    strategies,
    strategiesOf: groupBy(strategies, (strategy) => strategy.operatorOid),
  };
});

interface AggregateFact {
  readonly kind: 'normal' | 'ordered' | 'hypothetical';
  readonly directArgumentCount: number;
  readonly sortOperator: number;
  /** Of aggregates whose state has no SQL type, "transition final"; empty for others. */
  readonly supportKey: string;
}

const aggregateFacts = once((): ReadonlyMap<number, AggregateFact> => {
  const kinds = { '': 'normal', o: 'ordered', h: 'hypothetical' } as const;
  return new Map(
    rows(aggregatesText).map((fields) => [
      Number(fields[0]),
      {
        kind: kinds[fields[1] as keyof typeof kinds],
        directArgumentCount: Number(fields[2]),
        sortOperator: Number(fields[3]),
        supportKey: fields[4] === '' ? '' : supportKey(Number(fields[4]), Number(fields[5])),
      },
    ]),
  );
});

const aggregatesBySupport = once(
  (): ReadonlyMap<string, number> =>
    new Map([...aggregateFacts()].map(([oid, fact]) => [fact.supportKey, oid])),
);

function supportKey(stepOid: number, finishOid: number): string {
  return `${stepOid} ${finishOid}`;
}

/** The aggregate that has these support functions over a state without a SQL type; 0: none. */
export function aggregateWithSupport(stepOid: number, finishOid: number): number {
  return aggregatesBySupport().get(supportKey(stepOid, finishOid)) ?? 0;
}

const functionKinds = { f: 'function', a: 'aggregate', w: 'window', p: 'procedure' } as const;

function decodeFunction(fields: readonly string[]): FunctionSignature {
  const [oid, name, key, flags, argumentTypes, result, variadic, defaults, names, outColumns] =
    fields as [string, string, string, string, string, string, string, string, string, string];
  const kind = functionKinds[flags[0] as keyof typeof functionKinds];
  const fact = kind === 'aggregate' ? aggregateFacts().get(Number(oid)) : undefined;
  const defaultTexts = defaults === '' ? [] : defaults.split(',');
  return {
    oid: Number(oid),
    name,
    kind,
    argumentTypes: argumentTypes === '' ? [] : argumentTypes.split(' ').map(Number),
    defaultCount: defaultTexts.length,
    variadic: Number(variadic),
    argumentNames: names === '' ? [] : names.split(','),
    resultType: Number(result),
    returnsSet: flags.includes('r', 1),
    strict: flags.includes('n', 1),
    volatility: volatilityOf(flags),
    outColumns: outColumns === '' ? [] : outColumns.split(',').map(decodeOutColumn),
    defaults: defaultTexts,
    implementation: key === '' ? name : key,
    aggregateKind: kind === 'aggregate' ? (fact?.kind ?? 'normal') : undefined,
    directArgumentCount: fact?.directArgumentCount ?? 0,
  };
}

function volatilityOf(flags: string): Volatility {
  if (flags.includes('v', 1)) return 'volatile';
  return flags.includes('s', 1) ? 'stable' : 'immutable';
}

function decodeOutColumn(text: string): { name: string; type: number } {
  const colon = text.lastIndexOf(':');
  return { name: text.slice(0, colon), type: Number(text.slice(colon + 1)) };
}

function decodeOperator(fields: readonly string[]): OperatorSignature {
  return {
    oid: Number(fields[0]),
    name: fields[1],
    left: Number(fields[2]),
    right: Number(fields[3]),
    result: Number(fields[4]),
    functionOid: Number(fields[5]),
    commutatorOid: Number(fields[6]),
    negatorOid: Number(fields[7]),
    canHash: fields[8].includes('h'),
    canMerge: fields[8].includes('m'),
  };
}

const castContexts = { i: 'implicit', a: 'assignment', e: 'explicit' } as const;
const castMethods = { f: 'function', b: 'binary', i: 'inout' } as const;

function decodeCast(fields: readonly string[]): CastSignature {
  const [context, method] = fields[3];
  return {
    source: Number(fields[0]),
    target: Number(fields[1]),
    functionOid: Number(fields[2]),
    context: castContexts[context as keyof typeof castContexts],
    method: castMethods[method as keyof typeof castMethods],
  };
}

function rows(text: string): string[][] {
  return text.split('\n').map((line) => line.split('\t'));
}

function once<Value>(make: () => Value): () => Value {
  let value: Value | undefined;
  return () => (value ??= make());
}

function indexBy<Value>(
  values: readonly Value[],
  key: (value: Value) => number,
): Map<number, Value> {
  return new Map(values.map((value) => [key(value), value]));
}

function groupBy<Key, Value>(
  values: readonly Value[],
  key: (value: Value) => Key,
): Map<Key, Value[]> {
  const groups = new Map<Key, Value[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group === undefined) groups.set(key(value), [value]);
    else group.push(value);
  }
  return groups;
}
