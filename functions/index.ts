// The public face of functions: import it as #functions, never by a path into the folder.
export * from './contract.ts';
export { documentVector } from './text-search/documents.ts';
export { statementStatisticsTypes, statementTotalsTypes } from './facts/statement-statistics.ts';
export {
  allCasts,
  allFunctions,
  allOperators,
  functionRegistry,
  objectsOfModule,
} from './registry.ts';
export { functionEstimate, isLeakproofFunction } from './user-functions.ts';
export {
  internalFunction,
  type OperatorClass,
  type OperatorStrategy,
  orderingFacts,
  sortOperatorOf,
} from './facts/facts.ts';
export {
  classesOfModule,
  defaultIndexClass,
  type IndexClass,
  indexClassOf,
  type IndexMethod,
  moduleOfClass,
  namedIndexClass,
  scalarClassName,
} from './index-classes.ts';
export { invertedClass } from './inverted-keys/inverted-class.ts';
export type { InvertedClass } from './inverted-keys/contract.ts';
export { allOf, type TermQuery } from './inverted-keys/term-query.ts';
export { CollatedFunction } from './facts/extensions.ts';
export * from './resolution.ts';
export { bindPolymorphic, isPolymorphic, substitute } from './resolution/polymorphism.ts';
export { routineSignature } from './user-functions.ts';
export { operatorSignature } from './user-operators.ts';
export { checkDictionaryOptions } from './text-search/dictionary-options.ts';
export { tokenTypeNumber } from './text-search/token-parser.ts';
export { identityValueOid, tableSampleOids } from './facts/extensions.ts';
export { hashOfType } from './type-hashes.ts';
export { formatType } from './format-type.ts';
export { assignJsonPath } from './families/json-assignment.ts';
export { catalogQuestions } from './families/catalog-questions.ts';
