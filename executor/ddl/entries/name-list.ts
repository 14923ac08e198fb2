// Lists of names in texts: SplitIdentifierString() of PostgreSQL.

const item = /\s*(?:"((?:[^"]|"")*)"|([^\s",]+))\s*(,|$)/y;

/** Names folded to lower case unless they are quoted; undefined: no list. */
export function splitList(text: string): string[] | undefined {
  if (text.trim() === '') return [];
  const names: string[] = [];
  item.lastIndex = 0;
  for (;;) {
    const match = item.exec(text);
    if (match === null) return undefined;
    names.push(match[1]?.replaceAll('""', '"') ?? match[2].toLowerCase());
    if (match[3] === '') return names;
  }
}
