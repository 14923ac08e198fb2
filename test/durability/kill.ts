// kill -9 under load, again and again on one data directory, with the bank's invariants checked after
// each recovery.

import { setTimeout as sleep } from 'node:timers/promises';
import { startLattice } from '../harness/lattice.ts';
import { type Acknowledged, checkBank, createBank, transferUntilStopped } from './bank.ts';

const clientCount = 16;

export interface KillRun {
  readonly directory: string;
  readonly kills: number;
  /** Milliseconds of load before a kill. */
  readonly loadMs: (kill: number) => number;
  readonly configuration?: string;
  readonly progress?: (text: string) => void;
}

export async function killRepeatedly(run: KillRun): Promise<Acknowledged> {
  const acknowledged: Acknowledged = { transfers: new Set() };
  const next = Array.from({ length: clientCount }, () => 1);
  let server = await startLattice(run.directory, { configuration: run.configuration });
  await createBank(server.port);
  for (let kill = 0; kill < run.kills; kill++) {
    let stopped = false;
    const { port } = server;
    const clients = next.map((first, client) =>
      transferUntilStopped(port, { client, first, acknowledged, stopped: () => stopped }),
    );
    await sleep(run.loadMs(kill));
    await server.kill();
    stopped = true;
    for (const [client, sequence] of (await Promise.all(clients)).entries())
      next[client] = sequence;
    server = await startLattice(run.directory, { configuration: run.configuration });
    await checkBank(server.port, acknowledged);
    run.progress?.(
      `kill ${kill + 1} of ${run.kills}: ${acknowledged.transfers.size} acknowledged transfers are there`,
    );
  }
  await server.stop();
  return acknowledged;
}
