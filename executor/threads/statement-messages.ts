// What an executor thread is told about a statement. Plans are encoded once.

import { typeDefinitions } from '#common';
import type { PhysicalPlan } from '#planner';
import type { SharedSnapshot } from '#storage';
import type { StatementMessage } from './protocol.ts';
import { sessionValues } from './thread-context.ts';
import type { ThreadExecution } from './thread-execution.ts';
import { encodePlan, encodeValues } from './value-transfer.ts';

/** Without the thread's place among those of the statement. */
export type UnplacedMessage = Omit<StatementMessage, 'slot'>;

interface EncodedPlan {
  readonly id: number;
  readonly bytes: Uint8Array | undefined;
}

export class StatementMessages {
  private readonly plans = new WeakMap<PhysicalPlan, EncodedPlan>();
  private lastPlanId = 0;

  /** undefined: the plan holds something that cannot be sent. */
  encoded(plan: PhysicalPlan): Uint8Array | undefined {
    return this.entry(plan).bytes;
  }

  /** For a plan that can be sent. */
  of(execution: ThreadExecution, snapshot: SharedSnapshot): UnplacedMessage {
    const { plan, context } = execution;
    const { bytes, id: planId } = this.entry(plan);
    return {
      id: execution.id,
      planId,
      plan: bytes!,
      parameters: encodeValues(context.parameters),
      snapshot,
      session: sessionValues(context.functions),
      ...typeDefinitions(),
      workMemBytes: context.workMemBytes,
      statementMemoryBytes: context.statementMemoryBytes,
      spillDirectory: context.spillDirectory,
      stopWord: execution.stopWord,
    };
  }

  private entry(plan: PhysicalPlan): EncodedPlan {
    let encoded = this.plans.get(plan);
    if (encoded === undefined) {
      encoded = { id: ++this.lastPlanId, bytes: encodePlan(plan) };
      this.plans.set(plan, encoded);
    }
    return encoded;
  }
}
