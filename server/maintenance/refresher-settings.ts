// What the configuration file says about automatic statistics, in PostgreSQL's settings.

import type { Configuration } from '../config/configuration.ts';
import { settingDefinitions } from '../session/settings/definitions.ts';

export interface RefresherSettings {
  readonly enabled: boolean;
  readonly pauseMs: number;
  readonly threshold: number;
  readonly scaleFactor: number;
  readonly target: number;
}

const secondsPer: Readonly<Record<string, number>> = {
  ms: 0.001,
  s: 1,
  min: 60,
  h: 3600,
  d: 86_400,
};

export function refresherSettings({ settings }: Configuration): RefresherSettings {
  const text = (name: string): string =>
    String(settings[name] ?? settingDefinitions.get(name)?.default ?? '');
  return {
    enabled: !['off', 'false', 'no', '0'].includes(text('autovacuum').toLowerCase()),
    pauseMs: seconds(text('autovacuum_naptime')) * 1000,
    threshold: Number(text('autovacuum_analyze_threshold')),
    scaleFactor: Number(text('autovacuum_analyze_scale_factor')),
    target: Number(text('default_statistics_target')),
  };
}

/** "90", "90s", "2min": a second at least. */
function seconds(text: string): number {
  const match = /^\s*([0-9.]+)\s*([a-z]*)\s*$/.exec(text);
  const value = Number(match?.[1] ?? 60) * (secondsPer[match?.[2] ?? 's'] ?? 1);
  return Math.max(1, Number.isFinite(value) ? value : 60);
}
