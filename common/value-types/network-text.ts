// Text of network addresses: the forms of RFC 4291 and RFC 4632 that PostgreSQL reads, with its
// abbreviations ("10/8", "192.168.1" as cidr). Each answers undefined for what is no address.

export interface ParsedNetwork {
  readonly bytes: Uint8Array;
  readonly prefixLength: number;
}

interface Parts {
  readonly octets: number[];
  readonly prefixLength: number | undefined;
}

function parseParts(text: string): Parts | undefined {
  const match = /^(\d+(?:\.\d+){0,3})(?:\/(\d{1,3}))?$/.exec(text);
  if (match === null) return undefined;
  const octets = match[1].split('.').map(Number);
  const prefixLength = match[2] === undefined ? undefined : Number(match[2]);
  if (octets.some((octet) => octet > 255) || (prefixLength ?? 0) > 32) return undefined;
  return { octets, prefixLength };
}

function padded(octets: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(4);
  bytes.set(octets);
  return bytes;
}

/** inet: without a prefix all four octets; a prefix may not reach past the octets that are given. */
export function parseInet4(text: string): ParsedNetwork | undefined {
  const parts = parseParts(text);
  if (parts === undefined) return undefined;
  const { octets } = parts;
  if (parts.prefixLength === undefined) {
    return octets.length === 4 ? { bytes: padded(octets), prefixLength: 32 } : undefined;
  }
  if (parts.prefixLength >> 3 > octets.length) return undefined;
  return { bytes: padded(octets), prefixLength: parts.prefixLength };
}

/** cidr: a missing prefix follows the address's historical class and the octets that are given. */
export function parseCidr4(text: string): ParsedNetwork | undefined {
  const hexadecimal = /^0x([\da-f]+)(?:\/(\d{1,2}))?$/i.exec(text);
  const parts = hexadecimal === null ? parseParts(text) : hexadecimalParts(hexadecimal);
  if (parts === undefined) return undefined;
  const bytes = padded(parts.octets);
  const prefixLength = parts.prefixLength ?? classPrefix(parts.octets);
  return { bytes, prefixLength };
}

function hexadecimalParts(match: RegExpExecArray): Parts | undefined {
  const digits = match[1];
  if (digits.length > 8) return undefined;
  const octets = (digits.match(/..?/g) ?? []).map((pair) => parseInt(pair.padEnd(2, '0'), 16));
  const prefixLength = match[2] === undefined ? undefined : Number(match[2]);
  return (prefixLength ?? 0) > 32 ? undefined : { octets, prefixLength };
}

function classPrefix(octets: readonly number[]): number {
  const [first] = octets;
  const byClass = first >= 240 ? 32 : first >= 224 ? 8 : first >= 192 ? 24 : first >= 128 ? 16 : 8;
  const wide = Math.max(byClass, octets.length * 8);
  return wide === 8 && first === 224 ? 4 : wide;
}

export function parseNetwork6(text: string): ParsedNetwork | undefined {
  const match = /^([\da-f:.]+)(?:\/(0|[1-9]\d{0,2}))?$/i.exec(text);
  if (match === null) return undefined;
  const prefixLength = match[2] === undefined ? 128 : Number(match[2]);
  const bytes = parseAddress6(match[1]);
  return bytes === undefined || prefixLength > 128 ? undefined : { bytes, prefixLength };
}

function parseAddress6(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = words(halves[0], halves.length === 1);
  const tail = halves.length === 2 ? words(halves[1], true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const bytes = new Uint8Array(16);
  const all = [...head, ...new Array<number>(missing).fill(0), ...tail];
  for (const [index, word] of all.entries()) {
    bytes[index * 2] = word >> 8;
    bytes[index * 2 + 1] = word & 0xff;
  }
  return bytes;
}

/** Groups of up to four hexadecimal digits; the last may be an IPv4 address. */
function words(text: string, last: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const result: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[\da-f]{1,4}$/i.test(group)) result.push(parseInt(group, 16));
    else if (last && index === groups.length - 1 && group.includes('.')) {
      const octets = parseInet4(group)?.bytes;
      if (octets === undefined || group.split('.').length !== 4) return undefined;
      result.push((octets[0] << 8) | octets[1], (octets[2] << 8) | octets[3]);
    } else return undefined;
  }
  return result;
}
