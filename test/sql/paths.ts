// The paths through the executor that a query can be forced onto: settings of a session.

import { type Client, connect } from '../harness/client.ts';

export interface Path {
  readonly name: string;
  readonly costs: {
    readonly compile: number;
    readonly thread: number;
    readonly parallel: number;
    readonly rewrite: number;
  };
  readonly littleMemory?: boolean;
  /** The rest of the statement is planned anew wherever that can be done. */
  readonly replanned?: boolean;
}

const never = -1;
export const paths: readonly Path[] = [
  {
    name: 'interpreted',
    costs: { compile: never, thread: never, parallel: never, rewrite: never },
  },
  { name: 'rewritten', costs: { compile: never, thread: never, parallel: never, rewrite: 0 } },
  { name: 'compiled', costs: { compile: 0, thread: never, parallel: never, rewrite: 0 } },
  {
    name: 'planned anew, interpreted',
    costs: { compile: never, thread: never, parallel: never, rewrite: 0 },
    replanned: true,
  },
  {
    name: 'planned anew, compiled',
    costs: { compile: 0, thread: never, parallel: never, rewrite: never },
    replanned: true,
  },
  {
    name: 'planned anew, on a thread, on disk',
    costs: { compile: 0, thread: 0, parallel: never, rewrite: never },
    replanned: true,
    littleMemory: true,
  },
  { name: 'on a thread', costs: { compile: 0, thread: 0, parallel: never, rewrite: never } },
  { name: 'on several threads', costs: { compile: 0, thread: 0, parallel: 0, rewrite: 0 } },
  {
    name: 'interpreted, on disk',
    costs: { compile: never, thread: never, parallel: never, rewrite: 0 },
    littleMemory: true,
  },
  {
    name: 'compiled, on disk',
    costs: { compile: 0, thread: never, parallel: never, rewrite: never },
    littleMemory: true,
  },
  {
    name: 'on several threads, on disk',
    costs: { compile: 0, thread: 0, parallel: 0, rewrite: 0 },
    littleMemory: true,
  },
];

export async function openPath(port: number, path: Path, schema: string): Promise<Client> {
  const client = await connect(port);
  await client.query(`SET search_path = ${schema}`);
  for (const [part, cost] of Object.entries(path.costs))
    await client.query(`SET lattice.${part}_cost_min = ${cost}`);
  if (path.replanned === true) {
    await client.query('SET lattice.replan_factor = 0');
    await client.query('SET lattice.replan_cost_min = 0');
  }
  if (path.littleMemory === true) await client.query("SET lattice.statement_memory = '64kB'");
  return client;
}
