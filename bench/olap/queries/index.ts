// All 22 queries, in order.

import { firstQueries } from './q01-q08.ts';
import { middleQueries } from './q09-q15.ts';
import { lastQueries } from './q16-q22.ts';
import type { OlapQuery } from './query.ts';

export type { OlapQuery } from './query.ts';

export const queries: readonly OlapQuery[] = [...firstQueries, ...middleQueries, ...lastQueries];
