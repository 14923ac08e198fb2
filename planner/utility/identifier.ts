// Names within PostgreSQL's limit, and names that it makes up.

export const identifierBytesMax = 63;

/** Cuts a name to what PostgreSQL keeps, never inside a character. */
export function truncateIdentifier(name: string, bytesMax = identifierBytesMax): string {
  const bytes = Buffer.from(name, 'utf8');
  if (bytes.length <= bytesMax) return name;
  let end = bytesMax;
  while (end > 0 && (bytes[end] & 0xc0) === 0x80) end--;
  return bytes.toString('utf8', 0, end);
}

/** makeObjectName(): "table_column_label" within the limit; the longer of the two names is shortened. */
export function generatedName(first: string, second: string | undefined, label: string): string {
  const overhead = Buffer.byteLength(label) + 1 + (second === undefined ? 0 : 1);
  const available = identifierBytesMax - overhead;
  let firstBytes = Buffer.byteLength(first);
  let secondBytes = second === undefined ? 0 : Buffer.byteLength(second);
  while (firstBytes + secondBytes > available) {
    if (firstBytes > secondBytes) firstBytes--;
    else secondBytes--;
  }
  const parts = [truncateIdentifier(first, firstBytes)];
  if (second !== undefined) parts.push(truncateIdentifier(second, secondBytes));
  return [...parts, label].join('_');
}
