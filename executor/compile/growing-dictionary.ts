// A dictionary that grows while it is in use.

import type { Datum, Dictionary } from '#common';

/** A dictionary that grows; equal strings have one place, other values may be there more than once. */
export class GrowingDictionary implements Dictionary {
  readonly values: Datum[] = [];
  private readonly places = new Map<Datum, number>();

  clear(): void {
    this.values.length = 0;
    this.places.clear();
  }

  placeOf(value: Datum): number {
    let place = this.places.get(value);
    if (place === undefined) {
      place = this.values.length;
      this.values.push(value);
      if (typeof value === 'string') this.places.set(value, place);
    }
    return place;
  }
}
