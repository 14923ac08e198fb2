// Policies: each scan of a protected table is replaced by what its policies make of it (a filter
// that is a barrier, masking projections). Without a provider every table is open.

import type { Pass } from '../pass.ts';
import { rewritePlan } from '../plan-tree.ts';

export const policiesPass: Pass = {
  name: 'policies',
  rewrite(plan, { policies }) {
    if (policies === undefined) return plan;
    return rewritePlan(plan, (node) => (node.kind === 'scan' ? policies.protect(node) : node));
  },
};
