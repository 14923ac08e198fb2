// LIKE over a block of texts that lie in one piece of memory: each literal between % signs is searched
// for over the whole block, so that rows without it cost next to nothing, and no string is made.

import type { DatumVector } from '#common';

/** Says of a place whether its value is like the pattern: 0 no, 1 yes, 2 null. */
export type LikeTest = (place: number) => number;

/** The literals of a pattern whose only wildcards are % signs, of which there is at least one. */
interface Pieces {
  readonly first: Buffer;
  readonly between: readonly Buffer[];
  readonly last: Buffer;
}

const maskNull = 2;

function piecesOf(pattern: string): Pieces | undefined {
  if (!pattern.includes('%') || /[\\_]/u.test(pattern)) return undefined;
  const pieces = pattern.split('%').map((piece) => Buffer.from(piece));
  const between = pieces.slice(1, -1).filter((piece) => piece.length > 0);
  return { first: pieces[0], between, last: pieces.at(-1)! };
}

/** undefined: the values or the pattern are of another kind. */
export function likeMarks(vector: DatumVector, pattern: string): LikeTest | undefined {
  const { texts } = vector;
  const pieces = texts === undefined ? undefined : piecesOf(pattern);
  if (texts === undefined || pieces === undefined) return undefined;
  const marks = new Uint8Array(texts.ends.length);
  const { bytes, ends, nulls } = texts;
  const search = new BlockSearch(bytes, pieces);
  let start = 0;
  for (let row = 0; row < marks.length; row++) {
    const end = ends[row];
    if (search.matches(start, end)) marks[row] = 1;
    start = end;
  }
  if (nulls !== undefined)
    for (let row = 0; row < marks.length; row++) if (nulls[row] !== 0) marks[row] = maskNull;
  return (place) => marks[place];
}

/** Rows are asked about in order, so an occurrence found behind a row serves the rows up to it. */
class BlockSearch {
  readonly #bytes: Buffer;
  readonly #pieces: Pieces;
  /** Of each piece, the first place at or behind the last one asked for; the block's end when none. */
  readonly #next: number[];

  constructor(bytes: Buffer, pieces: Pieces) {
    this.#bytes = bytes;
    this.#pieces = pieces;
    this.#next = pieces.between.map(() => -1);
  }

  matches(start: number, end: number): boolean {
    const { first, between, last } = this.#pieces;
    const inside = end - last.length;
    let at = start + first.length;
    if (at > inside) return false;
    for (let piece = 0; piece < between.length; piece++) {
      at = this.#find(piece, at) + between[piece].length;
      if (at > inside) return false;
    }
    return this.#holds(first, start) && this.#holds(last, inside);
  }

  #find(piece: number, from: number): number {
    if (this.#next[piece] < from) {
      const found = this.#bytes.indexOf(this.#pieces.between[piece], from);
      this.#next[piece] = found === -1 ? this.#bytes.length : found;
    }
    return this.#next[piece];
  }

  #holds(piece: Buffer, at: number): boolean {
    for (let i = 0; i < piece.length; i++) if (this.#bytes[at + i] !== piece[i]) return false;
    return true;
  }
}
