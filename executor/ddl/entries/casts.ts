// CREATE CAST (functioncmds.c): a conversion between two types by a function, by their text, or by taking
// the one for the other.

import type { CreateCastStmt } from '@pgsql/types';
import { databaseError, type DatabaseError, type DefinitionOf, TypeOid, typeByOid } from '#common';
import { functionRegistry } from '#functions';
import { bindTypeNode, stringsOf } from '#planner';
import { mustBeOwner } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';
import { addEntry } from './alter-entries.ts';
import { ownsType, requireSuperuser } from './entry-owner.ts';
import { requireFunction, typeOf } from './entry-references.ts';

type Definition = DefinitionOf<'cast'>;

function invalid(message: string): DatabaseError {
  return databaseError('invalidObjectDefinition', message);
}

const contexts = {
  COERCION_IMPLICIT: 'implicit',
  COERCION_ASSIGNMENT: 'assignment',
  COERCION_PLPGSQL: 'assignment',
  COERCION_EXPLICIT: 'explicit',
} as const;

export function createCast(ddl: DdlStatement, statement: CreateCastStmt): string {
  const source = bindTypeNode(statement.sourcetype!, ddl.bindContext).oid;
  const target = bindTypeNode(statement.targettype!, ddl.bindContext).oid;
  const text = (oid: number): string => ddl.typeText({ oid, typmod: -1 });
  for (const [words, oid] of [
    ['source', source],
    ['target', target],
  ] as const) {
    if (typeByOid(oid)?.kind === 'pseudo')
      throw databaseError('wrongObjectType', `${words} data type ${text(oid)} is a pseudo-type`);
  }
  if (!ownsType(ddl, source) && !ownsType(ddl, target))
    throw mustBeOwner('type', `${text(source)} or type ${text(target)}`);
  for (const [words, oid] of [
    ['source', source],
    ['target', target],
  ] as const) {
    if (typeByOid(oid)?.kind === 'domain')
      ddl.warning(`cast will be ignored because the ${words} data type is a domain`, '42809');
  }
  const functionOid =
    statement.func === undefined ? 0 : castFunction(ddl, statement, { source, target });
  const method: Definition['method'] =
    functionOid !== 0 ? 'function' : statement.inout === true ? 'inout' : 'binary';
  if (method === 'binary') checkBinary(ddl, source, target);
  if (source === target && !takesModifier(functionOid))
    throw invalid('source data type and target data type are the same');
  const key = `${source} ${target}`;
  if (ddl.catalog.findEntry('cast', 0, key) !== undefined) {
    throw databaseError(
      'duplicateObject',
      `cast from type ${text(source)} to type ${text(target)} already exists`,
    );
  }
  addEntry<Definition>(ddl, {
    definition: {
      class: 'cast',
      source,
      target,
      functionOid,
      context: contexts[statement.context as keyof typeof contexts],
      method,
    },
    uses: [{ oid: source }, { oid: target }, { oid: functionOid }],
  });
  return 'CREATE CAST';
}

/** A conversion to the same type applies its modifier. */
function takesModifier(functionOid: number): boolean {
  return (functionRegistry.functionByOid(functionOid)?.argumentTypes.length ?? 0) > 1;
}

/** May the one be given where the other is wanted, without a change? */
function isBinaryCoercible(from: number, to: number): boolean {
  if (from === to) return true;
  const cast = functionRegistry.castBetween(from, to);
  return cast?.method === 'binary' && cast.context === 'implicit';
}

function castFunction(
  ddl: DdlStatement,
  { func }: CreateCastStmt,
  { source, target }: { readonly source: number; readonly target: number },
): number {
  const types = (func?.objargs ?? []).map((node) => typeOf(ddl, node));
  const oid = requireFunction(ddl, stringsOf(func?.objname), types);
  const { argumentTypes, resultType, kind, returnsSet } = functionRegistry.functionByOid(oid)!;
  if (argumentTypes.length < 1 || argumentTypes.length > 3)
    throw invalid('cast function must take one to three arguments');
  if (!isBinaryCoercible(source, argumentTypes[0])) {
    throw invalid(
      'argument of cast function must match or be binary-coercible from source data type',
    );
  }
  if (argumentTypes.length > 1 && argumentTypes[1] !== TypeOid.int4)
    throw invalid('second argument of cast function must be type integer');
  if (argumentTypes.length > 2 && argumentTypes[2] !== TypeOid.bool)
    throw invalid('third argument of cast function must be type boolean');
  if (!isBinaryCoercible(resultType, target)) {
    throw invalid(
      'return data type of cast function must match or be binary-coercible to target data type',
    );
  }
  if (kind !== 'function') throw invalid('cast function must be a normal function');
  if (returnsSet) throw invalid('cast function must not return a set');
  return oid;
}

/** 42P17 for types whose values are not the same bytes. */
function checkBinary(ddl: DdlStatement, source: number, target: number): void {
  requireSuperuser(ddl, 'must be superuser to create a cast WITHOUT FUNCTION');
  const [from, to] = [typeByOid(source), typeByOid(target)];
  const isAlike =
    from !== undefined &&
    to !== undefined &&
    from.length === to.length &&
    from.facts.byValue === to.facts.byValue &&
    from.facts.alignment === to.facts.alignment;
  if (!isAlike) throw invalid('source and target data types are not physically compatible');
  const kinds: readonly (readonly [string, string])[] = [
    ['composite', 'composite'],
    ['enum', 'enum'],
    ['range', 'range'],
  ];
  for (const [kind, words] of kinds) {
    if (from.kind === kind || to.kind === kind)
      throw invalid(`${words} data types are not binary-compatible`);
  }
  if (from.elementOid !== 0 || to.elementOid !== 0)
    throw invalid('array data types are not binary-compatible');
  if (from.kind === 'domain' || to.kind === 'domain')
    throw invalid('domain data types must not be marked binary-compatible');
}
