// What a segment file holds, for people.

import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { SegmentFileFacts } from '../contract.ts';
import { DamagedSegment } from './damaged-segment.ts';
import { SegmentFile } from './segment-file.ts';

/** A damaged file has no columns. */
export function segmentFileFacts(
  folder: string,
  name: string,
  changedKeys: number,
): SegmentFileFacts {
  const path = join(folder, name);
  try {
    const { footer } = new SegmentFile(path);
    return {
      file: name,
      kind: footer.kind,
      rows: footer.rows,
      bytes: statSync(path).size,
      builtAt: footer.builtAt,
      changedKeys,
      columns: footer.columns
        .filter(({ attribute }) => attribute > 0)
        .map(({ attribute, chunks, dictionary }) => ({
          attributeNumber: attribute,
          bytes: chunks.reduce((sum, { length }) => sum + length, dictionary?.length ?? 0),
          encodings: [...new Set(chunks.map(({ encoding }) => encoding))],
        })),
    };
  } catch (error) {
    if (!(error instanceof DamagedSegment)) throw error;
    return { file: name, kind: 'current', rows: 0, bytes: 0, builtAt: 0, changedKeys, columns: [] };
  }
}
