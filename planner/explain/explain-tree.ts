// The tree that EXPLAIN shows: PostgreSQL's node names and properties for our physical nodes.
// Projections and filters have no node of their own there; a filter is a property of what it filters.

import {
  collationByOid,
  elementTypeOf,
  type Expression,
  type SqlType,
  typeByOid,
  TypeOid,
  uncollatedType,
} from '#common';
import { typeCollation } from '../bind/collation.ts';
import { visitExpression } from '../optimize/expression-tree.ts';
import { directionText } from '../deparse/deparse.ts';
import { quoteIdentifier } from '../deparse/identifier.ts';
import type { PhysicalNode, PhysicalPlan } from '../physical-plan.ts';
import { mapNode } from '../physical/plan-facts.ts';
import type { ExplainNode } from './explain-node.ts';
import type { NodeNames } from './node-names.ts';
import { bitmapIndexScan, describeScan, type Description, withAlias } from './scan-description.ts';

export function explainTree(plan: PhysicalPlan, names: NodeNames): ExplainNode {
  const shown = new Set<number>();
  const root = nodeOf(plan.root, { plan, names, shown });
  for (const cte of plan.ctes) {
    const node = nodeOf(cte.plan, { plan, names, shown });
    const steps = cte.step === undefined ? [] : [nodeOf(cte.step, { plan, names, shown })];
    root.children.unshift({
      label: `CTE ${quoteIdentifier(cte.name)}`,
      relationship: 'InitPlan',
      node: steps.length === 0 ? node : recursiveUnion(node, steps[0]),
    });
  }
  return root;
}

function recursiveUnion(plan: ExplainNode, step: ExplainNode): ExplainNode {
  return {
    title: 'Recursive Union',
    nodeType: 'Recursive Union',
    properties: [],
    children: [
      { label: undefined, relationship: 'Outer', node: plan },
      { label: undefined, relationship: 'Inner', node: step },
    ],
    physical: plan.physical,
    filtered: undefined,
    output: plan.output,
  };
}

/** The order of a sort key that is not its type's own. */
function collationText({ type }: Expression): string {
  const collation = typeCollation(type);
  const own = typeByOid(uncollatedType(type.oid))?.facts.collation ?? 0;
  if (collation === own || collation === 0) return '';
  return ` COLLATE ${quoteIdentifier(collationByOid(collation)?.name ?? '')}`;
}

interface Context {
  readonly plan: PhysicalPlan;
  readonly names: NodeNames;
  /** Subplans that have been shown. */
  readonly shown: Set<number>;
}

function nodeOf(node: PhysicalNode, context: Context): ExplainNode {
  if (node.kind === 'project') {
    const inner = nodeOf(node.input, context);
    addSubplans(node, inner, context);
    return { ...inner, output: context.names.outputs(node) };
  }
  if (node.kind === 'filter') {
    const inner = nodeOf(node.input, context);
    inner.properties.push([
      'Filter',
      context.names.condition(node.condition, context.names.outputs(node.input)),
    ]);
    addSubplans(node, inner, context);
    return { ...inner, filtered: node };
  }
  const described = describe(node, context);
  const result: ExplainNode = {
    ...described,
    children: [],
    physical: node,
    filtered: undefined,
    output: context.names.outputs(node),
  };
  addSubplans(node, result, context);
  if (node.kind === 'scan') {
    for (const below of bitmapIndexScan(node, context.names))
      result.children.push({ label: undefined, relationship: 'Outer', node: below });
  }
  const inputs = inputsWithRelationship(node);
  for (const { input, relationship, hashed } of inputs) {
    const child = nodeOf(input, context);
    result.children.push({
      label: undefined,
      relationship,
      node: hashed ? hashNode(child) : child,
    });
  }
  return result;
}

function hashNode(child: ExplainNode): ExplainNode {
  return {
    title: 'Hash',
    nodeType: 'Hash',
    properties: [],
    children: [{ label: undefined, relationship: 'Outer', node: child }],
    physical: child.physical,
    filtered: child.filtered,
    output: child.output,
  };
}

function inputsWithRelationship(
  node: PhysicalNode,
): { readonly input: PhysicalNode; readonly relationship: string; readonly hashed: boolean }[] {
  switch (node.kind) {
    case 'nestedLoop':
    case 'hashJoin':
    case 'setOperation':
      return [
        { input: node.left, relationship: 'Outer', hashed: false },
        { input: node.right, relationship: 'Inner', hashed: node.kind === 'hashJoin' },
      ];
    case 'append':
      return node.inputs.map((input) => ({ input, relationship: 'Member', hashed: false }));
    case 'insert':
    case 'update':
    case 'delete':
    case 'merge':
      return [{ input: node.source, relationship: 'Outer', hashed: false }];
    case 'sequence':
      return node.steps.map((input) => ({ input, relationship: 'Member', hashed: false }));
    case 'projectSet':
    case 'aggregate':
    case 'window':
    case 'sort':
    case 'limit':
    case 'distinct':
    case 'lockRows':
      return [{ input: node.input, relationship: 'Outer', hashed: false }];
    default:
      return [];
  }
}

/** Subplans in a node's own expressions hang below it. */
function addSubplans(node: PhysicalNode, result: ExplainNode, context: Context): void {
  const own = ownExpressions(node);
  for (const expression of own) {
    visitExpression(expression, (inner) => {
      if (inner.kind !== 'subplan' || context.shown.has(inner.subplan)) return;
      context.shown.add(inner.subplan);
      context.names.bind(inner.bindings, context.names.inputs(node));
      const plan = context.plan.subplans[inner.subplan];
      if (plan === undefined) return;
      const initial = inner.bindings.length === 0 && inner.mode === 'scalar';
      result.children.push({
        label: initial
          ? `InitPlan ${inner.subplan + 1} (returns $${inner.subplan})`
          : `SubPlan ${inner.subplan + 1}`,
        relationship: initial ? 'InitPlan' : 'SubPlan',
        node: nodeOf(plan, context),
      });
    });
  }
}

function ownExpressions(node: PhysicalNode): Expression[] {
  const all: Expression[] = [];
  const leaf: PhysicalNode = {
    id: -1,
    types: [],
    estimatedRows: 0,
    startupCost: 0,
    totalCost: 0,
    kind: 'result',
    condition: undefined,
    empty: true,
  };
  const cut: Record<string, unknown> = { ...node };
  for (const field of ['input', 'left', 'right', 'source']) if (field in cut) cut[field] = leaf;
  if (node.kind === 'append') return [];
  mapNode(cut as unknown as PhysicalNode, (expression) => {
    all.push(expression);
    return expression;
  });
  return all;
}

function describe(node: PhysicalNode, { names }: Context): Description {
  const properties: ExplainNode['properties'] = [];
  const done = (nodeType: string, title = nodeType): Description => ({
    title,
    nodeType,
    properties,
  });
  switch (node.kind) {
    case 'scan':
      return describeScan(node, names);
    case 'systemScan':
      if (node.filter !== undefined)
        properties.push(['Filter', names.condition(node.filter, names.outputs(node))]);
      return done('Seq Scan', `Seq Scan on ${withAlias(node.relationName, node.alias)}`);
    case 'functionScan':
      if (node.filter !== undefined)
        properties.push(['Filter', names.condition(node.filter, names.outputs(node))]);
      return done('Function Scan', `Function Scan on ${quoteIdentifier(node.alias)}`);
    case 'values':
      return done('Values Scan', 'Values Scan on "*VALUES*"');
    case 'result':
      if (node.condition !== undefined)
        properties.push(['One-Time Filter', names.condition(node.condition, [])]);
      else if (node.empty) properties.push(['One-Time Filter', 'false']);
      return done('Result');
    case 'projectSet':
      return done('ProjectSet');
    case 'nestedLoop': {
      const left = names.outputs(node.left);
      names.bind(node.bindings, left);
      if (node.condition !== undefined)
        properties.push([
          'Join Filter',
          names.condition(node.condition, [...left, ...names.outputs(node.right)]),
        ]);
      return done('Nested Loop', `Nested Loop${joinSuffix(node.type, true)}`);
    }
    case 'hashJoin': {
      const left = names.outputs(node.left);
      const right = names.outputs(node.right);
      const pairs = node.leftKeys.map(
        (key, at) => `(${names.text(key, left)} = ${names.text(node.rightKeys[at], right)})`,
      );
      properties.push(['Hash Cond', pairs.length === 1 ? pairs[0] : `(${pairs.join(' AND ')})`]);
      if (node.condition !== undefined)
        properties.push(['Join Filter', names.condition(node.condition, [...left, ...right])]);
      return done('Hash Join', `Hash${joinSuffix(node.type, false)}`);
    }
    case 'aggregate': {
      const inputs = names.outputs(node.input);
      if (node.groupKeys.length > 0)
        properties.push(['Group Key', node.groupKeys.map((key) => names.text(key, inputs))]);
      const mixed = node.groupingSets !== undefined;
      return done(
        'Aggregate',
        mixed
          ? 'MixedAggregate'
          : { plain: 'Aggregate', sorted: 'GroupAggregate', hash: 'HashAggregate' }[node.strategy],
      );
    }
    case 'window':
      return done('WindowAgg');
    case 'sort': {
      const inputs = names.outputs(node.input);
      properties.push([
        'Sort Key',
        node.keys.map(
          (key) =>
            names.text(key.expression, inputs) + collationText(key.expression) + directionText(key),
        ),
      ]);
      return done('Sort');
    }
    case 'limit':
      return done('Limit');
    case 'distinct':
      if (node.strategy === 'sorted') return done('Unique');
      properties.push(['Group Key', names.outputs(node.input)]);
      return done('Aggregate', 'HashAggregate');
    case 'append':
      return done('Append');
    case 'setOperation': {
      const operation = `${node.operation[0].toUpperCase()}${node.operation.slice(1)}`;
      return done('SetOp', `HashSetOp ${operation}${node.all ? ' All' : ''}`);
    }
    case 'cteScan': {
      return done('CTE Scan', `CTE Scan on ${quoteIdentifier(node.alias)}`);
    }
    case 'lockRows':
      return done('LockRows');
    case 'sequence':
      return done('Sequence');
    case 'insert':
      if (node.onConflict !== undefined) {
        properties.push([
          'Conflict Resolution',
          node.onConflict.action === 'nothing' ? 'NOTHING' : 'UPDATE',
        ]);
      }
      return done('ModifyTable', `Insert on ${quoteIdentifier(node.table.name)}`);
    case 'update':
      return done('ModifyTable', `Update on ${quoteIdentifier(node.table.name)}`);
    case 'delete':
      return done('ModifyTable', `Delete on ${quoteIdentifier(node.table.name)}`);
    case 'merge':
      return done('ModifyTable', `Merge on ${withAlias(node.table.name, node.alias)}`);
    default:
      return done(node.kind);
  }
}

/** " Left Join", and for hash joins also " Join". */
function joinSuffix(type: string, loop: boolean): string {
  if (type === 'inner') return loop ? '' : ' Join';
  return ` ${type[0].toUpperCase()}${type.slice(1)} Join`;
}

/** Average bytes of a row of these types, as PostgreSQL guesses them without statistics. */
export function rowWidth(types: readonly SqlType[]): number {
  return types.reduce((sum, type) => sum + typeWidth(type), 0);
}

const fixedWidths = new Map<number, number>([
  [TypeOid.bool, 1],
  [TypeOid.int2, 2],
  [TypeOid.int4, 4],
  [TypeOid.int8, 8],
  [TypeOid.float4, 4],
  [TypeOid.float8, 8],
  [TypeOid.date, 4],
  [TypeOid.timestamp, 8],
  [TypeOid.timestamptz, 8],
  [TypeOid.time, 8],
  [TypeOid.uuid, 16],
  [TypeOid.interval, 16],
]);

function typeWidth(type: SqlType): number {
  const fixed = fixedWidths.get(type.oid);
  if (fixed !== undefined) return fixed;
  if (type.typmod > 4 && elementTypeOf(type.oid) === 0 && type.oid !== TypeOid.numeric)
    return Math.min(type.typmod - 4, 32);
  return 32;
}
