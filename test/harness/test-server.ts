// The servers of one test file: started where they are asked for, at the top of the file (hooks of node:test do not
// wait for each other there), ended after its tests, their directories removed.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after } from 'node:test';
import { type LatticeOptions, type LatticeProcess, startLattice } from './lattice.ts';
import { postgresBinaries, type RunningPostgres, startPostgres } from './postgres.ts';

/** A new directory, named for the test file that runs. */
export function testDirectory(): string {
  const file = basename(process.argv[1] ?? '', '.test.ts');
  return mkdtempSync(join(tmpdir(), `lattice-${file}-`));
}

/** This server on a directory of its own, which it is started on again after an end. */
export class TestServer {
  readonly directory = testDirectory();
  private readonly options: LatticeOptions;
  private running: LatticeProcess | undefined;

  constructor(options: LatticeOptions) {
    this.options = options;
  }

  get process(): LatticeProcess {
    assert.ok(this.running !== undefined, 'the server is not running');
    return this.running;
  }

  get port(): number {
    return this.process.port;
  }

  async start(): Promise<void> {
    this.running = await startLattice(this.directory, this.options);
  }

  /** As an operator does it. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  /** kill -9, and a new start. */
  async crash(): Promise<void> {
    await this.process.kill();
    await this.start();
  }

  /** SIGTERM, which ends its clients; it must end well. */
  async stop(): Promise<void> {
    const { running } = this;
    this.running = undefined;
    assert.equal(await running?.stop(), running && 0);
  }

  async remove(): Promise<void> {
    try {
      await this.stop();
    } finally {
      rmSync(this.directory, { recursive: true, force: true });
    }
  }
}

export async function testServer(options: LatticeOptions = {}): Promise<TestServer> {
  const server = new TestServer(options);
  after(() => server.remove());
  await server.start();
  return server;
}

export class TestPostgres {
  /** Why it cannot be compared with; for `skip` of tests that do. */
  readonly missing: string | false =
    postgresBinaries() === undefined ? 'skipped: PostgreSQL 15 is not installed' : false;
  private readonly settings: Readonly<Record<string, string>>;
  private directory: string | undefined;
  private running: RunningPostgres | undefined;

  constructor(settings: Readonly<Record<string, string>>) {
    this.settings = settings;
  }

  get port(): number {
    assert.ok(this.running !== undefined, 'PostgreSQL is not running');
    return this.running.port;
  }

  /** What it answers counts, not what it keeps: it need not wait for the disk. */
  async start(): Promise<void> {
    if (this.missing !== false) return;
    this.directory = testDirectory();
    this.running = await startPostgres(this.directory, { fsync: 'off', ...this.settings });
  }

  async remove(): Promise<void> {
    await this.running?.stop();
    if (this.directory !== undefined) rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A PostgreSQL 15 to compare with, where it is installed. */
export async function testPostgres(
  settings: Readonly<Record<string, string>> = {},
): Promise<TestPostgres> {
  const postgres = new TestPostgres(settings);
  after(() => postgres.remove());
  await postgres.start();
  return postgres;
}
