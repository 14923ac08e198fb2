// The main thread's half of a bulk load: packs records into buffers for the writer thread and waits
// for its verdict.

import type { Key } from '../contract.ts';
import type { TreeBuilder } from '../page-store.ts';
import { RecordBuffer } from './change-buffer.ts';

export interface BuilderLink {
  readonly send: (bytes: Uint8Array<ArrayBuffer>) => void;
  readonly finish: () => void;
  readonly abort: () => void;
  /** Removes the tree that was finished after all. */
  readonly discard: () => void;
}
type Outcome = { readonly rows: number; readonly duplicate: Key | undefined };

export class PageTreeBuilder implements TreeBuilder {
  readonly #link: BuilderLink;
  readonly #records: RecordBuffer;
  readonly #outcome: Promise<Outcome>;
  #settle: { resolve: (outcome: Outcome) => void; reject: (error: Error) => void } | undefined;
  #sentBytes = 0;
  #takenBytes = 0;
  #ended = false;
  #settled = false;
  #unwanted = false;
  #takenWaiters: (() => void)[] = [];

  constructor(link: BuilderLink) {
    this.#link = link;
    this.#outcome = new Promise((resolve, reject) => (this.#settle = { resolve, reject }));
    // A load may fail before anybody waits for it; finish() still rejects.
    this.#outcome.catch(() => {});
    this.#records = new RecordBuffer((bytes) => {
      this.#sentBytes += bytes.length;
      link.send(bytes);
    });
  }

  get backlogBytes(): number {
    return this.#sentBytes - this.#takenBytes;
  }
  whenTaken(): Promise<void> {
    if (this.backlogBytes === 0 || this.#settled) return Promise.resolve();
    return new Promise((resolve) => this.#takenWaiters.push(resolve));
  }
  add(key: Key, value: Uint8Array): void {
    this.#records.addLoad(key, value);
  }
  addSlice(key: Key, source: Buffer, start: number, end: number): void {
    this.#records.addLoadSlice(key, source, start, end);
  }
  finish(): Promise<Outcome> {
    if (!this.#ended) {
      this.#ended = true;
      this.#records.flush();
      this.#link.finish();
    }
    return this.#outcome;
  }
  abort(): void {
    if (this.#settled) return;
    this.#unwanted = true;
    if (this.#ended) return;
    this.#ended = true;
    this.#wake();
    this.#link.abort();
  }

  /** The three answers of the writer thread. */
  taken(bytes: number): void {
    this.#takenBytes += bytes;
    this.#wake();
  }
  finished(outcome: Outcome): void {
    this.#settled = true;
    if (this.#unwanted && outcome.duplicate === undefined) this.#link.discard();
    this.#wake();
    this.#settle?.resolve({ rows: outcome.rows, duplicate: outcome.duplicate });
  }
  failed(error: Error): void {
    this.#settled = true;
    this.#wake();
    this.#settle?.reject(error);
  }

  #wake(): void {
    for (const wake of this.#takenWaiters.splice(0)) wake();
  }
}
