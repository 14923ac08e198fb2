// The value of an expression and what is done with it: at once where that is soon, else in steps between which
// others have their turn.

import type { Datum } from '#common';
import type { Work } from '../host.ts';
import { attempt } from '../statement-run.ts';
import type { PlExpression } from './compiler.ts';
import type { Frame, Outcome } from './frame.ts';

export function valueThen(
  frame: Frame,
  expression: PlExpression,
  then: (frame: Frame, value: Datum) => Outcome,
): Outcome | Work<Outcome> {
  const work = expression.inTurns(frame);
  return work === undefined
    ? then(frame, expression.evaluate(frame))
    : inSteps(frame, { expression, work, then });
}

function* inSteps(
  frame: Frame,
  steps: {
    readonly expression: PlExpression;
    readonly work: Work<Datum>;
    readonly then: (frame: Frame, value: Datum) => Outcome;
  },
): Work<Outcome> {
  const { expression, then } = steps;
  let work: Work<Datum> | undefined = steps.work;
  const value = yield* attempt<Datum>(frame, () => {
    const next = work ?? expression.inTurns(frame);
    work = undefined;
    return next ?? expression.evaluate(frame);
  });
  return then(frame, value);
}
