// Files of the server as tables: read_csv, read_json (a document a line) and read_parquet. What they read is
// the business of whoever provides FunctionContext.files.

import { notSupported, type Datum } from '#common';
import type { FileRequest, FunctionContext, SetImplementation } from '../contract.ts';
import { forTypes, type Family } from '../family.ts';

function fileTable(format: FileRequest['format']): ReturnType<typeof forTypes<SetImplementation>> {
  return forTypes<SetImplementation>(
    ({ columns = [] }) =>
      (context: FunctionContext, path: string, ...options: readonly Datum[]) => {
        if (context.files === undefined) throw notSupported('reading files here');
        const [header = true, delimiter = ',', nullText = ''] = options as [
          boolean?,
          string?,
          string?,
        ];
        return context.files.rows({ format, path, columns, header, delimiter, nullText });
      },
  );
}

export const fileTableFamily: Family = {
  sets: {
    read_csv: fileTable('csv'),
    read_json: fileTable('json'),
    read_parquet: fileTable('parquet'),
  },
};
