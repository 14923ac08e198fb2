// The writer thread: the only one that writes to LMDB. It takes messages in order; a message is one
// or a few synced LMDB transactions.

import { join } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { assert, DatabaseError } from '#common';
import { flush } from './flush.ts';
import {
  type PageEnvironment,
  openPageEnvironment,
  readCounters,
  writeCounters,
} from './page-environment.ts';
import { PageTreeWriter } from './page-tree-writer.ts';
import type { FromWriter, ToWriter, WriterData, WriterFailure } from './protocol.ts';
import { pruneHistory } from './prune-history.ts';
import { beginSegments, dropSegments, installSegments } from './segment-install.ts';
import { discardUnfinishedLoads, TreeLoader } from './tree-loader.ts';
import { currentSlot } from './tree-root.ts';

const port = parentPort;
assert(port !== null, 'the flush worker runs in a thread');
const { directory } = workerData as WriterData;

class Writer {
  readonly #environment: PageEnvironment;
  readonly #loads = new Map<number, TreeLoader>();
  #changes: Uint8Array[] = [];

  constructor(environment: PageEnvironment) {
    this.#environment = environment;
    discardUnfinishedLoads(environment);
  }

  handle(message: ToWriter): void {
    switch (message.kind) {
      case 'changes':
        this.#changes.push(message.bytes);
        return;
      case 'flush':
        this.#flush(message);
        return;
      case 'load':
        this.#loads.set(
          message.load,
          new TreeLoader(this.#environment, {
            tree: message.tree,
            loadNumber: message.load,
            hidden: message.hidden,
            spillDirectory: join(directory, 'sort'),
          }),
        );
        return;
      case 'loadBytes':
      case 'finishLoad':
      case 'abortLoad':
        this.#load(message);
        return;
      case 'discard':
        this.#discard(message.tree);
        return;
      case 'prune': {
        const result = pruneHistory(this.#environment, message.tree, message.before);
        send({ kind: 'changed', notice: result.changed });
        send({ kind: 'pruned', request: message.request, versions: result.versions });
        return;
      }
      case 'segments':
        this.#segments(message);
        return;
      case 'close':
        void this.#environment.root.close().then(() => send({ kind: 'closed' }));
        return;
    }
  }

  #flush(message: ToWriter & { kind: 'flush' }): void {
    const changes = this.#changes;
    this.#changes = [];
    try {
      send({ kind: 'flushed', notice: flush(this.#environment, { ...message, changes }) });
    } catch (error) {
      send({ kind: 'flushFailed', failure: failureOf(error) });
    }
  }
  #segments(message: ToWriter & { kind: 'segments' }): void {
    const { request, action } = message;
    try {
      const result =
        action.kind === 'install'
          ? installSegments(this.#environment, action.install)
          : action.kind === 'begin'
            ? beginSegments(this.#environment, action.tree)
            : dropSegments(this.#environment, action.tree);
      send({ kind: 'segmentsWritten', request, result });
    } catch (error) {
      send({ kind: 'segmentsFailed', request, failure: failureOf(error) });
    }
  }
  #load(message: ToWriter & { kind: 'loadBytes' | 'finishLoad' | 'abortLoad' }): void {
    const { load } = message;
    const loader = this.#loads.get(load);
    // A load that failed is gone already; the main thread knows.
    if (loader === undefined) return;
    try {
      if (message.kind === 'loadBytes') {
        loader.add(message.bytes);
        send({ kind: 'loadTaken', load, bytes: message.bytes.length });
      } else {
        this.#loads.delete(load);
        if (message.kind === 'abortLoad') loader.abort();
        else send({ kind: 'loadFinished', load, result: loader.finish() });
      }
    } catch (error) {
      this.#loads.delete(load);
      loader.abort();
      send({ kind: 'loadFailed', load, failure: failureOf(error) });
    }
  }
  #discard(tree: number): void {
    const changed = { innerPages: [] as number[], treeSlots: [] as number[] };
    const sequence = this.#environment.root.transactionSync(() => {
      const counters = readCounters(this.#environment);
      const writer = new PageTreeWriter(this.#environment, counters, changed);
      writer.drop(currentSlot(tree));
      counters.sequence++;
      writeCounters(this.#environment, counters);
      return counters.sequence;
    });
    send({ kind: 'changed', notice: { ...changed, sequence } });
  }
}

function failureOf(error: unknown): WriterFailure {
  return {
    message: error instanceof Error ? error.message : String(error),
    code: (error as { code?: unknown }).code?.toString(),
    sqlState: error instanceof DatabaseError ? error.sqlState : undefined,
  };
}
function send(message: FromWriter): void {
  port!.postMessage(message);
}

const writer = new Writer(openPageEnvironment(directory));
port.on('message', (message: ToWriter) => writer.handle(message));
send({ kind: 'ready' });
