// lattice_segments: the files of column segments, one row a file and column.

import { epochDifferenceMicros } from '#common';
import { type CatalogRow, type CatalogScope, type RowSources, textArray } from '../contract.ts';

export const segmentSources: RowSources = {
  *lattice_segments({ catalog, context }: CatalogScope): Iterable<CatalogRow> {
    for (const table of catalog.userRelations()) {
      if (table.kind !== 'table') continue;
      for (const file of context.storage.segmentFiles(table.treeId)) {
        for (const { attributeNumber, bytes, encodings } of file.columns) {
          const column = table.columns[attributeNumber - 1];
          if (column.dropped) continue;
          yield {
            schemaname: catalog.schemaByOid(table.schemaOid)?.name ?? null,
            tablename: table.name,
            filename: file.file,
            kind: file.kind,
            row_count: file.rows,
            changed_keys: file.changedKeys,
            built_at: file.builtAt - epochDifferenceMicros,
            file_bytes: file.bytes,
            attname: column.name,
            column_bytes: bytes,
            encodings: textArray(encodings),
          };
        }
      }
    }
  },
};
