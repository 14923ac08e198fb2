// Goal: the forms of hstore agree with each other. Method: random pairs; what is written as text, sent or
// stored is read as the same value, and index keys order as PostgreSQL's comparison says.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteWriter } from '../byte-writer.ts';
import { defaultFormatSettings } from '../format-settings.ts';
import { valueKeyEncoder } from '../key-values.ts';
import { ModuleTypeOid } from '../modules.ts';
import { typeInput, typeReceive, typeSend } from '../type-io/type-io.ts';
import { valueCodec } from '../value-codec.ts';
import { Hstore, hstoreEnds, hstoreTexts } from './hstore.ts';
import './value-types.ts';

const oid = ModuleTypeOid.hstore;
const text = fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => !each.includes('\0'));
const hstore = fc
  .array(fc.tuple(text, fc.option(text)), { maxLength: 6 })
  .map((pairs) => Hstore.of(pairs));

function same(read: unknown, value: Hstore): void {
  assert.ok(read instanceof Hstore);
  assert.deepEqual([...read.pairs], [...value.pairs]);
}

test('text, binary and stored form read as what they were written from', () => {
  const codec = valueCodec(oid);
  fc.assert(
    fc.property(hstore, (value) => {
      same(typeInput(oid)(value.toString(), -1, defaultFormatSettings), value);
      same(typeReceive(oid)(typeSend(oid)(value), -1), value);
      const writer = new ByteWriter();
      codec.write(writer, value);
      same(codec.read(writer.buffer, 0, writer.position), value);
    }),
  );
});

/** hstore_cmp(): the bytes of all texts, their length, how many pairs, where each text ends. */
function reference(left: Hstore, right: Hstore): number {
  const bytes = Buffer.compare(Buffer.from(hstoreTexts(left)), Buffer.from(hstoreTexts(right)));
  if (bytes !== 0) return bytes;
  if (left.pairs.size !== right.pairs.size) return left.pairs.size - right.pairs.size;
  const others = hstoreEnds(right);
  for (const [place, { at, isNull }] of hstoreEnds(left).entries()) {
    const other = others[place];
    if (at !== other.at) return at - other.at;
    if (isNull !== other.isNull) return isNull ? 1 : -1;
  }
  return 0;
}

test('keys of indexes order as values do', () => {
  const key = valueKeyEncoder(oid);
  // Few letters, so that many texts are alike.
  const short = fc.string({ unit: fc.constantFrom('a', 'b', 'é'), maxLength: 2 });
  const alike = fc
    .array(fc.tuple(short, fc.option(short)), { maxLength: 3 })
    .map((pairs) => Hstore.of(pairs));
  fc.assert(
    fc.property(alike, alike, (left, right) => {
      const [first, second] = [key(left), key(right)];
      const order = first < second ? -1 : first > second ? 1 : 0;
      assert.equal(order, Math.sign(reference(left, right)));
    }),
  );
});
