// What operators tell about inputs that they have read to the end, and who plans the rest anew.

import type { Batch } from '#common';
import type { PhysicalPlan, ReplanRequest } from '#planner';
import type { again } from '../contract.ts';

/** An operator has all rows of a node, and nothing has been made of them yet. */
export interface Breaker {
  readonly nodeId: number;
  readonly rows: number;
  /** The operator reads fewer rows than the node has, because others left out what finds no partner. */
  readonly isReduced: boolean;
  /** The node's columns whose values are kept; undefined: the rows cannot be had from here. */
  readonly ordinals: readonly number[] | undefined;
  /** The rows, in batches of all the node's columns; those that are not kept are null. */
  batches(): Iterable<Batch>;
}

/** The plan for the rest, undefined to go on, `again`: no answer yet. */
export type Replan = (request: ReplanRequest) => PhysicalPlan | typeof again | undefined;
