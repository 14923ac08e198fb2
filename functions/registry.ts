// The registry: the facts by name and oid, and the families' implementations resolved to oids. The
// tables are made at first use, so that importing the folder costs little.

import { type ArrayValue, type Datum, moduleOfType, RecordValue } from '#common';
import type {
  AggregateImplementation,
  CallTypes,
  CastSignature,
  FunctionContext,
  FunctionRegistry,
  FunctionSignature,
  OperatorSignature,
  ScalarImplementation,
  SetImplementation,
  WindowImplementation,
} from './contract.ts';
import { castFacts, functionFacts, operatorFacts } from './facts/facts.ts';
import { catalogQuestions } from './families/catalog-questions.ts';
import { families } from './families/families.ts';
import type { Entry, Family } from './family.ts';
import { typeOrdering } from './ordering.ts';
import { userAggregate } from './user-aggregates.ts';
import { userCast, userCastsFrom } from './user-operators.ts';
import { userFunction, userScalar, userSet } from './user-functions.ts';

interface ImplementationTables {
  readonly scalars: ReadonlyMap<string, Entry<ScalarImplementation>>;
  readonly sets: ReadonlyMap<string, Entry<SetImplementation>>;
  readonly aggregates: ReadonlyMap<string, Entry<AggregateImplementation>>;
  readonly windows: ReadonlyMap<string, WindowImplementation>;
}

interface CastTables {
  readonly between: ReadonlyMap<number, CastSignature>;
  readonly from: ReadonlyMap<number, readonly CastSignature[]>;
}

let implementationTables: ImplementationTables | undefined;
let castTables: CastTables | undefined;
const declaredTypes = new Map<number, CallTypes>();

export const functionRegistry: FunctionRegistry = {
  functionsNamed: (name) => functionFacts().byName.get(name) ?? [],
  functionByOid: (oid) => functionFacts().byOid.get(oid) ?? userFunction(oid),
  operatorsNamed: (name) => operatorFacts().byName.get(name) ?? [],
  operatorByOid: (oid) => operatorFacts().byOid.get(oid),
  castBetween: (source, target) =>
    casts().between.get(castKey(source, target)) ?? userCast(source, target),
  castsFrom: (source) => [...(casts().from.get(source) ?? []), ...userCastsFrom(source)],
  scalar: (oid, types) =>
    implementation(implementations().scalars, oid, types) ??
    catalogQuestion(oid) ??
    userScalar(functionRegistry, oid, types),
  set: (oid, types) =>
    implementation(implementations().sets, oid, types) ??
    catalogSet(oid) ??
    userSet(functionRegistry, oid, types),
  aggregate: (oid, types) =>
    implementation(implementations().aggregates, oid, types) ??
    userAggregate(functionRegistry, oid, types),
  window: (oid) => implementation(implementations().windows, oid, undefined),
  ordering: typeOrdering,
};

/** Every function, operator and cast that PostgreSQL 15 has, for the system catalog. */
export function allFunctions(): readonly FunctionSignature[] {
  return withoutModules(functionFacts().all);
}
export function allOperators(): readonly OperatorSignature[] {
  return withoutModules(operatorFacts().all);
}
export function allCasts(): readonly CastSignature[] {
  return castFacts().filter((cast) => moduleOfCast(cast) === undefined);
}

function withoutModules<Item extends { readonly module?: string }>(items: readonly Item[]): Item[] {
  return items.filter(({ module }) => module === undefined);
}

/** What CREATE EXTENSION adds to the system catalog. */
export interface ModuleObjects {
  readonly functions: readonly FunctionSignature[];
  readonly operators: readonly OperatorSignature[];
  readonly casts: readonly CastSignature[];
}

export function objectsOfModule(name: string): ModuleObjects {
  return {
    functions: functionFacts().all.filter(({ module }) => module === name),
    operators: operatorFacts().all.filter(({ module }) => module === name),
    casts: castFacts().filter((cast) => moduleOfCast(cast) === name),
  };
}

function moduleOfCast({ source, target }: CastSignature): string | undefined {
  return moduleOfType(source) ?? moduleOfType(target);
}

function implementation<Implementation extends object>(
  table: ReadonlyMap<string, Entry<Implementation>>,
  oid: number,
  types: CallTypes | undefined,
): Implementation | undefined {
  const signature = functionFacts().byOid.get(oid);
  if (signature === undefined) return undefined;
  const entry = table.get(signature.implementation);
  if (entry === undefined) return undefined;
  return 'forTypes' in entry ? entry.forTypes(types ?? declared(signature)) : entry;
}

/** Functions that the system catalog answers, by name. */
function catalogQuestion(oid: number): ScalarImplementation | undefined {
  const signature = functionFacts().byOid.get(oid);
  if (signature === undefined || signature.returnsSet || !catalogQuestions.has(signature.name)) {
    return undefined;
  }
  return (context: FunctionContext, ...args: Datum[]) => context.catalog.call(signature.name, args);
}

function catalogSet(oid: number): SetImplementation | undefined {
  const signature = functionFacts().byOid.get(oid);
  if (signature?.returnsSet !== true || !catalogQuestions.has(signature.name)) return undefined;
  return (context: FunctionContext, ...args: Datum[]) => {
    const rows = context.catalog.call(signature.name, args) as ArrayValue;
    return rows.elements.map((row) => (row instanceof RecordValue ? row.fields : row));
  };
}

function declared(signature: FunctionSignature): CallTypes {
  let types = declaredTypes.get(signature.oid);
  if (types === undefined) {
    types = { argumentTypes: signature.argumentTypes, resultType: signature.resultType };
    declaredTypes.set(signature.oid, types);
  }
  return types;
}

function implementations(): ImplementationTables {
  return (implementationTables ??= {
    scalars: collect((family) => family.scalars),
    sets: collect((family) => family.sets),
    aggregates: collect((family) => family.aggregates),
    windows: collect((family) => family.windows),
  });
}

function collect<Value>(
  table: (family: Family) => Readonly<Record<string, Value>> | undefined,
): Map<string, Value> {
  const all = new Map<string, Value>();
  for (const family of families) {
    const entries = table(family);
    if (entries !== undefined) for (const key of Object.keys(entries)) all.set(key, entries[key]);
  }
  return all;
}

function casts(): CastTables {
  if (castTables === undefined) {
    const between = new Map<number, CastSignature>();
    const from = new Map<number, CastSignature[]>();
    for (const cast of castFacts()) {
      between.set(castKey(cast.source, cast.target), cast);
      const list = from.get(cast.source);
      if (list === undefined) from.set(cast.source, [cast]);
      else list.push(cast);
    }
    castTables = { between, from };
  }
  return castTables;
}

/** Built-in type oids are below 2^14; those of user types are in no pg_cast row of ours. */
function castKey(source: number, target: number): number {
  return source * 4294967296 + target;
}
