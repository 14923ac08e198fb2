// Goal: rows are the same wherever the data are cut, and a row that comes in many pieces costs no more than its
// bytes. Method: generated rows with quotes, escapes and newlines in all formats, whole and in chunks; long
// rows whose pieces must not be read over and over.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BinaryRows, binarySignature } from './binary-rows.ts';
import type { CopyOptions } from './copy-options.ts';
import { CsvRows } from './csv-rows.ts';
import type { Field, FieldRows } from './field-rows.ts';
import { TextRows } from './text-rows.ts';

const base = { header: 'none', forceQuote: [], forceNotNull: [], forceNull: [] } as const;
const csv: CopyOptions = {
  ...base,
  format: 'csv',
  delimiter: ',',
  nullText: '',
  quote: '"',
  escape: '"',
};

const field = fc.oneof(
  fc.constant(null),
  fc
    .array(fc.constantFrom('a', '"', '\\', ',', '\n', 'é', "'", '""', '\\n'), {
      minLength: 1,
      maxLength: 12,
    })
    .map((parts) => parts.join('')),
);
const table = fc.array(fc.tuple(field, field), { maxLength: 8 });

interface Format {
  readonly name: string;
  readonly reader: () => FieldRows;
  readonly write: (rows: readonly (readonly (string | null)[])[]) => Buffer;
}

function csvFormat(escape: string): Format {
  const written = (value: string | null): string =>
    value === null
      ? ''
      : `"${value.replaceAll(new RegExp(`["${escape}${escape}]`, 'g'), (mark) => escape + mark)}"`;
  return {
    name: `CSV, escape ${escape}`,
    reader: () => new CsvRows({ ...csv, escape }, ['x', 'y']),
    write: (rows) => Buffer.from(rows.map((row) => `${row.map(written).join(',')}\n`).join('')),
  };
}

function binaryField(value: string | null): Buffer {
  const bytes = Buffer.from(value ?? '');
  const length = Buffer.alloc(4);
  length.writeInt32BE(value === null ? -1 : bytes.length);
  return Buffer.concat([length, bytes]);
}

const formats: readonly Format[] = [
  csvFormat('"'),
  csvFormat('\\'),
  {
    name: 'text, newlines escaped as they are',
    reader: () => new TextRows({ delimiter: '\t', nullText: '\\N' }),
    write: (rows) =>
      Buffer.from(
        rows
          .map(
            (row) =>
              `${row.map((value) => value?.replaceAll(/[\\\n]/g, (mark) => `\\${mark}`) ?? '\\N').join('\t')}\n`,
          )
          .join(''),
      ),
  },
  {
    name: 'binary',
    reader: () => new BinaryRows(),
    write: (rows) =>
      Buffer.concat([
        binarySignature,
        Buffer.alloc(8),
        ...rows.flatMap((row) => [Buffer.from([0, row.length]), ...row.map(binaryField)]),
        Buffer.from([255, 255]),
      ]),
  },
];

function rowsOf(reader: FieldRows, chunks: readonly Buffer[]): (string | null)[][] {
  const rows: Field[][] = [];
  for (const chunk of chunks) reader.push(chunk, rows);
  reader.finish(rows);
  return rows.map((row) =>
    row.map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString() : value)),
  );
}

for (const { name, reader, write } of formats) {
  test(`rows in chunks: ${name}`, () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 9 }), (rows, size) => {
        const bytes = write(rows);
        const chunks: Buffer[] = [];
        for (let at = 0; at < bytes.length; at += size) chunks.push(bytes.subarray(at, at + size));
        assert.deepEqual(
          rowsOf(reader(), chunks),
          rows.map((row) => [...row]),
        );
      }),
      { numRuns: 300 },
    );
  });

  test(`a long row in many pieces: ${name}`, () => {
    const piece = 'x'.repeat(1023);
    const long = Array.from({ length: 6000 }, () => piece).join('\n');
    const bytes = write([[long, 'y']]);
    const chunks: Buffer[] = [];
    for (let at = 0; at < bytes.length; at += 2048) chunks.push(bytes.subarray(at, at + 2048));
    const start = process.cpuUsage();
    const [[first, second]] = rowsOf(reader(), chunks);
    const { user, system } = process.cpuUsage(start);
    assert.ok(first === long && second === 'y');
    // 6 MB in 3,000 pieces: read anew with each of them, these would be 9 GB.
    assert.ok(user + system < 3_000_000, `${(user + system) / 1000} ms`);
  });
}
