// Code that looks a row up in a join table and goes on with each match.

import type { Expression } from '#common';
import type { PhysicalHashJoin } from '#planner';
import type { ColumnBinding, ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { hashText, type JoinTable } from './join-table.ts';
import { type KeyBitmap, emitBit } from './key-bitmap.ts';
import { keyComponent } from './key-code.ts';
import { emitRank } from './rank-index.ts';
import type { ProbeSpill } from './spilled-join.ts';
import { covers, shapeOf } from './vector-shape.ts';

export interface ProbeStep {
  readonly kind: 'probe';
  /** mark: the table holds the join's left rows, and those with a partner are marked; no row goes on. */
  readonly type: PhysicalHashJoin['type'] | 'mark';
  readonly table: JoinTable;
  /** Of the probing side. */
  readonly leftWidth: number;
  readonly leftKeys: readonly Expression[];
  /** Over left columns then right columns, of the join. */
  readonly condition: Expression | undefined;
  /** Place in the table's store of each right column; undefined: nobody reads it. */
  readonly stored: readonly (number | undefined)[];
  /** Build rows that met a partner are marked. */
  readonly marks: boolean;
  /** Where rows wait when the table is on disk; undefined: the look-up may then be left out. */
  readonly spill: ProbeSpill | undefined;
  /** Looks up rows that have waited. */
  readonly replays?: boolean;
}

/** Writes the look-up; the code that follows runs once a match, in scopes that `close` ends. */
export function emitProbe(
  compiler: ExpressionCompiler,
  step: ProbeStep,
  columns: ColumnBindings,
  skip: string,
): { readonly columns: ColumnBindings; readonly skip: string; readonly close: () => void } {
  const { writer } = compiler;
  const row = writer.fresh('r');
  const joined = joinedColumns(step, columns, row);
  assumeTable(compiler, step, joined);
  const first = emitFind(compiler, step, columns);
  switch (step.type) {
    case 'semi':
    case 'anti': {
      const found = emitExists(compiler, step, joined, { first, row });
      writer.line(`if (${step.type === 'semi' ? '!' : ''}${found}) continue ${skip};`);
      return { columns, skip, close: () => {} };
    }
    case 'mark':
      return emitMark(compiler, step, joined, { first, row, skip });
    case 'inner':
    case 'right':
      return emitInner(compiler, step, joined, { first, row, skip });
    case 'left':
    case 'full':
      return emitOuter(compiler, step, joined, { first, row, skip });
  }
}

interface Found {
  /** Name of the first matching row + 1 (0: none). */
  readonly first: string;
  /** Name for the row at hand. */
  readonly row: string;
}

function joinedColumns(step: ProbeStep, columns: ColumnBindings, row: string): ColumnBindings {
  const { store } = step.table;
  const mayMiss = step.type === 'left' || step.type === 'full';
  const right = step.stored.map((place): ColumnBinding | undefined => {
    if (place === undefined) return undefined;
    return {
      kind: 'vector',
      shape: shapeOf(store.vector(place)),
      resolve: () => store.vector(place),
      place: row,
      mayMiss,
    };
  });
  const left = [...columns];
  left.length = step.leftWidth;
  return step.type === 'mark' ? [...right, ...left] : [...left, ...right];
}

/** Code is made for the table as it is: dense or hashed, with or without chains, of such columns. */
function assumeTable(
  compiler: ExpressionCompiler,
  { table, stored, type }: ProbeStep,
  joined: ColumnBindings,
): void {
  const dense = table.base !== undefined;
  const chained = table.next !== undefined;
  const { tested } = table;
  const ranked = table.ranks !== undefined;
  const shapes = type === 'mark' ? joined : joined.slice(joined.length - stored.length);
  compiler.assumptions.push(
    () =>
      (table.base !== undefined) === dense &&
      (table.next !== undefined) === chained &&
      (table.ranks !== undefined) === ranked &&
      table.tested === tested &&
      stored.every((place, i) => {
        const binding = shapes[i];
        if (place === undefined || binding?.kind !== 'vector') return true;
        return covers(binding.shape, table.store.vector(place));
      }),
  );
}

/** The first matching row + 1. */
function emitFind(compiler: ExpressionCompiler, step: ProbeStep, columns: ColumnBindings): string {
  const { writer } = compiler;
  const { table, leftKeys } = step;
  const found = writer.fresh('f');
  const components = leftKeys.map((key, i) => {
    const value = compiler.compile(key, columns);
    return keyComponent(compiler, value, table.pools[i], { adds: false, exact: false })!;
  });
  const nulls = components.flatMap(({ isNull }) => (isNull === undefined ? [] : [isNull]));
  const notNull = nulls.length === 0 ? '' : `!(${nulls.join(' || ')})`;
  const keys = components.map(({ code }) => code);
  const index = writer.bind(() => table.index);
  const { base } = table;
  if (keys.length === 0) {
    const length = writer.bind(() => table.store.length);
    writer.line(`let ${found} = ${length} === 0 ? 0 : 1;`);
    return found;
  }
  writer.line(`let ${found} = 0;`);
  if (notNull !== '') writer.open(`if (${notNull})`);
  if (base !== undefined) {
    const place = writer.declare(`${keys[0]} - ${writer.bind(() => table.base)}`);
    const size = writer.bind(() => table.index.length);
    writer.line(`if (${place} >= 0 && ${place} < ${size}) ${found} = ${index}[${place}];`);
  } else if (table.ranks !== undefined) {
    emitRanked(compiler, table, keys[0], found);
  } else {
    if (table.tested !== undefined)
      writer.open(
        `if (${emitBit(writer, () => table.bitmaps[table.tested!]!, keys[table.tested])} !== 0)`,
      );
    const mask = writer.bind(() => table.mask);
    const stored = keys.map((_key, i) => writer.bind(() => table.store.keys[i]));
    const hash = writer.declare(hashText(keys, table.keyTypes));
    const place = writer.fresh('h');
    writer.line(`let ${place} = (${hash} ^ (${hash} >>> 15)) & ${mask};`);
    writer.line(`${found} = ${index}[${place}];`);
    const differs = stored.map((name, i) => `${name}[${found} - 1] !== ${keys[i]}`).join(' || ');
    writer.line(
      `while (${found} !== 0 && (${differs})) { ${place} = (${place} + 1) & ${mask}; ${found} = ${index}[${place}]; }`,
    );
  }
  if (table.tested !== undefined) writer.close();
  if (notNull !== '') writer.close();
  return found;
}

function emitRanked(
  compiler: ExpressionCompiler,
  table: JoinTable,
  key: string,
  found: string,
): void {
  const { writer } = compiler;
  const bitmap = (): KeyBitmap => table.bitmaps[0]!;
  writer.open(`if (${emitBit(writer, bitmap, key)} !== 0)`);
  const min = writer.bind(() => bitmap().min);
  const max = writer.bind(() => bitmap().max);
  // The bit may be that of another number, beyond the bounds.
  writer.open(`if (${key} >= ${min} && ${key} <= ${max})`);
  const rank = emitRank(writer, { bitmap, ranks: () => table.ranks! }, key);
  writer.line(`${found} = ${writer.bind(() => table.index)}[${rank}];`);
  writer.close();
  writer.close();
}

/** Moves on to the next row with the same key. */
function advanceText(compiler: ExpressionCompiler, step: ProbeStep, name: string): string {
  if (isCross(step)) {
    const length = compiler.writer.bind(() => step.table.store.length);
    return `${name} = ${name} < ${length} ? ${name} + 1 : 0;`;
  }
  if (step.table.next === undefined) return `${name} = 0;`;
  return `${name} = ${compiler.writer.bind(() => step.table.next)}[${name} - 1];`;
}

const isCross = (step: ProbeStep): boolean => step.leftKeys.length === 0;

function emitExists(
  compiler: ExpressionCompiler,
  step: ProbeStep,
  joined: ColumnBindings,
  { first, row }: Found,
): string {
  const { writer } = compiler;
  if (step.condition === undefined && !step.marks) return `(${first} !== 0)`;
  const exists = writer.fresh('e');
  const label = writer.fresh('L');
  writer.line(`let ${exists} = false;`);
  writer.open(`${label}: while (${first} !== 0)`);
  writer.line(`const ${row} = ${first} - 1;`);
  writer.line(advanceText(compiler, step, first));
  if (step.condition !== undefined)
    writer.line(`if (!${compiler.condition(step.condition, joined)}) continue ${label};`);
  writer.line(`${exists} = true;`);
  if (step.marks) writer.line(`${writer.bind(() => step.table.matched)}[${row}] = 1;`);
  else writer.line(`break ${label};`);
  writer.close();
  return exists;
}

function emitInner(
  compiler: ExpressionCompiler,
  step: ProbeStep,
  joined: ColumnBindings,
  { first, row, skip }: Found & { readonly skip: string },
): { readonly columns: ColumnBindings; readonly skip: string; readonly close: () => void } {
  const { writer } = compiler;
  const repeats = step.table.next !== undefined || isCross(step);
  let label = skip;
  if (repeats) {
    label = writer.fresh('L');
    writer.open(`${label}: while (${first} !== 0)`);
    writer.line(`const ${row} = ${first} - 1;`);
    writer.line(advanceText(compiler, step, first));
  } else {
    writer.line(`if (${first} === 0) continue ${skip};`);
    writer.line(`const ${row} = ${first} - 1;`);
  }
  if (step.condition !== undefined)
    writer.line(`if (!${compiler.condition(step.condition, joined)}) continue ${label};`);
  if (step.marks) writer.line(`${writer.bind(() => step.table.matched)}[${row}] = 1;`);
  return { columns: joined, skip: label, close: () => repeats && writer.close() };
}

/** Marks the rows of the table that meet the row at hand. */
function emitMark(
  compiler: ExpressionCompiler,
  step: ProbeStep,
  joined: ColumnBindings,
  { first, row, skip }: Found & { readonly skip: string },
): { readonly columns: ColumnBindings; readonly skip: string; readonly close: () => void } {
  const { writer } = compiler;
  const label = writer.fresh('L');
  const matched = writer.bind(() => step.table.matched);
  writer.open(`${label}: while (${first} !== 0)`);
  writer.line(`const ${row} = ${first} - 1;`);
  writer.line(advanceText(compiler, step, first));
  writer.line(`if (${matched}[${row}] !== 0) continue ${label};`);
  if (step.condition !== undefined)
    writer.line(`if (!${compiler.condition(step.condition, joined)}) continue ${label};`);
  writer.line(`${matched}[${row}] = 1;`);
  writer.close();
  return { columns: joined, skip, close: () => {} };
}

/** All matches, and once with -1 as the right row when there is none. */
function emitOuter(
  compiler: ExpressionCompiler,
  step: ProbeStep,
  joined: ColumnBindings,
  { first, row }: Found & { readonly skip: string },
): { readonly columns: ColumnBindings; readonly skip: string; readonly close: () => void } {
  const { writer } = compiler;
  const met = writer.fresh('e');
  const label = writer.fresh('L');
  writer.line(`let ${met} = false;`);
  writer.open(`${label}: while (true)`);
  writer.line(`const ${row} = ${first} - 1;`);
  writer.line(`if (${row} < 0) { if (${met}) break; ${met} = true; }`);
  writer.open('else');
  writer.line(advanceText(compiler, step, first));
  if (step.condition !== undefined)
    writer.line(`if (!${compiler.condition(step.condition, joined)}) continue ${label};`);
  writer.line(`${met} = true;`);
  if (step.marks) writer.line(`${writer.bind(() => step.table.matched)}[${row}] = 1;`);
  writer.close();
  return { columns: joined, skip: label, close: () => writer.close() };
}
