// The facts of PostgreSQL's contrib modules, with oids of our own: they are given in the order of the
// generated text, above every oid of PostgreSQL and of its users.

import { registeredTypeByName } from '#common';
import type {
  CastSignature,
  FunctionSignature,
  OperatorSignature,
  Volatility,
} from '../contract.ts';
import { contribText } from './generated/contrib.ts';

const firstOid = 9_001_000;

/** An operator class that a module brings for its type. */
export interface ContribClass {
  readonly module: string;
  readonly method: string;
  readonly oid: number;
  readonly name: string;
  readonly inputType: number;
  readonly isDefault: boolean;
}

export interface ContribFacts {
  readonly functions: readonly FunctionSignature[];
  readonly operators: readonly OperatorSignature[];
  readonly casts: readonly CastSignature[];
  readonly classes: readonly ContribClass[];
}

let facts: ContribFacts | undefined;

export function contribFacts(): ContribFacts {
  return (facts ??= readFacts());
}

interface Line {
  readonly oid: number;
  readonly module: string;
  readonly fields: readonly string[];
}

function readFacts(): ContribFacts {
  const lines = new Map<string, Line[]>();
  contribText.split('\n').forEach((text, at) => {
    const [kind, module, ...fields] = text.split('\t');
    const known = lines.get(kind);
    const line = { oid: firstOid + at, module, fields };
    if (known === undefined) lines.set(kind, [line]);
    else known.push(line);
  });
  const of = (kind: string): readonly Line[] => lines.get(kind) ?? [];
  const functions = of('function').map(readFunction);
  return {
    functions,
    operators: readOperators(of('operator'), functions),
    casts: of('cast').map(({ fields }) => readCast(fields, functions)),
    classes: of('class').map(({ oid, module, fields }) => ({
      module,
      oid,
      method: fields[0],
      name: fields[1],
      inputType: typeOf(fields[2]),
      isDefault: fields[3] === 't',
    })),
  };
}

function typeOf(name: string): number {
  return name === '' ? 0 : registeredTypeByName(name)!.oid;
}

function typesOf(list: string): number[] {
  return list === '' ? [] : list.split(',').map(typeOf);
}

function readFunction({ oid, module, fields }: Line): FunctionSignature {
  const [name, types, result, flags, variadic, columns, source] = fields;
  const volatility: Volatility = flags.includes('v', 1)
    ? 'volatile'
    : flags.includes('s', 1)
      ? 'stable'
      : 'immutable';
  const isAggregate = flags.startsWith('a');
  return {
    oid,
    module,
    name,
    kind: isAggregate ? 'aggregate' : 'function',
    argumentTypes: typesOf(types),
    argumentNames: [],
    defaultCount: 0,
    defaults: [],
    variadic: typeOf(variadic),
    resultType: typeOf(result),
    returnsSet: flags.includes('r', 1),
    strict: flags.includes('n', 1),
    volatility,
    outColumns:
      columns === ''
        ? []
        : columns.split(',').map((column) => {
            const [columnName, type] = column.split(':');
            return { name: columnName, type: typeOf(type) };
          }),
    implementation: source === '' ? `${name}(${types})` : source,
    aggregateKind: isAggregate ? 'normal' : undefined,
    directArgumentCount: 0,
  };
}

/** Commutators and negators are named; they take the same types, turned round or not. */
function readOperators(
  lines: readonly Line[],
  functions: readonly FunctionSignature[],
): OperatorSignature[] {
  const oidOf = (name: string, left: string, right: string): number =>
    lines.find(({ fields }) => fields[0] === name && fields[1] === left && fields[2] === right)
      ?.oid ?? 0;
  return lines.map(({ oid, module, fields }) => {
    const [name, left, right, result, functionName, types, commutator, negator, flags] = fields;
    return {
      oid,
      module,
      name,
      left: typeOf(left),
      right: typeOf(right),
      result: typeOf(result),
      functionOid: functionOid(functions, functionName, typesOf(types)),
      commutatorOid: oidOf(commutator, right, left),
      negatorOid: oidOf(negator, left, right),
      canHash: flags.includes('h'),
      canMerge: flags.includes('m'),
    };
  });
}

function functionOid(
  functions: readonly FunctionSignature[],
  name: string,
  types: readonly number[],
): number {
  const found = functions.find(
    (each) => each.name === name && String(each.argumentTypes) === String(types),
  );
  return found?.oid ?? 0;
}

const contexts = { i: 'implicit', a: 'assignment', e: 'explicit' } as const;

function readCast(
  fields: readonly string[],
  functions: readonly FunctionSignature[],
): CastSignature {
  const [source, target, flags, functionName] = fields;
  const sourceOid = typeOf(source);
  return {
    source: sourceOid,
    target: typeOf(target),
    functionOid: functionName === '' ? 0 : functionOid(functions, functionName, [sourceOid]),
    context: contexts[flags[0] as keyof typeof contexts],
    method: flags[1] === 'f' ? 'function' : 'binary',
  };
}
