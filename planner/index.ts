// The public face of planner: import it as #planner, never by a path into the folder.
export * from './catalog.ts';
export * from './temporal.ts';
export * from './logical-plan.ts';
export * from './physical-plan.ts';
export * from './parse/index.ts';
export * from './utility/index.ts';
export * from './optimize/pass.ts';
export {
  hasModule,
  isModuleSchema,
  moduleSchemaOid,
  moduleTypeNamed,
} from './bind/module-schema.ts';
export {
  optimize,
  optimizeLogical,
  optimizerPasses,
  type OptimizeOptions,
} from './optimize/index.ts';
export {
  isPlanStale,
  isSamePlan,
  marksLeft,
  namesCurrentTables,
  nodeInputs,
  writesRows,
  reducedGroupsFactor,
  type ChoosablePath,
  choosablePaths,
} from './physical/index.ts';
export { type Checkpoint, checkpointsOf } from './adaptive/checkpoints.ts';
export { computedCteId } from './adaptive/computed-cte.ts';
export { replan, type ComputedInput, type ReplanRequest } from './adaptive/replan.ts';
export { learnFromExecution, type ObservedFractions } from './feedback/plan-feedback.ts';
export { rewriteExpression } from './optimize/expression-tree.ts';
export {
  isExactAggregate,
  type SplitAggregate,
  splitAggregate,
} from './optimize/split-aggregate.ts';
export { rowFeedbackAbout } from './feedback/row-feedback.ts';
export { feedbackAbout } from './feedback/table-feedback.ts';
export { foreignTableError } from './foreign-table.ts';
export { explainPlan, type ExplainOptions, type NodeMeasurement } from './explain/index.ts';
export { deparseExpression, type NameResolver, withoutParentheses } from './deparse/deparse.ts';
export { printQuery, type PrintNames } from './deparse/query/index.ts';
export { typeText } from './deparse/type-text.ts';
export { quoteIdentifier, quoteLiteral } from './deparse/identifier.ts';
export {
  type AclChange,
  type AclItem,
  aclOf,
  allRights,
  type AclOwner,
  changedAcl,
  mergedAcl,
  defaultAcl,
  formatAcl,
  aclOfOwner,
  formatRights,
  type Grantable,
  type GrantableKind,
  grantableRights,
  hasPrivilegesOf,
  rowSecurityStatus,
  hasRights,
  heldRights,
  isMemberOf,
  isSuperuser,
  parseAcl,
  PredefinedRole,
  privilegeLetters,
  publicGrantee,
  rolesOf,
} from '#policy';
export {
  accessDenied,
  checkAccess,
  columnGrantable,
  largeObjectGrantable,
  mayOnSchema,
  relationDenied,
  relationGrantable,
  secretRelations,
} from './access-check.ts';
export * from './bind/index.ts';
export * from './plpgsql/index.ts';
