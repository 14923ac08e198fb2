// CREATE and ALTER OPERATOR (operatorcmds.c, pg_operator.c). An operator is a name for a function of one
// or two arguments; who is named as commutator or negator before it exists becomes a shell.

import type { AlterOperatorStmt, DefElem, DefineStmt } from '@pgsql/types';
import {
  type DatabaseError,
  databaseError,
  type DefinitionOf,
  type Entry,
  type EntryUse,
  type SchemaDescriptor,
  TypeOid,
} from '#common';
import { functionRegistry } from '#functions';
import {
  bindTypeNode,
  bodyOf,
  definitionElements,
  elementBoolean,
  listItems,
  stringsOf,
} from '#planner';
import { isBuiltin } from '../../catalog/entry-names.ts';
import { checkWritableSchema, type DdlStatement } from '../statement.ts';
import { addEntry, newest, redefine } from './alter-entries.ts';
import { requireEntryOwner } from './entry-owner.ts';
import { functionNames, operatorOf, referredEntry, requireFunction } from './entry-references.ts';

type Operator = Entry<'operator'>;
type Definition = DefinitionOf<'operator'>;

interface Parameters {
  left: number;
  right: number;
  functionNames: readonly string[];
  commutator: readonly string[];
  negator: readonly string[];
  restriction: readonly string[];
  join: readonly string[];
  canHash: boolean;
  canMerge: boolean;
}

function invalid(message: string, detail?: string): DatabaseError {
  const fields = detail === undefined ? {} : { detail };
  return databaseError('invalidFunctionDefinition', message, fields);
}

function readParameters(ddl: DdlStatement, elements: readonly DefElem[]): Parameters {
  const read: Parameters = {
    left: 0,
    right: 0,
    functionNames: [],
    commutator: [],
    negator: [],
    restriction: [],
    join: [],
    canHash: false,
    canMerge: false,
  };
  for (const element of elements) {
    const { defname = '' } = element;
    switch (defname) {
      case 'leftarg':
        read.left = argumentType(ddl, element);
        break;
      case 'rightarg':
        read.right = argumentType(ddl, element);
        break;
      case 'function':
      case 'procedure':
        read.functionNames = functionNames(element);
        break;
      case 'commutator':
        read.commutator = operatorNames(element);
        break;
      case 'negator':
        read.negator = operatorNames(element);
        break;
      case 'restrict':
        read.restriction = functionNames(element);
        break;
      case 'join':
        read.join = functionNames(element);
        break;
      case 'hashes':
        read.canHash = elementBoolean(element);
        break;
      case 'merges':
        read.canMerge = elementBoolean(element);
        break;
      case 'sort1':
      case 'sort2':
      case 'ltcmp':
      case 'gtcmp':
        // Obsolete ways to say that it can be merged on.
        read.canMerge = true;
        break;
      default:
        ddl.warning(`operator attribute "${defname}" not recognized`, '42601');
    }
  }
  return read;
}

function argumentType(ddl: DdlStatement, { arg }: DefElem): number {
  const name = bodyOf(arg, 'TypeName');
  if (name === undefined) return 0;
  if (name.setof === true) throw invalid('SETOF type not allowed for operator argument');
  return bindTypeNode(name, ddl.bindContext).oid;
}

function operatorNames({ arg }: DefElem): readonly string[] {
  const name = bodyOf(arg, 'TypeName');
  return name === undefined ? stringsOf(listItems(arg)) : stringsOf(name.names);
}

export function createOperator(ddl: DdlStatement, statement: DefineStmt): string {
  const parts = stringsOf(statement.defnames);
  const name = parts.at(-1) ?? '';
  const schema = ddl.creationSchema(parts.at(-2));
  checkWritableSchema(schema, name);
  const read = readParameters(ddl, definitionElements(statement.definition));
  if (read.functionNames.length === 0) throw invalid('operator function must be specified');
  if (read.left === 0 && read.right === 0)
    throw invalid('operator argument types must be specified');
  if (read.right === 0) {
    throw invalid(
      'operator right argument type must be specified',
      'Postfix operators are not supported.',
    );
  }
  const types = read.left === 0 ? [read.right] : [read.left, read.right];
  const functionOid = requireFunction(ddl, read.functionNames, types);
  const result = functionRegistry.functionByOid(functionOid)!.resultType;
  checkAttributes(read, result);
  const definition: Definition = {
    class: 'operator',
    left: read.left,
    right: read.right,
    result,
    functionOid,
    commutator: 0,
    negator: 0,
    restriction: estimator(ddl, read.restriction, 'restriction'),
    join: estimator(ddl, read.join, 'join'),
    canHash: read.canHash,
    canMerge: read.canMerge,
  };
  const operator = fillShell(ddl, schema, name, definition);
  linkPartners(ddl, operator, schema, read);
  return 'CREATE OPERATOR';
}

/** What only binary operators, or those that yield boolean, can have. 42P13. */
function checkAttributes(read: Parameters, result: number): void {
  const given: readonly (readonly [boolean, string])[] = [
    [read.join.length > 0, 'have join selectivity'],
    [read.canMerge, 'merge join'],
    [read.canHash, 'hash'],
  ];
  if (read.left === 0) {
    if (read.commutator.length > 0) throw invalid('only binary operators can have commutators');
    for (const [isGiven, words] of given)
      if (isGiven) throw invalid(`only binary operators can ${words}`);
  }
  if (result === TypeOid.bool) return;
  if (read.negator.length > 0) throw invalid('only boolean operators can have negators');
  if (read.restriction.length > 0)
    throw invalid('only boolean operators can have restriction selectivity');
  for (const [isGiven, words] of given)
    if (isGiven) throw invalid(`only boolean operators can ${words}`);
}

/** The oid of a selectivity function, 0 without one. 42883, 42P13. */
function estimator(
  ddl: DdlStatement,
  names: readonly string[],
  kind: 'restriction' | 'join',
): number {
  if (names.length === 0) return 0;
  const { internal, oid, int2, int4 } = TypeOid;
  const types =
    kind === 'restriction'
      ? [internal, oid, internal, int4]
      : [internal, oid, internal, int2, internal];
  const found = requireFunction(ddl, names, types);
  if (functionRegistry.functionByOid(found)?.resultType === TypeOid.float8) return found;
  throw invalid(`${kind} estimator function ${names.join('.')} must return type double precision`);
}

function usesOf(definition: Definition): EntryUse[] {
  const { left, right, result, functionOid, restriction, join } = definition;
  return [left, right, result, functionOid, restriction, join].map((oid) => ({ oid }));
}

/** Makes the operator, or makes a real one of the shell that stands in its place. 42723. */
function fillShell(
  ddl: DdlStatement,
  schema: SchemaDescriptor,
  name: string,
  definition: Definition,
): Operator {
  const key = `${name}(${definition.left},${definition.right})`;
  const old = ddl.catalog.findEntry('operator', schema.oid, key);
  if (old === undefined)
    return addEntry(ddl, { name, schema, definition, uses: usesOf(definition) });
  if (old.definition.functionOid !== 0)
    throw databaseError('duplicateFunction', `operator ${name} already exists`);
  const { commutator, negator } = old.definition;
  redefine(ddl, old, { ...definition, commutator, negator }, usesOf(definition));
  return newest(ddl, old);
}

/** COMMUTATOR and NEGATOR point at each other, from both sides. */
function linkPartners(
  ddl: DdlStatement,
  operator: Operator,
  schema: SchemaDescriptor,
  read: Parameters,
): void {
  const { left, right } = operator.definition;
  const commutator = partner(ddl, operator, schema, read.commutator, [right, left]);
  const negator = partner(ddl, operator, schema, read.negator, [left, right]);
  if (negator?.oid === operator.oid) throw invalid('operator cannot be its own negator');
  const linked = newest(ddl, operator);
  redefine(ddl, linked, {
    ...linked.definition,
    ...(commutator === undefined ? {} : { commutator: commutator.oid }),
    ...(negator === undefined ? {} : { negator: negator.oid }),
  });
  if (commutator !== undefined && commutator.oid !== operator.oid && !isBuiltin(commutator)) {
    const other = newest(ddl, commutator);
    if (other.definition.commutator === 0)
      redefine(ddl, other, { ...other.definition, commutator: operator.oid });
  }
  if (negator !== undefined && !isBuiltin(negator)) {
    const other = newest(ddl, negator);
    if (other.definition.negator === 0)
      redefine(ddl, other, { ...other.definition, negator: operator.oid });
  }
}

/** An operator by name and types; a shell is made of what does not exist yet. */
function partner(
  ddl: DdlStatement,
  operator: Operator,
  schema: SchemaDescriptor,
  parts: readonly string[],
  [left, right]: readonly [number, number],
): Operator | undefined {
  if (parts.length === 0) return undefined;
  const found = operatorOf(ddl, parts, left, right).entry;
  if (found !== undefined) return found;
  const isSelf =
    parts.at(-1) === operator.name &&
    left === operator.definition.left &&
    right === operator.definition.right;
  if (isSelf) return operator;
  return addEntry(ddl, {
    name: parts.at(-1)!,
    schema: parts.length > 1 ? ddl.schema(parts.at(-2)!) : schema,
    definition: {
      ...operator.definition,
      left,
      right,
      result: 0,
      functionOid: 0,
      commutator: 0,
      negator: 0,
      restriction: 0,
      join: 0,
      canHash: false,
      canMerge: false,
    },
    uses: [{ oid: left }, { oid: right }],
  });
}

const settable = new Set(['restrict', 'join']);
const fixed = new Set([
  'leftarg',
  'rightarg',
  'function',
  'procedure',
  'commutator',
  'negator',
  'hashes',
  'merges',
]);

export function alterOperator(ddl: DdlStatement, statement: AlterOperatorStmt): string {
  const reference = referredEntry(ddl, 'operator', { ObjectWithArgs: statement.opername! });
  if (reference.entry === undefined) throw reference.missing();
  const operator = newest(ddl, reference.entry as Operator);
  requireEntryOwner(ddl, operator);
  let { restriction, join } = operator.definition;
  for (const element of definitionElements(statement.options)) {
    const { defname = '' } = element;
    if (fixed.has(defname))
      throw databaseError('syntaxError', `operator attribute "${defname}" cannot be changed`);
    if (!settable.has(defname))
      throw databaseError('syntaxError', `operator attribute "${defname}" not recognized`);
    if (defname === 'restrict') restriction = estimator(ddl, functionNames(element), 'restriction');
    else join = estimator(ddl, functionNames(element), 'join');
  }
  const { left, result } = operator.definition;
  if (left === 0 && join !== 0) throw invalid('only binary operators can have join selectivity');
  if (result !== TypeOid.bool && restriction !== 0)
    throw invalid('only boolean operators can have restriction selectivity');
  if (result !== TypeOid.bool && join !== 0)
    throw invalid('only boolean operators can have join selectivity');
  const definition = { ...operator.definition, restriction, join };
  redefine(ddl, operator, definition, usesOf(definition));
  return 'ALTER OPERATOR';
}
