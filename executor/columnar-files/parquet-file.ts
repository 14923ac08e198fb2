// A Parquet file of the server, read a row group at a time by a thread of its own (parquet-worker.ts).

import { Worker } from 'node:worker_threads';
import type { SchemaElement } from 'hyparquet';
import { databaseError, DatabaseError } from '#common';
import type { ParquetReply, ParquetRequest } from './parquet-worker.ts';
import { malformed } from './parquet-checks.ts';
import { parquetColumn, type ParquetColumn } from './parquet-values.ts';

/** Of the thread: a row group and what it is decompressed into. */
const heapMegabytesMax = 1024;

export class ParquetFile {
  private readonly elements: readonly SchemaElement[];
  readonly rowGroups: number;
  private readonly thread: ParquetThread;

  private constructor(thread: ParquetThread, reply: ParquetReply & { readonly kind: 'opened' }) {
    this.thread = thread;
    this.elements = reply.elements;
    this.rowGroups = reply.rowGroups;
  }

  /**
   * 22P04 when the file is not Parquet; what the file system says is thrown as it is.
   */
  static async open(path: string): Promise<ParquetFile> {
    const thread = new ParquetThread(path);
    try {
      const reply = await thread.reply();
      if (reply.kind !== 'opened') throw malformed('it has no schema');
      return new ParquetFile(thread, reply);
    } catch (error) {
      thread.end();
      throw error;
    }
  }

  /** 42703 when it is not in the file, 0A000 when it is nested. */
  column(name: string): ParquetColumn {
    const element = this.elements.find((each) => each.name === name);
    if (element !== undefined) return described(element);
    const names = this.elements.map((each) => `"${each.name}"`).join(', ');
    throw databaseError('undefinedColumn', `column "${name}" is not in the file`, {
      hint: `Its columns are ${names}.`,
    });
  }

  /** Stored values of some columns of one row group, in the order of the names. */
  async readGroup(
    group: number,
    names: readonly string[],
  ): Promise<readonly (readonly unknown[])[]> {
    const request: ParquetRequest = { group, names };
    this.thread.send(request);
    const reply = await this.thread.reply();
    if (reply.kind !== 'group') throw malformed('it has no rows');
    return reply.columns;
  }

  /** Ends the thread, whatever it is doing. A reply that is awaited is an error then. */
  close(): void {
    this.thread.end();
  }
}

/** A damaged schema may hold anything, in any place. */
function described(element: SchemaElement): ParquetColumn {
  try {
    return parquetColumn(element);
  } catch (error) {
    throw error instanceof DatabaseError ? error : malformed('its schema cannot be read');
  }
}

function workerFile(): string {
  return import.meta.url.endsWith('.ts') ? './parquet-worker.ts' : './parquet-worker.js';
}

class ParquetThread {
  private readonly worker: Worker;
  private readonly replies: ParquetReply[] = [];
  private waiter:
    | { resolve: (reply: ParquetReply) => void; reject: (error: Error) => void }
    | undefined;
  private failure: Error | undefined;

  constructor(path: string) {
    this.worker = new Worker(new URL(workerFile(), import.meta.url), {
      workerData: { path },
      resourceLimits: { maxOldGenerationSizeMb: heapMegabytesMax },
    });
    this.worker.on('message', (reply: ParquetReply) => this.take(reply));
    this.worker.on('error', (error: Error) => this.fail(threadError(error)));
    this.worker.on('exit', () => this.fail(databaseError('queryCanceled', 'reading has ended')));
    this.worker.unref();
  }

  send(request: ParquetRequest): void {
    this.worker.postMessage(request);
  }

  async reply(): Promise<ParquetReply> {
    const next = this.replies.shift();
    const reply =
      next ??
      (await new Promise<ParquetReply>((resolve, reject) => {
        if (this.failure === undefined) this.waiter = { resolve, reject };
        else reject(this.failure);
      }));
    if (reply.kind !== 'failed') return reply;
    const { code, message } = reply;
    if (code === undefined) throw malformed(message);
    throw Object.assign(new Error(message), { code, syscall: 'open' });
  }

  end(): void {
    void this.worker.terminate();
  }

  private take(reply: ParquetReply): void {
    const { waiter } = this;
    this.waiter = undefined;
    if (waiter === undefined) this.replies.push(reply);
    else waiter.resolve(reply);
  }

  private fail(error: Error): void {
    this.failure ??= error;
    this.waiter?.reject(this.failure);
    this.waiter = undefined;
  }
}

function threadError(error: Error): Error {
  const isMemory = 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
  return isMemory
    ? databaseError('outOfMemory', 'out of memory', {
        detail: `A row group of the file takes more than ${heapMegabytesMax} MB.`,
      })
    : malformed(error.message);
}
