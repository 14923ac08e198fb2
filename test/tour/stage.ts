// Where the tour's steps act: connections by name to one server, and the printing of statements, tables and
// errors.

import assert from 'node:assert/strict';
import type pg from 'pg';
import { connect } from '../harness/client.ts';
import type { LatticeProcess } from '../harness/lattice.ts';

/** Longest result that is printed whole. */
const rowsShownMax = 12;

export class Stage {
  private readonly startServer: () => Promise<LatticeProcess>;
  private server: LatticeProcess | undefined;
  private readonly clients = new Map<string, pg.Client>();

  constructor(startServer: () => Promise<LatticeProcess>) {
    this.startServer = startServer;
  }

  async start(): Promise<void> {
    const began = performance.now();
    this.server = await this.startServer();
    const elapsed = Math.round(performance.now() - began);
    this.line(
      `The server is ready after ${elapsed} ms: psql -h 127.0.0.1 -p ${this.server.port} -U postgres`,
    );
  }

  /** SIGTERM; the server must end with status 0. */
  async stop(): Promise<void> {
    await this.leave();
    assert.equal(await this.server?.stop(), 0);
  }

  /** kill -9 and a new start on the same directory. */
  async crash(): Promise<void> {
    await this.server?.kill();
    this.clients.clear();
    this.line('  (kill -9; started again on the same directory)');
    await this.start();
  }

  /** Whatever has happened: nothing stays behind. */
  async end(): Promise<void> {
    await this.leave().catch(() => {});
    await this.server?.kill();
  }

  private async leave(): Promise<void> {
    for (const client of this.clients.values()) await client.end();
    this.clients.clear();
  }

  private async client(name: string): Promise<pg.Client> {
    const existing = this.clients.get(name);
    if (existing !== undefined) return existing;
    assert.ok(this.server !== undefined);
    const client = await connect(this.server.port);
    client.on('notification', ({ channel, payload }) =>
      this.line(`  ${name} hears on ${channel}: ${payload ?? ''}`),
    );
    this.clients.set(name, client);
    return client;
  }

  /** Runs and shows a statement; `as` names the connection. Returns the rows. */
  async show(sql: string, options: { as?: string; values?: unknown[] } = {}): Promise<string[][]> {
    const client = await this.client(options.as ?? '');
    this.statement(sql, options.as);
    const result = await client.query({ text: sql, values: options.values, rowMode: 'array' });
    // A text of several statements has several results: the last one is shown.
    const last = (Array.isArray(result) ? result.at(-1) : result) as pg.QueryArrayResult<string[]>;
    this.table(last);
    return last.rows;
  }

  /** Runs a statement that must fail with this SQLSTATE. */
  async fails(sqlState: string, sql: string, options: { as?: string } = {}): Promise<void> {
    const client = await this.client(options.as ?? '');
    this.statement(sql, options.as);
    const error = await client.query(sql).then(
      () => assert.fail(`this had to fail with ${sqlState}: ${sql}`),
      (problem: { code?: string; message: string; detail?: string }) => problem,
    );
    this.line(`  ERROR ${error.code}: ${error.message}`);
    if (error.detail !== undefined) this.line(`  DETAIL: ${error.detail}`);
    assert.equal(error.code, sqlState);
  }

  /** Runs without showing the result. */
  async quietly(sql: string, options: { as?: string; values?: unknown[] } = {}): Promise<void> {
    const client = await this.client(options.as ?? '');
    await client.query(sql, options.values);
  }

  heading(title: string, text: string): void {
    this.line('');
    this.line(`━━ ${title}`);
    if (text !== '') this.line(text);
    this.line('');
  }

  line(text: string): void {
    process.stdout.write(`${text}\n`);
  }

  private statement(sql: string, as: string | undefined): void {
    const prompt = as === undefined ? '=>' : `${as}=>`;
    const [first, ...rest] = sql.trim().split('\n');
    this.line(
      `${prompt} ${first}${rest.map((line) => `\n${' '.repeat(prompt.length)}${line}`).join('')};`,
    );
  }

  private table(result: pg.QueryArrayResult<string[]>): void {
    if (result.fields.length === 0) {
      this.line(`  ${result.command}${result.rowCount === null ? '' : ` ${result.rowCount}`}`);
      return;
    }
    const names = result.fields.map((field) => field.name);
    const shown = result.rows.slice(0, rowsShownMax).map((row) => row.map((value) => value ?? '∅'));
    const widths = names.map((name, column) =>
      Math.max(name.length, ...shown.map((row) => row[column].length)),
    );
    const format = (cells: readonly string[]): string =>
      `  ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' │ ')}`.trimEnd();
    this.line(format(names));
    this.line(`  ${widths.map((width) => '─'.repeat(width)).join('─┼─')}`);
    for (const row of shown) this.line(format(row));
    const more = result.rows.length - shown.length;
    if (more > 0) this.line(`  … and ${more} more`);
  }
}
