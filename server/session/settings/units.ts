// Units of time and memory: what SET accepts behind a number, and how SHOW writes numbers that have one.

import type { SettingDefinition } from './definition.ts';

/** Multipliers to the parameter's own unit, by unit of the definition. */
export const timeUnits: Readonly<Record<string, number>> = {
  us: 0.001,
  ms: 1,
  s: 1000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
export const memoryUnits: Readonly<Record<string, number>> = {
  B: 1 / 1024,
  kB: 1,
  MB: 1024,
  GB: 1 << 20,
  TB: 2 ** 30,
};

/** Of a parameter of memory: how much its unit is. */
export function kilobytesOf({ unit }: SettingDefinition): number {
  return unit === '8kB' ? 8 : unit === 'B' ? 1 / 1024 : 1;
}

/** In the largest unit that divides it. */
export function showValue(definition: SettingDefinition, value: string): string {
  const number = Number(value);
  if (definition.unit === undefined || number <= 0) return value;
  if (definition.unit === 'ms' || definition.unit === 's') {
    const milliseconds = definition.unit === 's' ? number * 1000 : number;
    return largestUnit(milliseconds, [
      ['d', 86_400_000],
      ['h', 3_600_000],
      ['min', 60_000],
      ['s', 1000],
      ['ms', 1],
    ]);
  }
  return largestUnit(number * kilobytesOf(definition), [
    ['TB', 2 ** 30],
    ['GB', 1 << 20],
    ['MB', 1024],
    ['kB', 1],
    ['B', 1 / 1024],
  ]);
}

function largestUnit(number: number, units: readonly (readonly [string, number])[]): string {
  const unit = units.find(([, factor]) => number % factor === 0) ?? units.at(-1)!;
  return `${number / unit[1]}${unit[0]}`;
}
