/** The WITH query as which the rows of a node are read that an execution has computed; numbers of nodes are positive. */
export function computedCteId(nodeId: number): number {
  return -nodeId;
}
