// A deterministic stream of random numbers (the sfc32 construction of Chris Doty-Humphrey's PractRand):
// the same seed gives the same data on every machine.

export class RandomStream {
  private a: number;
  private b: number;
  private c: number;
  private counter: number;

  constructor(seed: number) {
    this.a = 0x9e3779b9 ^ seed;
    this.b = Math.imul(seed, 0x85ebca6b) | 0;
    this.c = (seed + 0x1234567) | 0;
    this.counter = 1;
    for (let round = 0; round < 16; round++) this.next();
  }

  /** Uniform in [0, 2^32). */
  next(): number {
    const sum = (this.a + this.b + this.counter) | 0;
    this.counter = (this.counter + 1) | 0;
    this.a = this.b ^ (this.b >>> 9);
    this.b = (this.c + (this.c << 3)) | 0;
    this.c = ((this.c << 21) | (this.c >>> 11)) + sum;
    return sum >>> 0;
  }

  /** Uniform in [low, high], both included. */
  between(low: number, high: number): number {
    return low + Math.floor((this.next() * (high - low + 1)) / 0x1_0000_0000);
  }

  pick<Item>(items: readonly Item[]): Item {
    return items[this.between(0, items.length - 1)];
  }
}
