// Runs scripts on this server and on a real PostgreSQL side by side and counts the statements that they
// answer alike: the same rows with the same types, or the same SQLSTATE.

import { from as copyFrom } from './copy-in.ts';
import { type Client, connect } from '../harness/client.ts';
import type { Script, Statement } from './sources.ts';

export interface ScriptResult {
  readonly script: Script;
  readonly agreed: number;
  /** PostgreSQL answers, and this server says 0A000. */
  readonly notSupported: number;
  readonly differences: readonly Difference[];
}

export interface Difference {
  readonly sql: string;
  readonly ours: string;
  readonly theirs: string;
}

export interface Servers {
  readonly ours: () => number;
  readonly theirs: () => number;
  /** After a lost connection: starts our server again if it has ended, and tells what it said. */
  readonly recover: () => Promise<string | undefined>;
}

const statementTimeoutMs = 20_000;

/** Each script has a database of its own, or `shared` goes on in one (regression tests build on each other). */
export async function compareScript(
  servers: Servers,
  script: Script,
  database: string,
): Promise<ScriptResult> {
  const ours = await openDatabase(servers.ours, database);
  const theirs = await openDatabase(servers.theirs, database);
  const differences: Difference[] = [];
  let agreed = 0;
  let notSupported = 0;
  try {
    for (const statement of script.statements) {
      const [mine, reference] = await Promise.all([
        answer(ours, statement),
        answer(theirs, statement),
      ]);
      const crash = mine.startsWith('lost connection') ? await servers.recover() : undefined;
      if (withoutMessage(mine) === withoutMessage(reference)) agreed++;
      else {
        if (mine.startsWith('error 0A000')) notSupported++;
        differences.push({ sql: statement.sql, ours: crash ?? mine, theirs: reference });
      }
    }
  } finally {
    await ours.end();
    await theirs.end();
  }
  return { script, agreed, notSupported, differences };
}

/** Errors agree when their SQLSTATEs do. */
function withoutMessage(text: string): string {
  return text.startsWith('error ') ? text.slice(0, 'error 00000'.length) : text;
}

/** A client that connects again when the server has ended its connection. */
class Reconnecting {
  private readonly port: () => number;
  private readonly database: string;
  private client: Client | undefined;

  constructor(port: () => number, database: string) {
    this.port = port;
    this.database = database;
  }

  async get(): Promise<Client> {
    if (this.client !== undefined) return this.client;
    const client = await connect(this.port(), { database: this.database });
    client.on('end', () => {
      this.client = undefined;
    });
    await client.query(`SET statement_timeout = ${statementTimeoutMs}`);
    this.client = client;
    return client;
  }

  forget(): void {
    this.client = undefined;
  }

  async end(): Promise<void> {
    await this.client?.end();
  }
}

async function openDatabase(port: () => number, database: string): Promise<Reconnecting> {
  const admin = await connect(port());
  await admin.query(`CREATE DATABASE ${database}`).catch((error: { code?: string }) => {
    if (error.code !== '42P04') throw error as unknown as Error;
  });
  await admin.end();
  return new Reconnecting(port, database);
}

async function answer(connection: Reconnecting, statement: Statement): Promise<string> {
  try {
    const client = await connection.get();
    if (statement.copyData !== undefined)
      return await copyFrom(client, statement.sql, statement.copyData);
    const results = await client.query<(string | null)[]>({
      text: statement.sql,
      rowMode: 'array',
    });
    const list = Array.isArray(results) ? (results as (typeof results)[]) : [results];
    return list.map((result) => describe(result, statement.sql)).join('\n');
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    if (code === undefined || code.startsWith('ECONN')) {
      connection.forget();
      return `lost connection: ${message}`;
    }
    return `error ${code} ${message}`;
  }
}

interface Answer {
  readonly command: string | null;
  readonly rowCount: number | null;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
  readonly rows: readonly (readonly (string | null)[])[];
}

/** Types made by users have oids of their own on each server. */
const firstUserOid = 16384;

function describe(result: Answer, sql: string): string {
  const fields = result.fields.map(
    ({ name, dataTypeID }) => `${name}:${dataTypeID >= firstUserOid ? 'user' : dataTypeID}`,
  );
  const rows = result.rows.map((row) => row.map((value) => value ?? 'NULL').join('\t'));
  const ordered = /\border\s+by\b/i.test(sql) || /^\s*explain\b/i.test(sql);
  const lines = ordered ? rows : rows.toSorted();
  return [`${result.command} ${result.rowCount} ${fields.join(',')}`, ...lines].join('\n');
}
