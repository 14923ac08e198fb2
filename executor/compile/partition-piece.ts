// Rows of whole partitions in order, on their way from the sort through the calls of a window and out of it.

import type { Vector } from '#common';
import { PickedRows, type RowsInOrder } from './ordered-rows.ts';
import { slicedVector } from './vector-batch.ts';
import type { VectorPages } from './vector-pages.ts';

export interface Piece {
  readonly length: number;
  /** With the columns that calls look at; undefined: they are on disk, and the rows are one partition. */
  readonly rows: RowsInOrder | undefined;
  /** Such columns on disk, by their places among them. */
  readonly pages: VectorPages | undefined;
  /** How far rows may go out together that begin at a position. */
  endOfPart(from: number): number;
  /** Values from .. to - 1 of a column, of such rows at most; those at `wanted` are enough. */
  vector(column: number, part: PiecePart, wanted?: Int32Array): Vector;
  close(): void;
}

export interface PiecePart {
  readonly from: number;
  readonly to: number;
}

export class PieceInMemory implements Piece {
  readonly rows: RowsInOrder;
  readonly pages = undefined;

  constructor(rows: RowsInOrder) {
    this.rows = rows;
  }
  get length(): number {
    return this.rows.length;
  }
  endOfPart(): number {
    return this.length;
  }
  vector(column: number, part: PiecePart, wanted?: Int32Array): Vector {
    const { rows } = this;
    const isWhole = part.from === 0 && part.to === this.length;
    if (wanted !== undefined && isWhole && rows instanceof PickedRows)
      return rows.vectorAt(column, wanted);
    return partOf(rows.vector(column), part, this.length);
  }
  close(): void {}
}

interface Places {
  readonly rows: RowsInOrder | undefined;
  /** The columns that calls look at, unless they are in the rows. */
  readonly seenPages: VectorPages | undefined;
  /** The other columns, if there are any. */
  readonly otherPages: VectorPages | undefined;
}

export class PieceOnDisk implements Piece {
  readonly length: number;
  private readonly places: Places;
  private readonly placeOf: (column: number) => {
    readonly isSeen: boolean;
    readonly place: number;
  };

  constructor(length: number, places: Places, placeOf: PieceOnDisk['placeOf']) {
    this.length = length;
    this.places = places;
    this.placeOf = placeOf;
  }
  get rows(): RowsInOrder | undefined {
    return this.places.rows;
  }
  get pages(): VectorPages | undefined {
    return this.places.seenPages;
  }
  endOfPart(from: number): number {
    const { seenPages, otherPages } = this.places;
    const { rowsPerPage } = (seenPages ?? otherPages)!;
    return Math.min(this.length, (Math.floor(from / rowsPerPage) + 1) * rowsPerPage);
  }
  vector(column: number, part: PiecePart): Vector {
    const { rows, seenPages, otherPages } = this.places;
    const { isSeen, place } = this.placeOf(column);
    if (isSeen && rows !== undefined) return partOf(rows.vector(column), part, this.length);
    return (isSeen ? seenPages! : otherPages!).vector(place, part);
  }
  close(): void {
    this.places.seenPages?.close();
    this.places.otherPages?.close();
  }
}

function partOf(vector: Vector, { from, to }: PiecePart, length: number): Vector {
  return from === 0 && to === length ? vector : slicedVector(vector, { start: from, end: to })!;
}
