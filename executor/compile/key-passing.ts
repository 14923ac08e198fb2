// Finds where the keys of a join come from: down a pipeline's steps to its source, and where a column
// was fetched from another table, down the pipeline that has built that one. Rows dropped there would find
// no partner here: the join puts out none for them, nor for what outer joins between would make of them,
// since a null finds no partner either.

import type { Expression } from '#common';
import { wholeNumberTypes } from './compiled-value.ts';
import type { JoinTable } from './join-table.ts';
import type { Draft } from './pipeline-draft.ts';
import type { ProbeStep } from './probe-code.ts';

/** How a table is built: the rows, and which of their columns it stores. */
export interface BuildDraft {
  readonly draft: Draft;
  readonly payload: readonly number[];
}

/** `step` comes after the draft's steps, and drops rows without a partner. */
export function passKeysDown(
  draft: Draft,
  step: ProbeStep,
  builds: ReadonlyMap<JoinTable, BuildDraft>,
): void {
  const { type, table, leftKeys } = step;
  if (type !== 'inner' && type !== 'right' && type !== 'semi' && type !== 'mark') return;
  leftKeys.forEach((key, component) => {
    if (wholeNumberTypes.has(table.keyTypes[component]))
      pass(draft, key, { table, component, builds });
  });
}

interface Passed {
  readonly table: JoinTable;
  readonly component: number;
  readonly builds: ReadonlyMap<JoinTable, BuildDraft>;
}

/** `key` is over what the draft's rows are after its steps. */
function pass(draft: Draft, key: Expression | undefined, passed: Passed): void {
  let column = key;
  for (const step of draft.steps.toReversed()) {
    if (column?.kind !== 'input') return;
    const { ordinal, type } = column;
    if (step.kind === 'project') column = step.expressions[ordinal];
    if (step.kind !== 'probe') continue;
    if (step.type === 'full') return;
    if (ordinal < step.leftWidth) continue;
    const build = passed.builds.get(step.table);
    const stored = step.stored[ordinal - step.leftWidth];
    if (build === undefined || stored === undefined) return;
    pass(build.draft, { kind: 'input', type, ordinal: build.payload[stored] }, passed);
    return;
  }
  if (column?.kind !== 'input' || column.ordinal >= draft.width) return;
  passed.table.wantBitmap(passed.component);
  draft.keys.all.push({ column, table: passed.table, component: passed.component });
}
