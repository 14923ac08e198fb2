// Lays out sorted entries as full pages from left to right, each level feeding the one above it: how
// a bulk load builds a tree without ever reading a page. Used inside LMDB write transactions; the
// counters are those of the transaction that runs.

import { assert } from '#common';
import { EntryKind, EntryList, pageBytesMax, readPageUint32 } from './page-format.ts';
import { encodePage, PageSize } from './page-encoder.ts';
import type { PageCounters, PageEnvironment } from './page-environment.ts';
import { shortestSeparator } from './page-partition.ts';

interface Level {
  entries: EntryList;
  readonly size: PageSize;
  /** Lower bound of the page being filled. */
  separator: string;
  pages: number;
}

export class LevelFiller {
  readonly #environment: PageEnvironment;
  readonly #treeSlot: number;
  readonly #levels: Level[] = [];
  counters: PageCounters | undefined;

  constructor(environment: PageEnvironment, treeSlot: number) {
    this.#environment = environment;
    this.#treeSlot = treeSlot;
  }

  /** Keys ascend; the source stays unchanged until the page is written. */
  add(key: string, source: Uint8Array, start: number, end: number, kind: EntryKind): void {
    this.#add(0, key, source, start, end, kind);
  }
  /** The root, once all entries were added; undefined when there were none. */
  finish(): { readonly pageId: number; readonly level: number } | undefined {
    for (let number = 0; number < this.#levels.length; number++) {
      const level = this.#levels[number];
      if (level.pages === 0 && number > 0 && level.entries.length === 1) {
        return { pageId: readPageUint32(level.entries.sources[0], 0), level: number - 1 };
      }
      this.#writePage(number, level);
    }
    return undefined;
  }

  #add(
    number: number,
    key: string,
    source: Uint8Array,
    start: number,
    end: number,
    kind: EntryKind,
  ): void {
    const level = (this.#levels[number] ??= {
      entries: new EntryList(),
      size: new PageSize(),
      separator: '',
      pages: 0,
    });
    const least = number === 0 ? 1 : 2;
    if (level.size.count >= least && level.size.with(key, end - start, 0) > pageBytesMax) {
      const last = level.entries.keys.at(-1)!;
      this.#writePage(number, level);
      level.separator = number === 0 ? shortestSeparator(last, key) : key;
    }
    level.entries.push(key, 0, source, start, end, kind);
    level.size.add(key, end - start, 0);
  }
  #writePage(number: number, level: Level): void {
    const { counters } = this;
    assert(counters !== undefined, 'a load writes pages inside a transaction');
    const pageId = counters.nextPageId++;
    const { entries } = level;
    const page = encodePage(entries, 0, entries.length, {
      pageId,
      treeSlot: this.#treeSlot,
      level: number,
    });
    void this.#environment.pages.put(pageId, page);
    level.entries = new EntryList();
    level.size.clear();
    level.pages++;
    const reference = Buffer.alloc(4);
    reference.writeUInt32LE(pageId);
    this.#add(number + 1, level.separator, reference, 0, 4, EntryKind.inline);
  }
}
