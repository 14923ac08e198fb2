// The run-time parameters that SET, SHOW, pg_settings and clients' start-up packets know, one table a
// category. A parameter that clients set as a matter of course, and that changes nothing here, is kept with
// its value, as an honest equivalent: pg_dump, ORMs and poolers set dozens of them.

import type { SettingDefinition } from './definition.ts';
import { autovacuum } from './definitions/autovacuum.ts';
import { compatibility } from './definitions/compatibility.ts';
import { connections } from './definitions/connections.ts';
import { latticeLimits, latticeResources } from './definitions/lattice.ts';
import { localeAndFormatting } from './definitions/locale-and-formatting.ts';
import { lockManagement } from './definitions/locks.ts';
import { logging } from './definitions/logging.ts';
import { presetOptions } from './definitions/preset.ts';
import { queryTuning } from './definitions/query-tuning.ts';
import { resourceUsage } from './definitions/resource-usage.ts';
import { statementBehavior } from './definitions/statement-behavior.ts';
import { statementStatistics } from './definitions/statement-statistics.ts';
import { writeAheadLog } from './definitions/write-ahead-log.ts';

const definitions: readonly SettingDefinition[] = [
  ...presetOptions,
  ...localeAndFormatting,
  ...statementBehavior,
  ...connections,
  ...resourceUsage,
  ...queryTuning,
  ...latticeLimits,
  ...latticeResources,
  ...compatibility,
  ...writeAheadLog,
  ...logging,
  ...statementStatistics,
  ...autovacuum,
  ...lockManagement,
];

/** By lower-case name, and in its order, which is that of SHOW ALL. */
export const settingDefinitions: ReadonlyMap<string, SettingDefinition> = new Map(
  definitions
    .map((definition) => [definition.name.toLowerCase(), definition] as const)
    .toSorted(([left], [right]) => (left < right ? -1 : 1)),
);
