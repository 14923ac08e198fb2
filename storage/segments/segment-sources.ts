// The columns that a scan asks for, from a block of a segment file: attributes as they are stored, the
// constant of an attribute that is younger than the file, and the times.

import { type Datum, TypeOid } from '#common';
import type { BatchShape } from '../table/column-batch.ts';
import type { PseudoColumn, RowSource, TableAccess } from '../table/contract.ts';
import { epochDifference } from '../table/row-sources.ts';
import { cachedVector, type ReadVector } from './block-cache.ts';
import { datumVector, integerVector, vectorForm } from './datum-vectors.ts';
import { DamagedSegment } from './damaged-segment.ts';
import type { SegmentFile } from './segment-file.ts';
import { SystemColumn } from './segment-format.ts';

/** What sourceVector() knows besides attributes. */
const segmentPseudoColumns: ReadonlySet<PseudoColumn> = new Set([
  '_tx_from',
  '_valid_from',
  '_valid_to',
  'tableoid',
]);

/** Can files give all of these? Keys and the ends of versions are the row store's. */
export function segmentsHave(sources: readonly RowSource[]): boolean {
  return sources.every(
    (source) =>
      source.kind === 'attribute' ||
      (source.kind === 'pseudo' && segmentPseudoColumns.has(source.name)),
  );
}

/** Is every attribute that the file has of the type that the table says? */
export function typesMatch(file: SegmentFile, access: TableAccess): boolean {
  return access.table.columns.every(
    ({ attributeNumber, type, dropped }) =>
      dropped || (file.column(attributeNumber)?.typeOid ?? type.oid) === type.oid,
  );
}

interface BlockPlace {
  readonly file: SegmentFile;
  readonly block: number;
  readonly shape: BatchShape;
}

/** Throws DamagedSegment. */
export function sourceVector(place: BlockPlace, source: RowSource): ReadVector {
  const { file, block, shape } = place;
  if (source.kind === 'attribute') {
    const column = file.column(source.attributeNumber);
    if (column !== undefined) return cachedVector(file, column, block);
    const { type } = shape.format.columns[source.attributeNumber - 1];
    return constant(place, shape.format.missing(source.attributeNumber), type.oid);
  }
  if (source.kind === 'rowKey') throw new DamagedSegment(file.path, 'it has no keys');
  switch (source.name) {
    case '_tx_from':
      return sqlTimes(place, SystemColumn.from);
    case '_valid_from':
      return isAllNull(place, SystemColumn.validFrom)
        ? sqlTimes(place, SystemColumn.from)
        : mixed(place, SystemColumn.validFrom, sqlTimes(place, SystemColumn.from));
    case '_valid_to':
      return isAllNull(place, SystemColumn.validTo)
        ? constant(place, Infinity, TypeOid.timestamptz)
        : mixed(place, SystemColumn.validTo, constant(place, Infinity, TypeOid.timestamptz));
    case 'tableoid':
      return constant(place, shape.tableOid, TypeOid.oid);
    default:
      throw new DamagedSegment(file.path, `it has no ${source.name}`);
  }
}

function constant({ file, block }: BlockPlace, value: Datum, typeOid: number): ReadVector {
  const values = new Array<Datum>(file.footer.blocks[block].rows).fill(value);
  return { vector: datumVector(vectorForm(typeOid), values), bytesRead: 0, isShared: false };
}

function isAllNull({ file, block }: BlockPlace, attribute: number): boolean {
  const chunk = file.column(attribute)?.chunks[block];
  return chunk === undefined || chunk.nulls === file.footer.blocks[block].rows;
}

function systemColumn({ file, block }: BlockPlace, attribute: number): ReadVector {
  const column = file.column(attribute);
  if (column === undefined) throw new DamagedSegment(file.path, 'a time is missing');
  return cachedVector(file, column, block);
}

/** Times as SQL has them: microseconds since 2000. */
function sqlTimes(place: BlockPlace, attribute: number): ReadVector {
  const { vector, bytesRead } = systemColumn(place, attribute);
  if (vector.kind !== 'integer') throw new DamagedSegment(place.file.path, 'a time is missing');
  const values = new Float64Array(vector.values.length);
  for (let row = 0; row < values.length; row++) values[row] = vector.values[row] - epochDifference;
  return { vector: integerVector(values, 0, undefined), bytesRead, isShared: false };
}

/** Explicit times where there are, the usual ones elsewhere. */
function mixed(place: BlockPlace, attribute: number, usual: ReadVector): ReadVector {
  const { vector, bytesRead } = systemColumn(place, attribute);
  const { vector: otherwise } = usual;
  if (vector.kind !== 'integer' || !('values' in otherwise)) {
    throw new DamagedSegment(place.file.path, 'a time is missing');
  }
  const values = Array.from({ length: vector.values.length }, (_, row): Datum => {
    const isUsual = vector.nulls !== undefined && vector.nulls[row] !== 0;
    return isUsual ? otherwise.values[row] : explicitTime(vector.values[row]);
  });
  const made = datumVector('integer', values);
  return { vector: made, bytesRead: bytesRead + usual.bytesRead, isShared: false };
}
function explicitTime(time: number): number {
  return time === Number.MAX_SAFE_INTEGER ? Infinity : time - epochDifference;
}
