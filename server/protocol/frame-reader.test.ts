// However the bytes of a client arrive, the same messages come out, also when every piece arrives in one
// buffer that is overwritten by the next; and what is read of a message does not depend on where it lies.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { Frame, FrameReader } from './frame-reader.ts';
import { MessageReader } from './message-reader.ts';

const bodies = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 20 });

function messageOf(body: Uint8Array): Buffer {
  const head = Buffer.from([0x42, 0, 0, 0, 0]);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

test('messages are the same however their bytes arrive', () => {
  fc.assert(
    fc.property(
      bodies,
      fc.array(fc.integer({ min: 1, max: 200 })),
      fc.nat(),
      (sent, cuts, stop) => {
        const bytes = Buffer.concat(sent.map(messageOf));
        const shared = Buffer.alloc(bytes.length);
        const reader = new FrameReader(1000);
        reader.startupDone();
        const frame = new Frame();
        const received: string[] = [];
        let from = 0;
        for (let piece = 0; from < bytes.length; piece++) {
          const length = Math.min(cuts[piece] ?? bytes.length, bytes.length - from);
          bytes.copy(shared, 0, from, from + length);
          from += length;
          reader.push(shared, length);
          // Sometimes nothing, or one message only, is handled before the next piece comes.
          let handled = (stop >> (piece % 20)) & 1 ? 1 : Infinity;
          while (from < bytes.length ? handled-- > 0 && reader.next(frame) : reader.next(frame))
            received.push(frame.body.toString('hex'));
          reader.keep();
          shared.fill(0xee);
        }
        assert.deepEqual(
          received,
          sent.map((body) => Buffer.from(body).toString('hex')),
        );
        assert.equal(reader.bufferedBytes, 0);
      },
    ),
  );
});

test('texts and numbers are read wherever a message lies', () => {
  const text = fc
    .string({ unit: 'grapheme', maxLength: 60 })
    .filter((each) => !each.includes('\0'));
  fc.assert(
    fc.property(fc.array(text), fc.integer(), fc.nat({ max: 9 }), (texts, number, start) => {
      const digits = Buffer.from(String(number));
      const body = Buffer.concat([
        ...texts.map((each) => Buffer.from(`${each}\0`)),
        digits,
        Buffer.from('tail'),
      ]);
      const bytes = Buffer.concat([Buffer.alloc(start, 0x31), body, Buffer.from('123')]);
      const reader = new MessageReader(Buffer.alloc(0));
      reader.reset(bytes, start, start + body.length);
      for (const each of texts) assert.equal(reader.cString(), each);
      const read = reader.plainInteger(digits.length);
      if (read === undefined) assert.equal(reader.text(digits.length), String(number));
      else assert.equal(read, number);
      assert.equal(reader.plainInteger(4), undefined);
      assert.equal(reader.plainInteger(5), undefined);
      assert.throws(() => reader.text(5), { sqlState: '08P01' });
      assert.equal(reader.take(4).toString(), 'tail');
      reader.end();
      assert.throws(() => reader.cString(), { sqlState: '08P01' });
    }),
  );
});
