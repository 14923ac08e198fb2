// x[i] := v, x[a:b] := v, x.f[i] := v, x[i].f := v: the whole variable is computed anew, by the binder's
// rules for assignments to parts of columns.

import { type Expression, sqlType } from '#common';
import { bindElementAssignment, parseStatements, type PlStatement } from '#planner';
import { compileExpression } from '../../expression/compile-expression.ts';
import { noColumns } from '../../expression/environment.ts';
import { notSupported } from '#common';
import { assignTo, currentRecord, fieldPosition, fieldType } from './assign-value.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { type Frame, Outcome } from './frame.ts';
import type { FoundVariable } from './names.ts';

export function compileElementAssignment(
  statement: Extract<PlStatement, { readonly kind: 'assign' }>,
  target: FoundVariable,
  compiler: Compiler,
): Run {
  const value = compiler.expression(statement.value);
  const [parsed] = parseStatements(`SELECT (NULL)${statement.indirection}`);
  const { names } = compiler;
  const { variable, rest } = target;
  return (frame: Frame) => {
    const given = value.evaluate(frame);
    const givenType = value.type(frame);
    frame.names = names;
    const record = rest.length === 0 ? undefined : currentRecord(frame, variable);
    const position = record === undefined ? 0 : fieldPosition(record, variable, rest[0]);
    const container =
      record === undefined ? frame.values[variable.index] : (record.fields[position] ?? null);
    const type =
      record === undefined
        ? frame.types[variable.index]
        : fieldType(frame, variable, record, position);
    // The container and the value follow the variables as parameters.
    const first = frame.values.length;
    const bound: Expression = bindElementAssignment(
      parsed,
      {
        container: { kind: 'parameter', index: first, type },
        value: { kind: 'parameter', index: first + 1, type: givenType },
        name: variable.name,
      },
      {
        ...frame.host.bindContext(),
        parameterTypes: [...frame.types, type, givenType],
        allowParameters: true,
        variables: {
          conflict: frame.conflict,
          find: (parts) => frame.find(parts),
          parameter: (number) => frame.parameter(number),
          fields: (index) => frame.fields(index),
        },
      },
    );
    const evaluate = compileExpression(bound, {
      parameters: [...frame.values, container, given],
      slots: [],
      functions: frame.host.functions,
      caseTest: null,
      subplan: () => {
        throw notSupported('a subquery in a subscript');
      },
    });
    assignTo(frame, target, evaluate(noColumns, 0), sqlType(type.oid, type.typmod));
    return Outcome.next;
  };
}
