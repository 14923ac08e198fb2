// Every family of functions, in the order in which the registry reads them.

import type { Family } from '../family.ts';
import { comparisonFamily } from './comparison.ts';
import { numberCastsFamily } from './numeric-casts.ts';
import { numericFamily } from './numeric-decimal.ts';
import { floatFamily } from './numeric-float.ts';
import { integerFamily } from './numeric-integer.ts';
import { seriesFamily } from './numeric-series.ts';

export const families: readonly Family[] = [
  comparisonFamily,
  integerFamily,
  floatFamily,
  numericFamily,
  numberCastsFamily,
  seriesFamily,
];
