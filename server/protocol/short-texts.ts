// Short texts that clients send over and over, such as the names of prepared statements: the string that
// was made of the same bytes the last time is taken again, which costs less than making one, and its hash
// is known already.

import { latin1Text } from '#common';

/** Longest text that is kept, in bytes. */
export const shortTextMax = 24;

const slots = 1024;
const known = new Array<string>(slots).fill('');

/** The text of ASCII bytes in [start, end), at most shortTextMax of them. */
export function shortText(bytes: Buffer, start: number, end: number): string {
  let hash = 0;
  for (let at = start; at < end; at++) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
  const slot = hash & (slots - 1);
  const text = known[slot];
  if (isText(text, bytes, start, end)) return text;
  return (known[slot] = latin1Text(bytes, start, end));
}

function isText(text: string, bytes: Buffer, start: number, end: number): boolean {
  if (text.length !== end - start) return false;
  for (let at = 0; at < text.length; at++)
    if (text.charCodeAt(at) !== bytes[start + at]) return false;
  return true;
}
