// What DDL and COPY need of the planner to read their statements.
export { bodyOf, listItems, nodeTag, stringsOf } from '../bind/node.ts';
export type { BindContext, SourceText } from '../bind/context.ts';
export {
  definitionElements,
  elementBoolean,
  elementInteger,
  elementText,
  nodeText,
} from './definition-element.ts';
export { resolveType, typeNamed } from './column-type.ts';
export { hasSubquery } from '../optimize/expression-facts.ts';
export { generatedName, identifierBytesMax, truncateIdentifier } from './identifier.ts';
export {
  clauseInside,
  editText,
  nameEnd,
  qualifiedText,
  relationReferences,
  type RelationReference,
  ruleParts,
  starReferences,
  type StarReference,
  type TextEdit,
  typeReferences,
  viewQueryStart,
  withoutCheckOption,
} from './query-text.ts';
