// Parts of a plan that are computed twice are computed once, kept, and read twice: they become WITH queries,
// where that costs less than computing them again. The largest common parts go first; parts of what is
// then left may follow.

import type { ColumnId } from '#common';
import type { CteDefinition, CteScanNode, LogicalPlan } from '../../logical-plan.ts';
import { planCost } from '../../physical/plan-cost.ts';
import type { Cardinality } from '../cardinality.ts';
import { columnExpression, visitExpression } from '../expression-tree.ts';
import type { Pass, PassContext } from '../pass.ts';
import {
  copyWithFreshColumns,
  inputsOf,
  mapExpressions,
  mapInputs,
  rewritePlan,
  rewriteSubqueries,
  visitExpressions,
} from '../plan-tree.ts';
import { Fingerprints } from '../sharing/fingerprint.ts';
import { mergeColumns } from '../sharing/merge-columns.ts';
import { pruneColumnsPass } from './prune-columns.ts';

/** Tables with fewer rows are read again sooner than kept. */
const sharedRowsMin = 5000;
/** What is kept must cost clearly less, since estimates err. */
const gainMin = 0.9;
/** Common parts that are tried for one statement: each costs two plans. */
const triesMax = 6;

export const shareSubplansPass: Pass = {
  name: 'share subplans',
  rewrite(plan, context) {
    if (plan.kind === 'insert') {
      const source = share(plan.source, context);
      return source === plan.source ? plan : { ...plan, source };
    }
    return share(plan, context);
  },
};

function share(plan: LogicalPlan, context: PassContext): LogicalPlan {
  if (!readsTwice(plan, context) || planWrites(plan)) return plan;
  let best = plan;
  let bestCost: number | undefined;
  const tried = new Set<string>();
  for (;;) {
    const occurrences = largestCommon(best, tried);
    if (occurrences === undefined || tried.size > triesMax) return best;
    if (context.rewriteCostMin === 0) {
      best = sharing(best, occurrences, context);
      continue;
    }
    const cardinality = context.cardinality(best);
    bestCost ??= planCost(best, cardinality);
    if (bestCost < context.rewriteCostMin) return best;
    if (savedMost(best, occurrences, cardinality) < bestCost * (1 - gainMin)) continue;
    const candidate = sharing(best, occurrences, context);
    const cost = planCost(candidate, cardinality.withPlan(candidate));
    if (cost >= bestCost * gainMin) continue;
    best = candidate;
    bestCost = cost;
  }
}

/** Calls `visit` for every node, those of subqueries in expressions included. */
function visitPlan(plan: LogicalPlan, visit: (node: LogicalPlan) => void): void {
  visit(plan);
  visitExpressions(plan, (expression) =>
    visitExpression(expression, (node) => {
      if (node.kind === 'subquery') visitPlan(node.plan as LogicalPlan, visit);
    }),
  );
  for (const input of inputsOf(plan)) visitPlan(input, visit);
}

/** A quick look, which ends the matter for nearly all statements. */
function readsTwice(plan: LogicalPlan, { catalog, rewriteCostMin }: PassContext): boolean {
  const rowsMin = rewriteCostMin > 0 ? sharedRowsMin : 0;
  const read = new Set<number>();
  let isTwice = false;
  visitPlan(plan, (node) => {
    if (node.kind !== 'scan') return;
    isTwice ||= read.has(node.table.oid) && catalog.statistics(node.table.oid).rows >= rowsMin;
    read.add(node.table.oid);
  });
  return isTwice;
}

/** What a statement writes may show in one reader and not in another. */
function planWrites(plan: LogicalPlan): boolean {
  let writes = false;
  visitPlan(plan, (node) => {
    writes ||= ['insert', 'update', 'delete', 'merge', 'sequence', 'lockRows'].includes(node.kind);
  });
  return writes;
}

/** What would be saved if reading what is kept cost nothing: computing it by itself, all times but one. */
function savedMost(
  plan: LogicalPlan,
  occurrences: readonly LogicalPlan[],
  cardinality: Cardinality,
): number {
  const once = nodesRunOnce(plan);
  if (!occurrences.every((part) => once.has(part))) return Infinity;
  const alone = occurrences.map((part) => planCost(part, cardinality));
  return alone.reduce((sum, cost) => sum + cost, 0) - Math.min(...alone);
}

/** Those that no row of another part makes run again. */
function nodesRunOnce(plan: LogicalPlan): Set<LogicalPlan> {
  const once = new Set<LogicalPlan>();
  const enter = (node: LogicalPlan): void => {
    once.add(node);
    if (node.kind === 'join' && node.lateral) enter(node.left);
    else if (node.kind === 'with') {
      for (const { plan: made } of node.definitions) enter(made);
      enter(node.body);
    } else inputsOf(node).forEach(enter);
  };
  enter(plan);
  return once;
}

/** The places of the largest part that stands at several and has not been tried. */
function largestCommon(plan: LogicalPlan, tried: Set<string>): LogicalPlan[] | undefined {
  const fingerprints = new Fingerprints();
  const groups = new Map<string, Set<LogicalPlan>>();
  const readsShared = sharedReaders(plan);
  visitPlan(plan, (node) => {
    if (node.kind === 'scan' || isRenamedScan(node) || !readsShared(node)) return;
    const text = fingerprints.of(node)?.text;
    if (text === undefined || tried.has(text)) return;
    groups.set(text, (groups.get(text) ?? new Set()).add(node));
  });
  let largest: string | undefined;
  for (const [text, nodes] of groups) {
    if (nodes.size > 1 && text.length > (largest?.length ?? 0)) largest = text;
  }
  if (largest === undefined) return undefined;
  tried.add(largest);
  return [...groups.get(largest)!];
}

/** Tells nodes whose tables are all read more than once: no others stand at several places. */
function sharedReaders(plan: LogicalPlan): (node: LogicalPlan) => boolean {
  const reads = new Map<number, number>();
  visitPlan(plan, (node) => {
    if (node.kind === 'scan') reads.set(node.table.oid, (reads.get(node.table.oid) ?? 0) + 1);
  });
  const known = new Map<LogicalPlan, boolean>();
  const readsShared = (node: LogicalPlan): boolean => {
    let isShared = known.get(node);
    if (isShared === undefined) {
      isShared =
        node.kind === 'scan'
          ? reads.get(node.table.oid)! > 1
          : inputsOf(node).every((input) => readsShared(input));
      known.set(node, isShared);
    }
    return isShared;
  };
  return readsShared;
}

function isRenamedScan(node: LogicalPlan): boolean {
  return node.kind === 'project' && node.input.kind === 'scan';
}

/** The plan with a WITH query in all these places. */
function sharing(
  plan: LogicalPlan,
  occurrences: readonly LogicalPlan[],
  context: PassContext,
): LogicalPlan {
  const fingerprints = new Fingerprints();
  let [merged] = occurrences;
  const renames = occurrences.map((occurrence, at): ReadonlyMap<ColumnId, ColumnId> => {
    if (at === 0) return new Map();
    const { plan: wider, renamed } = mergeColumns(merged, occurrence, fingerprints);
    merged = wider;
    return renamed;
  });
  const cteId = newCteId(plan);
  const name = `shared_${cteId}`;
  const scans = new Map<LogicalPlan, CteScanNode>();
  for (const [at, { outputs }] of occurrences.entries()) {
    const columns = outputs.map(({ id }) => {
      const made = renames[at].get(id) ?? id;
      return merged.outputs.findIndex((column) => column.id === made);
    });
    scans.set(occurrences[at], { kind: 'cteScan', cteId, alias: name, columns, outputs });
  }
  const body = pruneColumnsPass.rewrite(replace(plan, scans), context);
  return narrowed(body, { cteId, name, plan: merged }, context);
}

/** The query WITH a definition that makes only what its scans read. */
function narrowed(
  body: LogicalPlan,
  { cteId, name, plan }: Pick<CteDefinition, 'cteId' | 'name' | 'plan'>,
  context: PassContext,
): LogicalPlan {
  const read = new Set<number>();
  visitPlan(body, (node) => {
    if (node.kind === 'cteScan' && node.cteId === cteId)
      for (const ordinal of node.columns) read.add(ordinal);
  });
  // Where only the number of rows matters, one column stands for them, if there is one.
  const counted = plan.outputs.length === 0 ? [] : [0];
  const kept = [...(read.size === 0 ? counted : read)].toSorted((left, right) => left - right);
  const outputs = kept.map((ordinal) => plan.outputs[ordinal]);
  const expressions = outputs.map(columnExpression);
  const definition: CteDefinition = {
    cteId,
    name,
    plan: copyWithFreshColumns({ kind: 'project', input: plan, expressions, outputs }, context)
      .plan,
    materialized: 'always',
    recursive: undefined,
  };
  const over = rewritePlan(body, (node) =>
    node.kind === 'cteScan' && node.cteId === cteId
      ? { ...node, columns: node.columns.map((ordinal) => kept.indexOf(ordinal)) }
      : node,
  );
  return { kind: 'with', definitions: [definition], body: over, outputs: over.outputs };
}

function newCteId(plan: LogicalPlan): number {
  let largest = 0;
  visitPlan(plan, (node) => {
    if (node.kind !== 'with') return;
    for (const { cteId } of node.definitions) largest = Math.max(largest, cteId);
  });
  return largest + 1;
}

function replace(plan: LogicalPlan, scans: ReadonlyMap<LogicalPlan, CteScanNode>): LogicalPlan {
  const scan = scans.get(plan);
  if (scan !== undefined) return scan;
  const inner = (part: LogicalPlan) => replace(part, scans);
  return mapInputs(
    mapExpressions(plan, (expression) => rewriteSubqueries(expression, inner)),
    inner,
  );
}
