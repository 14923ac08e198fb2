// Threads that meet a damaged segment file tell the main thread, which has it built anew.

import { BroadcastChannel } from 'node:worker_threads';
import type { TreeId } from '../contract.ts';

export interface DamageReport {
  readonly tree: TreeId;
  /** File name, without its folder. */
  readonly file: string;
  readonly reason: string;
}

const channels = new Map<string, BroadcastChannel>();
const reported = new Set<string>();

/** Once a file and thread. */
export function reportDamage(folder: string, report: DamageReport): void {
  const name = `${folder}/${report.file}`;
  if (reported.has(name)) return;
  reported.add(name);
  let channel = channels.get(folder);
  if (channel === undefined) {
    channel = openChannel(folder);
    channels.set(folder, channel);
  }
  channel.postMessage(report);
}

/** Does not keep the process alive. Returns how to stop. */
export function listenForDamage(
  folder: string,
  receive: (report: DamageReport) => void,
): () => void {
  const channel = openChannel(folder);
  channel.onmessage = (event) => receive((event as { data: DamageReport }).data);
  return () => channel.close();
}

function openChannel(folder: string): BroadcastChannel {
  const channel = new BroadcastChannel(`lattice segments ${folder}`);
  channel.unref();
  return channel;
}
