// Which versions of rows a scan reads, in both times. The bind step attaches a TemporalSpec to each
// table reference; the temporal pass normalises it to intervals. Timestamps are expressions
// (timestamptz) that must be constant for the statement; they are evaluated when it starts.

import type { Expression } from '#common';

export type SystemTimeSpec =
  | { readonly kind: 'current' }
  | { readonly kind: 'asOf'; readonly at: Expression }
  /** Versions whose half-open system period overlaps [from, to); with `inclusive` [from, to]. */
  | {
      readonly kind: 'range';
      readonly from: Expression;
      readonly to: Expression;
      readonly inclusive: boolean;
    }
  | { readonly kind: 'all' };

/** Room for valid time: today every scan reads "all" valid slices. */
export type ValidTimeSpec =
  | { readonly kind: 'all' }
  | { readonly kind: 'asOf'; readonly at: Expression };

export interface TemporalSpec {
  readonly system: SystemTimeSpec;
  readonly valid: ValidTimeSpec;
}

export const currentVersions: TemporalSpec = {
  system: { kind: 'current' },
  valid: { kind: 'all' },
};
