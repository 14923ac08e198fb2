// Builds the levels of a tree from sorted records, from left to right, each level feeding the one above
// it: how a bulk load builds a tree without ever reading a page. Used inside LMDB write transactions; the
// counters are those of the transaction that runs.

import { assert } from '#common';
import { LeafFiller, type LeafRecord } from './leaf-filler.ts';
import { EntryKind, EntryList, pageBytesMax, readPageUint32 } from './page-format.ts';
import { encodePage, PageSize } from './page-encoder.ts';
import type { PageCounters, PageEnvironment } from './page-environment.ts';

/** A level of inner pages. */
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
  readonly #leaves: LeafFiller;
  /** Level 1 and those above it. */
  readonly #levels: Level[] = [];
  counters: PageCounters | undefined;

  constructor(environment: PageEnvironment, treeSlot: number) {
    this.#environment = environment;
    this.#treeSlot = treeSlot;
    this.#leaves = new LeafFiller((writePage, separator) => {
      const pageId = this.#takePageId();
      void environment.pages.put(pageId, writePage(pageId, treeSlot));
      this.#addChild(1, separator, pageId);
    });
  }

  /** Keys ascend; the record's bytes stay unchanged until its page is written. */
  add(record: LeafRecord): void {
    this.#leaves.add(record);
  }
  /** The root, once all entries were added; undefined when there were none. */
  finish(): { readonly pageId: number; readonly level: number } | undefined {
    this.#leaves.finish();
    for (let number = 1; number <= this.#levels.length; number++) {
      const level = this.#levels[number - 1];
      if (level.pages === 0 && level.entries.length === 1) {
        return { pageId: readPageUint32(level.entries.sources[0], 0), level: number - 1 };
      }
      this.#writePage(number, level);
    }
    return undefined;
  }

  #takePageId(): number {
    const { counters } = this;
    assert(counters !== undefined, 'a load writes pages inside a transaction');
    return counters.nextPageId++;
  }
  #addChild(number: number, separator: string, pageId: number): void {
    const level = (this.#levels[number - 1] ??= {
      entries: new EntryList(),
      size: new PageSize(),
      separator: '',
      pages: 0,
    });
    const reference = Buffer.alloc(4);
    reference.writeUInt32LE(pageId);
    if (level.size.count >= 2 && level.size.with(separator, 4, 0) > pageBytesMax) {
      this.#writePage(number, level);
      level.separator = separator;
    }
    level.entries.push(separator, 0, reference, 0, 4, EntryKind.inline);
    level.size.add(separator, 4, 0);
  }
  #writePage(number: number, level: Level): void {
    const pageId = this.#takePageId();
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
    this.#addChild(number + 1, level.separator, pageId);
  }
}
