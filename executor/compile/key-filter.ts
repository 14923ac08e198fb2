// Filters that hash joins hand to the sources of their rows once their tables are complete (sideways
// information passing): of a source's rows only those go on whose column is among the keys of a table that
// they will be looked up in, further up the pipeline or in a later one. So rows without a partner cost one
// look at a bitmap, before other columns are decoded and before other look-ups.

import type { Expression } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import type { JoinTable } from './join-table.ts';

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

/** Those that are worth a test now that the tables are complete, the rarest keys first. */
export function usefulMembers(members: readonly KeyMember[]): KeyMember[] {
  const density = ({ table, component }: KeyMember): number => {
    const bitmap = table.bitmaps[component];
    return bitmap?.bits === undefined ? 1 : bitmap.density;
  };
  return members
    .filter((member) => density(member) <= densityMax)
    .toSorted((left, right) => density(left) - density(right));
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
  for (const { column, table, component } of members) {
    const value = compiler.compile(column, columns);
    // Numbers beyond doubles stand for themselves nowhere: such blocks are left to the look-up.
    if (value.kind !== 'integer') continue;
    const bitmap = () => table.bitmaps[component]!;
    const bits = writer.bind(() => bitmap().bits);
    const min = writer.bind(() => bitmap().min);
    const max = writer.bind(() => bitmap().max);
    const place = writer.declare(`${value.code} - ${min}`);
    const isMember = `${value.code} >= ${min} && ${value.code} <= ${max} && ((${bits}[${place} >>> 5] >>> (${place} & 31)) & 1) !== 0`;
    const test = value.isNull === undefined ? isMember : `!${value.isNull} && ${isMember}`;
    writer.line(`if (!(${test})) continue rows;`);
  }
  writer.line(`${places}[${kept}++] = r;`);
  return kept;
}
