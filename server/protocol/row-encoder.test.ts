// Goal: a row that cannot be written leaves nothing of its message behind, or the client would take the
// error that follows for the row's bytes and wait for ever. Method: a document that nests too deeply.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ByteWriter, TypeOid, type Datum, type FormatSettings } from '#common';
import { RowEncoder } from './row-encoder.ts';

test('a value that cannot be written takes its message back out', () => {
  let nested: unknown = null;
  for (let depth = 0; depth < 100_000; depth++) nested = [nested];
  const writer = new ByteWriter();
  const encoder = new RowEncoder([TypeOid.int4, TypeOid.jsonb], []);
  const settings = {} as FormatSettings;
  encoder.writeValues(writer, [1, null], settings);
  const before = writer.position;
  assert.throws(() => encoder.writeValues(writer, [1, nested as Datum], settings), RangeError);
  assert.equal(writer.position, before);
});
