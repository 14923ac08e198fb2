// What a server answers to a statement, as a text: command, types, rows without their order; or the SQLSTATE.

import type { Client } from '../harness/client.ts';

export async function answer(client: Client, sql: string): Promise<string> {
  try {
    const result = await client.query<(string | null)[]>({ text: sql, rowMode: 'array' });
    const types = result.fields.map(({ dataTypeID }) => dataTypeID);
    const lines = result.rows.map((row) => row.map((value) => value ?? 'NULL').join('\t'));
    return [`${result.command} ${result.rowCount} ${types.join(',')}`, ...lines.toSorted()].join(
      '\n',
    );
  } catch (error) {
    return `error ${(error as { code?: string }).code}`;
  }
}
