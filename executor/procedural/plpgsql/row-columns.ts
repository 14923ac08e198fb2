// The columns of a row type as rows carry them.

import type { SqlType } from '#common';
import type { Frame } from './frame.ts';

export interface RowColumn {
  readonly name: string;
  readonly type: SqlType;
}

/** undefined: not a row type of the catalog. */
export function compositeColumns(frame: Frame, type: number): readonly RowColumn[] | undefined {
  return frame.host
    .bindContext()
    .catalog.rowType(type)
    ?.columns.filter((column) => !column.dropped);
}
