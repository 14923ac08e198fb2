// Which parts of a join executions have seen before: found by the sides that they had.

import type { Datum, Expression, TableDescriptor } from '#common';
import type { Catalog } from '../catalog.ts';
import type { LogicalPlan } from '../logical-plan.ts';
import { rowFeedbackAbout, rowsNow } from './row-feedback.ts';
import { joinKey, type JoinPart, sideName } from './row-key.ts';

/** Rows of sets of relations, by their bits. */
export function learnedSets(
  relations: readonly JoinPart[],
  conjunctsOfSet: (set: number) => readonly Expression[],
  known: { readonly catalog: Catalog; readonly parameters: readonly Datum[] | undefined },
): ReadonlyMap<number, number> {
  const { catalog, parameters } = known;
  const found = new Map<number, number>();
  const names = relations.map((relation) => sideName(relation, parameters));
  const tables = new Set(relations.flatMap(({ plan }) => tableOf(plan) ?? []));
  for (const table of tables) {
    for (const entry of rowFeedbackAbout(table, catalog)) {
      if (entry.kind !== 'join') continue;
      const places = entry.key.sides.map((side) => names.indexOf(side));
      if (places.includes(-1)) continue;
      const set = places.reduce((bits, place) => bits | (1 << place), 0);
      const parts = relations.filter((_relation, place) => (set & (1 << place)) !== 0);
      const key = joinKey(parts, conjunctsOfSet(set), parameters);
      if (key?.name === entry.key.name) found.set(set, rowsNow(entry, catalog));
    }
  }
  return found;
}

function tableOf(plan: LogicalPlan): TableDescriptor | undefined {
  const scan = plan.kind === 'filter' ? plan.input : plan;
  return scan.kind === 'scan' ? scan.table : undefined;
}
