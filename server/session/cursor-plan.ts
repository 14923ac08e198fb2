// What a cursor can do, by the plan of its query. The keys that the rows of a cursor's query come with, and which of them WHERE CURRENT OF may go by: those
// of tables that the query locks, or else that of the one table that it scans without sorting or joining
// (PostgreSQL's search_plan_tree()).

import type { BoundQuery, CursorKey, PhysicalNode, PhysicalPlan } from '#planner';

export interface CursorKeys {
  /** Values behind those that the client sees. */
  readonly count: number;
  readonly usable: readonly { readonly at: number; readonly key: CursorKey }[];
  /** The query locks rows. */
  readonly locked: boolean;
}

export const noCursorKeys: CursorKeys = { count: 0, usable: [], locked: false };

export function cursorKeysOf(bound: BoundQuery, plan: PhysicalPlan): CursorKeys {
  const keys = bound.cursorKeys ?? [];
  const locked = keys.some((key) => key.locked);
  const usable = locked || isPlainScan(plan.root) ? keys.map((key, at) => ({ at, key })) : [];
  return { count: keys.length, usable, locked };
}

/** Each row of the plan is a row of a table as it is there. */
function isPlainScan(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
      return true;
    case 'project':
    case 'filter':
    case 'limit':
      return isPlainScan(node.input);
    case 'append':
      return node.inputs.every(isPlainScan);
    default:
      return false;
  }
}

/** The plan could be read backward (PostgreSQL's ExecSupportsBackwardScan()). */
export function scansBackward(node: PhysicalNode): boolean {
  switch (node.kind) {
    case 'scan':
    case 'systemScan':
    case 'values':
    case 'functionScan':
    case 'cteScan':
    case 'sort':
      return true;
    case 'project':
    case 'filter':
    case 'limit':
      return scansBackward(node.input);
    case 'append':
      return node.inputs.every(scansBackward);
    default:
      return false;
  }
}
