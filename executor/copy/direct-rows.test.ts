// Goal: rows that COPY puts straight into tuples are those that the reader of every form makes, and what
// is not plain is left to that reader. Method: generated lines through both, cut into chunks anywhere;
// the tuples are compared with what TupleLayout.encode() makes of the values.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultFormatSettings,
  sqlType,
  tupleLayout,
  typeInput,
  TypeOid,
  type ColumnDescriptor,
  type SqlType,
  type TableDescriptor,
} from '#common';
import type { FunctionContext } from '#functions';
import type { CopyOptions } from './copy-options.ts';
import { CsvRows } from './csv-rows.ts';
import { DirectRows } from './direct-rows.ts';
import type { Field } from './field-rows.ts';
import { TextRows } from './text-rows.ts';

const numericTypmod = (precision: number, scale: number): number => precision * 65_536 + scale + 4;

const types: readonly SqlType[] = [
  sqlType(TypeOid.text),
  sqlType(TypeOid.int4),
  sqlType(TypeOid.int8),
  { ...sqlType(TypeOid.numeric), typmod: numericTypmod(15, 2) },
  sqlType(TypeOid.date),
  { ...sqlType(TypeOid.varchar), typmod: 12 },
  { ...sqlType(TypeOid.bpchar), typmod: 10 },
  sqlType(TypeOid.float8),
  sqlType(TypeOid.bool),
  sqlType(TypeOid.numeric),
];

const columns = types.map((type, index) => ({
  name: `c${index}`,
  attributeNumber: index + 1,
  type,
  notNull: index === 1,
  dropped: false,
})) as unknown as ColumnDescriptor[];
/** Stored in another order than the fields come in. */
const stored = [3, 0, 9, 1, 2, 8, 4, 5, 6, 7];
const version = {
  version: 7,
  columns: stored.map((index) => ({ attributeNumber: index + 1, type: types[index] })),
};
const table = { columns, tupleVersions: [version] } as unknown as TableDescriptor;
const functions = defaultFormatSettings as unknown as FunctionContext;

const base = { header: 'none', forceQuote: [], forceNotNull: [], forceNull: [] } as const;
const formats: Record<'text' | 'csv', CopyOptions> = {
  text: { ...base, format: 'text', delimiter: '\t', nullText: '\\N', quote: '"', escape: '"' },
  csv: { ...base, format: 'csv', delimiter: ',', nullText: '', quote: '"', escape: '"' },
};

/** Per column what is taken directly, and what need not be. */
const fieldForms: readonly (readonly [fc.Arbitrary<string>, fc.Arbitrary<string>])[] = [
  [
    fc.constantFrom('', 'plain', 'two words', 'größer', '漢字', 'a\u0301'),
    fc.constantFrom('\\.', 'back\\tslash', 'q"q', 'new\\\\line'),
  ],
  [
    fc.stringMatching(/^-?[0-9]{1,9}$/),
    fc.constantFrom('2147483647', '2147483648', ' 5', '+5', '0x1', '-', ''),
  ],
  [
    fc.stringMatching(/^-?[0-9]{1,15}$/),
    fc.constantFrom('9223372036854775807', '9223372036854775808', '-1000000000000000'),
  ],
  [
    fc.stringMatching(/^-?[0-9]{1,9}(\.[0-9]{1,2})?$/),
    fc.constantFrom('1e3', '.5', '5.', '-0.00', 'NaN', '1.005', '9999999999999.99'),
  ],
  [
    fc.constantFrom('2024-02-29', '0001-01-01', '1999-12-31', '2000-04-30'),
    fc.constantFrom('2023-02-29', '2000-04-31', 'infinity', '99999-01-01', '12/31/1999'),
  ],
  [
    fc.constantFrom('', 'short', 'exactly8', 'ÄÖÜ'),
    fc.constantFrom('much too long text', 'ÄÖÜÄÖÜÄÖÜÄÖÜ', 'spaces            '),
  ],
  [fc.constantFrom('', 'abc', 'sixsix', 'ab    '), fc.constantFrom('sevenxx', 'ß', 'ab       ')],
  [fc.constantFrom('1.5', '-0', 'NaN'), fc.constantFrom('1e400', 'x')],
  [fc.constantFrom('t', 'false', 'yes'), fc.constantFrom('perhaps')],
  [fc.constantFrom('1', '123.4500', '12345678901234567890.5'), fc.constantFrom('-Infinity', '')],
];

const line = (format: 'text' | 'csv') =>
  fc
    .tuple(
      ...fieldForms.map(([plain, odd]) =>
        fc.oneof(
          { arbitrary: plain, weight: 40 },
          { arbitrary: fc.constant(formats[format].nullText), weight: 2 },
          { arbitrary: odd, weight: 1 },
        ),
      ),
      fc.oneof(
        { arbitrary: fc.constant(''), weight: 30 },
        { arbitrary: fc.constantFrom('\textra', ',extra', '\r'), weight: 1 },
      ),
    )
    .map((parts) => parts.slice(0, -1).join(formats[format].delimiter) + parts.at(-1)!);

/** The tuple of a line, or undefined where an error is due. */
function expectedTuple(fields: Field[]): Buffer | undefined {
  if (fields.length !== columns.length || fields[1] === null) return undefined;
  try {
    const values = fields.map((field, index) =>
      field === null
        ? null
        : typeInput(types[index].oid)(field as string, types[index].typmod, defaultFormatSettings),
    );
    return tupleLayout(version).encode(stored.map((index) => values[index]));
  } catch {
    return undefined;
  }
}

function readerRows(format: 'text' | 'csv', bytes: Buffer): Field[][] {
  const names = columns.map((column) => column.name);
  const reader = format === 'csv' ? new CsvRows(formats.csv, names) : new TextRows(formats.text);
  const rows: Field[][] = [];
  try {
    reader.push(bytes, rows);
  } catch {
    return rows;
  }
  return rows;
}

for (const format of ['text', 'csv'] as const) {
  test(`tuples made directly are those of the general reader (${format})`, () => {
    let direct = 0;
    fc.assert(
      fc.property(
        fc.array(line(format), { minLength: 1, maxLength: 12 }),
        fc.array(fc.nat(200), { maxLength: 4 }),
        (lines, cuts) => {
          const bytes = Buffer.from(`${lines.join('\n')}\n`);
          const tuples: Buffer[] = [];
          const rows = new DirectRows(
            { table, columns },
            formats[format],
            functions,
            (buffer, end) => tuples.push(Buffer.from(buffer.subarray(0, end))),
          );
          const edges = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b)];
          let left: Buffer | undefined;
          for (const [index, start] of edges.entries()) {
            left = rows.take(bytes.subarray(start, edges[index + 1] ?? bytes.length));
            if (left !== undefined) {
              const taken = lines
                .slice(0, tuples.length)
                .map((text) => Buffer.byteLength(text) + 1);
              const position = taken.reduce((sum, length) => sum + length, 0);
              const end = edges[index + 1] ?? bytes.length;
              assert.deepEqual(left, bytes.subarray(position, end), 'what it leaves begins a line');
              break;
            }
          }
          assert.equal(rows.rowCount, tuples.length);
          for (const [index, tuple] of tuples.entries()) {
            const [fields] = readerRows(format, Buffer.from(`${lines[index]}\n`));
            assert.deepEqual(tuple, expectedTuple(fields), lines[index]);
          }
          direct += tuples.length;
        },
      ),
      { numRuns: 600 },
    );
    assert.ok(direct > 100, `only ${direct} rows were taken`);
  });
}

test('bytes that are no UTF-8 are left to the general reader', () => {
  const rows = new DirectRows({ table, columns }, formats.text, functions, () => assert.fail());
  const bytes = Buffer.from([0xff, 10]);
  assert.deepEqual(rows.take(bytes), bytes);
});
