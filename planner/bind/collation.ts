// Collations (PostgreSQL's parse_collate.c): which one an expression has, from its columns, its COLLATE
// clauses and the expressions below. Text that orders by its bytes is compared as it is; any other takes the
// collation's type first (common/collations.ts). Calls that compare: collated-call.ts.

import {
  baseTypeOf,
  collatedType,
  collationOfType,
  CollationOid,
  collationByOid,
  type CollationDescriptor,
  databaseError,
  elementTypeOf,
  isDeterministic,
  ordersByBytes,
  sqlType,
  typeByOid,
  TypeOid,
  type CallExpression,
  type Expression,
  type OrderKey,
  type SqlType,
} from '#common';
import { CollatedFunction } from '#functions';
import { at } from '../errors.ts';
import { visitChildren } from '../optimize/expression-tree.ts';
import type { Binder } from './context.ts';
import { quoteIdentifier } from '../deparse/identifier.ts';

type Strength = 'none' | 'implicit' | 'conflict' | 'explicit';

export interface CollationState {
  readonly strength: Strength;
  readonly collation: number;
  /** Of a conflict. */
  readonly other?: number;
  readonly position?: number;
}

const none: CollationState = { strength: 'none', collation: 0 };
const rank = { none: 0, implicit: 1, conflict: 2, explicit: 3 } as const;

/** By a possibly qualified name; 42704. */
export function resolveCollation(
  parts: readonly string[],
  binder: Pick<Binder, 'context' | 'searchPath'>,
  position: number | undefined,
): CollationDescriptor {
  const { catalog } = binder.context;
  const name = parts.at(-1) ?? '';
  const schemas = parts.length > 1 ? [parts.at(-2)!] : binder.searchPath;
  for (const schemaName of schemas) {
    const schema = catalog.findSchema(schemaName);
    if (schema === undefined && parts.length > 1)
      throw databaseError(
        'invalidSchemaName',
        `schema "${schemaName}" does not exist`,
        at(position),
      );
    const found = schema === undefined ? undefined : catalog.findCollation(schema.oid, name);
    if (found !== undefined) return found;
  }
  throw databaseError(
    'undefinedObject',
    `collation "${parts.join('.')}" for encoding "UTF8" does not exist`,
    at(position),
  );
}

/** The collation of values of a type that say nothing else; 0 for types without. */
export function typeCollation(type: SqlType): number {
  if (type.collation !== undefined) return type.collation;
  const compared = collationOfType(type.oid);
  if (compared !== 0) return compared;
  return typeByOid(type.oid)?.facts.collation ?? 0;
}

export function isCollatable(type: SqlType): boolean {
  if (type.oid === TypeOid.unknown) return true;
  return (typeByOid(type.oid)?.facts.collation ?? 0) !== 0;
}

/** What an expression's parts say of its collation. 42P21 for two COLLATE clauses that differ. */
export function collationState(expression: Expression): CollationState {
  const { type } = expression;
  if (expression.kind === 'cast' && expression.collation !== undefined) {
    const { collation, position } = expression;
    return { strength: 'explicit', collation, ...(position === undefined ? {} : { position }) };
  }
  if (!isCollatable(type)) return none;
  const domain = typeByOid(type.oid);
  if (expression.kind === 'cast' && domain?.kind === 'domain') {
    const own = domain.facts.collation;
    if (own !== CollationOid.default) return { strength: 'implicit', collation: own };
  }
  const below = belowOf(expression);
  if (below.strength !== 'none') return below;
  // An untyped literal takes the collation of what it meets.
  if (type.oid === TypeOid.unknown) return none;
  const own = typeCollation(type);
  return { strength: own === 0 ? 'conflict' : 'implicit', collation: own };
}

function belowOf(expression: Expression): CollationState {
  let state = none;
  // A query's columns say what they are by their type.
  if (expression.kind === 'subquery' || expression.kind === 'subplan') return state;
  visitChildren(expression, (child) => {
    state = merged(state, collationState(child));
  });
  return state;
}

/** merge_collation_state() */
function merged(left: CollationState, right: CollationState): CollationState {
  if (rank[right.strength] > rank[left.strength]) return right;
  if (rank[right.strength] < rank[left.strength]) return left;
  if (left.collation === right.collation || left.strength === 'none') return left;
  if (left.strength === 'conflict') return left;
  if (left.strength === 'explicit') {
    throw databaseError(
      'collationMismatch',
      `collation mismatch between explicit collations "${nameOf(left.collation)}" and "${nameOf(right.collation)}"`,
      at(right.position),
    );
  }
  if (left.collation === CollationOid.default) return right;
  if (right.collation === CollationOid.default) return left;
  return { strength: 'conflict', collation: left.collation, other: right.collation };
}

export function mergedState(expressions: readonly Expression[]): CollationState {
  return expressions.map(collationState).reduce(merged, none);
}

function nameOf(collation: number): string {
  return collationByOid(collation)?.name ?? String(collation);
}

/** Of a column of this type, for messages. */
export function collationName(type: SqlType): string {
  return nameOf(typeCollation(type));
}

/** The type of a column that an expression makes, with the collation that follows from its parts. */
export function columnTypeOf(expression: Expression): SqlType {
  const { type } = expression;
  if (!isCollatable(type) || type.oid === TypeOid.unknown) return type;
  const state = collationState(expression);
  return withCollation(type, state.strength === 'conflict' ? 0 : state.collation);
}

/** The type of a column that comes of several expressions. */
export function mergedColumnType(
  type: SqlType,
  expressions: readonly Expression[],
  mustAgree: boolean,
): SqlType {
  if (!isCollatable(type)) return type;
  const state = mergedState(expressions);
  if (state.strength === 'conflict' && mustAgree) throw implicitMismatch(state, expressions.at(-1));
  if (state.strength === 'none') return type;
  return withCollation(type, state.strength === 'conflict' ? 0 : state.collation);
}

function implicitMismatch(state: CollationState, expression: Expression | undefined): Error {
  return databaseError(
    'collationMismatch',
    `collation mismatch between implicit collations "${nameOf(state.collation)}" and "${nameOf(state.other ?? 0)}"`,
    {
      ...at(expression?.position),
      hint: 'You can choose the collation by applying the COLLATE clause to one or both expressions.',
    },
  );
}

export function withCollation(type: SqlType, collation: number): SqlType {
  const { collation: _old, ...plain } = type;
  const own = typeCollation(plain);
  return collation === own ? plain : { ...plain, collation };
}

/** The type of a variable in a routine whose arguments have a collation. */
export function underCollation(type: SqlType, collation: number | undefined): SqlType {
  return collation === undefined || !isCollatable(type) ? type : withCollation(type, collation);
}

/** What a routine's body compares its arguments by; nothing where that is the default. */
export function inputCollation(arguments_: readonly Expression[]): {
  readonly inputCollation?: number;
} {
  const { strength, collation } = mergedState(arguments_);
  if (strength === 'none' || strength === 'conflict') return {};
  return collation === CollationOid.default || collation === 0 ? {} : { inputCollation: collation };
}

/** The collation that a comparison goes by; undefined: bytes decide. 42P22. */
export function comparedBy(state: CollationState): number | undefined {
  if (state.strength === 'conflict') throw indeterminate('string comparison');
  if (state.strength === 'none' || ordersByBytes(state.collation)) return undefined;
  return state.collation;
}

export function indeterminate(what: string): Error {
  return databaseError(
    'indeterminateCollation',
    `could not determine which collation to use for ${what}`,
    { hint: 'Use the COLLATE clause to set the collation explicitly.' },
  );
}

/** The expression as what its collation orders; itself where bytes decide. */
export function collated(expression: Expression): Expression {
  if (!isCompared(expression.type)) return expression;
  requireOneCollation(expression);
  const collation = comparedBy(collationState(expression));
  return collation === undefined ? expression : asCollated(expression, collation);
}

/** 42P21 for an expression to sort by whose parts have different collations. */
export function requireOneCollation(expression: Expression): void {
  const state = collationState(expression);
  if (state.strength === 'conflict' && state.other !== undefined)
    throw implicitMismatch(state, expression);
}

/** As collated(), where only equality matters. */
export function collatedForEquality(expression: Expression): Expression {
  if (!isCompared(expression.type)) return expression;
  const collation = comparedBy(collationState(expression));
  return collation === undefined || isDeterministic(collation)
    ? expression
    : asCollated(expression, collation);
}

/** Several as what the collation that they have together orders. */
export function collatedTogether(expressions: readonly Expression[]): readonly Expression[] {
  if (!expressions.every(({ type }) => isCompared(type))) return expressions;
  const collation = comparedBy(mergedState(expressions));
  if (collation === undefined) return expressions;
  return expressions.map((expression) => asCollated(expression, collation));
}

/** greatest and least look at the order, and give text again. */
export function collatedChoice(
  expressions: readonly Expression[],
  type: SqlType,
  choose: (values: readonly Expression[], type: SqlType) => Expression,
): Expression {
  if (!isCompared(type)) return choose(expressions, type);
  const collation = comparedBy(mergedState(expressions));
  if (collation === undefined) return choose(expressions, type);
  const values = expressions.map((expression) => asCollated(expression, collation));
  return plainText(choose(values, values[0].type), type);
}

export function collatedKey(key: OrderKey): OrderKey {
  const expression = collated(key.expression);
  return expression === key.expression ? key : { ...key, expression };
}

export function asCollated(expression: Expression, collation: number): CallExpression {
  return {
    kind: 'call',
    functionOid: CollatedFunction.collate,
    arguments: [expression],
    type: sqlType(collatedType(collation, expression.type.oid)),
    ...(expression.position === undefined ? {} : { position: expression.position }),
  };
}

/** Text again. */
export function plainText(expression: Expression, type: SqlType): CallExpression {
  return {
    kind: 'call',
    functionOid: CollatedFunction.plain,
    arguments: [expression],
    type,
    ...(expression.position === undefined ? {} : { position: expression.position }),
  };
}

/** Text, and arrays of text. */
export function isCompared({ oid }: SqlType): boolean {
  const base = baseTypeOf(oid);
  const element = elementTypeOf(base);
  const text = element === 0 ? base : baseTypeOf(element);
  return text === TypeOid.text || text === TypeOid.varchar || text === TypeOid.bpchar;
}

/** A null with the collation of an array's elements, for looking at how they would be compared. */
export function elementProbe(array: Expression, elementType: number): Expression {
  const { strength, collation } = collationState(array);
  const type = sqlType(elementType);
  const value = { kind: 'constant', value: null, type } as const;
  switch (strength) {
    case 'none':
      return value;
    case 'explicit':
      return {
        kind: 'cast',
        method: 'relabel',
        argument: value,
        explicit: true,
        type: withCollation(type, collation),
        collation,
      };
    default:
      return { ...value, type: withCollation(type, strength === 'conflict' ? 0 : collation) };
  }
}

/** pg_collation_for(): the name, as SQL would write it. 42804. */
export function collationFor(expression: Expression): string | null {
  const state = collationState(expression);
  if (state.strength === 'none' || state.collation === 0) return null;
  return quoteIdentifierAlways(nameOf(state.collation));
}

function quoteIdentifierAlways(name: string): string {
  const quoted = quoteIdentifier(name);
  return name === 'default' ? `"${name}"` : quoted;
}
