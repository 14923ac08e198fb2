// The keys of the rows that ranges of an ordered index name, in the order of the rows: a scan then reads
// neighbours together. Very many keys come in several lists, each in order, so that memory and the time
// until the first row stay bounded; reading goes in slices, so that others get their turn.

import type { DatumRange, Key, ReadView, RowKeyCursor, TableAccess } from '#storage';
import { gatheredKeysMax } from '../limits.ts';
import type { Runtime } from '../runtime.ts';

const keysPerSlice = 512;

export class IndexKeySearch {
  private readonly indexOid: number;
  private readonly table: TableAccess;
  private readonly runtime: Runtime;
  private ranges: readonly DatumRange[] = [];
  private view: ReadView | undefined = undefined;
  private position = 0;
  private cursor: RowKeyCursor | undefined = undefined;
  private keys: Key[] = [];
  /** No further list follows the last one. */
  isDone = true;

  constructor(indexOid: number, table: TableAccess, runtime: Runtime) {
    this.indexOid = indexOid;
    this.table = table;
    this.runtime = runtime;
  }

  start(view: ReadView | undefined, ranges: readonly DatumRange[]): void {
    this.stop();
    this.view = view;
    this.ranges = ranges;
    this.isDone = false;
  }

  /**
   * Reads on; undefined until a list is complete. Without keys the index says nothing of the view's time,
   * and its scan finds the rows in another way.
   */
  step(): { readonly keys: readonly Key[] | undefined } | undefined {
    for (let read = 0; read < keysPerSlice; read++) {
      const key = this.cursor?.next();
      if (key !== undefined) {
        this.keys.push(key);
        continue;
      }
      this.cursor?.close();
      this.cursor = undefined;
      if (this.position === this.ranges.length) {
        this.isDone = true;
        return this.takeList();
      }
      if (!this.openNext()) {
        this.isDone = true;
        return { keys: undefined };
      }
    }
    return this.keys.length >= gatheredKeysMax ? this.takeList() : undefined;
  }

  stop(): void {
    this.cursor?.close();
    this.cursor = undefined;
    this.position = 0;
    this.keys = [];
    this.isDone = true;
  }

  private takeList(): { readonly keys: readonly Key[] } {
    const keys = this.keys.sort();
    this.keys = [];
    return { keys };
  }

  private openNext(): boolean {
    const { indexOid, table, view } = this;
    const bounds = table.indexBounds(indexOid, this.ranges[this.position++]);
    if (bounds === undefined) return true;
    const request = view === undefined ? { indexOid, bounds } : { indexOid, bounds, view };
    this.cursor = table.openEntries(this.runtime.reader, request);
    return this.cursor !== undefined;
  }
}
