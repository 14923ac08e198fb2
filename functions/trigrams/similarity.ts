// How alike two texts are by their trigrams (pg_trgm's trgm_op.c): similarity() compares the sets;
// word_similarity() finds the stretch of the second text whose trigrams are most like the first text's,
// strict_word_similarity() only such stretches as begin and end with a word.

import { type PlacedTrigram, placedTrigrams, trigramsOf } from './trigrams.ts';

/** Shared trigrams among all of both. */
function share(common: number, left: number, right: number): number {
  return common === 0 ? 0 : Math.fround(common / (left + right - common));
}

export function similarity(left: string, right: string): number {
  const leftSet = trigramsOf(left);
  const rightSet = trigramsOf(right);
  let common = 0;
  for (const trigram of leftSet) if (rightSet.has(trigram)) common++;
  return share(common, leftSet.size, rightSet.size);
}

export function wordSimilarity(word: string, text: string, strict: boolean): number {
  const wanted = trigramsOf(word);
  return new StretchSearch(wanted, placedTrigrams(text), strict).best();
}

class StretchSearch {
  private readonly wanted: ReadonlySet<string>;
  private readonly places: readonly PlacedTrigram[];
  private readonly strict: boolean;
  /** Where each trigram of the stretch was met last. */
  private readonly lastAt = new Map<string, number>();
  private lower: number;
  private common = 0;
  private distinct = 0;

  constructor(wanted: ReadonlySet<string>, places: readonly PlacedTrigram[], strict: boolean) {
    this.wanted = wanted;
    this.places = places;
    this.strict = strict;
    this.lower = strict ? 0 : -1;
  }

  best(): number {
    let most = 0;
    for (let upper = 0; upper < this.places.length; upper++) {
      const { trigram, endsWord } = this.places[upper];
      const isWanted = this.wanted.has(trigram);
      if (this.lower >= 0 || isWanted) {
        if (!this.lastAt.has(trigram)) {
          this.distinct++;
          if (isWanted) this.common++;
        }
        this.lastAt.set(trigram, upper);
      }
      if (this.strict ? endsWord : isWanted) most = Math.max(most, this.shrink(upper));
    }
    return most;
  }

  /** The best stretch that ends here; the search goes on from where that one starts. */
  private shrink(upper: number): number {
    if (this.lower === -1) {
      this.lower = upper;
      this.distinct = 1;
    }
    const size = this.wanted.size;
    let best = share(this.common, size, this.distinct);
    let { common, distinct } = this;
    const first = this.lower;
    for (let from = first; from <= upper; from++) {
      const { trigram, startsWord } = this.places[from];
      if (!this.strict || startsWord) {
        const current = share(common, size, distinct);
        if (current > best) {
          best = current;
          this.lower = from;
          this.common = common;
          this.distinct = distinct;
        }
      }
      if (this.lastAt.get(trigram) === from) {
        distinct--;
        if (this.wanted.has(trigram)) common--;
      }
    }
    for (let from = first; from < this.lower; from++) {
      const { trigram } = this.places[from];
      if (this.lastAt.get(trigram) === from) this.lastAt.delete(trigram);
    }
    return best;
  }
}
