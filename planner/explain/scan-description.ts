// How EXPLAIN shows the scan of a table: by what means it is read, and under which conditions.

import type { Expression } from '#common';
import { tableSampleOids } from '#functions';
import { quoteIdentifier } from '../deparse/identifier.ts';
import { conjunctsOf } from '../optimize/expression-tree.ts';
import { sameExpression } from '../optimize/same-expression.ts';
import type { PhysicalScan } from '../physical-plan.ts';
import type { ExplainNode } from './explain-node.ts';
import type { NodeNames } from './node-names.ts';

export type Description = Pick<ExplainNode, 'title' | 'nodeType' | 'properties'>;

export function withAlias(name: string, alias: string): string {
  return alias === name
    ? quoteIdentifier(name)
    : `${quoteIdentifier(name)} ${quoteIdentifier(alias)}`;
}

export function describeScan(node: PhysicalScan, names: NodeNames): Description {
  const properties: ExplainNode['properties'] = [];
  const on = withAlias(node.table.name, node.alias);
  let title = `Seq Scan on ${on}`;
  let nodeType = 'Seq Scan';
  if (node.access.kind === 'inverted') return describeInverted(node, names);
  if (node.access.kind === 'current') {
    nodeType = 'Tid Scan';
    title = `Tid Scan on ${on}`;
    properties.push(['TID Cond', `CURRENT OF ${cursorName(node.access.cursor, names)}`]);
  } else if (isInRowOrder(node)) {
    nodeType = 'Bitmap Heap Scan';
    title = `Bitmap Heap Scan on ${on}`;
    const condition = indexCondition(node, names);
    if (condition !== '') properties.push(['Recheck Cond', condition]);
  } else if (node.access.kind !== 'full') {
    nodeType = 'Index Scan';
    title = `Index Scan${node.backward ? ' Backward' : ''} using ${quoteIdentifier(indexName(node))} on ${on}`;
    const condition = indexCondition(node, names);
    if (condition !== '') properties.push(['Index Cond', condition]);
  }
  const { system } = node.temporal;
  if (system.kind === 'asOf')
    properties.push(['System Time', `AS OF ${names.text(system.at, [])}`]);
  if (system.kind === 'all') properties.push(['System Time', 'ALL']);
  if (system.kind === 'range') {
    const from = names.text(system.from, []);
    const to = names.text(system.to, []);
    properties.push([
      'System Time',
      system.inclusive ? `BETWEEN ${from} AND ${to}` : `FROM ${from} TO ${to}`,
    ]);
  }
  const conjuncts = conjunctsOf(node.filter);
  const sample = conjuncts.find(isSample);
  if (sample !== undefined && node.access.kind === 'full') {
    nodeType = 'Sample Scan';
    title = `Sample Scan on ${on}`;
    properties.push(['Sampling', samplingText(sample, names)]);
    const rest = conjuncts.filter((conjunct) => conjunct !== sample);
    if (rest.length > 0)
      properties.push(['Filter', joinedConditions(rest, names, names.outputs(node))]);
  } else if (node.filter !== undefined)
    properties.push(['Filter', names.condition(node.filter, names.outputs(node))]);
  return { title, nodeType, properties };
}

function cursorName(cursor: Expression, names: NodeNames): string {
  return cursor.kind === 'constant'
    ? quoteIdentifier(cursor.value as string)
    : names.text(cursor, []);
}

type Call = Extract<Expression, { kind: 'call' }>;

/** TABLESAMPLE is a condition on the row's place. */
function isSample(condition: Expression): condition is Call {
  return (
    condition.kind === 'call' &&
    (condition.functionOid === tableSampleOids.repeatable ||
      condition.functionOid === tableSampleOids.once)
  );
}

function samplingText(sample: Call, names: NodeNames): string {
  const [, method, percent, seed] = sample.arguments;
  const name = method.kind === 'constant' ? (method.value as string) : '';
  const text = `${name} (${names.text(percent, [])})`;
  if (sample.functionOid !== tableSampleOids.repeatable) return text;
  return `${text} REPEATABLE (${names.text(seed, [])})`;
}

function isInRowOrder({ access }: PhysicalScan): boolean {
  return access.kind === 'index' && access.inRowOrder === true;
}

/** The rows of an inverted index are looked up, and the conditions evaluated on each. */
function describeInverted(node: PhysicalScan, names: NodeNames): Description {
  const { access } = node;
  if (access.kind !== 'inverted') return { title: '', nodeType: '', properties: [] };
  const outputs = names.outputs(node);
  const conditions = access.conditions.map(({ condition }) => condition);
  const properties: ExplainNode['properties'] = [
    ['Recheck Cond', joinedConditions(conditions, names, outputs)],
  ];
  const rest = conjunctsOf(node.filter).filter(
    (conjunct) => !conditions.some((condition) => sameExpression(condition, conjunct)),
  );
  if (rest.length > 0) properties.push(['Filter', joinedConditions(rest, names, outputs)]);
  const on = withAlias(node.table.name, node.alias);
  return { title: `Bitmap Heap Scan on ${on}`, nodeType: 'Bitmap Heap Scan', properties };
}

function joinedConditions(
  conditions: readonly Expression[],
  names: NodeNames,
  outputs: readonly string[],
): string {
  const texts = conditions.map((condition) => names.condition(condition, outputs));
  return texts.length === 1 ? texts[0] : `(${texts.join(' AND ')})`;
}

/** What an index is asked whose rows are read afterwards, as the node below the one that reads them. */
export function bitmapIndexScan(node: PhysicalScan, names: NodeNames): ExplainNode[] {
  const { access } = node;
  if (access.kind !== 'inverted' && !isInRowOrder(node)) return [];
  const condition =
    access.kind === 'inverted'
      ? joinedConditions(
          access.conditions.map((each) => each.condition),
          names,
          names.outputs(node),
        )
      : indexCondition(node, names);
  return [
    {
      title: `Bitmap Index Scan on ${quoteIdentifier(indexName(node))}`,
      nodeType: 'Bitmap Index Scan',
      properties: condition === '' ? [] : [['Index Cond', condition]],
      children: [],
      physical: node,
      filtered: undefined,
      output: [],
    },
  ];
}

function indexName(node: PhysicalScan): string {
  const { access, table } = node;
  const index =
    access.kind === 'index' || access.kind === 'inverted'
      ? table.indexes.find((candidate) => candidate.oid === access.indexOid)
      : table.indexes.find((candidate) => candidate.primary || candidate.clustered);
  return index?.name ?? `${table.name}_pkey`;
}

function indexCondition(node: PhysicalScan, names: NodeNames): string {
  const { access, table } = node;
  if (access.kind !== 'key' && access.kind !== 'index') return '';
  const index =
    access.kind === 'index'
      ? table.indexes.find((candidate) => candidate.oid === access.indexOid)
      : undefined;
  const columnName = (position: number) => {
    const key = index?.columns[position];
    if (key?.expression !== undefined) return key.expression.sql;
    const attribute = key?.attributeNumber ?? table.keyColumns[position];
    const column = table.columns.find((each) => each.attributeNumber === attribute);
    return quoteIdentifier(column?.name ?? `column${position + 1}`);
  };
  const { equal, anyOf, lower, upper } = access.range;
  const parts = equal.map((value, at) => `(${columnName(at)} = ${names.text(value, [])})`);
  if (anyOf !== undefined)
    parts.push(`(${columnName(equal.length)} = ANY (${names.text(anyOf, [])}))`);
  const next = equal.length + (anyOf === undefined ? 0 : 1);
  if (lower !== undefined)
    parts.push(
      `(${columnName(next)} ${lower.inclusive ? '>=' : '>'} ${names.text(lower.value, [])})`,
    );
  if (upper !== undefined)
    parts.push(
      `(${columnName(next)} ${upper.inclusive ? '<=' : '<'} ${names.text(upper.value, [])})`,
    );
  return parts.length > 1 ? `(${parts.join(' AND ')})` : (parts[0] ?? '');
}
