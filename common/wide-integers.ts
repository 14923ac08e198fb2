// Whole numbers of 64 bits that doubles do not hold (keys that are hashes, say), in two halves: a BigInt for
// each of them would cost more than all that is done with it. They are made where somebody asks for values.

import type { Datum } from './datum.ts';
import type { DatumVector } from './vector.ts';

/** The high halves of safe integers lie between these; the lowest one belongs to no safe integer but one. */
const safeHighMin = -0x20_0000;
const safeHighMax = 0x20_0000;
const half = 2 ** 32;

export class WideIntegers implements DatumVector {
  readonly kind = 'datum';
  readonly wide = this;
  /** Signed, and the lower 32 bits as they are. */
  readonly high: Int32Array;
  readonly low: Int32Array;
  readonly nulls: Uint8Array | undefined;
  /** Asked for values; who keeps the vector sets it to count them. */
  onUse: ((made: boolean) => void) | undefined = undefined;
  private made: readonly Datum[] | undefined = undefined;

  constructor(high: Int32Array, low: Int32Array, nulls: Uint8Array | undefined) {
    this.high = high;
    this.low = low;
    this.nulls = nulls;
  }

  get length(): number {
    return this.high.length;
  }
  get bytes(): number {
    return this.length * 8 + (this.nulls?.byteLength ?? 0);
  }

  /** All of them, in int8's canonical form. */
  get values(): readonly Datum[] {
    const { nulls } = this;
    const isMade = this.made === undefined;
    const values = (this.made ??= Array.from(this.high, (_high, place) =>
      nulls !== undefined && nulls[place] !== 0 ? null : this.at(place),
    ));
    this.onUse?.(isMade);
    return values;
  }

  forgetValues(): void {
    this.made = undefined;
  }

  /** Of a place that is not null. */
  at(place: number): number | bigint {
    const high = this.high[place];
    const low = this.low[place] >>> 0;
    return isSafeInHalves(high, low) ? high * half + low : (BigInt(high) << 32n) | BigInt(low);
  }
}

/** Are they the halves of a safe integer? */
export function isSafeInHalves(high: number, low: number): boolean {
  return high >= safeHighMin && high < safeHighMax && (high !== safeHighMin || low !== 0);
}

/** The halves of an int8: high, and the lower 32 bits as a signed number. */
export function halvesOf(value: number | bigint): readonly [high: number, low: number] {
  const wide = BigInt(value);
  return [Number(BigInt.asIntN(32, wide >> 32n)), Number(BigInt.asIntN(32, wide))];
}
