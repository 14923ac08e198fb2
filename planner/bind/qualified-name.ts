// Qualified names in text ('public."My table"'), as regclass input and nextval() take them.

/** Parts with quotes removed and unquoted letters in lower case; undefined when it is not a name. */
export function splitQualifiedName(text: string): string[] | undefined {
  const parts: string[] = [];
  const pattern = /\s*(?:"((?:[^"]|"")+)"|([^\s".]+))\s*(\.|$)/y;
  let end = false;
  while (!end) {
    const match = pattern.exec(text);
    if (match === null) return undefined;
    parts.push(match[1]?.replaceAll('""', '"') ?? match[2].toLowerCase());
    end = match[3] !== '.';
  }
  if (pattern.lastIndex !== text.length) return undefined;
  return /^\d+$/.test(text.trim()) ? undefined : parts;
}
