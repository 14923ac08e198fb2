// The public face of common: import it as #common, never by a path into the folder.
import './value-types/value-types.ts';

export * from './errors.ts';
export * from './datum.ts';
export * from './batch.ts';
export * from './vector.ts';
export * from './wide-integers.ts';
export * from './types.ts';
export * from './relabel.ts';
export * from './expression.ts';
export * from './schema.ts';
export * from './policies.ts';
export * from './catalog-entries.ts';
export * from './rules.ts';
export * from './encodings.ts';
export * from './routines.ts';
export * from './user-entries.ts';
export * from './user-routines.ts';
export * from './statistics.ts';
export * from './byte-writer.ts';
export * from './format-settings.ts';
export * from './numeric.ts';
export {
  divisionByZero,
  numericDisplayScaleMax,
  numericOverflow,
  numericSignificantDigitsMin,
  numericTypmod,
  numericTypmodParts,
} from './numeric-format.ts';
export { leadingGroup } from './division-scale.ts';
export * from './decimal-integer.ts';
export * from './type-registry.ts';
export * from './user-types.ts';
export * from './collations.ts';
export * from './collation-order.ts';
export { rowEqualityTypes, rowOrderTypes } from './row-fields.ts';
export { icuCollator } from './icu-locale.ts';
export * from './inherited-key.ts';
export * from './limits.ts';
export * from './clock.ts';
export * from './random.ts';
export * from './text-order.ts';
export * from './json-value.ts';
export * from './canonical-json.ts';
export * from './jsonb.ts';
export * from './json-text.ts';
export type * from './jsonpath/ast.ts';
export { compiledJsonPath } from './value-types/jsonpath.ts';
export * from './compare.ts';
export * from './key-values.ts';
export * from './key-decoding.ts';
export * from './key-encoding.ts';
export * from './buffer-text.ts';
export * from './value-codec.ts';
export { coerceBit, coerceVarbit, parseBits } from './value-types/bit-string.ts';
export * from './modules.ts';
export { checkedLsn } from './value-types/scaled-integers.ts';
export { tupleId } from './value-types/tuple-id.ts';
export { snapshotParts } from './value-types/transaction-snapshot.ts';
export { multirangeInfoOf, rangeInfoOf, type RangeInfo } from './value-types/range-info.ts';
export { defineTypes, typeDefinitions, type TypeDefinitions } from './type-definitions.ts';
export * from './value-types/range.ts';
export * from './text-search/names.ts';
export {
  compareQueryNodes,
  countNodes,
  lexemesOf,
  pair,
  parseQueryText,
  phraseDistanceMax,
  TsQuery,
  type QueryLexeme,
  type QueryNode,
  type QueryPair,
  type StopNode,
} from './text-search/ts-query.ts';
export {
  checkLexeme,
  checkSearchedLength,
  type Lexeme,
  placeOf,
  positionMax,
  TsVector,
  weightOf,
} from './text-search/ts-vector.ts';
export {
  GeometricValue,
  lineThrough,
  lineWithSlope,
  makeBox,
  shapeElement,
  shapeElementType,
  withShapeElement,
} from './value-types/geometric.ts';
export { Hstore, type HstorePair, hstoreEnds, hstoreTexts, nullKey } from './value-types/hstore.ts';
export { NetworkAddress, maskBytes } from './value-types/network.ts';
export * from './tuple.ts';
export * from './tuple-fill.ts';
export * from './tuple-assembly.ts';
export * from './utf8.ts';
export * from './type-io/type-io.ts';
export { formatFloat4, formatFloat8, parseFloat4, parseFloat8 } from './type-io/floats.ts';
export { parseBool, parseInt2, parseInt4, parseInt8 } from './type-io/integers.ts';
export { misnamedRelation, unknownRelation } from './type-io/object-names.ts';
export {
  coerceBpchar,
  coerceName,
  coerceVarchar,
  formatBytea,
  formatSingleByte,
  parseSingleByte,
  parseBytea,
  parseHex,
  parseUuid,
} from './type-io/strings.ts';
export * from './datetime/calendar.ts';
export * from './datetime/date-style.ts';
export type { DateTimeSettings } from './datetime/decode.ts';
export {
  dateOutOfRange,
  dateTimeError,
  intervalOutOfRange,
  timestampOutOfRange,
} from './datetime/errors.ts';
export * from './datetime/format.ts';
export * from './datetime/format-interval.ts';
export * from './datetime/parse.ts';
export * from './datetime/parse-interval.ts';
export {
  findTimeZone,
  fixedTimeZone,
  localOffset,
  offsetText,
  type TimeZone,
  timeZoneOf,
  unknownTimeZone,
} from './datetime/time-zone.ts';
export { zoneAbbreviations } from './datetime/abbreviations.ts';
export * from './quoting.ts';
export * from './characters.ts';
export * from './long-text.ts';
