// The rows of VALUES nodes as blocks of random length and representation, for tests of compiled pipelines.

import {
  type Datum,
  halvesOf,
  type JoinedTexts,
  type SqlType,
  TypeOid,
  type Vector,
  WideIntegers,
} from '#common';
import type { PhysicalValues } from '#planner';
import type { BlockSource, SourceBlock } from '../compile/block-source.ts';
import { vectorOf } from '../compile/datum-vector.ts';

/** The rows of VALUES nodes as blocks of random shape. */
export class RandomBlocks implements BlockSource {
  private readonly rows: readonly (readonly Datum[])[];
  private readonly types: readonly SqlType[];
  private readonly random: () => number;
  private readonly seed: number;
  private state: number;
  private position = 0;

  constructor(node: PhysicalValues, seed: number) {
    this.rows = node.rows.map((row) =>
      row.map((cell) => (cell as { readonly value: Datum }).value),
    );
    this.types = node.types;
    this.seed = seed;
    this.state = seed;
    this.random = () => {
      this.state = (Math.imul(this.state, 1103515245) + 12345) >>> 0;
      return (this.state >>> 8) / 2 ** 24;
    };
  }
  open(): void {
    this.position = 0;
    this.state = this.seed;
  }
  close(): void {}
  next(): SourceBlock | undefined {
    if (this.position >= this.rows.length) return undefined;
    const start = this.position;
    const length = Math.min(this.rows.length - start, 1 + Math.floor(this.random() * 9));
    this.position += length;
    const rows: (readonly Datum[])[] = [];
    const selection: number[] = [];
    const sparse = this.random() < 0.3;
    for (const row of this.rows.slice(start, start + length)) {
      if (sparse && this.random() < 0.5) rows.push(row);
      selection.push(rows.length);
      rows.push(row);
    }
    const vectors = this.types.map((type, i) =>
      this.vector(
        type,
        rows.map((row) => row[i]),
      ),
    );
    const isSelected = sparse || this.random() < 0.2;
    return {
      length: rows.length,
      selection: isSelected ? Int32Array.from(selection) : undefined,
      selected: isSelected ? selection.length : rows.length,
      vector: (column) => vectors[column],
    };
  }
  private vector(type: SqlType, values: Datum[]): Vector {
    const choice = this.random();
    if (choice < 0.2) return { kind: 'datum', values, texts: joined(type, values) };
    if (choice < 0.35 && type.oid === TypeOid.int8) return wideOf(values);
    if (choice < 0.45) return dictionaryOf(values);
    const vector = vectorOf(type.oid, values);
    if (vector.kind === 'integer' && this.random() < 0.5 && fitsNarrow(type.oid))
      return { ...vector, values: Int32Array.from(vector.values) };
    return vector.kind === 'datum' ? dictionaryOf(values) : vector;
  }
}

function wideOf(values: readonly Datum[]): WideIntegers {
  const halves = values.map((value) => halvesOf((value ?? 0) as number | bigint));
  const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
  return new WideIntegers(
    Int32Array.from(halves, ([high]) => high),
    Int32Array.from(halves, ([, low]) => low),
    nulls.includes(1) ? nulls : undefined,
  );
}

/** As column segments hold texts that are ASCII. */
function joined({ oid }: SqlType, values: readonly Datum[]): JoinedTexts | undefined {
  if (oid !== TypeOid.text && oid !== TypeOid.varchar) return undefined;
  const bytes = Buffer.from(values.map((value) => (value as string | null) ?? '').join(''));
  if (bytes.some((byte) => byte > 127)) return undefined;
  let end = 0;
  const ends = Int32Array.from(values, (value) => (end += (value as string | null)?.length ?? 0));
  const nulls = Uint8Array.from(values, (value) => (value === null ? 1 : 0));
  return { bytes, ends, nulls };
}

function fitsNarrow(oid: number): boolean {
  return oid === TypeOid.int4 || oid === TypeOid.date;
}

function dictionaryOf(values: readonly Datum[]): Vector {
  // A Set would make -0 and 0 one.
  const dictionary = values.filter(
    (value, i) => value !== null && values.findIndex((other) => Object.is(other, value)) === i,
  );
  if (dictionary.length === 0) dictionary.push('');
  const codes = Uint8Array.from(values, (value) =>
    value === null ? 0 : dictionary.findIndex((entry) => Object.is(entry, value)),
  );
  const nulls = values.includes(null)
    ? Uint8Array.from(values, (value) => (value === null ? 1 : 0))
    : undefined;
  return { kind: 'dictionary', codes, dictionary: { values: dictionary }, nulls };
}
