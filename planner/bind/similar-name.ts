// "Perhaps you meant to reference the column …": PostgreSQL's fuzzy search over the columns in sight
// (searchRangeTableForCol, with varstr_levenshtein_less_equal's unit costs).

import type { ErrorFields } from '#common';
import type { Scope } from './scope.ts';

const distanceMax = 3;

interface Candidate {
  readonly item: { readonly name: string };
  readonly column: string;
}

/** The hint for a name that was not found; empty when nothing is close. */
export function missingColumnHint(
  relation: string | undefined,
  name: string,
  scope: Scope,
): ErrorFields {
  let best = distanceMax + 1;
  let candidates: Candidate[] = [];
  let hidden: Candidate | undefined;
  for (let level: Scope | undefined = scope; level !== undefined; level = level.parent) {
    for (const item of [...level.items, ...level.outOfSight]) {
      if (item.name === '') continue;
      const penalty =
        relation === undefined || relation === item.name ? 0 : levenshtein(relation, item.name);
      if (penalty > distanceMax) continue;
      for (const column of item.columns) {
        if (column.name === name && penalty === 0) {
          hidden = { item, column: column.name };
          continue;
        }
        const distance = penalty + levenshtein(name, column.name);
        if (distance > distanceMax || distance > name.length / 2 || distance > best) continue;
        if (distance < best) candidates = [];
        best = distance;
        candidates.push({ item, column: column.name });
      }
    }
  }
  if (hidden !== undefined) {
    return {
      hint: `There is a column named "${hidden.column}" in table "${hidden.item.name}", but it cannot be referenced from this part of the query.`,
    };
  }
  return hintOf(candidates);
}

function hintOf(candidates: readonly Candidate[]): ErrorFields {
  const [first, second] = candidates.map(({ item, column }) => `"${item.name}.${column}"`);
  if (first === undefined || candidates.length > 2) return {};
  return {
    hint:
      second === undefined
        ? `Perhaps you meant to reference the column ${first}.`
        : `Perhaps you meant to reference the column ${first} or the column ${second}.`,
  };
}

/** Edit distance with unit costs. Identifiers are at most 63 bytes. */
function levenshtein(left: string, right: string): number {
  if (Math.abs(left.length - right.length) > distanceMax) return distanceMax + 1;
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const substitution = left.charCodeAt(row - 1) === right.charCodeAt(column - 1) ? 0 : 1;
      current.push(
        Math.min(
          previous[column] + 1,
          current[column - 1] + 1,
          previous[column - 1] + substitution,
        ),
      );
    }
    previous = current;
  }
  return previous[right.length];
}
