// Which plans an executor thread can run, and which are worth it. A thread has pages and plain values;
// it has no catalog, no sequences, no settings and no session, so whatever asks for those stays in the
// main thread. The lists below say what that is; should one be incomplete, the thread notices
// (MainThreadNeeded) and the statement goes back.

import {
  isDeterministic,
  multirangeInfoOf,
  rangeInfoOf,
  rowOrderTypes,
  type SqlType,
  type TableDescriptor,
  TypeOid,
} from '#common';
import { catalogQuestions, functionRegistry } from '#functions';
import type { PhysicalPlan, PhysicalScan } from '#planner';
import type { TreeId } from '#storage';
import { threadCostMin } from '../limits.ts';

export interface PlanSuitability {
  /** A thread can run it. */
  readonly possible: boolean;
  /** … and it is expected to take long. */
  readonly worthIt: boolean;
  /** Trees that it reads. */
  readonly trees: readonly TreeId[];
  /** Tables that it reads as a whole, or large parts of. */
  readonly scanned: readonly TableDescriptor[];
}

const known = new WeakMap<PhysicalPlan, PlanSuitability>();

export function planSuitability(plan: PhysicalPlan): PlanSuitability {
  let suitability = known.get(plan);
  if (suitability === undefined) {
    suitability = examine(plan);
    known.set(plan, suitability);
  }
  return suitability;
}

/** Volatile functions that need nothing of the session. */
const freeVolatileFunctions: ReadonlySet<string> = new Set([
  'clock_timestamp',
  'timeofday',
  'gen_random_uuid',
]);

/** Stable functions that ask for settings or the catalog (besides catalogQuestions). */
const sessionFunctions: ReadonlySet<string> = new Set([
  'version',
  'current_setting',
  'format_type',
  'pg_get_userbyid',
  'regclass',
  'to_regclass',
  'to_regtype',
  'to_regnamespace',
  'to_regrole',
  'to_regproc',
  'to_regprocedure',
  'to_regoper',
  'to_regoperator',
  'to_regcollation',
  'collated_text',
]);

/** Nodes that compute rows from what only the main thread has, or that write or lock. */
const mainThreadNodes: ReadonlySet<string> = new Set([
  'systemScan',
  'feed',
  'lockRows',
  'insert',
  'update',
  'delete',
  'merge',
  'sequence',
]);

/** Types whose text is a name in the catalog. */
const nameTypes: ReadonlySet<number> = new Set([
  TypeOid.regclass,
  TypeOid.regtype,
  TypeOid.regproc,
  TypeOid.regprocedure,
  TypeOid.regoper,
  TypeOid.regoperator,
  TypeOid.regnamespace,
  TypeOid.regrole,
  TypeOid.regconfig,
  TypeOid.regdictionary,
  TypeOid.regcollation,
]);
const firstUserOid = 16384;

class Examination {
  possible = true;
  /** Any index of a table may come to be used. */
  readonly wantsIndexes: boolean;
  readonly trees = new Set<TreeId>();
  readonly scanned = new Map<TreeId, TableDescriptor>();

  constructor(wantsIndexes: boolean) {
    this.wantsIndexes = wantsIndexes;
  }

  visit(value: unknown): void {
    if (typeof value !== 'object' || value === null || !this.possible) return;
    if (Array.isArray(value)) {
      for (const item of value) this.visit(item);
      return;
    }
    if (Object.getPrototypeOf(value) !== Object.prototype) return;
    this.node(value as Readonly<Record<string, unknown>>);
    for (const [name, part] of Object.entries(value)) if (name !== 'table') this.visit(part);
  }

  private node(node: Readonly<Record<string, unknown>>): void {
    const { kind, collation } = node;
    // Threads know no collations that users have made, nor which types are ordered by one.
    if (typeof collation === 'number' && !isDeterministic(collation)) this.possible = false;
    if (typeof node['oid'] === 'number' && holdsCollation(node['oid'])) this.possible = false;
    if (typeof node['functionOid'] === 'number') this.call(node['functionOid']);
    if (typeof kind !== 'string') return;
    if (mainThreadNodes.has(kind)) this.possible = false;
    else if (kind === 'scan') this.scan(node as unknown as PhysicalScan);
    else if (kind === 'sqlValue' && node['name'] === 'current_schema') this.possible = false;
    else if (kind === 'cast' && node['method'] !== 'relabel') {
      const argument = node['argument'] as { readonly type: SqlType };
      if (hasCatalogText(node['type'] as SqlType) || hasCatalogText(argument.type))
        this.possible = false;
    }
  }

  private call(oid: number): void {
    const signature = functionRegistry.functionByOid(oid);
    if (signature === undefined) return;
    if (signature.routine !== undefined) this.possible = false;
    const { name, volatility } = signature;
    const isFree = volatility !== 'volatile' || freeVolatileFunctions.has(name);
    if (!isFree || sessionFunctions.has(name) || catalogQuestions.has(name)) this.possible = false;
  }

  private scan(scan: PhysicalScan): void {
    const { table, access } = scan;
    this.trees.add(table.treeId);
    if (this.wantsIndexes) for (const { treeId } of table.indexes) this.trees.add(treeId);
    if (access.kind === 'full') this.scanned.set(table.treeId, table);
    if (access.kind !== 'index' && access.kind !== 'inverted') return;
    const index = table.indexes.find((candidate) => candidate.oid === access.indexOid);
    if (index === undefined) return;
    this.trees.add(index.treeId);
    // Expressions of indexes are bound against the catalog.
    if (index.columns.some(({ expression }) => expression !== undefined)) this.possible = false;
    const collations = index.columns.map(
      ({ attributeNumber, collation }) =>
        collation ?? table.columns[attributeNumber - 1]?.type.collation ?? 0,
    );
    if (!collations.every(isDeterministic)) this.possible = false;
  }
}

function holdsCollation(type: number): boolean {
  if (type < firstUserOid) return false;
  const range = rangeInfoOf(type) ?? multirangeInfoOf(type);
  return range?.collation !== undefined || rowOrderTypes(type) !== undefined;
}

function hasCatalogText(type: SqlType): boolean {
  return nameTypes.has(type.oid) || type.oid >= firstUserOid;
}

function examine(plan: PhysicalPlan): PlanSuitability {
  const examination = new Examination(plan.adaptive !== undefined);
  if (plan.readOnly) examination.visit([plan.root, plan.subplans, plan.ctes]);
  const possible = plan.readOnly && examination.possible;
  return {
    possible,
    worthIt: possible && costOf(plan) >= (plan.costLimits?.thread ?? threadCostMin),
    trees: [...examination.trees],
    scanned: [...examination.scanned.values()],
  };
}

/** Subplans and WITH queries count once: what they add per row is in the cost of their caller. */
function costOf(plan: PhysicalPlan): number {
  let cost = plan.root.totalCost;
  for (const subplan of plan.subplans) cost += subplan.totalCost;
  for (const cte of plan.ctes) cost += cte.plan.totalCost;
  return cost;
}
