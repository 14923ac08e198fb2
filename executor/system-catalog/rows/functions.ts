// pg_proc, pg_operator, pg_cast: PostgreSQL 15's facts, all of them (also what has no implementation
// yet, since clients read signatures).

import { ArrayValue, BuiltinOid, type Datum, TypeOid } from '#common';
import {
  functionEstimate,
  isLeakproofFunction,
  allFunctions,
  functionRegistry,
  type FunctionSignature,
  objectsOfModule,
} from '#functions';
import { moduleSchemaOid } from '#planner';
import {
  type CatalogRow,
  type CatalogScope,
  type Lookups,
  type RowSources,
  vector,
} from '../contract.ts';

import { routineRow } from './routines.ts';

const internalLanguage = 12;
const kinds = { function: 'f', aggregate: 'a', window: 'w', procedure: 'p' } as const;
const volatilities = { immutable: 'i', stable: 's', volatile: 'v' } as const;
const owned = { owner: BuiltinOid.bootstrapRole, schema: BuiltinOid.pgCatalogSchema } as const;

function functionRow(signature: FunctionSignature, schema: number = owned.schema): CatalogRow {
  const { argumentTypes, outColumns, argumentNames } = signature;
  const modes = [
    ...argumentTypes.map((_type, position) =>
      signature.variadic !== 0 && position === argumentTypes.length - 1 ? 'v' : 'i',
    ),
    ...outColumns.map(() => (signature.returnsSet ? 't' : 'o')),
  ];
  const names = [
    ...argumentTypes.map((_type, position) => argumentNames[position] ?? ''),
    ...outColumns.map(({ name }) => name),
  ];
  const estimate = functionEstimate(signature.oid);
  const hasModes = outColumns.length > 0 || signature.variadic !== 0;
  return {
    oid: signature.oid,
    proname: signature.name,
    pronamespace: schema,
    proowner: owned.owner,
    prolang: internalLanguage,
    procost: estimate.cost,
    prorows: signature.returnsSet ? estimate.rows : 0,
    provariadic: signature.variadic,
    prosupport: 0,
    prokind: kinds[signature.kind],
    prosecdef: false,
    proleakproof: isLeakproofFunction(signature.oid),
    proisstrict: signature.strict,
    proretset: signature.returnsSet,
    provolatile: volatilities[signature.volatility],
    proparallel: estimate.parallel,
    pronargs: argumentTypes.length,
    pronargdefaults: signature.defaultCount,
    prorettype: signature.resultType,
    proargtypes: vector(TypeOid.oid, argumentTypes),
    proallargtypes: hasModes
      ? oids([...argumentTypes, ...outColumns.map(({ type }) => type)])
      : null,
    proargmodes: hasModes ? ArrayValue.of(TypeOid.char, modes) : null,
    proargnames: names.some((name) => name !== '') ? ArrayValue.of(TypeOid.text, names) : null,
    prosrc: signature.implementation.includes('(') ? signature.name : signature.implementation,
  };
}

function oids(values: readonly number[]): Datum {
  return ArrayValue.of(TypeOid.oid, values);
}

/** Functions of modules are there where those are installed. */
function* moduleFunctionRows(
  { catalog }: CatalogScope,
  signatures: readonly FunctionSignature[],
): Iterable<CatalogRow> {
  for (const signature of signatures) {
    if (signature.module === undefined) continue;
    const schema = moduleSchemaOid(catalog, signature.module);
    if (schema !== undefined) yield functionRow(signature, schema);
  }
}

function* functionRows(scope: CatalogScope, lookups: Lookups): Iterable<CatalogRow> {
  const oid = lookups.get('oid');
  const name = lookups.get('proname');
  if (typeof oid === 'number') {
    const routine = scope.catalog.routineByOid(oid);
    if (routine !== undefined) {
      yield routineRow(scope, routine);
      return;
    }
    const signature = functionRegistry.functionByOid(oid);
    if (signature?.module !== undefined) yield* moduleFunctionRows(scope, [signature]);
    else if (signature !== undefined) yield functionRow(signature);
    return;
  }
  const signatures =
    typeof name === 'string' ? functionRegistry.functionsNamed(name) : allFunctions();
  for (const signature of signatures)
    if (signature.module === undefined) yield functionRow(signature);
  const brought =
    typeof name === 'string'
      ? signatures
      : scope.catalog
          .entries('extension')
          .flatMap((extension) => objectsOfModule(extension.name).functions);
  yield* moduleFunctionRows(scope, brought);
  const routines =
    typeof name === 'string' ? scope.catalog.routinesNamed(name) : scope.catalog.routines();
  for (const routine of routines) yield routineRow(scope, routine);
}

export const functionSources: RowSources = { pg_proc: functionRows };
