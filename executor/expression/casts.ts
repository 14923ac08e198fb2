// Casts that are not function calls: through text output and input, a change of name only, and
// element by element.

import {
  ArrayValue,
  type CastExpression,
  type Datum,
  type DomainRule,
  TypeOid,
  coerceBpchar,
  coerceVarchar,
  databaseError,
  elementTypeOf,
  genericColumn,
  quoteIdentifier,
  relabelling,
  typeInput,
  typeOutput,
} from '#common';
import type { Compile } from './compile-expression.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';

const stringTypes: ReadonlySet<number> = new Set([
  TypeOid.text,
  TypeOid.varchar,
  TypeOid.name,
  TypeOid.unknown,
  TypeOid.cstring,
]);

export function compileCast(
  expression: CastExpression,
  environment: ExpressionEnvironment,
  compile: Compile,
): Evaluator {
  const argument = compile(expression.argument);
  switch (expression.method) {
    case 'relabel': {
      const change = relabelling(expression.argument.type.oid, expression.type.oid);
      return change === undefined ? argument : (columns, row) => change(argument(columns, row));
    }
    case 'io':
      return compileTextCast(expression, environment, argument);
    case 'array':
      return compileArrayCast(expression, compile, argument);
    case 'domain':
      return compileDomainCast(expression.domain!, compile, argument);
  }
}

/** The value itself, once the domain has let it pass. 23502, 23514. */
export function compileDomainCast(
  domain: DomainRule,
  compile: Compile,
  argument: Evaluator,
): Evaluator {
  const { name, notNull } = domain;
  const fields = { schema: domain.schemaName, dataType: name };
  const checks = domain.checks.map((check) => ({
    constraint: check.name,
    holds: compile(check.condition),
  }));
  const values: Datum[] = [null];
  const columns = [genericColumn(values)];
  return (outer, row) => {
    const value = argument(outer, row);
    if (value === null && notNull) {
      throw databaseError(
        'notNullViolation',
        `domain ${quoteIdentifier(name)} does not allow null values`,
        fields,
      );
    }
    for (const { constraint, holds } of checks) {
      values[0] = value;
      if (holds(columns, 0) !== false) continue;
      throw databaseError(
        'checkViolation',
        `value for domain ${quoteIdentifier(name)} violates check constraint "${constraint}"`,
        { ...fields, constraint },
      );
    }
    return value;
  };
}

function compileTextCast(
  expression: CastExpression,
  environment: ExpressionEnvironment,
  argument: Evaluator,
): Evaluator {
  const source = expression.argument.type.oid;
  const output = stringTypes.has(source)
    ? (value: Datum): string => value as string
    : typeOutput(source);
  const input = textReader(expression);
  return (columns, row) => {
    const value = argument(columns, row);
    return value === null ? null : input(output(value, environment.functions), environment);
  };
}

type TextReader = (text: string, environment: ExpressionEnvironment) => Datum;

/** Explicit casts to varchar(n) and char(n) cut the text off; type input would refuse it. */
function textReader(expression: CastExpression): TextReader {
  const { oid, typmod } = expression.type;
  const explicit = expression.explicit;
  if (oid === TypeOid.text) return (text) => text;
  if (oid === TypeOid.varchar) return (text) => coerceVarchar(text, typmod, explicit);
  if (oid === TypeOid.bpchar) return (text) => coerceBpchar(text, typmod, explicit);
  const input = typeInput(oid);
  return (text, environment) => input(text, typmod, environment.functions);
}

function compileArrayCast(
  expression: CastExpression,
  compile: Compile,
  argument: Evaluator,
): Evaluator {
  const elementCast = expression.elementCast;
  if (elementCast === undefined) return argument;
  const convert = compile(elementCast);
  const elementType = elementTypeOf(expression.type.oid);
  const values: Datum[] = [null];
  const columns = [genericColumn(values)];
  return (outer, row) => {
    const array = argument(outer, row);
    if (array === null) return null;
    const { dimensions, elements } = array as ArrayValue;
    const converted = elements.map((element) => {
      values[0] = element;
      return convert(columns, 0);
    });
    return new ArrayValue(elementType, dimensions, converted);
  };
}
