// Partition pruning: a scan of a partition under a condition that none of its rows can satisfy is left
// out. Conditions compare a key with a constant; list and range bounds are understood, hash partitions
// are pruned when all keys are fixed by whoever routes (they are left in here).

import {
  defaultFormatSettings,
  type Datum,
  type Expression,
  orderType,
  type PartitionBound,
  type PartitionKey,
  type TableDescriptor,
  typeInput,
} from '#common';
import { functionRegistry, type TypeOrdering } from '#functions';
import type { Catalog } from '../../catalog.ts';
import type { LogicalPlan, ScanNode } from '../../logical-plan.ts';
import { conjunctsOf } from '../expression-tree.ts';
import { withoutRelabel } from '../expression-facts.ts';
import type { Pass } from '../pass.ts';
import { mapExpressions, mapInputs, rewriteSubqueries } from '../plan-tree.ts';

export const prunePartitionsPass: Pass = {
  name: 'prune partitions',
  rewrite: (plan, { catalog }) => prune(plan, catalog),
};

function prune(plan: LogicalPlan, catalog: Catalog): LogicalPlan {
  const node = mapInputs(
    mapExpressions(plan, (expression) =>
      rewriteSubqueries(expression, (query) => prune(query, catalog)),
    ),
    (input) => prune(input, catalog),
  );
  if (node.kind === 'filter' && node.input.kind === 'scan') {
    return isExcluded(node.input, conjunctsOf(node.condition), catalog)
      ? { kind: 'empty', outputs: node.outputs }
      : node;
  }
  if (node.kind === 'filter' && node.input.kind === 'empty') {
    return { kind: 'empty', outputs: node.outputs };
  }
  if (node.kind === 'project' && node.input.kind === 'empty') {
    return { kind: 'empty', outputs: node.outputs };
  }
  if (node.kind !== 'setOperation' || node.operation !== 'union' || !node.all) return node;
  const inputs = node.inputs.filter((input) => input.kind !== 'empty');
  if (inputs.length === 0) return { kind: 'empty', outputs: node.outputs };
  if (inputs.length > 1) {
    return inputs.length === node.inputs.length ? node : { ...node, inputs };
  }
  const [input] = inputs;
  const expressions = input.outputs.map(({ id, type }): Expression => ({
    kind: 'column',
    column: id,
    type,
  }));
  return { kind: 'project', input, expressions, outputs: node.outputs };
}

/** column operator constant */
interface Comparison {
  readonly name: string;
  readonly operator: '<' | '<=' | '=' | '>=' | '>';
  /** One of these, for IN lists; a single value otherwise. */
  readonly values: readonly Datum[];
}

function isExcluded(scan: ScanNode, conjuncts: readonly Expression[], catalog: Catalog): boolean {
  let { table } = scan;
  if (table.partitionBound === undefined) return false;
  const comparisons = conjuncts.flatMap((conjunct) => comparisonOf(conjunct, scan) ?? []);
  if (comparisons.length === 0) return false;
  while (table.partitionBound !== undefined) {
    const parent = catalog.tableByOid(table.parents?.[0] ?? 0);
    if (parent?.partitioning === undefined) return false;
    if (boundExcludes(parent, table.partitionBound, comparisons, catalog)) return true;
    table = parent;
  }
  return false;
}

const mirrored = { '<': '>', '<=': '>=', '=': '=', '>=': '<=', '>': '<' } as const;

function comparisonOf(conjunct: Expression, scan: ScanNode): Comparison | undefined {
  if (conjunct.kind === 'arrayComparison' && conjunct.quantifier === 'any') {
    const name = columnName(conjunct.left, scan);
    const operator = functionRegistry.operatorByOid(conjunct.operatorOid)?.name;
    const { array } = conjunct;
    if (name === undefined || operator !== '=' || array.kind !== 'array') return undefined;
    const values = array.elements.map(constantOf);
    if (values.some((value) => value === undefined)) return undefined;
    return { name, operator, values: values as Datum[] };
  }
  if (conjunct.kind !== 'call' || conjunct.arguments.length !== 2) return undefined;
  const operator = functionRegistry.operatorByOid(conjunct.operatorOid ?? 0);
  const symbol = operator?.name;
  if (operator === undefined || symbol === undefined || !(symbol in mirrored)) return undefined;
  // The order of the column's type is the one that bounds are in.
  if (operator.left !== operator.right) return undefined;
  const [left, right] = conjunct.arguments;
  const named = columnName(left, scan);
  const value = constantOf(named === undefined ? left : right);
  const name = named ?? columnName(right, scan);
  if (name === undefined || value === undefined || value === null) return undefined;
  const plain = symbol as keyof typeof mirrored;
  return { name, operator: named === undefined ? mirrored[plain] : plain, values: [value] };
}

function constantOf(expression: Expression): Datum | undefined {
  const inner = withoutRelabel(expression);
  return inner.kind === 'constant' ? inner.value : undefined;
}

function columnName(expression: Expression, scan: ScanNode): string | undefined {
  const inner = withoutRelabel(expression);
  if (inner.kind !== 'column') return undefined;
  const at = scan.outputs.findIndex(({ id }) => id === inner.column);
  const source = scan.sources[at];
  return source?.kind === 'attribute'
    ? scan.table.columns[source.attributeNumber - 1]?.name
    : undefined;
}

function boundExcludes(
  parent: TableDescriptor,
  bound: PartitionBound,
  comparisons: readonly Comparison[],
  catalog: Catalog,
): boolean {
  const [key] = parent.partitioning!.keys;
  if (key.attributeNumber === 0) return false;
  const { name } = parent.columns[key.attributeNumber - 1];
  const ordered = orderType(key.type);
  const ordering = functionRegistry.ordering(ordered);
  if (ordering === undefined) return false;
  const read = (text: string): Datum =>
    typeInput(key.type.oid)(text, key.type.typmod, defaultFormatSettings);
  return comparisons.some((comparison) => {
    if (comparison.name !== name) return false;
    // Conditions that the scan understands go by bytes; only equal ones are equal for any order.
    if (ordered !== key.type.oid && comparison.operator !== '=') return false;
    switch (bound.kind) {
      case 'list': {
        const held = bound.values.filter((text) => text !== null).map(read);
        return !held.some((value) => satisfies(value, comparison, ordering));
      }
      case 'range':
        return rangeExcludes(bound, comparison, ordering, read, parent.partitioning!.keys);
      case 'default':
        return defaultExcludes(parent, comparison, ordering, read, catalog);
      case 'hash':
        return false;
    }
  });
}

function satisfies(
  value: Datum,
  { operator, values }: Comparison,
  ordering: TypeOrdering,
): boolean {
  return values.some((wanted) => {
    if (wanted === null) return false;
    const order = ordering.compare(value, wanted);
    switch (operator) {
      case '<':
        return order < 0;
      case '<=':
        return order <= 0;
      case '=':
        return order === 0;
      case '>=':
        return order >= 0;
      case '>':
        return order > 0;
    }
  });
}

/** By the first key alone: an upper end of several keys includes its own first value. */
function rangeExcludes(
  bound: Extract<PartitionBound, { kind: 'range' }>,
  { operator, values }: Comparison,
  ordering: TypeOrdering,
  read: (text: string) => Datum,
  keys: readonly PartitionKey[],
): boolean {
  const [lower] = bound.lower;
  const [upper] = bound.upper;
  const least = typeof lower === 'string' ? undefined : read(lower.value);
  const most = typeof upper === 'string' ? undefined : read(upper.value);
  const upperIncluded = keys.length > 1;
  return values.every((value) => {
    if (value === null) return true;
    const belowLeast = least === undefined ? 1 : ordering.compare(value, least);
    const aboveMost = most === undefined ? -1 : ordering.compare(value, most);
    const isPast = upperIncluded ? aboveMost > 0 : aboveMost >= 0;
    switch (operator) {
      case '=':
        return belowLeast < 0 || isPast;
      case '<':
        return belowLeast <= 0 && least !== undefined;
      case '<=':
        return belowLeast < 0;
      case '>':
      case '>=':
        return isPast;
    }
  });
}

/** The default partition has no row with a value that another partition takes. */
function defaultExcludes(
  parent: TableDescriptor,
  { operator, values }: Comparison,
  ordering: TypeOrdering,
  read: (text: string) => Datum,
  catalog: Catalog,
): boolean {
  const { keys, strategy } = parent.partitioning!;
  if (operator !== '=' || keys.length > 1) return false;
  const bounds = (parent.children ?? []).flatMap(
    (oid) => catalog.tableByOid(oid)?.partitionBound ?? [],
  );
  return values.every(
    (value) =>
      value === null ||
      bounds.some((bound) => {
        if (bound.kind === 'list' && strategy === 'list') {
          return bound.values.some(
            (text) => text !== null && ordering.compare(read(text), value) === 0,
          );
        }
        return (
          bound.kind === 'range' &&
          !rangeExcludes(bound, { name: '', operator, values: [value] }, ordering, read, keys)
        );
      }),
  );
}
