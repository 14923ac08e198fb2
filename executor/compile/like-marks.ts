// LIKE over a block of texts that lie in one piece of memory: a literal between % signs is searched for over
// the whole block (like-search.ts), so that rows without it cost next to nothing, and no string is made.

import type { JoinedTexts } from '#common';
import { LiteralSearch, searchedLengthMin } from './like-search.ts';

/** In the marks of a block. */
export const markLike = 1;
export const markNull = 2;

/** A literal of this length is rare enough that rows with it may be looked at one by one. */
const rareLength = 4;

/** Has the pattern a % sign, and no other wildcard? */
export function isLiteralPattern(pattern: string): boolean {
  return pattern.includes('%') && !/[\\_]/u.test(pattern);
}

/** A pattern whose only wildcards are % signs, of which there is at least one. */
export class LikePattern {
  readonly pattern: string;
  private readonly first: Buffer;
  private readonly between: readonly Buffer[];
  private readonly last: Buffer;
  private readonly search:
    | { readonly literal: LiteralSearch; readonly isFirst: boolean }
    | undefined;
  private marks = new Uint8Array(0);
  private marked: JoinedTexts | undefined = undefined;

  constructor(pattern: string) {
    this.pattern = pattern;
    const pieces = pattern.split('%').map((piece) => Buffer.from(piece));
    this.first = pieces[0];
    this.last = pieces[pieces.length - 1];
    this.between = pieces.slice(1, -1).filter((piece) => piece.length > 0);
    const literal = searchedOf(this.between);
    if (literal !== undefined)
      this.search = { literal: new LiteralSearch(literal), isFirst: literal === this.between[0] };
  }

  /** By place: 0 no, markLike or markNull. The next call overwrites the marks. */
  marksOf(texts: JoinedTexts): Uint8Array {
    if (this.marked === texts) return this.marks;
    this.marked = texts;
    const { bytes, ends, nulls } = texts;
    if (this.marks.length < ends.length) this.marks = new Uint8Array(ends.length);
    const { marks } = this;
    if (this.search === undefined) this.markEach(bytes, ends);
    else this.markFound(bytes, ends);
    if (nulls !== undefined)
      for (let row = 0; row < ends.length; row++) if (nulls[row] !== 0) marks[row] = markNull;
    return marks;
  }

  private markEach(bytes: Uint8Array, ends: Int32Array): void {
    const { marks } = this;
    let start = 0;
    for (let row = 0; row < ends.length; row++) {
      const end = ends[row];
      marks[row] = this.matches(bytes, start, end) ? markLike : 0;
      start = end;
    }
  }

  /** Looks only at rows in which the literal occurs. */
  private markFound(bytes: Uint8Array, ends: Int32Array): void {
    const { marks, first, between } = this;
    const { literal, isFirst } = this.search!;
    marks.fill(0, 0, ends.length);
    literal.run(bytes);
    const { found, count } = literal;
    let row = 0;
    for (let i = 0; i < count; i++) {
      const at = found[i];
      while (ends[row] <= at) row++;
      const start = row === 0 ? 0 : ends[row - 1];
      // What comes before it in the pattern needs room.
      if (at < start + first.length) continue;
      const end = ends[row];
      const isLike = isFirst
        ? this.endsMatch(bytes, start, end) &&
          this.restMatches(bytes, { piece: 1, from: at + between[0].length, end })
        : this.matches(bytes, start, end);
      if (isLike) marks[row] = markLike;
      // The leftmost occurrence leaves most room for the rest.
      while (i + 1 < count && found[i + 1] < end) i++;
    }
  }

  private matches(bytes: Uint8Array, start: number, end: number): boolean {
    return (
      this.endsMatch(bytes, start, end) &&
      (this.between.length === 0 ||
        this.restMatches(bytes, { piece: 0, from: start + this.first.length, end }))
    );
  }

  private endsMatch(bytes: Uint8Array, start: number, end: number): boolean {
    const { first, last } = this;
    const inside = end - last.length;
    if (start + first.length > inside) return false;
    for (let i = 0; i < first.length; i++) if (bytes[start + i] !== first[i]) return false;
    for (let i = 0; i < last.length; i++) if (bytes[inside + i] !== last[i]) return false;
    return true;
  }

  /** The pieces between, from one on, as far to the left as they occur. */
  private restMatches(
    bytes: Uint8Array,
    { piece, from, end }: { readonly piece: number; readonly from: number; readonly end: number },
  ): boolean {
    const inside = end - this.last.length;
    let at = from;
    for (let i = piece; i < this.between.length; i++) {
      const literal = this.between[i];
      const found = indexOf(bytes, literal, { from: at, end: inside });
      if (found === -1) return false;
      at = found + literal.length;
    }
    return at <= inside;
  }
}

/** The literal to search for: the first one, which needs least care, unless another one is much rarer. */
function searchedOf(between: readonly Buffer[]): Buffer | undefined {
  const longest = between.reduce<Buffer | undefined>(
    (known, piece) => (known === undefined || piece.length > known.length ? piece : known),
    undefined,
  );
  if (longest === undefined || longest.length < searchedLengthMin) return undefined;
  return between[0].length >= rareLength ? between[0] : longest;
}

/** Within a row; rows are short. */
function indexOf(
  bytes: Uint8Array,
  literal: Uint8Array,
  { from, end }: { readonly from: number; readonly end: number },
): number {
  const [head] = literal;
  const { length } = literal;
  next: for (let at = from; at + length <= end; at++) {
    if (bytes[at] !== head) continue;
    for (let i = 1; i < length; i++) if (bytes[at + i] !== literal[i]) continue next;
    return at;
  }
  return -1;
}
