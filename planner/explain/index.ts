// EXPLAIN: a physical plan as PostgreSQL shows it, in text, JSON or YAML, with measurements when it ran.

import type { PhysicalPlan, Replanning } from '../physical-plan.ts';
import type { ExplainNode } from './explain-node.ts';
import { explainTree, rowWidth } from './explain-tree.ts';
import { NodeNames } from './node-names.ts';

/** What EXPLAIN ANALYZE measured for one physical node. */
export interface NodeMeasurement {
  readonly loops: number;
  /** Over all loops. */
  readonly rows: number;
  readonly milliseconds: number;
  readonly startupMilliseconds: number;
  /** Rows that a filter of the node removed, over all loops. */
  readonly rowsRemoved?: number;
  /** Written to temporary files, over all loops. */
  readonly spilledBytes?: number;
  /** Further lines: compiled pipelines, blocks read. */
  readonly notes?: ReadonlyMap<string, string>;
}

export interface ExplainOptions {
  readonly format?: 'text' | 'json' | 'yaml' | 'xml';
  readonly costs?: boolean;
  readonly verbose?: boolean;
  /** Show "(actual time=…)"; default true when there are measurements. */
  readonly timing?: boolean;
  readonly summary?: boolean;
  readonly measurements?: ReadonlyMap<number, NodeMeasurement>;
  readonly planningMilliseconds?: number;
  /** With `verbose`, where identifiers are computed. */
  readonly queryId?: bigint;
  readonly executionMilliseconds?: number;
}

/** The lines of the QUERY PLAN column: one a row for text, one row with all of it for other formats. */
export function explainPlan(plan: PhysicalPlan, options: ExplainOptions = {}): string[] {
  const tree = explainTree(plan, new NodeNames(plan));
  const { replannings } = plan;
  switch (options.format ?? 'text') {
    case 'json':
      return [jsonText([planObject(tree, options, replannings)])];
    case 'yaml':
      return [yamlOf([planObject(tree, options, replannings)], 0).trimEnd()];
    case 'xml':
      return [
        `<explain xmlns="http://www.postgresql.org/2009/explain">\n${xmlOf({ Query: planObject(tree, options, replannings) }, 1)}</explain>`,
      ];
    default:
      return textLines(tree, options, replannings);
  }
}

/** A number of any size is written with all its digits. */
function jsonText(value: Value): string {
  const marked = JSON.stringify(
    value,
    (_name, part: Value) => (typeof part === 'bigint' ? `${bigintMark}${part}` : part),
    2,
  );
  return marked.replaceAll(new RegExp(`"${bigintMark}(-?\\d+)"`, 'g'), '$1');
}

/** No text of a plan holds it. */
const bigintMark = '\uffff';

function textLines(
  tree: ExplainNode,
  options: ExplainOptions,
  replannings: readonly Replanning[] = [],
): string[] {
  const lines: string[] = [];
  addText(tree, { prefix: '', indent: '', options, lines });
  replannings.forEach((each, at) => lines.push(`Re-planned: ${at + 1} ${replanningText(each)}`));
  if (options.queryId !== undefined) lines.push(`Query Identifier: ${options.queryId}`);
  if (options.planningMilliseconds !== undefined)
    lines.push(`Planning Time: ${options.planningMilliseconds.toFixed(3)} ms`);
  if (options.executionMilliseconds !== undefined)
    lines.push(`Execution Time: ${options.executionMilliseconds.toFixed(3)} ms`);
  return lines;
}

function replanningText({ after, estimatedRows, actualRows }: Replanning): string {
  const shown = (rows: number) => rows.toLocaleString('en-US');
  return `after ${after} (estimate ${shown(estimatedRows)}, actual ${shown(actualRows)})`;
}

function addText(
  node: ExplainNode,
  place: {
    readonly prefix: string;
    readonly indent: string;
    readonly options: ExplainOptions;
    readonly lines: string[];
  },
): void {
  const { prefix, indent, options, lines } = place;
  lines.push(`${prefix}${node.title}${costText(node, options)}${actualText(node, options)}`);
  const inside = `${indent}  `;
  if (options.verbose === true && node.output.length > 0)
    lines.push(`${inside}Output: ${node.output.join(', ')}`);
  for (const [name, value] of node.properties) {
    lines.push(`${inside}${name}: ${typeof value === 'string' ? value : value.join(', ')}`);
    const removed = name === 'Filter' ? removedRows(node, options) : 0;
    if (removed > 0) lines.push(`${inside}Rows Removed by Filter: ${removed}`);
  }
  for (const [name, text] of notesOf(node, options)) lines.push(`${inside}${name}: ${text}`);
  for (const child of node.children) {
    let childIndent = inside;
    if (child.label !== undefined) {
      lines.push(`${inside}${child.label}`);
      childIndent = `${inside}  `;
    }
    addText(child.node, {
      prefix: `${childIndent}->  `,
      indent: `${childIndent}    `,
      options,
      lines,
    });
  }
}

function costText(node: ExplainNode, options: ExplainOptions): string {
  if (options.costs === false) return '';
  const { startupCost, totalCost, estimatedRows, types } = node.filtered ?? node.physical;
  return `  (cost=${startupCost.toFixed(2)}..${totalCost.toFixed(2)} rows=${estimatedRows} width=${rowWidth(types)})`;
}

function actualText(node: ExplainNode, options: ExplainOptions): string {
  if (options.measurements === undefined) return '';
  const measured = options.measurements.get((node.filtered ?? node.physical).id);
  if (measured === undefined || measured.loops === 0) return ' (never executed)';
  const { loops } = measured;
  const time =
    options.timing === false
      ? ''
      : `time=${(measured.startupMilliseconds / loops).toFixed(3)}..${(measured.milliseconds / loops).toFixed(3)} `;
  return ` (actual ${time}rows=${Math.round(measured.rows / loops)} loops=${loops})`;
}

function notesOf(node: ExplainNode, options: ExplainOptions): Iterable<readonly [string, string]> {
  const shown = options.measurements?.get((node.filtered ?? node.physical).id)?.notes;
  const inner = options.measurements?.get(node.physical.id)?.notes;
  if (node.nodeType === 'Hash') return [];
  const spilled = options.measurements?.get(node.physical.id)?.spilledBytes ?? 0;
  const disk: readonly (readonly [string, string])[] =
    spilled === 0 ? [] : [['Disk', `${Math.ceil(spilled / 1024)}kB`]];
  return new Map([...disk, ...(shown ?? []), ...(inner ?? [])]);
}

function removedRows(node: ExplainNode, options: ExplainOptions): number {
  const inner = options.measurements?.get(node.physical.id);
  if (inner === undefined || inner.loops === 0) return 0;
  const outer =
    node.filtered === undefined ? undefined : options.measurements?.get(node.filtered.id);
  const removed = outer === undefined ? (inner.rowsRemoved ?? 0) : inner.rows - outer.rows;
  return Math.round(removed / inner.loops);
}

type Value =
  | string
  | number
  | bigint
  | boolean
  | readonly Value[]
  | { readonly [name: string]: Value };

function planObject(
  tree: ExplainNode,
  options: ExplainOptions,
  replannings: readonly Replanning[] = [],
): { readonly [name: string]: Value } {
  return {
    Plan: nodeObject(tree, undefined, options),
    ...(replannings.length === 0 ? {} : { 'Re-planned': replannings.map(replanningText) }),
    ...(options.queryId === undefined ? {} : { 'Query Identifier': options.queryId }),
    ...(options.planningMilliseconds === undefined
      ? {}
      : { 'Planning Time': rounded(options.planningMilliseconds) }),
    ...(options.executionMilliseconds === undefined
      ? {}
      : { 'Execution Time': rounded(options.executionMilliseconds) }),
  };
}

function nodeObject(
  node: ExplainNode,
  relationship: string | undefined,
  options: ExplainOptions,
): { readonly [name: string]: Value } {
  const { physical } = node;
  const shown = node.filtered ?? physical;
  const measured = options.measurements?.get(shown.id);
  const object: Record<string, Value> = { 'Node Type': node.nodeType };
  if (relationship !== undefined) object['Parent Relationship'] = relationship;
  if (
    'type' in physical &&
    (physical.kind === 'hashJoin' || physical.kind === 'nestedLoop') &&
    node.nodeType !== 'Hash'
  ) {
    object['Join Type'] = physical.type[0].toUpperCase() + physical.type.slice(1);
  }
  if (physical.kind === 'scan') {
    object['Relation Name'] = physical.table.name;
    object['Alias'] = physical.alias;
    const index = / using (.+) on /.exec(node.title)?.[1];
    if (index !== undefined) object['Index Name'] = index;
  }
  if (options.costs !== false) {
    object['Startup Cost'] = rounded(shown.startupCost, 2);
    object['Total Cost'] = rounded(shown.totalCost, 2);
    object['Plan Rows'] = shown.estimatedRows;
    object['Plan Width'] = rowWidth(shown.types);
  }
  if (options.measurements !== undefined) {
    const loops = Math.max(1, measured?.loops ?? 0);
    if (options.timing !== false) {
      object['Actual Startup Time'] = rounded((measured?.startupMilliseconds ?? 0) / loops);
      object['Actual Total Time'] = rounded((measured?.milliseconds ?? 0) / loops);
    }
    object['Actual Rows'] = Math.round((measured?.rows ?? 0) / loops);
    object['Actual Loops'] = measured?.loops ?? 0;
  }
  if (options.verbose === true && node.output.length > 0) object['Output'] = node.output;
  for (const [name, value] of node.properties) object[name] = value;
  const removed = removedRows(node, options);
  if (removed > 0) object['Rows Removed by Filter'] = removed;
  if (node.children.length > 0) {
    object['Plans'] = node.children.map((child) => {
      const inner = nodeObject(child.node, child.relationship, options);
      return child.label === undefined ? inner : { 'Subplan Name': child.label, ...inner };
    });
  }
  return object;
}

function rounded(value: number, digits = 3): number {
  return Number(value.toFixed(digits));
}

function yamlOf(value: Value, depth: number): string {
  const indent = '  '.repeat(depth);
  if (isList(value)) {
    return value.map((item) => `${indent}- ${yamlOf(item, depth + 1).trimStart()}`).join('');
  }
  if (typeof value !== 'object')
    return `${typeof value === 'string' ? JSON.stringify(value) : value}\n`;
  return Object.entries(value)
    .map(([name, inner]) => {
      if (typeof inner !== 'object') return `${indent}${name}: ${yamlOf(inner, depth)}`;
      return `${indent}${name}: \n${yamlOf(inner, depth + 1)}`;
    })
    .join('');
}

function xmlOf(value: { readonly [name: string]: Value }, depth: number): string {
  const indent = '  '.repeat(depth);
  return Object.entries(value)
    .map(([name, inner]) => {
      const tag = name.replaceAll(' ', '-');
      if (isList(inner)) {
        const items = inner.map((item) =>
          typeof item === 'object' && !isList(item)
            ? `${indent}  <Plan>\n${xmlOf(item, depth + 2)}${indent}  </Plan>\n`
            : `${indent}  <Item>${escapeXml(String(item as string | number | boolean))}</Item>\n`,
        );
        return `${indent}<${tag}>\n${items.join('')}${indent}</${tag}>\n`;
      }
      if (typeof inner === 'object')
        return `${indent}<${tag}>\n${xmlOf(inner, depth + 1)}${indent}</${tag}>\n`;
      return `${indent}<${tag}>${escapeXml(String(inner))}</${tag}>\n`;
    })
    .join('');
}

function isList(value: Value): value is readonly Value[] {
  return Array.isArray(value);
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
