// Members of documents that are there as canonical text (Jsonb.toString()), found without parsing the rest.

const quote = 34;
const comma = 44;
const backslash = 92;
const openBracket = 91;
const closeBracket = 93;
const openBrace = 123;
const closeBrace = 125;

/** A key that stands in the text as it is. */
export function isPlainMemberKey(key: string): boolean {
  return /^[\w -]*$/.test(key);
}

/** The member's own canonical text; undefined: the document is no object, or has no such member. `key` is plain. */
export function canonicalMember(text: string, key: string): string | undefined {
  if (text.charCodeAt(0) !== openBrace || text.length === 2) return undefined;
  // {"key": value, "key": value}
  for (let at = 1; at < text.length;) {
    const keyEnd = stringEnd(text, at);
    const start = keyEnd + 2;
    const end = valueEnd(text, start);
    if (keyEnd - at === key.length + 2 && text.startsWith(key, at + 1))
      return text.slice(start, end);
    at = end + 2;
  }
  return undefined;
}

/** Behind the closing quote of the string that begins at `at`. */
function stringEnd(text: string, at: number): number {
  for (let end = at + 1; ; end++) {
    const unit = text.charCodeAt(end);
    if (unit === backslash) end++;
    else if (unit === quote) return end + 1;
  }
}

/** Behind the value that begins at `at`. */
function valueEnd(text: string, at: number): number {
  let depth = 0;
  for (let end = at; end < text.length; end++) {
    const unit = text.charCodeAt(end);
    if (unit === quote) end = stringEnd(text, end) - 1;
    else if (unit === openBrace || unit === openBracket) depth++;
    else if (unit === closeBrace || unit === closeBracket) {
      if (depth === 0) return end;
      depth--;
    } else if (unit === comma && depth === 0) return end;
  }
  return text.length;
}
