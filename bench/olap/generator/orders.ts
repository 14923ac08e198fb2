// orders and lineitem together, since an order's status and total follow from its lines.

import type { RandomStream } from './random-stream.ts';
import { dayNumber, type RowWriter } from './row-writer.ts';
import type { TableInput } from './small-tables.ts';
import {
  encode,
  encodeAll,
  retailPrice,
  rowCount,
  supplierOfPart,
  writeComment,
} from './values.ts';
import { instructions, priorities, shipModes } from './word-lists.ts';

const currentDay = dayNumber('1995-06-17');
const lastOrderDay = dayNumber('1998-12-31') - 151;

interface Lines {
  readonly count: number;
  shipped: number;
  /** In hundredths. */
  total: number;
}

export function writeOrders(
  writers: { readonly orders: RowWriter; readonly lines: RowWriter },
  input: TableInput,
): void {
  const { scale, random, pool } = input;
  const count = rowCount(scale, 1_500_000);
  const customers = rowCount(scale, 150_000);
  const clerks = rowCount(scale, 1000);
  const priorityTexts = encodeAll(priorities);
  const clerkPrefix = encode('Clerk#');
  const writer = writers.orders;
  const lineWriter = new LineWriter(writers.lines, input);
  for (let index = 0; index < count; index++) {
    const key = orderKey(index);
    const day = random.between(0, lastOrderDay);
    const lines = lineWriter.write(key, day);
    writer.integer(key);
    writer.integer(customerWithOrders(random, customers));
    writer.text(orderStatus(lines));
    writer.hundredths(lines.total);
    writer.date(day);
    writer.text(random.pick(priorityTexts));
    writer.numbered(clerkPrefix, random.between(1, clerks));
    writer.integer(0);
    writeComment(writer, random, pool, { min: 19, max: 78 });
    writer.endRow();
  }
}

/** Of every 32 keys the first eight are in use. */
export function orderKey(index: number): number {
  return Math.floor(index / 8) * 32 + (index % 8) + 1;
}

/** A third of the customers, those whose key is divisible by three, never order. */
function customerWithOrders(random: RandomStream, customers: number): number {
  if (customers < 2) return 1;
  for (;;) {
    const customer = random.between(1, customers);
    if (customer % 3 !== 0) return customer;
  }
}

const statusTexts = { F: encode('F'), O: encode('O'), P: encode('P') };

function orderStatus(lines: Lines): Uint8Array {
  if (lines.shipped === lines.count) return statusTexts.F;
  return lines.shipped === 0 ? statusTexts.O : statusTexts.P;
}

const flagTexts = { R: encode('R'), A: encode('A'), N: encode('N') };
const instructionTexts = encodeAll(instructions);
const modeTexts = encodeAll(shipModes);

class LineWriter {
  private readonly writer: RowWriter;
  private readonly random: RandomStream;
  private readonly pool: Uint8Array;
  private readonly parts: number;
  private readonly suppliers: number;

  constructor(writer: RowWriter, { scale, random, pool }: TableInput) {
    this.writer = writer;
    this.random = random;
    this.pool = pool;
    this.parts = rowCount(scale, 200_000);
    this.suppliers = rowCount(scale, 10_000);
  }

  write(order: number, orderDay: number): Lines {
    const lines: Lines = { count: this.random.between(1, 7), shipped: 0, total: 0 };
    for (let line = 1; line <= lines.count; line++) {
      this.writer.integer(order);
      this.writeAmounts(line, lines);
      this.writeDates(orderDay, lines);
      this.writer.text(this.random.pick(instructionTexts));
      this.writer.text(this.random.pick(modeTexts));
      writeComment(this.writer, this.random, this.pool, { min: 10, max: 43 });
      this.writer.endRow();
    }
    return lines;
  }

  private writeAmounts(line: number, lines: Lines): void {
    const { writer, random } = this;
    const part = random.between(1, this.parts);
    const quantity = random.between(1, 50);
    const price = quantity * retailPrice(part);
    const discount = random.between(0, 10);
    const tax = random.between(0, 8);
    writer.integer(part);
    writer.integer(supplierOfPart(part, random.between(0, 3), this.suppliers));
    writer.integer(line);
    writer.hundredths(quantity * 100);
    writer.hundredths(price);
    writer.hundredths(discount);
    writer.hundredths(tax);
    lines.total += Math.round((price * (100 - discount) * (100 + tax)) / 10_000);
  }

  private writeDates(orderDay: number, lines: Lines): void {
    const { writer, random } = this;
    const shipped = orderDay + random.between(1, 121);
    const committed = orderDay + random.between(30, 90);
    const received = shipped + random.between(1, 30);
    const returned = random.between(0, 1) === 0 ? flagTexts.R : flagTexts.A;
    writer.text(received <= currentDay ? returned : flagTexts.N);
    if (shipped <= currentDay) lines.shipped++;
    writer.text(shipped > currentDay ? statusTexts.O : statusTexts.F);
    writer.date(shipped);
    writer.date(committed);
    writer.date(received);
  }
}
