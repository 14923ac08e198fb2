// Options of text search dictionaries as pg_ts_dict.dictinitoption keeps them: "language = 'english'"
// (serialize_deflist and deserialize_deflist of tsearchcmds.c).

import type { EntryOptions } from '#common';
import { quoteIdentifier } from '#planner';

export function writeOptions(options: EntryOptions): string | null {
  const items = Object.entries(options).map(([name, value]) => {
    const escape = value.includes('\\') ? 'E' : '';
    const quoted = value.replaceAll("'", "''").replaceAll('\\', '\\\\');
    return `${quoteIdentifier(name)} = ${escape}'${quoted}'`;
  });
  return items.length === 0 ? null : items.join(', ');
}

const option = /\s*(?:"((?:[^"]|"")+)"|([^\s=,]+))\s*=\s*E?'((?:[^']|'')*)'\s*,?/gy;

/** What writeOptions() has written. */
export function readOptions(text: string): EntryOptions {
  const options: Record<string, string> = {};
  for (const match of text.matchAll(option)) {
    const name = match[1]?.replaceAll('""', '"') ?? match[2];
    options[name] = match[3].replaceAll("''", "'").replaceAll('\\\\', '\\');
  }
  return options;
}
