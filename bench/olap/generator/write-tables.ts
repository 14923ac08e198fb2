// The TPC-H data set at a scale, as one file of COPY text a table: an own generator written from the
// specification (TPC-H 3.0, clause 4.2). Tables, columns, key ranges and distributions are the
// specification's; the random numbers are not those of the TPC's program, so results differ from the
// published ones and are compared between systems instead.

import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeOrders } from './orders.ts';
import { RandomStream } from './random-stream.ts';
import { RowWriter } from './row-writer.ts';
import {
  writeCustomers,
  writeNations,
  writeParts,
  writePartSuppliers,
  writeRegions,
  writeSuppliers,
  type TableInput,
} from './small-tables.ts';
import { makeTextPool } from './text-pool.ts';

const tableWriters: readonly [string, (writer: RowWriter, input: TableInput) => void][] = [
  ['region', writeRegions],
  ['nation', writeNations],
  ['supplier', writeSuppliers],
  ['customer', writeCustomers],
  ['part', writeParts],
  ['partsupp', writePartSuppliers],
];

export function tableFile(directory: string, table: string): string {
  return join(directory, `${table}.tsv`);
}

/** Writes the files unless they are there. A directory appears under its name only when it is complete. */
export function writeTables(directory: string, scale: number): void {
  if (existsSync(directory)) return;
  const unfinished = `${directory}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  mkdirSync(unfinished, { recursive: true });
  const pool = makeTextPool(1);
  for (const [index, [table, write]] of tableWriters.entries()) {
    const writer = new RowWriter(tableFile(unfinished, table));
    write(writer, { scale, random: new RandomStream(100 + index), pool });
    writer.close();
  }
  const orders = new RowWriter(tableFile(unfinished, 'orders'));
  const lines = new RowWriter(tableFile(unfinished, 'lineitem'));
  writeOrders({ orders, lines }, { scale, random: new RandomStream(200), pool });
  orders.close();
  lines.close();
  renameSync(unfinished, directory);
}
