// The public face of executor: import it as #executor, never by a path into the folder.
export * from './contract.ts';
export { executePlan, type ExecuteOptions, type MeasuredExecution } from './execute-plan.ts';
export type { NodeMeasurement } from './measurement.ts';
export { installSystemRelations, type SystemRelations } from './system-relations.ts';
export { catalogAccess, type SessionFacts } from './catalog/catalog-access.ts';
export { sequenceAccess, SequenceState, type SequenceContext } from './catalog/sequence-access.ts';
export { createCatalog, type StateCatalog } from './catalog/catalog.ts';
export type { UtilityContext, UtilityExecution, UtilityStep } from './ddl/contract.ts';
export { analyzeTable } from './statistics/analyze.ts';
export { openUtility } from './ddl/open-utility.ts';
export { emptyOnCommit } from './ddl/temporary-tables.ts';
export { type FastPath, fastPath } from './fast-path/fast-path.ts';
export * from './copy/index.ts';
export { fileRows } from './columnar-files/file-rows.ts';
export { BulkInsert, bulkInsert, mayInsertInBulk } from './bulk-insert.ts';
export { evaluateConstant } from './evaluate-constant.ts';
export { installSystemCatalog, type ServerRows } from './system-catalog/system-catalog.ts';
export { tableUseOf } from './use-counters.ts';
export type { CatalogRow } from './system-catalog/contract.ts';
export { type ThreadExecution, ThreadRestart } from './threads/thread-execution.ts';
export { ThreadPool } from './threads/thread-pool.ts';
export { RoutineCaller } from './procedural/routine-calls.ts';
export type {
  CursorDirection,
  ProceduralCursor,
  CommandRows,
  ProceduralHost,
  TransactionMark,
  Work,
} from './procedural/host.ts';
export { CallRequest, DrivenCalls } from './procedural/driven-calls.ts';
export { repeatsItsCalls } from './routine-use.ts';
export { openQueryRun, type QueryRun, runAtOnce } from './procedural/statement-run.ts';
export { InnerStatement, type StatementScope } from './procedural/inner-statement.ts';
export {
  bytesInUse,
  memoryForRows,
  newServerMemory,
  useServerMemory,
} from './memory/server-memory.ts';
export { mainThreadSlicesMax } from './limits.ts';
