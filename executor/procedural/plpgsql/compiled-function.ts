// A PL/pgSQL function made ready to run for the types of one call.

import type { RoutineDescriptor, SqlType } from '#common';
import type { VariableScope } from '#planner';
import type { Work } from '../host.ts';
import type { Frame, Outcome } from './frame.ts';
import type { Names, VariableInfo } from './names.ts';

/** A statement: done at once, or work that takes its turns. */
export type Run = (frame: Frame) => Outcome | Work<Outcome>;

export interface CompiledFunction {
  /** undefined: a DO block. */
  readonly routine: RoutineDescriptor | undefined;
  /** "f(integer)" or "inline_code_block", for CONTEXT lines. */
  readonly title: string;
  readonly variables: readonly VariableInfo[];
  /** Types of the variables, by position. */
  readonly types: readonly SqlType[];
  readonly names: Names;
  readonly foundIndex: number;
  readonly arguments: readonly VariableInfo[];
  /** OUT, INOUT and TABLE parameters, in order. */
  readonly outputs: readonly VariableInfo[];
  readonly resultType: SqlType;
  readonly returnsSet: boolean;
  readonly kind: 'function' | 'procedure' | 'trigger' | 'eventTrigger' | 'block';
  readonly readOnly: boolean;
  readonly conflict: VariableScope['conflict'] | undefined;
  readonly printStrictParameters: boolean | undefined;
  readonly run: Run;
}

export interface CompiledStatement {
  /** What it is called in CONTEXT lines. */
  readonly phase: string;
  readonly run: Run;
}
