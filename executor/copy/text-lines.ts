// Bytes to text, a block of whole lines at a time: cuts after the last newline, so that characters and
// lines are never split, and checks the encoding (22021). A line that no string could hold answers 54000.

import { databaseError, stringLengthMax } from '#common';
import { tooLongRow } from './copy-errors.ts';

const newline = 10;

export class TextBlocks {
  private rest: Buffer[] = [];
  private restBytes = 0;
  private readonly decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** Nothing waits for the rest of its line. */
  get isEmpty(): boolean {
    return this.rest.length === 0;
  }

  /** The text up to the last newline of all that has come; undefined when there is no newline yet. */
  push(chunk: Uint8Array): string | undefined {
    const last = chunk.lastIndexOf(newline);
    if (this.restBytes + chunk.length > stringLengthMax) throw tooLongRow();
    if (last < 0) {
      this.rest.push(Buffer.from(chunk));
      this.restBytes += chunk.length;
      return undefined;
    }
    const head = chunk.subarray(0, last + 1);
    const block = this.rest.length === 0 ? head : Buffer.concat([...this.rest, head]);
    this.rest = last + 1 < chunk.length ? [Buffer.from(chunk.subarray(last + 1))] : [];
    this.restBytes = chunk.length - last - 1;
    return this.decode(block);
  }

  /** What is left without a newline at its end. */
  finish(): string {
    const block = this.rest.length === 0 ? '' : this.decode(Buffer.concat(this.rest));
    this.rest = [];
    this.restBytes = 0;
    return block;
  }

  private decode(block: Uint8Array): string {
    try {
      const text = this.decoder.decode(block);
      if (!text.includes('\0')) return text;
    } catch {
      throw invalidEncoding();
    }
    throw databaseError(
      'characterNotInRepertoire',
      'invalid byte sequence for encoding "UTF8": 0x00',
    );
  }
}

function invalidEncoding(): Error {
  return databaseError('characterNotInRepertoire', 'invalid byte sequence for encoding "UTF8"');
}
