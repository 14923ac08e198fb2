// A pipeline under construction: a source and the steps that its rows have taken so far.

import type { Expression } from '#common';
import { containsSubplan, inputOrdinals } from '../expression/walk.ts';
import type { NodeMeasurement } from '../measurement.ts';
import type { BlockSource } from './block-source.ts';
import type { Inlet, PipelineStep, TellStep } from './inlet-run.ts';
import { KeyMembers } from './key-filter.ts';
import type { MarkedRows } from './marked-rows.ts';
import type { ProbeStep } from './probe-code.ts';
import { conjunctsOf } from './scan-source.ts';

export interface Draft {
  readonly source: BlockSource;
  readonly width: number;
  readonly ordinals: readonly number[];
  readonly filter: readonly Expression[];
  readonly steps: readonly PipelineStep[];
  readonly filtered: NodeMeasurement | undefined;
  /** What its rows must be members of; shared by all drafts of the source. */
  readonly keys: KeyMembers;
  /** Further inlets: rows that look-ups have left over. */
  readonly extra: readonly Draft[];
  /** Of such rows: the look-up. */
  readonly leftOverOf?: ProbeStep;
}

export function sourceDraft(
  source: BlockSource,
  width: number,
  needed: ReadonlySet<number>,
): Draft {
  return {
    source,
    width,
    ordinals: sorted(needed),
    filter: [],
    steps: [],
    filtered: undefined,
    keys: source.keys ?? new KeyMembers(),
    extra: [],
  };
}

export function withStep(draft: Draft, step: PipelineStep): Draft {
  return {
    ...draft,
    steps: [...draft.steps, step],
    extra: draft.extra.map((inner) => withStep(inner, step)),
  };
}

/** A condition right above the source runs before the other columns are decoded. */
export function withFilter(draft: Draft, condition: Expression): Draft {
  const conjuncts = conjunctsOf(condition).toSorted((left, right) => costOf(left) - costOf(right));
  const extra = draft.extra.map((inner) => withFilter(inner, condition));
  if (draft.steps.length === 0) return { ...draft, filter: [...draft.filter, ...conjuncts], extra };
  const steps = conjuncts.map((conjunct) => ({ kind: 'filter' as const, condition: conjunct }));
  return { ...draft, steps: [...draft.steps, ...steps], extra };
}

/** Cheap conditions come first, those with subqueries last. */
function costOf(condition: Expression): number {
  if (containsSubplan(condition)) return 3;
  if (condition.kind === 'call' && condition.arguments.every(isSimple)) return 0;
  return inputOrdinals(condition).size <= 1 ? 1 : 2;
}

function isSimple(expression: Expression): boolean {
  return expression.kind === 'input' || inputOrdinals(expression).size === 0;
}

/** The rows of a table by whether they met a partner. */
export function markedDraft(rows: MarkedRows, width: number): Draft {
  return sourceDraft(rows, width, new Set(Array.from({ length: width }, (_value, i) => i)));
}

export function inletOf(draft: Draft): Inlet {
  const { source, width, ordinals, filter, steps, filtered, keys, leftOverOf } = draft;
  const filterOrdinals = sorted(readBy(filter));
  return { source, width, ordinals, filter, filterOrdinals, steps, filtered, keys, leftOverOf };
}
export function measurementsOf(draft: Draft): NodeMeasurement[] {
  return draft.steps.flatMap((step) => (step.kind === 'count' ? [step.measurement] : []));
}

/** Those of rows left over count into the same. */
export function tellSteps(draft: Draft): TellStep[] {
  return draft.steps.filter((step) => step.kind === 'tell');
}

export function sorted(ordinals: ReadonlySet<number>): number[] {
  return [...ordinals].toSorted((left, right) => left - right);
}

export function readBy(expressions: readonly (Expression | undefined)[]): Set<number> {
  const ordinals = new Set<number>();
  for (const expression of expressions) {
    if (expression === undefined) continue;
    for (const ordinal of inputOrdinals(expression)) ordinals.add(ordinal);
  }
  return ordinals;
}
