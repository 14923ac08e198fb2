// Function calls (PostgreSQL's ParseFuncOrColumn): arguments, resolution, and what kind of call it is -
// a plain function, a set, an aggregate, a window function, a cast written as a call, or a column of
// a row written as a call.

import type { FuncCall, Node } from '@pgsql/types';
import {
  databaseError,
  elementTypeOf,
  sqlType,
  typeByName,
  TypeOid,
  type CallExpression,
  type Expression,
} from '#common';
import {
  functionRegistry,
  type FunctionSignature,
  type ResolvedFunction,
  typeResolution,
} from '#functions';
import { at, undeterminedPolymorphic } from '../errors.ts';
import { bindAggregate, bindOrderedSetAggregate } from './aggregate.ts';
import { explicitCast } from './cast.ts';
import { arrayTypeFor, coerceType } from './coercion.ts';
import { coerceToCommon } from './common-type.ts';
import type { Binder } from './context.ts';
import { constant, placed, unknownType } from './expression-build.ts';
import { fieldSelection } from './field-selection.ts';
import { requireScalar, requireSet } from './implementation.ts';
import { hasModule, isModuleSchema, moduleTypeNamed } from './module-schema.ts';
import { collatedCall } from './collated-call.ts';
import { collationFor, isCollatable } from './collation.ts';
import { bodyOf, nodeTag, stringsOf } from './node.ts';
import { literalOfType } from './literal.ts';
import { startOf } from './located.ts';
import { rangeConstruction } from './range-constructor.ts';
import { isRowType } from './record-shape.ts';
import type { Scope } from './scope.ts';
import { collectSet } from './set-returning.ts';
import { typesOf } from './type-name.ts';
import { routineDefault, userFunctions } from './user-function.ts';
import { bindWindowCall } from './window.ts';

/** A call with its arguments bound, before it is known what the name means. */
export interface ResolvedCall {
  readonly node: FuncCall;
  readonly name: string;
  readonly signature: FunctionSignature;
  readonly arguments: readonly Expression[];
  readonly resultType: number;
  readonly variadicArray: boolean;
  /** For each parameter: which argument of the call, or -1 for a default. */
  readonly sources: readonly number[];
  readonly position: number | undefined;
}

export function bindFunctionCall(node: FuncCall, scope: Scope): Expression {
  const resolved = resolveCall(node, scope);
  if ('kind' in resolved) return resolved;
  const { signature, name, position } = resolved;
  if (node.over !== undefined) return bindWindowCall(resolved, node.over, scope);
  switch (signature.kind) {
    case 'aggregate':
      return signature.aggregateKind === 'normal'
        ? bindAggregate(resolved, scope)
        : bindOrderedSetAggregate(resolved, scope);
    case 'window':
      throw databaseError(
        'wrongObjectType',
        `window function ${name} requires an OVER clause`,
        at(position),
      );
    case 'procedure':
      throw databaseError('wrongObjectType', `${callText(resolved, scope.binder)} is a procedure`, {
        ...at(position),
        hint: 'To call a procedure, use CALL.',
      });
    case 'function': {
      rejectAggregateSyntax(node, name, position);
      if (signature.implementation === 'pg_collation_for')
        return collationName(resolved, scope.binder);
      const call = plainCall(resolved);
      if (node.funcformat === 'COERCE_SQL_SYNTAX')
        scope.binder.context.record?.sqlCalls.set(call, node);
      if (!signature.returnsSet) {
        requireScalar(signature.oid, `function ${callText(resolved, scope.binder)}`, position);
        return call;
      }
      requireSet(signature.oid, `function ${callText(resolved, scope.binder)}`, position);
      return collectSet(call, name, scope, position);
    }
  }
}

/** The procedure of CALL with its arguments. 42883, 42809. */
export function bindProcedureCall(node: FuncCall, scope: Scope): ResolvedCall {
  const resolved = resolveCall(node, scope, 'procedure');
  const position = scope.position(node.location);
  const name = stringsOf(node.funcname).join('.');
  if ('kind' in resolved) throw unresolvedProcedure(`${name}()`, position);
  if (resolved.signature.kind === 'procedure') return resolved;
  throw databaseError('wrongObjectType', `${callText(resolved, scope.binder)} is not a procedure`, {
    ...at(position),
    hint: 'To call a function, use SELECT.',
  });
}

function unresolvedProcedure(text: string, position: number | undefined): Error {
  return databaseError('undefinedFunction', `procedure ${text} does not exist`, {
    ...at(position),
    hint: 'No procedure matches the given name and argument types. You might need to add explicit type casts.',
  });
}

/** A call in FROM: sets are allowed at its top. */
export function bindFromCall(node: FuncCall, scope: Scope): Expression {
  const resolved = resolveCall(node, scope);
  if ('kind' in resolved) return resolved;
  if (!resolved.signature.returnsSet || node.over !== undefined)
    return bindFunctionCall(node, scope);
  const { signature, name, position } = resolved;
  rejectAggregateSyntax(node, name, position);
  requireSet(signature.oid, `function ${callText(resolved, scope.binder)}`, position);
  return plainCall(resolved);
}

function plainCall(call: ResolvedCall): CallExpression {
  return collatedCall({
    kind: 'call',
    functionOid: call.signature.oid,
    arguments: call.arguments,
    type: sqlType(call.resultType),
    ...(call.variadicArray ? { variadicArray: true } : {}),
    ...placed(call.position),
  });
}

/** pg_collation_for(x) is known when x is bound. */
function collationName(call: ResolvedCall, binder: Binder): Expression {
  const [argument] = call.arguments;
  if (!isCollatable(argument.type)) {
    throw databaseError(
      'datatypeMismatch',
      `collations are not supported by type ${typesOf([argument], binder)}`,
    );
  }
  return constant(collationFor(argument), sqlType(TypeOid.text));
}

/** "name(type, type)" for messages. */
function callText(call: ResolvedCall, binder: Binder): string {
  return `${call.name}(${typesOf(call.arguments, binder)})`;
}

/** Binds the arguments and finds the function; a cast or a field is an expression already. */
function resolveCall(
  node: FuncCall,
  scope: Scope,
  noun: 'function' | 'procedure' = 'function',
): ResolvedCall | Expression {
  const { binder } = scope;
  const position = scope.position(node.location);
  const parts = stringsOf(node.funcname);
  const name = parts.at(-1)!;
  const { values, names } = bindArguments(node.args ?? [], scope);
  if (isFieldCall(node, parts, values)) {
    const field = fieldSelection(values[0], name, scope, position, false);
    if (field !== undefined) return field;
  }
  const argumentTypes = values.map((value) => value.type.oid);
  if (node.agg_within_group === true) {
    for (const key of node.agg_order ?? []) {
      const sorted = scope.bind(bodyOf(key, 'SortBy')!.node!);
      values.push(sorted);
      argumentTypes.push(sorted.type.oid);
    }
  }
  const schema = parts.length > 1 ? parts.at(-2)! : 'pg_catalog';
  const { catalog, searchPath } = binder.context;
  const isKnown =
    schema === 'pg_temp'
      ? searchPath.some((each) => each.startsWith('pg_temp_'))
      : schema === 'pg_catalog' || catalog.findSchema(schema) !== undefined;
  if (!isKnown) {
    throw databaseError('invalidSchemaName', `schema "${schema}" does not exist`, at(position));
  }
  const isBuiltin =
    schema === 'pg_catalog' || (schema === 'information_schema' && name.startsWith('_pg_'));
  const found = typeResolution.resolveFunction({
    name,
    argumentTypes,
    argumentNames: names,
    variadicArray: node.func_variadic === true,
    userFunctions: [
      ...userFunctions(parts.length > 1 ? schema : undefined, name, binder),
      ...(isBuiltin ? [] : moduleFunctions(schema, name, binder)),
    ],
    userOnly: !isBuiltin,
    hasModule: (module) => hasModule(catalog, module),
    ...(isBuiltin ? typeOfName(name, binder) : {}),
  });
  switch (found.kind) {
    case 'function': {
      const resolved = { node, name, position, values };
      return finishCall(resolved, found, binder);
    }
    case 'cast':
      return explicitCast(values[0], sqlType(found.target), binder, position);
    case 'undetermined':
      throw undeterminedPolymorphic(position, compatibleRangeName(found.declared));
    case 'notFound':
    case 'ambiguous': {
      const range = rangeConstruction(parts, values, binder, position);
      if (range !== undefined) return range;
      throw unresolved(found.kind, parts.join('.'), values, { names, noun }, scope, position);
    }
  }
}

/** The message names these two types only. */
function compatibleRangeName(type: number): string | undefined {
  if (type === TypeOid.anycompatiblerange) return 'anycompatiblerange';
  return type === TypeOid.anycompatiblemultirange ? 'anycompatiblemultirange' : undefined;
}

/** Functions of an extension that is in the schema. */
function moduleFunctions(schema: string, name: string, binder: Binder): FunctionSignature[] {
  return functionRegistry
    .functionsNamed(name)
    .filter(({ module }) => isModuleSchema(binder.context.catalog, module, schema));
}

/** f(x) for a type named f; only unmodified built-in types matter. */
function typeOfName(name: string, binder: Binder): { readonly typeOfName?: number } {
  const type = typeByName(name) ?? moduleTypeNamed(binder.context.catalog, name);
  return type === undefined || type.kind === 'pseudo' ? {} : { typeOfName: type.oid };
}

function bindArguments(
  nodes: readonly Node[],
  scope: Scope,
): { readonly values: Expression[]; readonly names: string[] } {
  const values: Expression[] = [];
  const names: string[] = [];
  for (const node of nodes) {
    const named = bodyOf(node, 'NamedArgExpr');
    if (named === undefined) {
      if (names.length > 0) {
        throw databaseError(
          'syntaxError',
          'positional argument cannot follow named argument',
          at(scope.position(undefined)),
        );
      }
      const value = scope.bind(node);
      // A driver's placeholder for an OUT parameter, as in PostgreSQL.
      if (value.kind === 'parameter' && value.type.oid === TypeOid.void) continue;
      values.push(value);
      continue;
    }
    const name = named.name ?? '';
    if (names.includes(name)) {
      throw databaseError(
        'syntaxError',
        `argument name "${name}" used more than once`,
        at(scope.position(named.location)),
      );
    }
    names.push(name);
    values.push(scope.bind(named.arg!));
  }
  return { values, names };
}

/** row.column written as column(row). */
function isFieldCall(
  node: FuncCall,
  parts: readonly string[],
  values: readonly Expression[],
): boolean {
  const [first] = values;
  if (values.length !== 1 || parts.length !== 1 || first === undefined) return false;
  if (node.agg_star || node.agg_distinct || node.agg_filter || node.over || node.agg_order)
    return false;
  if (nodeTag(node.args![0]) === 'NamedArgExpr') return false;
  return typeByNameIsComposite(first);
}

function typeByNameIsComposite(expression: Expression): boolean {
  return isRowType(expression.type);
}

interface BoundCall {
  readonly node: FuncCall;
  readonly name: string;
  readonly position: number | undefined;
  readonly values: readonly Expression[];
}

/** Arguments in the order of the signature: defaults filled in, variadic ones gathered, all coerced. */
function finishCall(call: BoundCall, found: ResolvedFunction, binder: Binder): ResolvedCall {
  const { node, name, position, values } = call;
  const { signature, sources, argumentTypes } = found;
  const spreads = node.func_variadic === true && signature.variadic === TypeOid.any;
  const last = values.at(-1);
  if (spreads && last !== undefined && elementTypeOf(last.type.oid) === 0) {
    throw databaseError(
      'datatypeMismatch',
      'VARIADIC argument must be an array',
      at(startOf(last)),
    );
  }
  const firstDefault = signature.argumentTypes.length - signature.defaultCount;
  const places = sources.map((source, place) => {
    const type = sqlType(argumentTypes[place]);
    if (source >= 0) return coerceType(values[source], type, 'implicit', binder);
    const { routine } = signature;
    if (routine !== undefined) return routineDefault(routine, place, type, binder);
    return defaultArgument(
      signature.defaults[place - firstDefault] ?? '',
      argumentTypes[place],
      binder,
    );
  });
  const gathered =
    found.variadicExpanded && signature.variadic !== TypeOid.any
      ? gatherVariadic(places, signature.argumentTypes.length - 1, binder)
      : places;
  return {
    node,
    name,
    signature,
    arguments: gathered,
    resultType: found.resultType,
    variadicArray: spreads,
    sources,
    position,
  };
}

function defaultArgument(text: string, type: number, binder: Binder): Expression {
  if (text === 'NULL') return constant(null, sqlType(type));
  return literalOfType({ kind: 'constant', value: text, type: unknownType }, sqlType(type), binder);
}

/** The written-out variadic arguments as the array that the function takes. */
function gatherVariadic(
  places: readonly Expression[],
  fixed: number,
  binder: Binder,
): Expression[] {
  const elements = places.slice(fixed);
  const element = elements[0]?.type ?? sqlType(TypeOid.text);
  const type = sqlType(arrayTypeFor(sqlType(element.oid), binder).oid);
  return [
    ...places.slice(0, fixed),
    {
      kind: 'array',
      nested: false,
      elements: elements.map((each) => coerceToCommon(each, element, 'ARRAY', binder)),
      type,
    },
  ];
}

function rejectAggregateSyntax(node: FuncCall, name: string, position: number | undefined): void {
  const refuse = (what: string): never => {
    throw databaseError(
      'wrongObjectType',
      `${what}, but ${name} is not an aggregate function`,
      at(position),
    );
  };
  if (node.agg_star === true) refuse(`${name}(*) specified`);
  if (node.agg_distinct === true) refuse('DISTINCT specified');
  if (node.agg_within_group === true) refuse('WITHIN GROUP specified');
  if (node.agg_order !== undefined) refuse('ORDER BY specified');
  if (node.agg_filter !== undefined) refuse('FILTER specified');
}

function unresolved(
  kind: 'notFound' | 'ambiguous',
  name: string,
  values: readonly Expression[],
  { names, noun }: { readonly names: readonly string[]; readonly noun: 'function' | 'procedure' },
  scope: Scope,
  position: number | undefined,
): Error {
  const firstNamed = values.length - names.length;
  const types = values.map(({ type }, index) => {
    const prefix =
      index >= firstNamed && names.length > 0 ? `${names[index - firstNamed]} => ` : '';
    return prefix + typesOf([{ kind: 'constant', value: null, type }], scope.binder);
  });
  const text = `${name}(${types.join(', ')})`;
  if (kind === 'ambiguous') {
    return databaseError('ambiguousFunction', `${noun} ${text} is not unique`, {
      ...at(position),
      hint: `Could not choose a best candidate ${noun}. You might need to add explicit type casts.`,
    });
  }
  if (noun === 'procedure') return unresolvedProcedure(text, position);
  return databaseError('undefinedFunction', `function ${text} does not exist`, {
    ...at(position),
    hint: 'No function matches the given name and argument types. You might need to add explicit type casts.',
  });
}
