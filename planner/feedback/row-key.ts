// The name of a join, or of a grouping, in what executions have taught: its tables with the conditions on each, and the
// conditions between them, in an order of their own. However the join is put together and whatever its columns are
// called, it has the same name; columns that are all equal count as one class, so it does not matter which
// of the equalities between them stand in the statement.

import type { ColumnId, Datum, Expression, TableDescriptor } from '#common';
import type { LogicalPlan } from '../logical-plan.ts';
import { defaultEquality } from '../optimize/equivalence.ts';
import { conjunctsOf } from '../optimize/expression-tree.ts';
import { textOf } from '../optimize/sharing/fingerprint.ts';
import { valueName } from './predicate-key.ts';

/** Longer names are not remembered. */
const nameLengthMax = 4000;

/** One side of a join; `dependence` for the right side of one that is no inner one. */
export interface JoinPart {
  readonly plan: LogicalPlan;
  readonly dependence?:
    | { readonly type: string; readonly conjuncts: readonly Expression[] }
    | undefined;
}

export interface RowKey {
  readonly name: string;
  /** Names of the sides, by which parts of a larger join are recognised. */
  readonly sides: readonly string[];
  readonly tables: readonly TableDescriptor[];
}

interface Side {
  readonly table: TableDescriptor;
  readonly text: string;
  readonly names: ReadonlyMap<ColumnId, string>;
  readonly part: JoinPart;
}

/** undefined: the condition says another thing each time, or a side is more than a table with conditions. */
export function joinKey(
  parts: readonly JoinPart[],
  conjuncts: readonly Expression[],
  parameters: readonly Datum[] | undefined,
): RowKey | undefined {
  const found = describe(parts, conjuncts, parameters);
  if (found === undefined) return undefined;
  const { sides, text } = found;
  const name = `${sides.map((side) => side.text).join('|')}${text}`;
  if (name.length > nameLengthMax) return undefined;
  return { name, sides: sides.map((side) => side.text), tables: sides.map(({ table }) => table) };
}

/** Rows of a table with its conditions, as a side of a join. */
export function sideName(
  part: JoinPart,
  parameters: readonly Datum[] | undefined,
): string | undefined {
  return describeSide(part, parameters)?.text;
}

/** Groups by the keys over such rows. */
export function groupingKey(
  plan: Extract<LogicalPlan, { kind: 'aggregate' }>,
  parameters: readonly Datum[] | undefined,
): RowKey | undefined {
  if (plan.groupingSets !== undefined || plan.groupKeys.length === 0) return undefined;
  const renamed = plan.input.kind === 'project' ? plan.input : undefined;
  const joined = partsOf(renamed?.input ?? plan.input);
  const found = joined && describe(joined.parts, joined.conjuncts, parameters);
  if (found === undefined) return undefined;
  const { sides, text, names } = found;
  const own = new Map(names);
  const write = literalsWith(parameters);
  for (const [at, expression] of (renamed?.expressions ?? []).entries()) {
    const made = textOf(expression, names, write);
    if (made === undefined) return undefined;
    own.set(renamed!.outputs[at].id, made);
  }
  const keys: string[] = [];
  for (const key of plan.groupKeys) {
    const made = textOf(key, own, write);
    if (made === undefined) return undefined;
    keys.push(made);
  }
  const tables = sides.map(({ table }) => table);
  const name = `group ${keys.toSorted().join()} ${sides.map((side) => side.text).join('|')}${text}`;
  return name.length > nameLengthMax ? undefined : { name, sides: [], tables };
}

/** A tree of joins as its sides and the conditions between them. */
export function partsOf(
  plan: LogicalPlan,
): { readonly parts: readonly JoinPart[]; readonly conjuncts: readonly Expression[] } | undefined {
  const parts: JoinPart[] = [];
  const conjuncts: Expression[] = [];
  let isKnown = true;
  const enter = (node: LogicalPlan): void => {
    if (node.kind === 'filter' && node.input.kind === 'join') {
      enter(node.input);
      conjuncts.push(...conjunctsOf(node.condition));
    } else if (node.kind !== 'join') parts.push({ plan: node });
    else if (node.lateral || node.type === 'right' || node.type === 'full') isKnown = false;
    else if (node.type === 'inner' || node.type === 'cross') {
      enter(node.left);
      enter(node.right);
      conjuncts.push(...conjunctsOf(node.condition));
    } else {
      enter(node.left);
      const dependence = { type: node.type, conjuncts: conjunctsOf(node.condition) };
      parts.push({ plan: node.right, dependence });
    }
  };
  enter(plan);
  return isKnown ? { parts, conjuncts } : undefined;
}

function describe(
  parts: readonly JoinPart[],
  conjuncts: readonly Expression[],
  parameters: readonly Datum[] | undefined,
):
  | {
      readonly sides: readonly Side[];
      readonly text: string;
      readonly names: ReadonlyMap<ColumnId, string>;
    }
  | undefined {
  const unsorted: Side[] = [];
  for (const part of parts) {
    const side = describeSide(part, parameters);
    if (side === undefined) return undefined;
    unsorted.push(side);
  }
  const sides = unsorted.toSorted((left, right) => (left.text < right.text ? -1 : 1));
  // Two sides that are the same could be taken for each other.
  if (new Set(sides.map(({ text }) => text)).size < sides.length) return undefined;
  const names = new Map<ColumnId, string>();
  for (const [at, side] of sides.entries())
    for (const [column, name] of side.names) names.set(column, `${at}.${name}`);
  const texts = conditionTexts(conjuncts, names, parameters);
  for (const [at, { part }] of sides.entries()) {
    if (part.dependence === undefined) continue;
    const own = conditionTexts(part.dependence.conjuncts, names, parameters);
    if (own === undefined) return undefined;
    texts?.push(`${at}:${own.toSorted().join('&')}`);
  }
  return texts && { sides, text: `[${texts.toSorted().join('&')}]`, names };
}

/** A table, perhaps with conditions, as it is now. */
function describeSide(part: JoinPart, parameters: readonly Datum[] | undefined): Side | undefined {
  const { plan, dependence } = part;
  const scan = plan.kind === 'filter' ? plan.input : plan;
  if (scan.kind !== 'scan' || scan.currentOf !== undefined) return undefined;
  const { system, valid } = scan.temporal;
  if (system.kind !== 'current' || valid.kind !== 'all') return undefined;
  const names = new Map<ColumnId, string>();
  for (const [at, source] of scan.sources.entries())
    if (source.kind === 'attribute') names.set(scan.outputs[at].id, `a${source.attributeNumber}`);
  const conjuncts = plan.kind === 'filter' ? conjunctsOf(plan.condition) : [];
  const texts = conditionTexts(conjuncts, names, parameters);
  if (texts === undefined) return undefined;
  const text = `${dependence?.type ?? ''} ${scan.table.oid}(${texts.toSorted().join('&')})`;
  return { table: scan.table, text, names, part };
}

/** One text for each class of equal columns, and one for each other condition. */
function conditionTexts(
  conjuncts: readonly Expression[],
  names: ReadonlyMap<ColumnId, string>,
  parameters: readonly Datum[] | undefined,
): string[] | undefined {
  let classes: ReadonlySet<string>[] = [];
  const texts: string[] = [];
  for (const conjunct of conjuncts) {
    const equality = defaultEquality(conjunct);
    const { left, right } = equality ?? {};
    if (left?.kind === 'column' && right?.kind === 'column') {
      const one = names.get(left.column);
      const other = names.get(right.column);
      if (one === undefined || other === undefined) return undefined;
      const touched = classes.filter((each) => each.has(one) || each.has(other));
      classes = classes.filter((each) => !touched.includes(each));
      classes.push(new Set([one, other, ...touched.flatMap((each) => [...each])]));
      continue;
    }
    const text = textOf(conjunct, names, literalsWith(parameters));
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return [...texts, ...classes.map((each) => [...each].toSorted().join('='))];
}

function literalsWith(
  parameters: readonly Datum[] | undefined,
): (literal: Extract<Expression, { kind: 'constant' | 'parameter' }>) => string {
  return (literal) => {
    if (literal.kind === 'constant') return valueName(literal.value);
    const value = parameters?.[literal.index];
    return value === undefined ? `$${literal.index}` : valueName(value);
  };
}
