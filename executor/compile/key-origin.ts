// Where a column that a pipeline's rows have comes from: down the pipeline's steps to its source, and where it was
// fetched from another table, down the pipeline that has built that one.

import type { Expression, InputExpression } from '#common';
import type { ColumnBounds } from '#storage';
import { wholeNumberTypes } from './compiled-value.ts';
import type { JoinTable } from './join-table.ts';
import type { Draft } from './pipeline-draft.ts';
import { ScanSource } from './scan-source.ts';

/** How a table is built: the rows, and which of their columns it stores. */
export interface BuildDraft {
  readonly draft: Draft;
  readonly payload: readonly number[];
}

export interface KeyOrigin {
  readonly draft: Draft;
  /** Of its source. */
  readonly column: InputExpression;
}

/** `key` is over what the draft's rows are after its steps; undefined: it is no column that is passed on. */
export function originOf(
  draft: Draft,
  key: Expression | undefined,
  builds: ReadonlyMap<JoinTable, BuildDraft>,
): KeyOrigin | undefined {
  let column = key;
  for (const step of draft.steps.toReversed()) {
    if (column?.kind !== 'input') return undefined;
    const { ordinal, type } = column;
    if (step.kind === 'project') column = step.expressions[ordinal];
    if (step.kind !== 'probe') continue;
    if (step.type === 'full') return undefined;
    if (ordinal < step.leftWidth) continue;
    const build = builds.get(step.table);
    const stored = step.stored[ordinal - step.leftWidth];
    if (build === undefined || stored === undefined) return undefined;
    return originOf(build.draft, { kind: 'input', type, ordinal: build.payload[stored] }, builds);
  }
  return column?.kind === 'input' && column.ordinal < draft.width ? { draft, column } : undefined;
}

/** Gives the bounds of a column of whole numbers in its table, once that is read; undefined: nobody knows them. */
export function boundsOf(
  draft: Draft,
  key: Expression,
  builds: ReadonlyMap<JoinTable, BuildDraft>,
): (() => ColumnBounds | undefined) | undefined {
  if (!wholeNumberTypes.has(key.type.oid)) return undefined;
  const origin = originOf(draft, key, builds);
  const source = origin?.draft.source;
  return source instanceof ScanSource ? source.wantBounds(origin!.column.ordinal) : undefined;
}
