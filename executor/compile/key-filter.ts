// Filters that hash joins hand to the sources of their rows once their tables are complete (sideways
// information passing): of a source's rows only those go on whose column is among the keys of a table that
// they will be looked up in, further up the pipeline or in a later one. So rows without a partner cost one
// look at a bitmap, before other columns are decoded and before other look-ups.

import type { Expression } from '#common';
import type { WantedValues } from '#storage';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { JoinTable } from './join-table.ts';
import { distinctKeys, emitBit } from './key-bitmap.ts';

/** The column's values are wanted only where they are among one component of the table's keys. */
export interface KeyMember {
  readonly column: Extract<Expression, { kind: 'input' }>;
  readonly table: JoinTable;
  readonly component: number;
}

/** What a source's rows must be members of. Tables come to it while pipelines are built. */
export class KeyMembers {
  readonly all: KeyMember[] = [];
  /** Rows that were no members, in this execution. */
  removed = 0;
}

/** Share of the numbers between a table's bounds beyond which most rows are expected to find a partner. */
const densityMax = 0.7;
/** Share that makes a test rarely passed. */
const rareDensity = 0.1;

function density({ table, component }: KeyMember): number {
  return table.spilled ? 1 : (table.bitmaps[component]?.density ?? 1);
}

/** Those that are worth a test now that the tables are complete, the rarest keys first. */
export function usefulMembers(members: readonly KeyMember[]): KeyMember[] {
  return members
    .filter((member) => density(member) <= densityMax)
    .toSorted((left, right) => density(left) - density(right));
}

/** As many keys, and rows of their table, at most are looked up in a scanned table's columns. */
const lookedUpMax = 1 << 13;
const lookedUpRowsMax = 1 << 16;
/** Share of the numbers between the bounds: of more keys most rows are wanted anyway. */
const lookedUpDensityMax = 0.25;

/** Keys that are so few that a scan should look them up, the rarest first. */
export function fewKeys(members: readonly KeyMember[]): WantedValues[] {
  return members
    .toSorted((left, right) => density(left) - density(right))
    .flatMap(({ table, component, column }): WantedValues[] => {
      const bitmap = table.bitmaps[component];
      const { keys, length } = table.store;
      if (table.spilled || bitmap === undefined || length > lookedUpRowsMax) return [];
      if (bitmap.count > lookedUpMax || bitmap.density > lookedUpDensityMax) return [];
      const values = distinctKeys(bitmap, keys[component], length);
      return values === undefined ? [] : [{ column: column.ordinal, values }];
    });
}

/** Writes the places of the members, in ascending order; returns an expression for their number. */
export function writeKeyFilter(
  compiler: ExpressionCompiler,
  columns: ColumnBindings,
  members: readonly KeyMember[],
  selection: () => Int32Array,
): string {
  const { writer } = compiler;
  const kept = writer.fresh('k');
  const places = writer.bind(selection);
  writer.before(`let ${kept} = 0;`);
  const tests: string[] = [];
  let isRare = false;
  for (const member of members) {
    const value = compiler.compile(member.column, columns);
    // Values of other representations are left to the look-up.
    if (value.kind !== 'integer') continue;
    // A test that few rows pass is a branch that the processor foresees.
    if (tests.length > 0 && isRare) writer.line(`if ((${tests.join(' & ')}) === 0) continue rows;`);
    if (isRare) tests.length = 0;
    const bit = emitBit(writer, () => member.table.bitmaps[member.component]!, value.code);
    tests.push(value.isNull === undefined ? bit : `(${value.isNull} ? 0 : ${bit})`);
    isRare = density(member) < rareDensity;
  }
  writer.line(`${places}[${kept}] = r;`);
  writer.line(`${kept} = (${kept} + (${tests.length === 0 ? '1' : tests.join(' & ')})) | 0;`);
  return kept;
}
