// Finds a join order: by dynamic programming over connected sets as far as that is quick, greedily by the
// smallest intermediate result beyond it. Parts that nothing joins are multiplied at the end, small ones
// first.

import type { JoinGraph } from './join-graph.ts';
import { forEachConnectedPair } from './connected-pairs.ts';
import { type Candidate, JoinSearch } from './join-search.ts';

/** Above this many relations the search is greedy. */
const exhaustiveRelationsMax = 12;
/** Pairs of sets that a statement may look at: some milliseconds. */
const pairsMax = 12_000;

/** The best candidate of each set that the tree of all relations consists of. */
export function bestOrder(graph: JoinGraph): ReadonlyMap<number, Candidate> {
  const search = new JoinSearch(graph);
  const whole = graph.relations.reduce((bits, { bit }) => bits | bit, 0);
  const done =
    graph.relations.length <= exhaustiveRelationsMax &&
    forEachConnectedPair(graph.neighbours, pairsMax, (first, second) =>
      search.consider(first, second),
    );
  if (done && search.best.has(whole)) return search.best;
  const parts = done ? largestParts(search, whole) : graph.relations.map(({ bit }) => bit);
  joinGreedily(search, parts);
  return search.best;
}

/** Joined sets that cover all relations and that nothing connects. */
function largestParts(search: JoinSearch, whole: number): number[] {
  const parts: number[] = [];
  let rest = whole;
  while (rest !== 0) {
    let largest = rest & -rest;
    for (const set of search.best.keys())
      if ((set & ~rest) === 0 && set > largest && (set & largest) !== 0 && contains(set, largest))
        largest = set;
    parts.push(largest);
    rest &= ~largest;
  }
  return parts;
}

function contains(set: number, part: number): boolean {
  return (part & ~set) === 0;
}

function joinGreedily(search: JoinSearch, initial: readonly number[]): void {
  const parts = [...initial];
  while (parts.length > 1) {
    const { first, second } = smallestResult(search, parts);
    const joined = parts[first] | parts[second];
    search.consider(parts[first], parts[second]);
    parts.splice(Math.max(first, second), 1);
    parts.splice(Math.min(first, second), 1);
    parts.push(joined);
  }
}

/** The allowed pair that makes the fewest rows; pairs that something joins come before all others. */
function smallestResult(
  search: JoinSearch,
  parts: readonly number[],
): { readonly first: number; readonly second: number } {
  let chosen: { first: number; second: number; rows: number; connected: boolean } | undefined;
  for (let first = 0; first < parts.length; first++) {
    for (let second = first + 1; second < parts.length; second++) {
      const left = parts[first];
      const right = parts[second];
      if (!search.isAllowed(left, right) && !search.isAllowed(right, left)) continue;
      const connected = isConnected(search, left, right);
      if (chosen?.connected === true && !connected) continue;
      const rows = search.rowsOf(left | right);
      const isBetter =
        chosen === undefined || (connected && !chosen.connected) || rows < chosen.rows;
      if (isBetter) chosen = { first, second, rows, connected };
    }
  }
  return chosen!;
}

function isConnected(search: JoinSearch, left: number, right: number): boolean {
  const { relations, neighbours } = search.graph;
  return relations.some(({ bit }, at) => (left & bit) !== 0 && (neighbours[at] & right) !== 0);
}
