// Builders of the extended protocol's messages and readers of its replies, for tests that choose every byte.

import { frame, type Message } from './raw-connection.ts';

const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
};
const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
};
const text = (value: string): Buffer => Buffer.from(`${value}\0`);

export const sync = frame('S', Buffer.alloc(0));
export const flush = frame('H', Buffer.alloc(0));

export function parse(sql: string, options: { name?: string; types?: number[] } = {}): Buffer {
  const types = options.types ?? [];
  return frame(
    'P',
    Buffer.concat([text(options.name ?? ''), text(sql), int16(types.length), ...types.map(int32)]),
  );
}

export interface BindOptions {
  readonly portal?: string;
  readonly statement?: string;
  /** Text as a string, binary as bytes. */
  readonly values?: readonly (string | Buffer | null)[];
  readonly resultFormats?: readonly number[];
}

export function bind(options: BindOptions = {}): Buffer {
  const values = options.values ?? [];
  const resultFormats = options.resultFormats ?? [];
  const formats = values.map((value) => int16(Buffer.isBuffer(value) ? 1 : 0));
  const contents = values.map((value) => {
    if (value === null) return int32(-1);
    const bytes = Buffer.from(value);
    return Buffer.concat([int32(bytes.length), bytes]);
  });
  return frame(
    'B',
    Buffer.concat([
      text(options.portal ?? ''),
      text(options.statement ?? ''),
      ...[int16(values.length), ...formats],
      ...[int16(values.length), ...contents],
      ...[int16(resultFormats.length), ...resultFormats.map(int16)],
    ]),
  );
}

export function describe(kind: 'S' | 'P', name = ''): Buffer {
  return frame('D', text(`${kind}${name}`));
}

export function close(kind: 'S' | 'P', name = ''): Buffer {
  return frame('C', text(`${kind}${name}`));
}

export function execute(portal = '', maxRows = 0): Buffer {
  return frame('E', Buffer.concat([text(portal), int32(maxRows)]));
}

export function query(sql: string): Buffer {
  return frame('Q', text(sql));
}

/** The values of a DataRow. */
export function dataRow(message: Message): (Buffer | null)[] {
  const { body } = message;
  const values: (Buffer | null)[] = [];
  let offset = 2;
  for (let count = body.readInt16BE(0); count > 0; count--) {
    const length = body.readInt32BE(offset);
    offset += 4;
    values.push(length < 0 ? null : body.subarray(offset, offset + length));
    offset += Math.max(length, 0);
  }
  return values;
}

/** The message types in one word: "12DCZ". */
export function kinds(messages: readonly Message[]): string {
  return messages.map((message) => message.type).join('');
}

/** FunctionCall with text arguments and a text result. */
export function functionCall(oid: number, args: readonly (string | null)[]): Buffer {
  const parts: Buffer[] = [int32(oid), int16(0), int16(args.length)];
  for (const value of args) {
    if (value === null) parts.push(int32(-1));
    else parts.push(int32(Buffer.byteLength(value)), Buffer.from(value));
  }
  return frame('F', Buffer.concat([...parts, int16(0)]));
}
