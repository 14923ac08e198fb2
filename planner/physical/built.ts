// What building one logical node gives: the physical node, where each column is in its rows, and the
// order in which the rows come.

import type { ColumnId, Expression, SqlType } from '#common';
import type { PhysicalNode } from '../physical-plan.ts';
import { sortCost } from './cost.ts';

/** Rows come ordered by these columns, first one first. */
export interface OrderedColumn {
  readonly column: ColumnId;
  readonly descending: boolean;
  readonly nullsFirst: boolean;
  /** The column has no nulls, so where they would stand does not matter. */
  readonly notNull: boolean;
}

export interface Ordering {
  readonly columns: readonly OrderedColumn[];
  /** Columns with one value in all rows: they may stand anywhere in an ordering. */
  readonly fixed: ReadonlySet<ColumnId>;
}

export const unordered: Ordering = { columns: [], fixed: new Set() };

export interface Built {
  readonly node: PhysicalNode;
  /** Ordinal in the node's rows; several columns may share one. */
  readonly ordinals: ReadonlyMap<ColumnId, number>;
  readonly ordering: Ordering;
  /** What disabled paths below add in comparisons; absent: there are none. */
  readonly penalty?: number;
}

/** The penalties of inputs and of what is done with them, as a part of a Built. */
export function penaltyOf(own: number, ...inputs: readonly Built[]): { readonly penalty?: number } {
  const penalty = inputs.reduce((sum, input) => sum + (input.penalty ?? 0), own);
  return penalty === 0 ? {} : { penalty };
}

/** An order that the consumer would like, and how many rows it will read. */
export interface Wanted {
  readonly keys: readonly {
    readonly column: ColumnId;
    readonly descending: boolean;
    readonly nullsFirst: boolean;
    readonly type: number;
  }[];
  readonly limitRows: number | undefined;
  /** Lowered: rows past this count are never asked for, so a sort need not keep them. */
  readonly limit: Expression | undefined;
}

/** What a sort of rows that come otherwise costs. */
export function wantedSortCost(rows: number, { keys, limitRows }: Wanted): number {
  return keys.length === 0
    ? 0
    : sortCost(rows, { keyTypes: keys.map(({ type }) => type), limitRows });
}

/** The part of a wish that holds below an operator that drops or adds rows. */
export function withoutLimit(wanted: Wanted | undefined): Wanted | undefined {
  return wanted?.limit === undefined ? wanted : { ...wanted, limit: undefined };
}

/** Columns of enclosing queries and where their values are. */
export interface Scope {
  readonly slots: ReadonlyMap<ColumnId, number>;
  /** Only the first row is asked for (EXISTS). */
  readonly stopsEarly?: boolean;
}

export const outermost: Scope = { slots: new Map() };

export function ordinalsOf(
  columns: readonly { readonly id: ColumnId }[],
): ReadonlyMap<ColumnId, number> {
  return new Map(columns.map((column, at) => [column.id, at]));
}

export function typesOf(columns: readonly { readonly type: SqlType }[]): readonly SqlType[] {
  return columns.map((column) => column.type);
}

/**
 * Whether rows in `ordering` come in the wanted order: 'backward' when they would if read from the
 * end, undefined when neither.
 */
export function matchOrder(
  ordering: Ordering,
  keys: Wanted['keys'],
): 'forward' | 'backward' | undefined {
  let direction: 'forward' | 'backward' | undefined;
  let position = 0;
  for (const key of keys) {
    if (ordering.fixed.has(key.column)) continue;
    let available = ordering.columns[position];
    while (
      available !== undefined &&
      available.column !== key.column &&
      ordering.fixed.has(available.column)
    ) {
      available = ordering.columns[++position];
    }
    if (available === undefined || available.column !== key.column) return undefined;
    const same = available.descending === key.descending;
    const nulls = available.notNull || (available.nullsFirst === key.nullsFirst) === same;
    const needed = same ? 'forward' : 'backward';
    if (!nulls || (direction !== undefined && direction !== needed)) return undefined;
    direction = needed;
    position++;
  }
  return direction ?? 'forward';
}

/** Sort keys as wanted columns; undefined when one is not a plain column. */
export function wantedKeys(
  keys: readonly {
    readonly expression: Expression;
    readonly descending: boolean;
    readonly nullsFirst: boolean;
  }[],
): Wanted['keys'] | undefined {
  const wanted: Wanted['keys'][number][] = [];
  for (const { expression, descending, nullsFirst } of keys) {
    if (expression.kind !== 'column') return undefined;
    wanted.push({ column: expression.column, descending, nullsFirst, type: expression.type.oid });
  }
  return wanted;
}
