// Finds isolation anomalies in a history of list-append transactions, after Kingsbury and Alvaro,
// "Elle: Inferring Isolation Anomalies from Experimental Observations" (VLDB 2020), and Adya's thesis.
//
// Every appended value is unique, so a list that is read tells who wrote before whom. From that follow
// edges between transactions: ww (wrote the next version), wr (read what the other wrote), rw (read a
// version that the other overwrote). What a level forbids are kinds of cycles:
//
//   read committed     aborted reads (G1a), intermediate reads (G1b), cycles of ww and wr (G0, G1c)
//   repeatable read    as well, any cycle without two adjacent rw edges (snapshot isolation: Fekete et al.)
//   serializable       any cycle at all, real-time order included
//
// Reads within a transaction of its own appends are cut off before edges are made.

import type { HistoryTransaction } from './history.ts';

export type Level = 'read committed' | 'repeatable read' | 'serializable';
type EdgeKind = 'ww' | 'wr' | 'rw' | 'rt';

interface Edge {
  readonly to: number;
  readonly kind: EdgeKind;
  readonly why: string;
}

/** Descriptions of what is wrong; empty when the history is one that the level allows. */
export function findAnomalies(history: readonly HistoryTransaction[], level: Level): string[] {
  const writers = writersOf(history);
  const anomalies: string[] = [];
  const orders = versionOrders(history, writers, anomalies);
  checkReads(history, writers, anomalies);
  checkOwnWrites(history, anomalies);
  const edges = dependencyEdges(history, writers, orders);
  if (level === 'serializable') addRealTime(history, edges);
  const cycle = forbiddenCycle(edges, level);
  if (cycle !== undefined) anomalies.push(cycle);
  return anomalies;
}

interface Writer {
  readonly transaction: HistoryTransaction;
  /** The transaction appended to the key again afterwards. */
  readonly intermediate: boolean;
}

function writersOf(history: readonly HistoryTransaction[]): Map<string, Writer> {
  const writers = new Map<string, Writer>();
  for (const transaction of history) {
    const appends = transaction.operations.filter((operation) => operation.kind === 'append');
    for (const [index, { key, value }] of appends.entries()) {
      const intermediate = appends.slice(index + 1).some((later) => later.key === key);
      writers.set(`${key}:${value}`, { transaction, intermediate });
    }
  }
  return writers;
}

/** Per key the longest list that was read; every other read must be a prefix of it. */
function versionOrders(
  history: readonly HistoryTransaction[],
  writers: ReadonlyMap<string, Writer>,
  anomalies: string[],
): Map<number, readonly number[]> {
  const orders = new Map<number, readonly number[]>();
  const reads = externalReads(history).toSorted(
    (left, right) => right.values.length - left.values.length,
  );
  for (const { transaction, key, values } of reads) {
    const longest = orders.get(key);
    if (longest === undefined) orders.set(key, values);
    else if (values.some((value, index) => longest[index] !== value)) {
      anomalies.push(
        `incompatible order: transaction ${transaction.id} read key ${key} as [${values.join()}], another as [${longest.join()}]`,
      );
    }
    if (new Set(values).size !== values.length)
      anomalies.push(`duplicate value in key ${key}: [${values.join()}]`);
  }
  for (const [key, values] of orders) {
    for (const value of values) {
      if (!writers.has(`${key}:${value}`))
        anomalies.push(`key ${key} holds ${value}, which nobody wrote`);
    }
  }
  return orders;
}

interface ExternalRead {
  readonly transaction: HistoryTransaction;
  readonly key: number;
  /** Without the transaction's own appends at the end. */
  readonly values: readonly number[];
}

/** Reads of transactions that committed. */
function externalReads(history: readonly HistoryTransaction[]): ExternalRead[] {
  const reads: ExternalRead[] = [];
  for (const transaction of history) {
    if (transaction.outcome !== 'committed') continue;
    const own = new Map<number, number>();
    for (const operation of transaction.operations) {
      if (operation.kind === 'append') own.set(operation.key, (own.get(operation.key) ?? 0) + 1);
      else {
        const { key, values } = operation;
        reads.push({
          transaction,
          key,
          values: values.slice(0, values.length - (own.get(key) ?? 0)),
        });
      }
    }
  }
  return reads;
}

function checkReads(
  history: readonly HistoryTransaction[],
  writers: ReadonlyMap<string, Writer>,
  anomalies: string[],
): void {
  for (const { transaction, key, values } of externalReads(history)) {
    for (const [index, value] of values.entries()) {
      const writer = writers.get(`${key}:${value}`);
      if (writer === undefined || writer.transaction === transaction) continue;
      if (writer.transaction.outcome === 'aborted') {
        anomalies.push(
          `G1a aborted read: transaction ${transaction.id} read ${value} of key ${key}, whose writer aborted`,
        );
      }
      if (index === values.length - 1 && writer.intermediate) {
        anomalies.push(
          `G1b intermediate read: transaction ${transaction.id} read key ${key} up to ${value}`,
        );
      }
    }
  }
}

/** A transaction sees its own appends at the end of what it reads. */
function checkOwnWrites(history: readonly HistoryTransaction[], anomalies: string[]): void {
  for (const transaction of history) {
    const own = new Map<number, number[]>();
    for (const operation of transaction.operations) {
      const mine = own.get(operation.key) ?? [];
      if (operation.kind === 'append') own.set(operation.key, [...mine, operation.value]);
      else if (
        mine.some(
          (value, index) =>
            operation.values[operation.values.length - mine.length + index] !== value,
        )
      ) {
        anomalies.push(
          `internal: transaction ${transaction.id} does not see its own writes to key ${operation.key}`,
        );
      }
    }
  }
}

type Edges = Map<number, Edge[]>;

function dependencyEdges(
  history: readonly HistoryTransaction[],
  writers: ReadonlyMap<string, Writer>,
  orders: ReadonlyMap<number, readonly number[]>,
): Edges {
  const edges: Edges = new Map();
  const add = (
    from: HistoryTransaction | undefined,
    to: HistoryTransaction | undefined,
    kind: EdgeKind,
    why: string,
  ): void => {
    if (from === undefined || to === undefined || from === to) return;
    if (from.outcome === 'aborted' || to.outcome === 'aborted') return;
    const list = edges.get(from.id) ?? [];
    list.push({ to: to.id, kind, why });
    edges.set(from.id, list);
  };
  const writerOf = (key: number, value: number | undefined): HistoryTransaction | undefined =>
    value === undefined ? undefined : writers.get(`${key}:${value}`)?.transaction;
  for (const [key, order] of orders) {
    for (let index = 1; index < order.length; index++) {
      add(
        writerOf(key, order[index - 1]),
        writerOf(key, order[index]),
        'ww',
        `key ${key}: ${order[index - 1]}, ${order[index]}`,
      );
    }
  }
  for (const { transaction, key, values } of externalReads(history)) {
    add(writerOf(key, values.at(-1)), transaction, 'wr', `key ${key}: ${values.at(-1)}`);
    const order = orders.get(key) ?? [];
    add(
      transaction,
      writerOf(key, order[values.length]),
      'rw',
      `key ${key}: before ${order[values.length]}`,
    );
  }
  return edges;
}

/** Who ended before another began comes first. Only the latest such ones are needed: the rest follows. */
function addRealTime(history: readonly HistoryTransaction[], edges: Edges): void {
  const committed = history.filter((transaction) => transaction.outcome === 'committed');
  const byEnd = committed.toSorted((left, right) => left.ended - right.ended);
  for (const later of committed) {
    const before = byEnd.filter((candidate) => candidate.ended < later.began);
    const latestBegin = Math.max(-1, ...before.map((candidate) => candidate.began));
    for (const earlier of before) {
      if (earlier.ended < latestBegin) continue;
      const list = edges.get(earlier.id) ?? [];
      list.push({ to: later.id, kind: 'rt', why: 'ended before it began' });
      edges.set(earlier.id, list);
    }
  }
}

function forbiddenCycle(edges: Edges, level: Level): string | undefined {
  switch (level) {
    case 'read committed':
      return anyCycle(edges, (edge) => edge.kind === 'ww' || edge.kind === 'wr');
    case 'repeatable read':
      return anyCycle(edges, (edge) => edge.kind !== 'rw') ?? nonAdjacentCycle(edges);
    case 'serializable':
      return anyCycle(edges, () => true);
  }
}

/** Breadth-first from every transaction; the first way back is a shortest cycle through it. */
function anyCycle(edges: Edges, allowed: (edge: Edge) => boolean): string | undefined {
  for (const start of componentsWithCycles(edges, allowed)) {
    const path = shortestPath(start, start, (node) => (edges.get(node) ?? []).filter(allowed));
    if (path !== undefined) return `cycle: ${describe(start, path)}`;
  }
  return undefined;
}

/** One transaction of each strongly connected component with more than one (Tarjan, without recursion). */
function componentsWithCycles(edges: Edges, allowed: (edge: Edge) => boolean): number[] {
  const index = new Map<number, number>();
  const low = new Map<number, number>();
  const onStack = new Set<number>();
  const stack: number[] = [];
  const found: number[] = [];
  let counter = 0;
  for (const root of edges.keys()) {
    if (index.has(root)) continue;
    const work: { node: number; next: number; list: Edge[] }[] = [];
    const enter = (node: number): void => {
      index.set(node, counter);
      low.set(node, counter++);
      stack.push(node);
      onStack.add(node);
      work.push({ node, next: 0, list: (edges.get(node) ?? []).filter(allowed) });
    };
    enter(root);
    while (work.length > 0) {
      const frame = work.at(-1)!;
      const edge = frame.list[frame.next++];
      if (edge !== undefined) {
        if (!index.has(edge.to)) enter(edge.to);
        else if (onStack.has(edge.to))
          low.set(frame.node, Math.min(low.get(frame.node)!, index.get(edge.to)!));
        continue;
      }
      work.pop();
      const parent = work.at(-1);
      if (parent !== undefined)
        low.set(parent.node, Math.min(low.get(parent.node)!, low.get(frame.node)!));
      if (low.get(frame.node) !== index.get(frame.node)) continue;
      let size = 0;
      let member: number;
      do {
        member = stack.pop()!;
        onStack.delete(member);
        size++;
      } while (member !== frame.node);
      if (size > 1) found.push(frame.node);
    }
  }
  return found;
}

/** A cycle in which no two rw edges are adjacent (also not around its ends). */
function nonAdjacentCycle(edges: Edges): string | undefined {
  for (const [from, list] of edges) {
    for (const first of list) {
      if (first.kind !== 'rw') continue;
      // States are (transaction, whether the last edge was rw), so that paths stay free of adjacent ones.
      const expand = (state: number): Edge[] =>
        (edges.get(Math.abs(state) - 1) ?? [])
          .filter((edge) => edge.kind !== 'rw' || state > 0)
          .map((edge) => ({ ...edge, to: edge.kind === 'rw' ? -(edge.to + 1) : edge.to + 1 }));
      const path = shortestPath(-(first.to + 1), from + 1, expand);
      if (path === undefined) continue;
      const plain = path.map((edge) => ({ ...edge, to: Math.abs(edge.to) - 1 }));
      return `cycle without adjacent rw edges: ${describe(from, [first, ...plain])}`;
    }
  }
  return undefined;
}

function shortestPath(
  start: number,
  goal: number,
  next: (node: number) => readonly Edge[],
): Edge[] | undefined {
  const cameBy = new Map<number, { readonly from: number; readonly edge: Edge }>();
  let frontier = [start];
  while (frontier.length > 0) {
    const reached: number[] = [];
    for (const node of frontier) {
      for (const edge of next(node)) {
        if (edge.to === goal) {
          const path = [edge];
          for (let at = node; at !== start; at = cameBy.get(at)!.from)
            path.unshift(cameBy.get(at)!.edge);
          return path;
        }
        if (edge.to === start || cameBy.has(edge.to)) continue;
        cameBy.set(edge.to, { from: node, edge });
        reached.push(edge.to);
      }
    }
    frontier = reached;
  }
  return undefined;
}

function describe(start: number, path: readonly Edge[]): string {
  return `T${start}${path.map((edge) => ` -${edge.kind} (${edge.why})-> T${edge.to}`).join('')}`;
}
