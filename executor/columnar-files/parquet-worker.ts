// The thread that decodes a Parquet file: what a damaged file makes of it (a loop without end, all the
// memory that it may have) is this thread's alone, and it can be ended at any time.

import { parentPort, workerData } from 'node:worker_threads';
import { compressors } from 'hyparquet-compressors';
import {
  asyncBufferFromFile,
  parquetMetadataAsync,
  parquetRead,
  type AsyncBuffer,
  type FileMetaData,
  type SchemaElement,
} from 'hyparquet';
import { checkedUtf8 } from '#common';
import { isText, topLevel } from './parquet-values.ts';

export interface ParquetRequest {
  readonly group: number;
  readonly names: readonly string[];
}

export type ParquetReply =
  | {
      readonly kind: 'opened';
      /** The columns of the file. */
      readonly elements: readonly SchemaElement[];
      readonly rowGroups: number;
    }
  /** Stored values by column; texts as strings. */
  | { readonly kind: 'group'; readonly columns: readonly (readonly unknown[])[] }
  /** `code`: the file system's word for it; undefined when the file's bytes are to blame. */
  | { readonly kind: 'failed'; readonly message: string; readonly code?: string | undefined };

const { path } = workerData as { readonly path: string };
const port = parentPort!;
const reply = (message: ParquetReply): void => port.postMessage(message);

async function open(): Promise<{ readonly file: AsyncBuffer; readonly metadata: FileMetaData }> {
  const file = await asyncBufferFromFile(path);
  const metadata = await parquetMetadataAsync(file, { geoparquet: false });
  const columns = topLevel(metadata.schema.slice(1));
  const elements = columns.map((element) => ({ ...element }));
  reply({ kind: 'opened', elements, rowGroups: metadata.row_groups.length });
  // From here on the library hands out what is stored: integers and bytes.
  for (const element of columns) {
    if (isText(element)) texts.add(element.name);
    delete element.converted_type;
    delete element.logical_type;
  }
  return { file, metadata };
}

const texts = new Set<string>();

async function readGroup({ group, names }: ParquetRequest): Promise<void> {
  const { file, metadata } = await opened;
  const sizes = metadata.row_groups.map((entry) => Number(entry.num_rows));
  const rowStart = sizes.slice(0, group).reduce((sum, size) => sum + size, 0);
  const parts = new Map<string, { readonly start: number; readonly data: ArrayLike<unknown> }[]>();
  await parquetRead({
    file,
    metadata,
    columns: [...new Set(names)],
    rowStart,
    rowEnd: rowStart + sizes[group],
    utf8: false,
    geoparquet: false,
    compressors,
    parsers: { timestampFromNanoseconds: (nanos: bigint) => nanos },
    onChunk: ({ columnName, columnData, rowStart: start }) => {
      const known = parts.get(columnName) ?? [];
      known.push({ start, data: columnData });
      parts.set(columnName, known);
    },
  });
  const columns = names.map((name) => joined(parts.get(name) ?? [], sizes[group], name));
  reply({ kind: 'group', columns });
}

function joined(
  parts: readonly { readonly start: number; readonly data: ArrayLike<unknown> }[],
  rows: number,
  name: string,
): unknown[] {
  const sorted = parts.toSorted((left, right) => left.start - right.start);
  const values = sorted.flatMap((part) => Array.from(part.data));
  if (values.length !== rows)
    throw new Error(`column "${name}" has ${values.length} of ${rows} values`);
  return texts.has(name) ? values.map(textValue) : values;
}

function textValue(value: unknown): unknown {
  return value instanceof Uint8Array ? checkedUtf8(value) : value;
}

function fail(error: unknown): void {
  const message = error instanceof Error ? error.message : 'not readable';
  const isFileError = error instanceof Error && 'syscall' in error && 'code' in error;
  reply({ kind: 'failed', message, code: isFileError ? String(error.code) : undefined });
}

const opened = open();
opened.catch(fail);
port.on('message', (request: ParquetRequest) => {
  readGroup(request).catch(fail);
});
