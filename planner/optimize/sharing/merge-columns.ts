// Two parts of a plan with the same fingerprint as one that makes the columns of both.

import type { ColumnId, Expression } from '#common';
import type { LogicalPlan } from '../../logical-plan.ts';
import { mapChildren } from '../expression-tree.ts';
import type { Fingerprints } from './fingerprint.ts';

export interface Merged {
  /** The first part, widened by what only the second makes. */
  readonly plan: LogicalPlan;
  /** Where columns of the second part are in it, if not under their own id. */
  readonly renamed: Map<ColumnId, ColumnId>;
}

export function mergeColumns(
  first: LogicalPlan,
  second: LogicalPlan,
  fingerprints: Fingerprints,
): Merged {
  const renamed = new Map<ColumnId, ColumnId>();
  return { plan: new Merge(fingerprints, renamed).merge(first, second), renamed };
}

class Merge {
  private readonly fingerprints: Fingerprints;
  private readonly renamed: Map<ColumnId, ColumnId>;

  constructor(fingerprints: Fingerprints, renamed: Map<ColumnId, ColumnId>) {
    this.fingerprints = fingerprints;
    this.renamed = renamed;
  }

  merge(first: LogicalPlan, second: LogicalPlan): LogicalPlan {
    if (first.kind === 'scan' && second.kind === 'scan') {
      const added = this.added(first, second);
      const outputs = [...first.outputs, ...added.map((at) => second.outputs[at])];
      return {
        ...first,
        outputs,
        sources: [...first.sources, ...added.map((at) => second.sources[at])],
      };
    }
    if (first.kind === 'filter' && second.kind === 'filter') {
      const input = this.merge(first.input, second.input);
      return { ...first, input, outputs: input.outputs };
    }
    if (first.kind === 'project' && second.kind === 'project') {
      const input = this.merge(first.input, second.input);
      // Over the input's columns, which this node's may rename once more.
      const translated = second.expressions.map((expression) => this.translate(expression));
      const passedOn = second.outputs.map((column) => this.renamedColumn(column));
      const added = this.added(first, second);
      return {
        ...first,
        input,
        outputs: [...first.outputs, ...added.map((at) => passedOn[at])],
        expressions: [...first.expressions, ...added.map((at) => translated[at])],
      };
    }
    if (first.kind === 'join' && second.kind === 'join') {
      const left = this.merge(first.left, second.left);
      const right = this.merge(first.right, second.right);
      const leftOnly = first.type === 'semi' || first.type === 'anti';
      const outputs = leftOnly ? left.outputs : [...left.outputs, ...right.outputs];
      return { ...first, left, right, outputs };
    }
    if (first.kind === 'aggregate' && second.kind === 'aggregate') {
      const input = this.merge(first.input, second.input);
      const translated = second.aggregates.map((aggregate) => this.translate(aggregate));
      const added = this.added(first, second);
      const keys = second.groupKeys.length;
      return {
        ...first,
        input,
        outputs: [...first.outputs, ...added.map((at) => second.outputs[at])],
        aggregates: [...first.aggregates, ...added.map((at) => translated[at - keys])],
      };
    }
    // Whole rows count: both make the same columns.
    this.added(first, second);
    return first;
  }

  /** Positions of the columns of the second part that the first does not make; the others are renamed. */
  private added(first: LogicalPlan, second: LogicalPlan): number[] {
    const known = new Map<string, ColumnId>();
    const own = this.fingerprints.of(first)!.names;
    for (const { id } of first.outputs) if (!known.has(own.get(id)!)) known.set(own.get(id)!, id);
    const names = this.fingerprints.of(second)!.names;
    const added: number[] = [];
    for (const [at, { id }] of second.outputs.entries()) {
      const same = known.get(names.get(id)!);
      if (same === undefined) added.push(at);
      else if (same !== id) this.renamed.set(id, same);
    }
    return added;
  }

  /** A column that is only passed on goes by the name under which the merged input makes it. */
  private renamedColumn<Item extends { readonly id: ColumnId }>(column: Item): Item {
    const id = this.renamed.get(column.id);
    return id === undefined ? column : { ...column, id };
  }

  /** An expression of the second part over the merged columns; there are no subqueries in it. */
  private translate<Item extends Expression>(expression: Item): Item {
    const rename = (part: Expression): Expression =>
      part.kind === 'column'
        ? { ...part, column: this.renamed.get(part.column) ?? part.column }
        : mapChildren(part, rename);
    return rename(expression) as Item;
  }
}
