// Names that mean variables: those of PL/pgSQL and the parameters of SQL functions (PostgreSQL's
// column reference hooks). A variable is a parameter of the statement; which one, its scope says.

import { databaseError, type Expression, type ParameterExpression, type SqlType } from '#common';
import { at } from '../errors.ts';
import { fieldOf } from './coercion.ts';
import { compositeFields, type RecordField } from './record-shape.ts';
import type { Scope } from './scope.ts';

/** A variable that a name begins with. */
export interface Variable {
  /** Position among the statement's parameters. */
  readonly index: number;
  readonly type: SqlType;
  /** Parts of the name that come after the variable's: at most one field. */
  readonly rest: readonly string[];
}

export interface VariableScope {
  /** What a name means that a column has, too. */
  readonly conflict: 'error' | 'useVariable' | 'useColumn';
  /** By a possibly qualified name. */
  find(names: readonly string[]): Variable | undefined;
  /** $number */
  parameter(number: number): Variable | undefined;
  /** Fields of a variable of type record, as it is now. 55000 when it has no value yet. */
  fields(index: number): readonly RecordField[] | undefined;
}

export type VariableMeaning =
  | { readonly expression: Expression }
  | { readonly missingField: string };

/** The variables in sight; stored definitions see none. */
function variablesOf(scope: Scope): VariableScope | undefined {
  const { binder } = scope;
  return binder.isStored ? undefined : binder.context.variables;
}

/** The variable, or the field of one, that a column reference means; undefined when it means none. */
export function variableReference(
  names: readonly string[],
  scope: Scope,
  position: number | undefined,
): VariableMeaning | undefined {
  const variables = variablesOf(scope);
  const found = variables?.find(names);
  if (variables === undefined || found === undefined) return undefined;
  const variable = scope.binder.parameters.reference(found.index + 1, position);
  const [field] = found.rest;
  if (field === undefined) return { expression: variable };
  const fields = fieldsOfVariable(variable, variables, scope);
  const ordinal = fields?.findIndex((each) => each.name === field) ?? -1;
  if (fields === undefined || ordinal < 0) return { missingField: field };
  return { expression: fieldOf(variable, ordinal, fields[ordinal]) };
}

function fieldsOfVariable(
  variable: ParameterExpression,
  variables: VariableScope,
  scope: Scope,
): readonly RecordField[] | undefined {
  return (
    compositeFields(scope.binder.context.catalog, variable.type.oid) ??
    variables.fields(variable.index)
  );
}

/** $number in a body. */
export function variableParameter(
  number: number,
  scope: Scope,
  position: number | undefined,
): Expression | undefined {
  const variables = variablesOf(scope);
  if (variables === undefined) return undefined;
  const found = variables.parameter(number);
  if (found === undefined) {
    throw databaseError('undefinedParameter', `there is no parameter $${number}`, at(position));
  }
  return scope.binder.parameters.reference(found.index + 1, position);
}

export function variableConflict(scope: Scope): VariableScope['conflict'] {
  return variablesOf(scope)?.conflict ?? 'useColumn';
}

export function ambiguousVariable(names: readonly string[], position: number | undefined): Error {
  return databaseError('ambiguousColumn', `column reference "${names.join('.')}" is ambiguous`, {
    ...at(position),
    detail: 'It could refer to either a PL/pgSQL variable or a table column.',
  });
}

export function missingVariableField(
  names: readonly string[],
  field: string,
  position: number | undefined,
): Error {
  return databaseError(
    'undefinedColumn',
    `record "${names[names.length - 2] ?? names[0]}" has no field "${field}"`,
    at(position),
  );
}
