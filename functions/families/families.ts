// Every family of functions, in the order in which the registry reads them.

import type { Family } from '../family.ts';
import { comparisonFamily } from './comparison.ts';

export const families: readonly Family[] = [comparisonFamily];
