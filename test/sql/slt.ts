// sqllogictest files: reading them, and running them against any server that speaks the protocol.
// Format: https://www.sqlite.org/sqllogictest/doc/trunk/about.wiki, with these habits:
//
//   statement ok                      the SQL on the following lines must succeed
//   statement error 42P01             … must fail with this SQLSTATE
//   query [nosort|rowsort]            rows follow after ----, columns separated by tabs, NULL as NULL
//   skipif postgres / onlyif lattice  the next record is for one of the two only
//   # …                               a comment
//
// Records are separated by blank lines. Values are the server's text output.

import type { Client } from '../harness/client.ts';
import { rows } from '../harness/client.ts';

export interface SltRecord {
  readonly kind: 'statement' | 'query';
  readonly sql: string;
  readonly line: number;
  /** undefined: must succeed. */
  readonly sqlState: string | undefined;
  readonly sort: 'nosort' | 'rowsort';
  readonly expected: readonly string[];
  /** Servers that the record is for. */
  readonly servers: readonly ServerName[];
}

export type ServerName = 'lattice' | 'postgres';

export function parseSlt(text: string): SltRecord[] {
  const lines = text.split('\n');
  const records: SltRecord[] = [];
  let servers: readonly ServerName[] = ['lattice', 'postgres'];
  for (let line = 0; line < lines.length; line++) {
    const head = lines[line].trim();
    if (head === '' || head.startsWith('#')) continue;
    const [word, ...rest] = head.split(/\s+/);
    if (word === 'skipif' || word === 'onlyif') {
      const named = rest[0] as ServerName;
      servers = (['lattice', 'postgres'] as const).filter(
        (server) => (server === named) === (word === 'onlyif'),
      );
      continue;
    }
    const first = line;
    const block: string[] = [];
    while (++line < lines.length && lines[line].trim() !== '') block.push(lines[line]);
    records.push(recordOf({ word, rest, block, line: first + 1, servers }));
    servers = ['lattice', 'postgres'];
  }
  return records;
}

function recordOf(parts: {
  word: string;
  rest: string[];
  block: string[];
  line: number;
  servers: readonly ServerName[];
}): SltRecord {
  const { word, rest, block, line, servers } = parts;
  if (word === 'statement') {
    const sqlState = rest[0] === 'error' ? (rest[1] ?? '') : undefined;
    return {
      kind: 'statement',
      sql: block.join('\n'),
      line,
      sqlState,
      sort: 'nosort',
      expected: [],
      servers,
    };
  }
  if (word !== 'query') throw new Error(`line ${line}: unknown record "${word}"`);
  const separator = block.indexOf('----');
  if (separator < 0) throw new Error(`line ${line}: a query needs ---- and its rows`);
  const sort = rest.includes('rowsort') ? 'rowsort' : 'nosort';
  const expected = block.slice(separator + 1);
  return {
    kind: 'query',
    sql: block.slice(0, separator).join('\n'),
    line,
    sqlState: undefined,
    sort,
    expected,
    servers,
  };
}

/** Runs the records; returns what differs, by line. */
export async function runSlt(
  client: Client,
  records: readonly SltRecord[],
  server: ServerName,
): Promise<string[]> {
  const differences: string[] = [];
  for (const record of records) {
    if (!record.servers.includes(server)) continue;
    const difference = await runRecord(client, record);
    if (difference !== undefined)
      differences.push(`line ${record.line}: ${difference}\n  ${record.sql}`);
  }
  return differences;
}

async function runRecord(client: Client, record: SltRecord): Promise<string | undefined> {
  let result: (string | null)[][];
  try {
    result = await rows(client, record.sql);
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (record.sqlState === undefined) return `failed with ${code}: ${message}`;
    return record.sqlState === '' || record.sqlState === code
      ? undefined
      : `expected ${record.sqlState}, got ${code}: ${message}`;
  }
  if (record.sqlState !== undefined) return `should have failed with ${record.sqlState}`;
  if (record.kind === 'statement') return undefined;
  const lines = result.map((row) =>
    row.map((value) => (value === null ? 'NULL' : value === '' ? '(empty)' : value)).join('\t'),
  );
  const actual = record.sort === 'rowsort' ? lines.toSorted() : lines;
  const expected = record.sort === 'rowsort' ? record.expected.toSorted() : record.expected;
  if (actual.join('\n') === expected.join('\n')) return undefined;
  return `expected\n    ${expected.join('\n    ')}\n  got\n    ${actual.join('\n    ')}`;
}
