// Bound expressions back to SQL text, in the style of PostgreSQL's ruleutils.c: every operator in
// parentheses, constants with their type where the text alone would not say it.

import {
  collationByOid,
  defaultFormatSettings,
  TypeOid,
  typeIoOf,
  type ConstantExpression,
  type Expression,
  type FormatSettings,
  registeredEntry,
  registeredRoutine,
} from '#common';
import { CollatedFunction, functionRegistry } from '#functions';
import { conjunctsOf } from '../optimize/expression-tree.ts';
import { quoteIdentifier } from './identifier.ts';
import { isCastCall, isSimple } from './simple-node.ts';
import { typeText } from './type-text.ts';

/** How the leaves of an expression are called. */
export interface NameResolver {
  column(id: number): string;
  input(ordinal: number): string;
  slot(slot: number): string;
  /** "(SubPlan 1)", "$0", "(hashed SubPlan 2)" … */
  subplan(expression: Extract<Expression, { kind: 'subplan' }>): string;
  readonly settings?: FormatSettings;
  /** How types that users made are called; their bare name where this is absent. */
  readonly userType?: (oid: number) => string;
  /** How routines of users are called; by their oids where this is absent. */
  readonly routine?: (oid: number) => string | undefined;
  /** No parentheses but those that precedence asks for. */
  readonly pretty?: boolean;
  /** What is printed in a way of its own; undefined: as everywhere. */
  readonly special?: (expression: Expression) => string | undefined;
  /** A key of an aggregate's ORDER BY, where it may need parentheses. */
  readonly sortKey?: (expression: Expression) => string;
}

/** SQL text of an expression; a subquery is shown as "(SubPlan)". */
export function deparseExpression(expression: Expression, names: NameResolver): string {
  const special = names.special?.(expression);
  if (special !== undefined) return special;
  const text = (inner: Expression) => deparseExpression(inner, names);
  const list = (items: readonly Expression[]) => items.map(text).join(', ');
  const operand = (inner: Expression) => operandText(inner, expression, names);
  const wrap = (inner: string) => (names.pretty === true ? inner : `(${inner})`);
  switch (expression.kind) {
    case 'constant':
      return constantText(expression, names);
    case 'parameter':
      return `$${expression.index + 1}`;
    case 'column':
      return names.column(expression.column);
    case 'input':
      return names.input(expression.ordinal);
    case 'slot':
      return names.slot(expression.slot);
    case 'call':
      return callText(expression, names);
    case 'cast':
      if (expression.collation !== undefined)
        return collateText(text(expression.argument), expression.collation);
      return castText(expression.argument, expression, names);
    case 'and':
    case 'or': {
      // A query that is printed keeps the nesting as it was written.
      const isFlat = expression.kind === 'and' && names.special === undefined;
      const parts = isFlat ? conjunctsOf(expression) : expression.arguments;
      return wrap(parts.map(operand).join(expression.kind === 'and' ? ' AND ' : ' OR '));
    }
    case 'not':
      return wrap(`NOT ${operand(expression.argument)}`);
    case 'isNull':
      return wrap(`${operand(expression.argument)} IS ${expression.negated ? 'NOT ' : ''}NULL`);
    case 'booleanTest':
      return wrap(
        `${operand(expression.argument)} IS ${expression.negated ? 'NOT ' : ''}${expression.test.toUpperCase()}`,
      );
    case 'isDistinct': {
      const distinct = `${operand(expression.left)} IS DISTINCT FROM ${operand(expression.right)}`;
      return expression.negated ? wrap(`NOT ${wrap(distinct)}`) : wrap(distinct);
    }
    case 'nullIf':
      return `NULLIF(${text(expression.left)}, ${text(expression.right)})`;
    case 'case':
      return caseText(expression, names);
    case 'caseTest':
      return 'CASE_TEST_EXPR';
    case 'coalesce':
    case 'greatest':
    case 'least':
      return `${expression.kind.toUpperCase()}(${list(expression.arguments)})`;
    case 'arrayComparison': {
      const { operatorOid } = expression;
      const operator =
        functionRegistry.operatorByOid(operatorOid)?.name ?? userOperatorText(operatorOid) ?? '=';
      return wrap(
        `${operand(expression.left)} ${operator} ${expression.quantifier.toUpperCase()} (${operand(expression.array)})`,
      );
    }
    case 'array':
      return `ARRAY[${list(expression.elements)}]`;
    case 'subscript':
      return subscriptText(expression, names);
    case 'row':
      return `ROW(${list(expression.fields)})`;
    case 'rowComparison': {
      const left = expression.pairs.map((pair) => text(pair.left)).join(', ');
      const right = expression.pairs.map((pair) => text(pair.right)).join(', ');
      return `(ROW(${left}) ${expression.comparison} ROW(${right}))`;
    }
    case 'field':
      return `(${text(expression.argument)}).${quoteIdentifier(expression.name)}`;
    case 'sqlValue':
      return sqlValueText(expression);
    case 'aggregate':
      return aggregateText(expression, names);
    case 'subquery':
      return '(SubPlan)';
    case 'subplan':
      return names.subplan(expression);
  }
}

/** An operand of another expression, in the parentheses that it needs there. */
function operandText(inner: Expression, parent: Expression, names: NameResolver): string {
  const text = deparseExpression(inner, names);
  return names.pretty !== true || isSimple(inner, parent) ? text : `(${text})`;
}

function castText(argument: Expression, cast: Expression, names: NameResolver): string {
  const text = deparseExpression(argument, names);
  const shown = names.pretty === true && isSimple(argument, cast) ? text : `(${text})`;
  return `${shown}::${typeText(cast.type, names.userType)}`;
}

/** The inside of a condition without the outermost parentheses. */
export function withoutParentheses(text: string): string {
  return text.startsWith('(') && closesAt(text) === text.length - 1 ? text.slice(1, -1) : text;
}

function closesAt(text: string): number {
  let depth = 0;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === "'") quoted = !quoted;
    if (quoted) continue;
    if (character === '(') depth++;
    if (character === ')' && --depth === 0) return at;
  }
  return -1;
}

function constantText(constant: ConstantExpression, names: NameResolver): string {
  const { type, value } = constant;
  const settings = names.settings ?? defaultFormatSettings;
  if (value === null)
    return type.oid === TypeOid.unknown ? 'NULL' : `NULL::${typeText(type, names.userType)}`;
  const text = typeIoOf(type.oid).output(value, settings);
  switch (type.oid) {
    case TypeOid.bool:
      return value === true ? 'true' : 'false';
    case TypeOid.int4:
      return text.startsWith('-') ? `'${text}'::integer` : text;
    case TypeOid.numeric:
      return /^[0-9]+\.[0-9]+$/.test(text) && type.typmod < 0
        ? text
        : `${stringText(text)}::${typeText(type, names.userType)}`;
    case TypeOid.bit:
    case TypeOid.varbit:
      // The bare word bit means bit(1).
      return `${stringText(text)}::${type.oid === TypeOid.bit && type.typmod < 0 ? '"bit"' : typeText(type, names.userType)}`;
    case TypeOid.unknown:
      return stringText(text);
    default:
      return `${stringText(text)}::${typeText(type, names.userType)}`;
  }
}

/** Backslashes are plain characters in a standard string. */
function stringText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** The row key in a key that is marked with its table (bind/inheritance.ts), which has no text of its own. */
function taggedKey({
  arguments: [mark, key],
}: Extract<Expression, { kind: 'call' }>): Expression | undefined {
  const isMark =
    mark?.kind === 'constant' && mark.type.oid === TypeOid.bytea && typeof mark.value === 'string';
  return isMark ? key : undefined;
}

function collateText(text: string, collation: number): string {
  const name = collationByOid(collation)?.name ?? String(collation);
  const quoted = name === 'default' ? '"default"' : quoteIdentifier(name);
  return `(${text} COLLATE ${quoted})`;
}

const collatedOperators: ReadonlyMap<number, string> = new Map([
  [CollatedFunction.lt, '<'],
  [CollatedFunction.le, '<='],
  [CollatedFunction.gt, '>'],
  [CollatedFunction.ge, '>='],
  [CollatedFunction.eq, '='],
  [CollatedFunction.ne, '<>'],
  [CollatedFunction.ilike, '~~*'],
  [CollatedFunction.notIlike, '!~~*'],
]);
const collatedFunctions: ReadonlyMap<number, string> = new Map([
  [CollatedFunction.upper, 'upper'],
  [CollatedFunction.lower, 'lower'],
  [CollatedFunction.initcap, 'initcap'],
]);

/** Calls that the binder put where a collation is looked at, as they were written. */
function collatedCallText(
  call: Extract<Expression, { kind: 'call' }>,
  names: NameResolver,
): string | undefined {
  const text = (inner: Expression | undefined): string =>
    inner === undefined ? '' : deparseExpression(inner, names);
  const [left, right] = call.arguments;
  // Columns and COLLATE clauses have said which one.
  if (call.functionOid === CollatedFunction.plain) return text(left);
  if (call.functionOid === CollatedFunction.collate) return text(left);
  const operator = collatedOperators.get(call.functionOid);
  if (operator !== undefined) return `(${text(left)} ${operator} ${text(right)})`;
  const name = collatedFunctions.get(call.functionOid);
  return name === undefined ? undefined : `${name}(${text(left)})`;
}

/** An operator of users or modules by its oid in the place of the schema, so that renaming does no harm. */
function userOperatorText(oid: number | undefined): string | undefined {
  if (oid === undefined) return undefined;
  const signature = functionRegistry.operatorByOid(oid);
  const entry = signature?.module === undefined ? registeredEntry('operator', oid) : signature;
  return entry === undefined ? undefined : `OPERATOR("${entry.oid}".${entry.name})`;
}

function callText(call: Extract<Expression, { kind: 'call' }>, names: NameResolver): string {
  const special = collatedCallText(call, names);
  if (special !== undefined) return special;
  const key = taggedKey(call);
  if (key !== undefined) return deparseExpression(key, names);
  const operator =
    call.operatorOid === undefined ? undefined : functionRegistry.operatorByOid(call.operatorOid);
  const sign = userOperatorText(call.operatorOid) ?? operator?.name;
  if (sign !== undefined) {
    const operands = call.arguments.map((argument) => operandText(argument, call, names));
    const text =
      operands.length === 2 ? `${operands[0]} ${sign} ${operands[1]}` : `${sign} ${operands[0]}`;
    return names.pretty === true ? text : `(${text})`;
  }
  const [first] = call.arguments;
  if (first !== undefined && isCastCall(call)) return castText(first, call, names);
  const parts = call.arguments.map((argument) => deparseExpression(argument, names));
  if (call.variadicArray === true) parts.push(`VARIADIC ${parts.pop()}`);
  return `${routineText(call.functionOid, names)}(${parts.join(', ')})`;
}

function routineText(oid: number, names: NameResolver): string {
  const signature = functionRegistry.functionByOid(oid);
  if (registeredRoutine(oid) !== undefined || signature?.module !== undefined)
    return names.routine?.(oid) ?? `pg_catalog."${oid}"`;
  return quoteIdentifier(signature?.name ?? `function_${oid}`);
}

function caseText(expression: Extract<Expression, { kind: 'case' }>, names: NameResolver): string {
  const text = (inner: Expression) => deparseExpression(inner, names);
  const operand = expression.operand === undefined ? '' : ` ${text(expression.operand)}`;
  const branches = expression.branches.map(({ when, then }) => {
    // A simple CASE compares with its operand; only the other side is written.
    const compared =
      expression.operand !== undefined &&
      when.kind === 'call' &&
      when.arguments[0]?.kind === 'caseTest'
        ? when.arguments[1]
        : when;
    return ` WHEN ${text(compared)} THEN ${text(then)}`;
  });
  const otherwise = expression.otherwise === undefined ? '' : ` ELSE ${text(expression.otherwise)}`;
  return `CASE${operand}${branches.join('')}${otherwise} END`;
}

function subscriptText(
  expression: Extract<Expression, { kind: 'subscript' }>,
  names: NameResolver,
): string {
  const text = (inner: Expression | undefined) =>
    inner === undefined ? '' : deparseExpression(inner, names);
  const places = expression.subscripts.map(({ slice, lower, upper }) =>
    slice ? `[${text(lower)}:${text(upper)}]` : `[${text(upper ?? lower)}]`,
  );
  const argument = text(expression.argument);
  return `${/^[\w".]+$/.test(argument) && argument !== 'VALUE' ? argument : `(${argument})`}${places.join('')}`;
}

function sqlValueText(expression: Extract<Expression, { kind: 'sqlValue' }>): string {
  const name = expression.name.toUpperCase();
  return expression.type.typmod >= 0 ? `${name}(${expression.type.typmod})` : name;
}

function aggregateText(
  expression: Extract<Expression, { kind: 'aggregate' }>,
  names: NameResolver,
): string {
  const text = (inner: Expression) => deparseExpression(inner, names);
  const name = quoteIdentifier(
    functionRegistry.functionByOid(expression.functionOid)?.name ?? 'aggregate',
  );
  const distinct = expression.distinct ? 'DISTINCT ' : '';
  const order =
    expression.orderBy.length === 0
      ? ''
      : ` ORDER BY ${expression.orderBy.map((key) => (names.sortKey ?? text)(key.expression) + directionText(key)).join(', ')}`;
  const inside = expression.star ? '*' : expression.arguments.map(text).join(', ');
  const filter =
    expression.filter === undefined ? '' : ` FILTER (WHERE ${text(expression.filter)})`;
  return `${name}(${distinct}${inside}${order})${filter}`;
}

/** " DESC", " NULLS FIRST" … as far as they differ from the default. */
export function directionText(key: {
  readonly descending: boolean;
  readonly nullsFirst: boolean;
}): string {
  const nulls =
    key.nullsFirst === key.descending ? '' : key.nullsFirst ? ' NULLS FIRST' : ' NULLS LAST';
  return `${key.descending ? ' DESC' : ''}${nulls}`;
}
