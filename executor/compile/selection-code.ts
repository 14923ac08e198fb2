// Code of a scan's filter: the places of the rows that pass, in ascending order. Comparisons of columns
// with each other and with constants are evaluated for every row without a branch, and the place is
// written in any case and kept by counting on: a branch that the processor cannot foresee costs more than
// the rest of the loop (P. Boncz et al., MonetDB/X100, CIDR 2005, 4.2). All other conditions are only
// evaluated for rows that have passed those.

import type { Expression } from '#common';
import type { ColumnBindings } from './column-bindings.ts';
import { comparisonKernelKnown } from './comparison-code.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';
import { inputOrdinals } from '../expression/walk.ts';

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
  const tests = conjuncts
    .slice(0, conjuncts.length - rest.length)
    .map((conjunct) => `+${compiler.condition(conjunct, columns)}`);
  if (rest.length === 0) {
    writer.line(`${places}[${kept}] = r;`);
    writer.line(`${kept} = (${kept} + (${tests.join(' & ')})) | 0;`);
    return kept;
  }
  if (tests.length > 0) writer.line(`if ((${tests.join(' & ')}) === 0) continue rows;`);
  for (const conjunct of rest)
    writer.line(`if (!${compiler.condition(conjunct, columns)}) continue rows;`);
  writer.line(`${places}[${kept}++] = r;`);
  return kept;
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
