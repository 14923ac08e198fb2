// Every family of functions, in the order in which the registry reads them.

import type { Family } from '../family.ts';
import { collatedTextFamily } from './collated-text.ts';
import { collectionFamily } from './aggregate-collections.ts';
import { extremeFamily } from './aggregate-extremes.ts';
import { orderedSetFamily } from './aggregate-ordered-sets.ts';
import { statisticsFamily } from './aggregate-statistics.ts';
import { aggregateSupportFamily } from './aggregate-support.ts';
import { sumFamily } from './aggregate-sums.ts';
import { comparisonFamily } from './comparison.ts';
import { datetimeArithmeticFamily } from './datetime-arithmetic.ts';
import { datetimeCastsFamily } from './datetime-casts.ts';
import { datetimeFieldsFamily } from './datetime-fields.ts';
import { datetimeMakingFamily } from './datetime-making.ts';
import { datetimeTruncationFamily } from './datetime-truncation.ts';
import { timeZoneFamily } from './datetime-zones.ts';
import { numberCastsFamily } from './numeric-casts.ts';
import { numericFamily } from './numeric-decimal.ts';
import { floatFamily } from './numeric-float.ts';
import { integerFamily } from './numeric-integer.ts';
import { seriesFamily } from './numeric-series.ts';
import { setReturningFamily } from './set-returning.ts';
import { systemFamily } from './system.ts';
import { toCharDatetimeFamily } from './to-char-datetime.ts';
import { toCharNumberFamily } from './to-char-number.ts';
import { fileTableFamily } from './file-tables.ts';
import { toTimestampFamily } from './to-timestamp.ts';
import { windowFamily } from './window.ts';
import { eventTriggerFamily } from './event-triggers.ts';
import { enumFamily } from './enum.ts';
import { bitStringFamily } from './bit-string.ts';
import { moneyFamily } from './money.ts';
import { networkFamily } from './network.ts';
import { typeIoFamily } from './type-io.ts';
import { recordImageFamily } from './record-image.ts';
import { rangeFamily } from './range.ts';
import { jsonPathFamily } from './jsonpath.ts';
import { textSearchFamily } from './text-search.ts';
import { geometricFamily } from './geometric.ts';
import { geometricAreasFamily } from './geometric-areas.ts';
import { geometricCircleFamily } from './geometric-circle.ts';
import { hashFamily } from './hash.ts';
import { unicodeFamily } from './text-unicode.ts';
import { pgcryptoFamily } from './pgcrypto.ts';
import { uuidGenerationFamily } from './uuid-generation.ts';
import { byteaFamily } from './bytea.ts';
import { regexFamily } from './regex.ts';
import { tableSampleFamily } from './table-sample.ts';
import { citextFamily } from './citext.ts';
import { hstoreFamily } from './hstore.ts';
import { hstoreRecordsFamily } from './hstore-records.ts';
import { trigramFamily } from './trigram.ts';
import { textFamily } from './text.ts';
import { textCastsFamily } from './text-casts.ts';
import { textFormatFamily } from './text-format.ts';
import { identifierFamily } from './text-identifier.ts';
import { accessControlFamily } from './access-control.ts';
import { compositeHashFamily } from './hash-composites.ts';
import { inRangeFamily } from './in-range.ts';
import { informationSchemaFamily } from './information-schema.ts';
import { oidVectorFamily } from './oid-vectors.ts';
import { sharedTypeIoFamily } from './type-io-shared.ts';
import { textSearchQueryFamily } from './text-search-queries.ts';
import { typeModifierFamily } from './type-modifiers.ts';
import { logPositionFamily } from './log-positions.ts';
import { transactionIdFamily } from './transaction-ids.ts';
import { likeFamily } from './text-like.ts';
import { uuidFamily } from './uuid.ts';
import { arrayFamily } from './array.ts';
import { jsonFamily } from './json.ts';
import { jsonbFamily } from './json-binary.ts';
import { jsonChangesFamily } from './json-changes.ts';
import { jsonAggregateFamily } from './aggregate-json.ts';
import { jsonRecordsFamily } from './json-records.ts';

export const families: readonly Family[] = [
  typeIoFamily,
  comparisonFamily,
  recordImageFamily,
  integerFamily,
  floatFamily,
  numericFamily,
  numberCastsFamily,
  seriesFamily,
  arrayFamily,
  jsonFamily,
  jsonbFamily,
  jsonChangesFamily,
  jsonRecordsFamily,
  bitStringFamily,
  moneyFamily,
  networkFamily,
  rangeFamily,
  jsonPathFamily,
  textSearchFamily,
  geometricFamily,
  geometricAreasFamily,
  geometricCircleFamily,
  hashFamily,
  unicodeFamily,
  pgcryptoFamily,
  trigramFamily,
  citextFamily,
  hstoreFamily,
  hstoreRecordsFamily,
  uuidGenerationFamily,
  byteaFamily,
  regexFamily,
  textFamily,
  textCastsFamily,
  collatedTextFamily,
  textFormatFamily,
  identifierFamily,
  accessControlFamily,
  compositeHashFamily,
  inRangeFamily,
  informationSchemaFamily,
  oidVectorFamily,
  sharedTypeIoFamily,
  textSearchQueryFamily,
  typeModifierFamily,
  logPositionFamily,
  transactionIdFamily,
  likeFamily,
  uuidFamily,
  enumFamily,
  setReturningFamily,
  datetimeArithmeticFamily,
  datetimeCastsFamily,
  datetimeFieldsFamily,
  datetimeMakingFamily,
  datetimeTruncationFamily,
  timeZoneFamily,
  toCharDatetimeFamily,
  toCharNumberFamily,
  toTimestampFamily,
  fileTableFamily,
  tableSampleFamily,
  sumFamily,
  extremeFamily,
  collectionFamily,
  jsonAggregateFamily,
  statisticsFamily,
  aggregateSupportFamily,
  orderedSetFamily,
  windowFamily,
  eventTriggerFamily,
  systemFamily,
];
