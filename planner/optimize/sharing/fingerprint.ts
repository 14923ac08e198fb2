// What a part of a plan computes, as a text: two parts with the same text give the same rows, whatever
// their columns are called and however many of them each makes. Columns have names that say where they come
// from (an attribute of a table, or the expression that makes it), so that equal columns of two parts find
// each other. Parts that depend on an enclosing query, that are volatile, or whose rows depend on more than
// what is written here have no fingerprint.

import { type ColumnId, type Expression, Jsonb } from '#common';
import type { AggregateNode, JoinNode, LogicalPlan, ScanNode } from '../../logical-plan.ts';
import { hasSubquery, isVolatile } from '../expression-facts.ts';
import { conjunctsOf } from '../expression-tree.ts';

export interface Fingerprint {
  readonly text: string;
  /** Of the part's columns. */
  readonly names: ReadonlyMap<ColumnId, string>;
}

/** Fingerprints of the nodes of a plan, each computed once. */
export class Fingerprints {
  private readonly known = new Map<LogicalPlan, Fingerprint | undefined>();

  of(plan: LogicalPlan): Fingerprint | undefined {
    if (this.known.has(plan)) return this.known.get(plan);
    const made = this.describe(plan);
    this.known.set(plan, made);
    return made;
  }

  private describe(plan: LogicalPlan): Fingerprint | undefined {
    switch (plan.kind) {
      case 'scan':
        return describeScan(plan);
      case 'filter': {
        const input = this.of(plan.input);
        const condition = input && conditionText(plan.condition, input.names);
        if (input === undefined || condition === undefined) return undefined;
        const kind = plan.barrier ? 'barrier' : 'filter';
        return { text: `${kind} ${condition} (${input.text})`, names: input.names };
      }
      case 'project': {
        const input = this.of(plan.input);
        const names = input && new Map<ColumnId, string>();
        if (input === undefined || names === undefined) return undefined;
        for (const [at, expression] of plan.expressions.entries()) {
          const name = columnName(expression, input.names);
          if (name === undefined) return undefined;
          names.set(plan.outputs[at].id, name);
        }
        return { text: `project (${input.text})`, names };
      }
      case 'join':
        return this.describeJoin(plan);
      case 'aggregate':
        return this.describeAggregate(plan);
      case 'distinct':
      case 'setOperation':
        return this.describeWhole(plan);
      default:
        return undefined;
    }
  }

  private describeJoin(plan: JoinNode): Fingerprint | undefined {
    const left = plan.lateral ? undefined : this.of(plan.left);
    const right = left && this.of(plan.right);
    if (left === undefined || right === undefined) return undefined;
    const both = new Map<ColumnId, string>();
    for (const [id, name] of left.names) both.set(id, `l.${name}`);
    for (const [id, name] of right.names) both.set(id, `r.${name}`);
    const condition = conditionText(plan.condition, both);
    if (condition === undefined) return undefined;
    const text = `${plan.type} join ${condition} (${left.text}) (${right.text})`;
    const made = new Set(plan.outputs.map(({ id }) => id));
    return { text, names: new Map([...both].filter(([id]) => made.has(id))) };
  }

  /** The keys make the groups; which aggregates are computed over them is another matter. */
  private describeAggregate(plan: AggregateNode): Fingerprint | undefined {
    const input = plan.groupingSets === undefined ? this.of(plan.input) : undefined;
    if (input === undefined) return undefined;
    const keys = plan.groupKeys.map((key) => textOf(key, input.names));
    const aggregates = plan.aggregates.map((aggregate) => textOf(aggregate, input.names));
    const names = new Map<ColumnId, string>();
    for (const [at, text] of [...keys, ...aggregates].entries()) {
      if (text === undefined) return undefined;
      names.set(plan.outputs[at].id, at < keys.length ? `k${at}` : `=${text}`);
    }
    return { text: `aggregate [${keys.join()}] (${input.text})`, names };
  }

  /** Rows are compared as wholes: the columns and their order count. */
  private describeWhole(
    plan: Extract<LogicalPlan, { kind: 'distinct' | 'setOperation' }>,
  ): Fingerprint | undefined {
    if (plan.kind === 'distinct' && plan.on !== undefined) return undefined;
    const texts: string[] = [];
    for (const input of plan.kind === 'distinct' ? [plan.input] : plan.inputs) {
      const described = this.of(input);
      if (described === undefined) return undefined;
      const columns = input.outputs.map(({ id }) => described.names.get(id));
      texts.push(`[${columns.join()}] (${described.text})`);
    }
    const kind = plan.kind === 'distinct' ? 'distinct' : `${plan.operation} ${plan.all}`;
    const names = new Map(plan.outputs.map(({ id }, at) => [id, `u${at}`]));
    return { text: `${kind} ${texts.join(' ')}`, names };
  }
}

function describeScan(plan: ScanNode): Fingerprint | undefined {
  const names = new Map<ColumnId, string>();
  for (const [at, source] of plan.sources.entries()) {
    if (source.kind === 'rowKey') return undefined;
    const name = source.kind === 'attribute' ? `a${source.attributeNumber}` : source.name;
    names.set(plan.outputs[at].id, name);
  }
  const temporal = valueText(plan.temporal, new Map());
  return temporal === undefined ? undefined : { text: `scan ${plan.table.oid} ${temporal}`, names };
}

/** In any order of its conjuncts. */
function conditionText(
  condition: Expression | undefined,
  names: ReadonlyMap<ColumnId, string>,
): string | undefined {
  const texts: string[] = [];
  for (const conjunct of conjunctsOf(condition)) {
    const text = textOf(conjunct, names);
    if (text === undefined) return undefined;
    texts.push(text);
  }
  return `[${texts.toSorted().join()}]`;
}

/** A column that is only passed on keeps its name. */
export function columnName(
  expression: Expression,
  names: ReadonlyMap<ColumnId, string>,
): string | undefined {
  if (expression.kind === 'column') return names.get(expression.column);
  const text = textOf(expression, names);
  return text === undefined ? undefined : `=${text}`;
}

/** Writes constants and parameters; undefined: as they are. */
export type WriteLiteral = (
  literal: Extract<Expression, { kind: 'constant' | 'parameter' }>,
) => string;

/** undefined: volatile, with a subquery, or with columns that have no name here. */
export function textOf(
  expression: Expression,
  names: ReadonlyMap<ColumnId, string>,
  writeLiteral?: WriteLiteral,
): string | undefined {
  if (isVolatile(expression) || hasSubquery(expression)) return undefined;
  return valueText(expression, names, writeLiteral);
}

/** Any value as a text that no other value has. */
export function valueText(
  value: unknown,
  names: ReadonlyMap<ColumnId, string>,
  writeLiteral?: WriteLiteral,
): string | undefined {
  let isComplete = true;
  const write = (part: unknown): string => {
    if (typeof part === 'string') return JSON.stringify(part);
    if (typeof part === 'bigint') return `${part}n`;
    if (typeof part !== 'object' || part === null) return Object.is(part, -0) ? '-0' : String(part);
    if (Array.isArray(part)) return `[${part.map(write).join()}]`;
    if (part instanceof Jsonb) return `jsonb${JSON.stringify(String(part))}`;
    if (part instanceof Uint8Array) return `bytes[${part.join()}]`;
    if (writeLiteral !== undefined && 'kind' in part && isLiteral(part)) return writeLiteral(part);
    if ('kind' in part && part.kind === 'column' && 'column' in part) {
      const name = names.get(part.column as ColumnId);
      isComplete &&= name !== undefined;
      return `<${name}>`;
    }
    const fields = Object.entries(part)
      // Where an expression stands in the text does not change what it computes.
      .filter(([field, each]) => field !== 'position' && each !== undefined)
      .toSorted(([left], [right]) => (left < right ? -1 : 1))
      .map(([field, each]) => `${field}:${write(each)}`);
    return `${part.constructor.name}{${fields.join()}}`;
  };
  const text = write(value);
  return isComplete ? text : undefined;
}

function isLiteral(part: {
  readonly kind: unknown;
}): part is Extract<Expression, { kind: 'constant' | 'parameter' }> {
  return part.kind === 'constant' || part.kind === 'parameter';
}
