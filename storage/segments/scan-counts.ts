// What a column scan counts while it runs.

import type { ColumnScanStatistics } from './contract.ts';

export class ScanCounts implements ColumnScanStatistics {
  blocksRead = 0;
  blocksPruned = 0;
  bytesRead = 0;
  rowsFromRowStore = 0;
  rowsNotWanted = 0;
}
