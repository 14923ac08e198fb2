// Hands the keys of a join to where its rows come from (key-origin.ts). Rows dropped there would find
// no partner here: the join puts out none for them, nor for what outer joins between would make of them,
// since a null finds no partner either.

import { wholeNumberTypes } from './compiled-value.ts';
import type { JoinTable } from './join-table.ts';
import { type BuildDraft, originOf } from './key-origin.ts';
import type { Draft } from './pipeline-draft.ts';
import type { ProbeStep } from './probe-code.ts';

/** `step` comes after the draft's steps, and drops rows without a partner. */
export function passKeysDown(
  draft: Draft,
  step: ProbeStep,
  builds: ReadonlyMap<JoinTable, BuildDraft>,
): void {
  const { type, table, leftKeys } = step;
  if (type !== 'inner' && type !== 'right' && type !== 'semi' && type !== 'mark') return;
  leftKeys.forEach((key, component) => {
    if (!wholeNumberTypes.has(table.keyTypes[component])) return;
    const origin = originOf(draft, key, builds);
    if (origin === undefined) return;
    table.wantBitmap(component);
    origin.draft.keys.all.push({ column: origin.column, table, component });
  });
}
