// All relations whose rows are computed, by name: adding one is a function in a file of rows/.

import type { RowSource, RowSources } from './contract.ts';
import { aggregateSources } from './rows/aggregates.ts';
import { attributeSources } from './rows/attributes.ts';
import { classSources } from './rows/classes.ts';
import { clusterSources } from './rows/cluster.ts';
import { collationSources } from './rows/collations.ts';
import { constraintSources } from './rows/constraints.ts';
import { dependSources } from './rows/depend.ts';
import { entrySources } from './rows/entries.ts';
import { informationForeignSources } from './rows/information-foreign.ts';
import { publicationSources } from './rows/publications.ts';
import { functionSources } from './rows/functions.ts';
import { functionViewSources } from './rows/function-views.ts';
import { inheritanceSources } from './rows/inheritance.ts';
import { indexSources } from './rows/indexes.ts';
import { informationColumnSources } from './rows/information-columns.ts';
import { informationConstraintSources } from './rows/information-constraints.ts';
import { informationObjectSources } from './rows/information-objects.ts';
import { informationTypeSources } from './rows/information-types.ts';
import { informationPrivilegeSources } from './rows/information-privileges.ts';
import { largeObjectSources } from './rows/large-objects.ts';
import { listingSources } from './rows/listings.ts';
import { policySources } from './rows/policies.ts';
import { ruleSources } from './rows/rules.ts';
import { routineSources } from './rows/routines.ts';
import { planFeedbackSources } from './rows/plan-feedback.ts';
import { segmentSources } from './rows/segments.ts';
import { statisticsSources } from './rows/statistics.ts';
import { typeSources } from './rows/types.ts';
import { useSources } from './rows/use-statistics.ts';

const families: readonly RowSources[] = [
  classSources,
  attributeSources,
  indexSources,
  typeSources,
  useSources,
  constraintSources,
  inheritanceSources,
  dependSources,
  functionSources,
  functionViewSources,
  aggregateSources,
  entrySources,
  publicationSources,
  collationSources,
  routineSources,
  clusterSources,
  listingSources,
  largeObjectSources,
  policySources,
  ruleSources,
  statisticsSources,
  segmentSources,
  planFeedbackSources,
  informationColumnSources,
  informationConstraintSources,
  informationObjectSources,
  informationForeignSources,
  informationPrivilegeSources,
  informationTypeSources,
];

export const rowSources: ReadonlyMap<string, RowSource> = new Map(
  families.flatMap((family) => Object.entries(family)),
);
