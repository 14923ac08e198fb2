// For how many groups there is room: estimates may be far too high or too low, and each growth copies what is there.

/** Room is made ahead for so many groups, then for some times as many, … */
const aheadMax = 1 << 15;
const growthMax = 8;
/** … and once there are so many, for as many as are expected, and a part more. */
const trustedMin = 1 << 18;
const margin = 1.25;
/** Beyond what is expected room grows by its own size, or by half of it where it is large. */
const largeMin = 1 << 20;

export function firstCapacity(expected: number, least: number): number {
  return Math.max(least, Math.min(Math.ceil(expected), aheadMax));
}

export function nextCapacity(capacity: number, expected: number): number {
  if (capacity >= expected) return capacity < largeMin ? capacity * 2 : capacity + (capacity >>> 1);
  if (capacity >= trustedMin) return Math.trunc(expected * margin) + 1;
  let growth = 2;
  while (growth < growthMax && capacity * growth < expected) growth *= 2;
  return capacity * growth;
}
