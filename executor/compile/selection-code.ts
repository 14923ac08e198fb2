// Code of a scan's filter: the places of the rows that pass, in ascending order. Comparisons of columns
// with each other and with constants are evaluated for every row without a branch, and the place is
// written in any case and kept by counting on: a branch that the processor cannot foresee costs more than
// the rest of the loop (P. Boncz et al., MonetDB/X100, CIDR 2005, 4.2). Several comparisons of other columns
// than the first one looks at are evaluated in a loop of their own, for the rows that have passed that one. All
// other conditions are only evaluated for rows that have passed the comparisons.

import type { Expression } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import { comparisonKernelKnown } from './comparison-code.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { inputOrdinals } from '../expression/walk.ts';

/** A second loop costs as much as about this many comparisons. */
const stagedMin = 2;

/** Returns an expression for how many rows pass. */
export function writeFilter(
  compiler: ExpressionCompiler,
  columns: ColumnBindings,
  conjuncts: readonly Expression[],
  selection: () => Int32Array,
): string {
  const { writer } = compiler;
  const kept = writer.fresh('k');
  const places = writer.bind(selection);
  writer.before(`let ${kept} = 0;`);
  const count = conjuncts.findIndex((conjunct) => !isComparison(compiler, conjunct, columns));
  const rest = count === -1 ? [] : conjuncts.slice(count);
  const comparisons = conjuncts.slice(0, conjuncts.length - rest.length);
  const passing = (tests: readonly Expression[]): string =>
    tests.map((conjunct) => `+${compiler.condition(conjunct, columns)}`).join(' & ');
  if (rest.length > 0) {
    if (comparisons.length > 0) writer.line(`if ((${passing(comparisons)}) === 0) continue rows;`);
    for (const conjunct of rest)
      writer.line(`if (!${compiler.condition(conjunct, columns)}) continue rows;`);
    writer.line(`${places}[${kept}++] = r;`);
    return kept;
  }
  const writeTests = (tests: readonly Expression[], passed: string): void => {
    writer.line(`${places}[${passed}] = r;`);
    writer.line(`${passed} = (${passed} + (${passing(tests)})) | 0;`);
  };
  const [first, others] = byFirstColumns(comparisons);
  if (others.length < stagedMin) {
    writeTests(comparisons, kept);
    return kept;
  }
  const passed = writer.fresh('k');
  writer.before(`let ${passed} = 0;`);
  writeTests(first, passed);
  writer.loopBehind(`for (let i = 0; i < ${passed}; i++)`, () => {
    writer.line(`const r = ${places}[i];`);
    writeTests(others, kept);
  });
  return kept;
}

/** Those that look at no other columns than the first one does, and the others. */
function byFirstColumns(
  comparisons: readonly Expression[],
): readonly [readonly Expression[], readonly Expression[]] {
  if (comparisons.length === 0) return [[], []];
  const columns = inputOrdinals(comparisons[0]);
  const isFirst = (comparison: Expression): boolean =>
    [...inputOrdinals(comparison)].every((ordinal) => columns.has(ordinal));
  return [comparisons.filter(isFirst), comparisons.filter((each) => !isFirst(each))];
}

/** Of two columns, or of a column and a constant, in a representation that is compared at once. */
function isComparison(
  compiler: ExpressionCompiler,
  expression: Expression,
  columns: ColumnBindings,
): boolean {
  if (expression.kind !== 'call' || !comparisonKernelKnown(expression)) return false;
  return expression.arguments.every((argument) =>
    argument.kind === 'input'
      ? compiler.compile(argument, columns).kind !== 'datum'
      : inputOrdinals(argument).size === 0 && compiler.state.constants.find(argument) !== undefined,
  );
}
