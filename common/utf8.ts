// UTF-8 from outside, checked: PostgreSQL accepts neither malformed sequences nor zero bytes.

import { isUtf8 } from 'node:buffer';
import { asBuffer, latin1Text, utf8Text } from './buffer-text.ts';
import { databaseError } from './errors.ts';

/** Decodes all bytes; 22021 names the first bad sequence. */
export function checkedUtf8(bytes: Uint8Array): string {
  const { length } = bytes;
  let index = 0;
  let byte = 1;
  while (index < length && (byte = bytes[index]!) !== 0 && byte < 128) index++;
  const buffer = asBuffer(bytes);
  if (index === length) return latin1Text(buffer, 0, length);
  if (!isUtf8(bytes) || buffer.includes(0)) {
    throw databaseError(
      'characterNotInRepertoire',
      `invalid byte sequence for encoding "UTF8": ${describeInvalid(bytes)}`,
    );
  }
  return utf8Text(buffer, 0, length);
}

/** The first invalid sequence as PostgreSQL prints it: the bytes its first byte announces. */
function describeInvalid(bytes: Uint8Array): string {
  let at = 0;
  while (at < bytes.length) {
    const length = sequenceLength(bytes[at]);
    const sequence = bytes.subarray(at, at + length);
    if (bytes[at] === 0 || sequence.length < length || !isUtf8(sequence)) {
      return [...sequence].map((byte) => `0x${byte.toString(16).padStart(2, '0')}`).join(' ');
    }
    at += length;
  }
  return '0x00';
}

function sequenceLength(first: number): number {
  if (first < 0xc0) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : first < 0xf8 ? 4 : 1;
}
