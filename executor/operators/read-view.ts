// Turns a scan's temporal clause into the versions that storage should show.

import { type Datum, type Expression, databaseError } from '#common';
import type { TemporalSpec } from '#planner';
import { type ReadView, openEnd } from '#storage';
import { compileExpression } from '../expression/compile-expression.ts';
import {
  type Evaluator,
  type ExpressionEnvironment,
  noColumns,
} from '../expression/environment.ts';

/** Microseconds from 1970-01-01 to 2000-01-01: storage counts from the former, SQL from the latter. */
export const epochOffsetMicros = 946_684_800_000_000;

/** undefined: the statement's own snapshot. */
export type EvaluateView = () => ReadView | undefined;

export function compileReadView(
  temporal: TemporalSpec,
  environment: ExpressionEnvironment,
): EvaluateView {
  const system = temporal.system;
  const compile = (expression: Expression): Evaluator => compileExpression(expression, environment);
  switch (system.kind) {
    case 'current':
      return () => undefined;
    case 'all':
      return () => ({ kind: 'range', from: 0, to: openEnd, inclusive: true });
    case 'asOf': {
      const at = compile(system.at);
      return () => ({ kind: 'asOf', at: commitTimestamp(at(noColumns, 0)) });
    }
    case 'range': {
      const from = compile(system.from);
      const to = compile(system.to);
      const inclusive = system.inclusive;
      return () => ({
        kind: 'range',
        from: commitTimestamp(from(noColumns, 0)),
        to: commitTimestamp(to(noColumns, 0)),
        inclusive,
      });
    }
  }
}

/** A timestamptz as a commit timestamp; times before all commits and after them are clamped. */
export function commitTimestamp(value: Datum): number {
  if (value === null) throw databaseError('nullValueNotAllowed', 'a system time must not be null');
  const micros = Number(value) + epochOffsetMicros;
  return Math.min(Math.max(micros, 0), openEnd);
}
