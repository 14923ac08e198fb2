// Where a list of entries is cut into pages.

import { PageSize } from './page-encoder.ts';
import { type EntryList, pageBytesMax } from './page-format.ts';

/** The shortest string s with left < s <= right. */
export function shortestSeparator(left: string, right: string): string {
  let i = 0;
  while (i < left.length && left.charCodeAt(i) === right.charCodeAt(i)) i++;
  return right.slice(0, i + 1);
}

/**
 * Ends of the pages that hold the entries: filled to the brim when `fill` (keys arrive in order, so
 * the full pages will not change again), evenly otherwise. A page has at least one entry, an inner
 * page two, so that every level is smaller than the one below, however long the keys.
 */
export function partition(
  entries: EntryList,
  shape: { readonly level: number; readonly fill: boolean },
): number[] {
  const least = shape.level > 0 ? 2 : 1;
  const full = fillPages(entries, least, Infinity);
  if (full.length === 1 || shape.fill) return full;
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) bytes += entryBytes(entries, i);
  return fillPages(entries, least, (bytes / full.length) * (1 + 1 / entries.length));
}
/** A page ends where the next entry would not fit, or where it has its share of the bytes. */
function fillPages(entries: EntryList, least: number, shareBytes: number): number[] {
  const ends: number[] = [];
  const size = new PageSize();
  let bytes = 0;
  for (let i = 0; i < entries.length; i++) {
    const key = entries.keys[i];
    const value = entries.ends[i] - entries.starts[i];
    const more = entryBytes(entries, i);
    const over =
      bytes + more / 2 > shareBytes || size.with(key, value, entries.times[i]) > pageBytesMax;
    if (over && size.count >= least) {
      ends.push(i);
      size.clear();
      bytes = 0;
    }
    size.add(key, value, entries.times[i]);
    bytes += more;
  }
  ends.push(entries.length);
  return ends;
}
function entryBytes(entries: EntryList, i: number): number {
  return entries.keys[i].length + entries.ends[i] - entries.starts[i] + 8;
}
