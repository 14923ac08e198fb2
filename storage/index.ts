// The public face of storage: import it as #storage, never by a path into the folder.
export * from './contract.ts';
export type * from './table/contract.ts';
export type * from './segments/contract.ts';
export * from './catalog/index.ts';
export { type OpenStorage, type StorageOptions, openStorage } from './engine.ts';
export type { MemoryBudget } from './memory-budget.ts';
export { LockWait, StatementRestart } from './transaction/lock-wait.ts';
export {
  type AdvisoryHolder,
  AdvisoryLocks,
  type AdvisoryMode,
  type AdvisoryScope,
} from './transaction/advisory-locks.ts';
export {
  type PreparedTransaction,
  PreparedTransactions,
} from './transaction/prepared-transactions.ts';
export {
  largeObjectBytesMax,
  type LargeObjectFacts,
  largeObjectPageBytes,
  LargeObjects,
  largeObjectTrees,
} from './large-objects/large-objects.ts';
export { tableLockName } from './transaction/table-locks.ts';
export { openRowSample, type RowSample } from './table/row-sample.ts';
export { tableAccess } from './table/table-access.ts';
export { openSharedSnapshot } from './shared-snapshot.ts';
export { useSegmentCache } from './segments/block-cache.ts';
export { openColumnScan } from './segments/column-scan.ts';
