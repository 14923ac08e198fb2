// What jsonpath operators and item methods make of one value: +, - and their kin, .double(), .datetime(), .abs() …
// What a filter may forgive is raised as a PathError.

import {
  databaseError,
  DatabaseError,
  formatFloat8,
  Numeric,
  parseFloat8,
  type PathStep,
  type SqlStateName,
} from '#common';
import {
  type PathDateTime,
  PathError,
  type PathValue,
  readIsoDateTime,
  readTemplateDateTime,
} from './jsonpath-items.ts';

export type Step<Kind extends PathStep['kind']> = Extract<PathStep, { kind: Kind }>;

export function fail(condition: SqlStateName, message: string): never {
  throw new PathError(databaseError(condition, message));
}

/** Division by zero and overflow are what a filter forgives. */
export function calculate(
  operator: Step<'arithmetic'>['operator'],
  left: Numeric,
  right: Numeric,
): Numeric {
  return softly(() => {
    switch (operator) {
      case '+':
        return left.add(right);
      case '-':
        return left.subtract(right);
      case '*':
        return left.multiply(right);
      case '/':
        return left.divide(right);
      case '%':
        return left.remainder(right);
    }
  });
}

/** .abs(), .floor(), .ceiling(). */
export function numericMethod(method: string, value: PathValue): Numeric {
  if (!(value instanceof Numeric)) {
    return fail(
      'nonNumericSqlJsonItem',
      `jsonpath item method .${method}() can only be applied to a numeric value`,
    );
  }
  return method === 'abs' ? value.abs() : method === 'floor' ? value.floor() : value.ceil();
}

export function toDouble(value: PathValue): Numeric {
  if (value instanceof Numeric) {
    let number: number | undefined;
    try {
      number = parseFloat8(value.toString());
    } catch {
      number = undefined;
    }
    if (number !== undefined && Number.isFinite(number)) return value;
    return fail(
      'nonNumericSqlJsonItem',
      'numeric argument of jsonpath item method .double() is out of range for type double precision',
    );
  }
  if (typeof value !== 'string') {
    return fail(
      'nonNumericSqlJsonItem',
      'jsonpath item method .double() can only be applied to a string or numeric value',
    );
  }
  let number: number;
  try {
    number = parseFloat8(value);
  } catch {
    number = NaN;
  }
  if (Number.isFinite(number)) return Numeric.parse(formatFloat8(number, 0));
  return fail(
    'nonNumericSqlJsonItem',
    'string argument of jsonpath item method .double() is not a valid representation of a double precision number',
  );
}

export function toDateTime(value: PathValue, template: string | undefined): PathDateTime {
  if (typeof value !== 'string') {
    return fail(
      'invalidArgumentForSqlJsonDatetimeFunction',
      'jsonpath item method .datetime() can only be applied to a string',
    );
  }
  if (template !== undefined) return softly(() => readTemplateDateTime(value, template));
  const result = readIsoDateTime(value);
  if (result !== undefined) return result;
  throw new PathError(
    databaseError(
      'invalidArgumentForSqlJsonDatetimeFunction',
      `datetime format is not recognized: "${value}"`,
      { hint: 'Use a datetime template argument to specify the input data format.' },
    ),
  );
}

function softly<Result>(calculateResult: () => Result): Result {
  try {
    return calculateResult();
  } catch (error) {
    throw error instanceof DatabaseError ? new PathError(error) : error;
  }
}
