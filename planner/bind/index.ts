// From parsed statements to logical plans; imported by the rest of planner through this file.
export type { BindContext, LiteralParameter, SourceText } from './context.ts';
export { rowFilterObstacle } from './row-filter.ts';
export { bindTypeNode, bindTypeText, columnType, relationRowType } from './named-type.ts';
export { bindElementAssignment } from './element-assignment.ts';
export { bindCallStatement, type BoundCall } from './call.ts';
export { bodyStatements, standardBodyStatements } from './standard-body.ts';
export {
  bindTriggerCondition,
  bindTriggerConditionNode,
  type TriggerTarget,
} from './trigger-condition.ts';
export { namesSide } from './rule-action.ts';
export { bindRuleDraft, type BoundRule, type RuleDraft } from './rule-draft.ts';
export { bindValueCast } from './value-cast.ts';
export {
  columnTypeOf,
  isCollatable,
  resolveCollation,
  typeCollation,
  underCollation,
  withCollation,
} from './collation.ts';
export { userFunctions } from './user-function.ts';
export type { Variable, VariableScope } from './variable.ts';
export type { RecordField } from './record-shape.ts';
export { queryObstacle, updatableBase } from './updatable-view.ts';
export { bindArgument, bindStatement } from './statement.ts';
export {
  bindColumnDefault,
  bindDomainRule,
  bindStoredExpression,
  bindTableChecks,
  bindTableExpression,
  type TableExpression,
  type TableExpressionPlace,
  type TableExpressionRequest,
} from './table-expression.ts';
