// Assignments: to a variable, to a field of a row, to an element of an array.

import type { Datum } from '#common';
import type { PlStatement } from '#planner';
import { assignTo } from './assign-value.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { type Frame, nullAssigned, Outcome } from './frame.ts';
import { compileElementAssignment } from './element-assignment.ts';
import { valueThen } from './value-then.ts';

type Assignment = Extract<PlStatement, { readonly kind: 'assign' }>;

export function compileAssignment(statement: Assignment, compiler: Compiler): Run {
  const target = compiler.target(statement.target);
  if (statement.indirection !== '') return compileElementAssignment(statement, target, compiler);
  const value = compiler.expression(statement.value);
  const { variable, rest } = target;
  const assign = (frame: Frame, given: Datum): Outcome => {
    if (rest.length > 0) assignTo(frame, target, given, value.type(frame));
    else {
      if (given === null && variable.notNull) throw nullAssigned(variable.name);
      frame.assign(variable, given, value.type(frame));
    }
    return Outcome.next;
  };
  return (frame) => valueThen(frame, value, assign);
}
