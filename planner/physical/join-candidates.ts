// The ways to do a join that have been built so far, of which the cheapest is kept. What costs too much at best
// need not be built at all.

import type { PlanBuilder } from './builder.ts';
import { matchOrder, wantedSortCost, type Built, type Wanted } from './built.ts';

/** What a candidate is compared by. */
export type Compared = Pick<Built, 'ordering' | 'penalty'> & {
  readonly node: Pick<Built['node'], 'estimatedRows' | 'startupCost' | 'totalCost'>;
};

/** The cheapest of the candidates so far, for a consumer that wants an order and may stop early. */
export class Candidates {
  best: Built | undefined = undefined;
  private least = Infinity;
  private readonly builder: PlanBuilder;
  private readonly wanted: Wanted | undefined;

  constructor(builder: PlanBuilder, wanted: Wanted | undefined) {
    this.builder = builder;
    this.wanted = wanted;
  }

  add(candidate: Built): void {
    const cost = this.cost(candidate);
    if (this.best !== undefined && !(cost < this.least)) return;
    this.best = candidate;
    this.least = cost;
  }

  /** One that costs at least this need not be built. */
  isPromising(leastOf: Compared): boolean {
    return this.best === undefined || this.cost(leastOf) < this.least;
  }

  private cost({ node, ordering, penalty = 0 }: Compared): number {
    const { builder, wanted } = this;
    if (wanted === undefined) return node.totalCost + penalty;
    if (matchOrder(ordering, wanted.keys) !== 'forward') {
      return (
        node.totalCost +
        penalty +
        wantedSortCost(node.estimatedRows, wanted) +
        builder.penalty('sort')
      );
    }
    const fraction = Math.min(1, (wanted.limitRows ?? Infinity) / node.estimatedRows);
    return penalty + node.startupCost + (node.totalCost - node.startupCost) * fraction;
  }
}
