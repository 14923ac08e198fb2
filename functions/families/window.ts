// Window functions proper. Those over a frame (first_value …) see it through frameRow, which knows the holes that
// EXCLUDE leaves; the others ignore frames.

import { databaseError, type Datum } from '#common';
import type { WindowImplementation, WindowPartition } from '../contract.ts';
import type { Family } from '../family.ts';

function windowFunction(evaluate: (window: WindowPartition) => Datum): WindowImplementation {
  return { evaluate };
}

/** The row `offset` behind (or ahead of) the current one, or the default. */
function shifted(
  window: WindowPartition,
  offset: Datum,
  fallback: () => Datum,
  direction: 1 | -1,
): Datum {
  if (offset === null) return null;
  const position = window.position + direction * Number(offset);
  return position >= 0 && position < window.rowCount ? window.argument(0, position) : fallback();
}

const none = (): Datum => null;

function lagOrLead(direction: 1 | -1): {
  plain: WindowImplementation;
  offset: WindowImplementation;
  fallback: WindowImplementation;
} {
  return {
    plain: windowFunction((window) => shifted(window, 1, none, direction)),
    offset: windowFunction((window) =>
      shifted(window, window.argument(1, window.position), none, direction),
    ),
    fallback: windowFunction((window) =>
      shifted(
        window,
        window.argument(1, window.position),
        () => window.argument(2, window.position),
        direction,
      ),
    ),
  };
}

/** ntile: the first rowCount % buckets buckets have one row more. */
function ntile(window: WindowPartition): Datum {
  const buckets = window.argument(0, window.position) as number | null;
  if (buckets === null) return null;
  if (buckets <= 0) {
    throw databaseError('invalidArgumentForNtile', 'argument of ntile must be greater than zero');
  }
  const size = Math.floor(window.rowCount / buckets);
  const larger = window.rowCount % buckets;
  const inLarger = larger * (size + 1);
  return window.position < inLarger
    ? Math.floor(window.position / (size + 1)) + 1
    : larger + Math.floor((window.position - inLarger) / size) + 1;
}

function valueAt(window: WindowPartition, position: number): Datum {
  return position < 0 ? null : window.argument(0, position);
}

function nthValue(window: WindowPartition): Datum {
  const wanted = window.argument(1, window.position) as number | null;
  if (wanted === null) return null;
  if (wanted <= 0) {
    throw databaseError(
      'invalidArgumentForNthValue',
      'argument of nth_value must be greater than zero',
    );
  }
  return valueAt(window, window.frameRow(wanted - 1));
}

const lag = lagOrLead(-1);
const lead = lagOrLead(1);

export const windowFamily: Family = {
  windows: {
    window_row_number: windowFunction((window) => window.position + 1),
    window_rank: windowFunction((window) => window.peerStart + 1),
    window_dense_rank: windowFunction((window) => window.peerGroup),
    window_percent_rank: windowFunction((window) =>
      window.rowCount <= 1 ? 0 : window.peerStart / (window.rowCount - 1),
    ),
    window_cume_dist: windowFunction((window) => window.peerEnd / window.rowCount),
    window_ntile: windowFunction(ntile),
    window_lag: lag.plain,
    window_lag_with_offset: lag.offset,
    window_lag_with_offset_and_default: lag.fallback,
    window_lead: lead.plain,
    window_lead_with_offset: lead.offset,
    window_lead_with_offset_and_default: lead.fallback,
    window_first_value: windowFunction((window) => valueAt(window, window.frameRow(0))),
    window_last_value: windowFunction((window) => valueAt(window, window.frameRow(-1))),
    window_nth_value: windowFunction(nthValue),
  },
};
