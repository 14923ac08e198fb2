// Assignments: to a variable, to a field of a row, to an element of an array.

import type { PlStatement } from '#planner';
import { assignTo } from './assign-value.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { nullAssigned, Outcome } from './frame.ts';
import { compileElementAssignment } from './element-assignment.ts';

type Assignment = Extract<PlStatement, { readonly kind: 'assign' }>;

export function compileAssignment(statement: Assignment, compiler: Compiler): Run {
  const target = compiler.target(statement.target);
  if (statement.indirection !== '') return compileElementAssignment(statement, target, compiler);
  const value = compiler.expression(statement.value);
  const { variable, rest } = target;
  if (rest.length === 0) {
    return (frame) => {
      const given = value.evaluate(frame);
      if (given === null && variable.notNull) throw nullAssigned(variable.name);
      frame.assign(variable, given, value.type(frame));
      return Outcome.next;
    };
  }
  return (frame) => {
    const given = value.evaluate(frame);
    assignTo(frame, target, given, value.type(frame));
    return Outcome.next;
  };
}
