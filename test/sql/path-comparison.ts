// The same queries on every path of paths.ts, over tables that are rows only and over tables with column segments.
// PostgreSQL's answer is the measure where it is installed, the interpreter's over rows elsewhere. A statement
// with little memory may also answer 53200: array_agg cannot go to disk. PATH_COUNT, PATH_SECONDS and PATH_FAILURES ask
// for more.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { type Client, connect } from '../harness/client.ts';
import { testSeed } from '../harness/seeds.ts';
import { testPostgres, testServer } from '../harness/test-server.ts';
import { answer } from './answer.ts';
import { openPath, paths } from './paths.ts';
import { type Random, seededGenerator } from './query-generator.ts';

export interface PathQueries {
  /** The tables of the queries, made in the schema that is the first of the search path. */
  readonly tables: readonly string[];
  readonly statements: (random: Random) => readonly string[];
  readonly generator: (random: Random) => { query(): string };
  readonly count: number;
  /** A slow machine runs fewer; how many is printed. */
  readonly secondsMax: number;
  /** What is the same for answers that are taken for the same. */
  readonly comparable?: (answer: string) => string;
}

interface PathClient {
  readonly name: string;
  readonly client: Client;
  readonly mayFail: boolean;
  /** Its statements run on executor threads. */
  readonly onThreads: boolean;
}

/** `columnar` of the tables, by schema. */
const schemas = { rows: 'off', segments: 'on' } as const;

const failuresMax = Number(process.env['PATH_FAILURES'] ?? 1);

/** How many queries run: what the test says, unless PATH_COUNT says otherwise. */
export function pathCount(usual: number): number {
  return Number(process.env['PATH_COUNT'] ?? usual);
}

/** To be called at the top of a test file; what it returns is run in a test. */
export async function pathComparison(
  queries: PathQueries,
): Promise<(context: TestContext) => Promise<void>> {
  const lattice = await testServer({ configuration: 'executor_threads: 3\n' });
  const postgres = await testPostgres();
  return async (context) => {
    const seed = testSeed(context);
    const random = seededGenerator(seed);
    const statements = queries.statements(random);
    const measure = postgres.missing === false ? await connect(postgres.port) : undefined;
    for (const statement of statements) await measure?.query(statement);
    await fill(lattice.port, statements, queries.tables);
    const clients = await openClients(lattice.port);
    try {
      await compare(context, { queries, random, seed, measure, clients });
    } finally {
      for (const { client } of clients) await client.end();
      await measure?.end();
    }
  };
}

async function fill(
  port: number,
  statements: readonly string[],
  tables: readonly string[],
): Promise<void> {
  const client = await connect(port);
  for (const [schema, columnar] of Object.entries(schemas)) {
    await client.query(`CREATE SCHEMA ${schema}; SET search_path = ${schema}`);
    for (const statement of statements) await client.query(statement);
    for (const table of tables) {
      await client.query(`ALTER TABLE ${table} SET (columnar = ${columnar})`);
      await client.query(`VACUUM ${table}`);
    }
  }
  await client.end();
}

async function openClients(port: number): Promise<PathClient[]> {
  const clients: PathClient[] = [];
  for (const schema of Object.keys(schemas)) {
    for (const path of paths) {
      const client = await openPath(port, path, schema);
      const name = `${path.name}, ${schema}`;
      const onThreads = path.costs.thread >= 0;
      clients.push({ name, client, mayFail: path.littleMemory === true, onThreads });
    }
  }
  return clients;
}

async function compare(
  context: TestContext,
  run: {
    readonly queries: PathQueries;
    readonly random: Random;
    readonly seed: number;
    readonly measure: Client | undefined;
    readonly clients: readonly PathClient[];
  },
): Promise<void> {
  const { queries, random, seed, measure, clients } = run;
  const { comparable = (text) => text } = queries;
  const generator = queries.generator(random);
  const failures: string[] = [];
  const secondsMax = Number(process.env['PATH_SECONDS'] ?? queries.secondsMax);
  const end = performance.now() + secondsMax * 1000;
  let count = 0;
  for (; count < queries.count && failures.length < failuresMax; count++) {
    if (performance.now() > end) break;
    const sql = generator.query();
    const [measured, answers] = await Promise.all([
      measure && answer(measure, sql),
      answersOf(clients, sql),
    ]);
    const expected = comparable(measured ?? answers.get(clients[0])!);
    for (const [{ name, mayFail }, given] of answers) {
      const found = comparable(given);
      if (found === expected || (mayFail && found === 'error 53200')) continue;
      failures.push(`${name}: seed ${seed}, query ${count}: ${sql}\n${found}\n---\n${expected}`);
    }
  }
  context.diagnostic(`${count} queries ran`);
  assert.deepEqual(failures, []);
}

/** Threads have one statement at a time, the main thread has another meanwhile. */
async function answersOf(
  clients: readonly PathClient[],
  sql: string,
): Promise<Map<PathClient, string>> {
  const answers = new Map<PathClient, string>();
  const inTurn = async (onThreads: boolean): Promise<void> => {
    for (const each of clients)
      if (each.onThreads === onThreads) answers.set(each, await answer(each.client, sql));
  };
  await Promise.all([inTurn(true), inTurn(false)]);
  return answers;
}
