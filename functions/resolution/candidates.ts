// Choosing among overloads: func_match_argtypes and func_select_candidate of PostgreSQL, on lists of
// candidates that functions and operators share.

import { baseTypeOf, TypeOid } from '#common';
import { canCoerce, categoryOf, isPreferred, type TypeLookup } from './coercion.ts';
import { bindPolymorphic, isPolymorphic } from './polymorphism.ts';

export interface Candidate {
  /** One declared type per argument of the call: defaults left out, VARIADIC expanded. */
  readonly types: readonly number[];
}

/** Candidates that the actual types can be implicitly converted to. */
export function matchingCandidates<C extends Candidate>(
  lookup: TypeLookup,
  candidates: readonly C[],
  actual: readonly number[],
): C[] {
  return candidates.filter((candidate) => accepts(lookup, candidate.types, actual));
}

function accepts(
  lookup: TypeLookup,
  declared: readonly number[],
  actual: readonly number[],
): boolean {
  if (declared.length !== actual.length) return false;
  let polymorphic = false;
  for (let i = 0; i < actual.length; i++) {
    if (isPolymorphic(declared[i])) polymorphic = true;
    else if (!canCoerce(lookup, actual[i], declared[i], 'implicit')) return false;
  }
  return !polymorphic || bindPolymorphic(lookup, declared, actual) !== undefined;
}

/** The best of several matching candidates; undefined when none is better than the others. */
export function selectCandidate<C extends Candidate>(
  lookup: TypeLookup,
  matching: readonly C[],
  given: readonly number[],
): C | undefined {
  const actual = given.map(baseTypeOf);
  let left = keepBest(matching, (types) => countKnown(actual, (type, i) => types[i] === type));
  if (left.length === 1) return left[0];
  const categories = actual.map((type) => categoryOf(lookup, type));
  left = keepBest(left, (types) =>
    countKnown(
      actual,
      (type, i) =>
        types[i] === type ||
        (categoryOf(lookup, types[i]) === categories[i] && isPreferred(lookup, types[i])),
    ),
  );
  if (left.length === 1) return left[0];
  if (!actual.includes(TypeOid.unknown)) return undefined;
  left = resolveUnknownsByCategory(lookup, left, actual);
  return left.length === 1 ? left[0] : likeTheKnownOnes(lookup, left, actual);
}

function countKnown(
  actual: readonly number[],
  counts: (type: number, i: number) => boolean,
): number {
  let count = 0;
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== TypeOid.unknown && counts(actual[i], i)) count++;
  }
  return count;
}

function keepBest<C extends Candidate>(
  candidates: readonly C[],
  score: (types: readonly number[]) => number,
): readonly C[] {
  let best = -1;
  let kept: C[] = [];
  for (const candidate of candidates) {
    const points = score(candidate.types);
    if (points > best) {
      best = points;
      kept = [];
    }
    if (points === best) kept.push(candidate);
  }
  return kept;
}

/**
 * An untyped literal takes the string category if some candidate does there, else the category that
 * all candidates share; candidates of another category, or not preferred where one is, are dropped.
 * If the categories cannot be told, all candidates stay.
 */
function resolveUnknownsByCategory<C extends Candidate>(
  lookup: TypeLookup,
  candidates: readonly C[],
  actual: readonly number[],
): readonly C[] {
  const wanted = new Map<number, { category: string; preferred: boolean }>();
  for (let i = 0; i < actual.length; i++) {
    if (actual[i] !== TypeOid.unknown) continue;
    const slot = slotCategory(lookup, candidates, i);
    if (slot === undefined) return candidates;
    wanted.set(i, slot);
  }
  const kept = candidates.filter((candidate) =>
    [...wanted].every(([i, slot]) => {
      const type = candidate.types[i];
      if (categoryOf(lookup, type) !== slot.category) return false;
      return !slot.preferred || isPreferred(lookup, type);
    }),
  );
  return kept.length > 0 ? kept : candidates;
}

function slotCategory(
  lookup: TypeLookup,
  candidates: readonly Candidate[],
  i: number,
): { category: string; preferred: boolean } | undefined {
  const types = candidates.map((candidate) => candidate.types[i]);
  const categories = new Set(types.map((type) => categoryOf(lookup, type)));
  if (!categories.has('S') && categories.size !== 1) return undefined;
  const category = categories.has('S') ? 'S' : categoryOf(lookup, types[0]);
  const preferred = types.some(
    (type) => categoryOf(lookup, type) === category && isPreferred(lookup, type),
  );
  return { category, preferred };
}

/** Last resort: if all known arguments have one type, the unknown ones are taken to have it too. */
function likeTheKnownOnes<C extends Candidate>(
  lookup: TypeLookup,
  candidates: readonly C[],
  actual: readonly number[],
): C | undefined {
  const known = new Set(actual.filter((type) => type !== TypeOid.unknown));
  if (known.size !== 1) return undefined;
  const [type] = known;
  const filled = actual.map(() => type);
  const kept = candidates.filter((candidate) => accepts(lookup, candidate.types, filled));
  return kept.length === 1 ? kept[0] : undefined;
}
