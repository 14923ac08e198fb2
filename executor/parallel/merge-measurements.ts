// EXPLAIN ANALYZE over several threads: rows and bytes add up, times are those of the slowest.

import { type NodeMeasurement, measurementOf } from '../measurement.ts';

type Measurements = Map<number, NodeMeasurement>;

export function mergeMeasurements(
  target: Measurements,
  source: ReadonlyMap<number, NodeMeasurement>,
): void {
  for (const [id, part] of source) {
    const whole = measurementOf(target, id);
    whole.loops = Math.max(whole.loops, part.loops);
    whole.rows += part.rows;
    whole.rowsRemoved += part.rowsRemoved;
    whole.spilledBytes += part.spilledBytes;
    whole.milliseconds = Math.max(whole.milliseconds, part.milliseconds);
    whole.startupMilliseconds = Math.max(whole.startupMilliseconds, part.startupMilliseconds);
    for (const [name, text] of part.notes) {
      const known = whole.notes.get(name);
      whole.notes.set(name, known === undefined ? text : added(known, text));
    }
  }
}

/** How many threads have worked on a node. */
export function noteThreads(target: Measurements, id: number, threads: number): void {
  const { notes } = measurementOf(target, id);
  const known = Number(notes.get('Threads') ?? 0);
  notes.set('Threads', String(Math.max(known, threads)));
}

/** Two notes of the same form (name=number …) as one with the sums of their numbers. */
function added(left: string, right: string): string {
  const numbers = right.match(/\d+(?:\.\d+)?/g) ?? [];
  let position = 0;
  return left.replace(/\d+(?:\.\d+)?/g, (number) => {
    const digits = number.split('.')[1]?.length ?? 0;
    return (Number(number) + Number(numbers[position++] ?? 0)).toFixed(digits);
  });
}
