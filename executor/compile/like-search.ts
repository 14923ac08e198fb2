// Where one literal occurs in a block of texts that lie in one piece of memory. Horspool's search over pairs
// of bytes: the pair under the literal's end says how far the literal can be moved, which is nearly its
// whole length for most pairs. Two halves are searched in turns, because a step waits for the memory that the
// step before it led to, and two such chains run side by side in a processor.
//
// R. N. Horspool, Practical Fast Searching in Strings (Software: Practice and Experience, 1980).

/** Below this a literal moves too little. */
export const searchedLengthMin = 2;

export class LiteralSearch {
  /** Where the literal begins, ascending; the first `count` hold. Occurrences may overlap. */
  found = new Int32Array(256);
  count = 0;
  private readonly literal: Uint8Array;
  /** By pair of bytes: how far the literal moves; 0 where it may end here. */
  private readonly moves: Uint8Array;
  /** How far it moves from a place where it may end. */
  private readonly moveFromEnd: number;
  private upper = new Int32Array(256);
  private upperCount = 0;

  constructor(literal: Uint8Array) {
    const last = Math.min(literal.length, 255) - 1;
    // Of a longer literal only so many bytes are searched for, then all are compared.
    this.literal = literal;
    this.moves = new Uint8Array(1 << 16).fill(last);
    let moveFromEnd = last;
    for (let i = 1; i <= last; i++) {
      const pair = (literal[i - 1] << 8) | literal[i];
      if (i === last) moveFromEnd = Math.min(moveFromEnd, this.moves[pair]);
      this.moves[pair] = last - i;
    }
    this.moveFromEnd = moveFromEnd;
  }

  /** Fills `found`. */
  run(bytes: Uint8Array): void {
    const { moves, literal } = this;
    const back = Math.min(literal.length, 255) - 1;
    const length = bytes.length - (literal.length - 1 - back);
    const middle = Math.max(back, length >>> 1);
    this.count = 0;
    this.upperCount = 0;
    let low = back;
    let high = middle;
    while (low < middle && high < length) {
      const lowMove = moves[(bytes[low - 1] << 8) | bytes[low]];
      const highMove = moves[(bytes[high - 1] << 8) | bytes[high]];
      if (lowMove === 0) this.compare(bytes, low - back, false);
      if (highMove === 0) this.compare(bytes, high - back, true);
      low += lowMove === 0 ? this.moveFromEnd : lowMove;
      high += highMove === 0 ? this.moveFromEnd : highMove;
    }
    this.rest(bytes, low, middle, false);
    this.rest(bytes, high, length, true);
    for (let i = 0; i < this.upperCount; i++) this.add(this.upper[i]);
  }

  private rest(bytes: Uint8Array, from: number, to: number, isUpper: boolean): void {
    const back = Math.min(this.literal.length, 255) - 1;
    for (let at = from; at < to;) {
      const move = this.moves[(bytes[at - 1] << 8) | bytes[at]];
      if (move === 0) this.compare(bytes, at - back, isUpper);
      at += move === 0 ? this.moveFromEnd : move;
    }
  }

  private compare(bytes: Uint8Array, at: number, isUpper: boolean): void {
    const { literal } = this;
    for (let i = 0; i < literal.length; i++) if (bytes[at + i] !== literal[i]) return;
    if (!isUpper) return this.add(at);
    if (this.upperCount === this.upper.length) this.upper = doubled(this.upper);
    this.upper[this.upperCount++] = at;
  }

  private add(at: number): void {
    if (this.count === this.found.length) this.found = doubled(this.found);
    this.found[this.count++] = at;
  }
}

function doubled(places: Int32Array): Int32Array<ArrayBuffer> {
  const longer = new Int32Array(places.length * 2);
  longer.set(places);
  return longer;
}
