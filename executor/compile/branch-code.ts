// CASE and COALESCE: one of several values, each computed only when it is chosen. The branches' values
// are brought to one representation; decimals keep the display scale of the branch taken.

import type { CaseExpression, CoalesceExpression, Expression } from '#common';
import { rescaled } from './arithmetic-code.ts';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, type IntegerValue, datumCode, datumValue } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

interface Branch {
  /** Statements before the test, the test, and statements and value of what it chooses. */
  readonly before: readonly string[];
  readonly test: string;
  readonly lines: string[];
  readonly value: CompiledValue;
}

export function compileBranches(
  compiler: ExpressionCompiler,
  expression: CaseExpression | CoalesceExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const outer = compiler.caseTest;
  if (expression.kind === 'case' && expression.operand !== undefined) {
    const value = compiler.compile(expression.operand, columns);
    compiler.caseTest = { value, typeOid: expression.operand.type.oid };
  }
  let captures = 0;
  const capture = <T>(
    write: () => T,
  ): { readonly lines: readonly string[]; readonly result: T } => {
    captures++;
    return compiler.writer.capture(write);
  };
  try {
    const branches =
      expression.kind === 'case'
        ? caseBranches(compiler, expression, columns, capture)
        : coalesceBranches(compiler, expression, columns, capture);
    const { writer } = compiler;
    const unified = unify(compiler, branches, expression.type.oid);
    writer.endCaptures(captures);
    captures = 0;
    return emit(compiler, branches, unified);
  } finally {
    compiler.writer.endCaptures(captures);
    compiler.caseTest = outer;
  }
}

type Capture = <T>(write: () => T) => { readonly lines: readonly string[]; readonly result: T };

/**
 * A test's values are known in its own branch and in all later ones; a branch's values only there, so
 * each is compiled in a scope that hides them again.
 */
function caseBranches(
  compiler: ExpressionCompiler,
  expression: CaseExpression,
  columns: ColumnBindings,
  capture: Capture,
): Branch[] {
  const branches: Branch[] = [];
  for (const { when, then } of expression.branches) {
    const test = capture(() => compiler.condition(when, columns));
    branches.push({
      before: test.lines,
      test: test.result,
      ...branchValue(compiler, then, columns),
    });
  }
  const otherwise = expression.otherwise;
  const last =
    otherwise === undefined
      ? { lines: [], value: datumValue('null') }
      : branchValue(compiler, otherwise, columns);
  branches.push({ before: [], test: 'true', ...last });
  return branches;
}

function branchValue(
  compiler: ExpressionCompiler,
  expression: Expression,
  columns: ColumnBindings,
): { readonly lines: string[]; readonly value: CompiledValue } {
  const captured = compiler.writer.capture(() => compiler.compile(expression, columns));
  compiler.writer.endCaptures(1);
  return { lines: [...captured.lines], value: captured.result };
}

function coalesceBranches(
  compiler: ExpressionCompiler,
  expression: CoalesceExpression,
  columns: ColumnBindings,
  capture: Capture,
): Branch[] {
  const branches: Branch[] = [];
  for (const argument of expression.arguments) {
    const { lines, result } = capture(() => compiler.compile(argument, columns));
    const test = result.isNull === undefined ? 'true' : `!${result.isNull}`;
    branches.push({ before: lines, test, lines: [], value: result });
    if (result.isNull === undefined) return branches;
  }
  branches.push({ before: [], test: 'true', lines: [], value: datumValue('null') });
  return branches;
}

/** What the result is, and how each branch's value becomes it. */
interface Unified {
  readonly result: CompiledValue;
  readonly values: readonly CompiledValue[];
}

const isNullLiteral = (value: CompiledValue): boolean =>
  value.kind === 'datum' && value.code === 'null';

function unify(
  compiler: ExpressionCompiler,
  branches: readonly Branch[],
  typeOid: number,
): Unified {
  const { writer } = compiler;
  const values = branches.map((branch) => branch.value);
  const present = values.filter((value) => !isNullLiteral(value));
  const code = writer.fresh('v');
  const isNull = values.some((value) => value.isNull !== undefined) ? writer.fresh('n') : undefined;
  const kinds = new Set(present.map((value) => value.kind));
  if (kinds.size === 1) {
    const [kind] = kinds;
    if (kind === 'integer') {
      const unified = unifyIntegers(compiler, branches, code, isNull);
      if (unified !== undefined) return unified;
    }
    if (kind === 'float' || kind === 'boolean') return { result: { kind, code, isNull }, values };
  }
  return {
    result: { kind: 'datum', code, isNull: `(${code} === null)` },
    values: branches.map((branch) => {
      const text = inBranch(compiler, branch, () => datumCode(branch.value, typeOid, writer));
      return datumValue(text);
    }),
  };
}

function inBranch<T>(compiler: ExpressionCompiler, branch: Branch, write: () => T): T {
  const captured = compiler.writer.capture(write);
  compiler.writer.endCaptures(1);
  branch.lines.push(...captured.lines);
  return captured.result;
}

function unifyIntegers(
  compiler: ExpressionCompiler,
  branches: readonly Branch[],
  code: string,
  isNull: string | undefined,
): Unified | undefined {
  const present = branches
    .map((branch) => branch.value)
    .filter((value): value is IntegerValue => value.kind === 'integer');
  const scale = Math.max(...present.map((value) => value.scale));
  const values: CompiledValue[] = [];
  for (const branch of branches) {
    const { value } = branch;
    if (value.kind !== 'integer') {
      values.push(value);
      continue;
    }
    const same = inBranch(compiler, branch, () => rescaled(compiler, value, scale));
    if (same === undefined) return undefined;
    values.push(same);
  }
  const differs = present.some((value) => value.scale !== scale || value.display !== undefined);
  const display = differs ? compiler.writer.fresh('d') : undefined;
  const min = Math.min(...present.map((value) => value.min * 10 ** (scale - value.scale)));
  const max = Math.max(...present.map((value) => value.max * 10 ** (scale - value.scale)));
  return { result: { kind: 'integer', code, isNull, scale, min, max, display }, values };
}

function emit(
  compiler: ExpressionCompiler,
  branches: readonly Branch[],
  { result, values }: Unified,
): CompiledValue {
  const { writer } = compiler;
  const initial = result.kind === 'boolean' ? 'false' : result.kind === 'datum' ? 'null' : '0';
  writer.line(`let ${result.code} = ${initial};`);
  const ownNull = result.kind === 'datum' ? undefined : result.isNull;
  if (ownNull !== undefined) writer.line(`let ${ownNull} = false;`);
  const display = result.kind === 'integer' ? result.display : undefined;
  if (display !== undefined) writer.line(`let ${display} = 0;`);
  branches.forEach((branch, i) => {
    writer.lines(branch.before);
    writer.line(`if (${branch.test}) {`);
    writer.lines(branch.lines);
    const value = values[i];
    if (isNullLiteral(value)) {
      if (ownNull !== undefined) writer.line(`${ownNull} = true;`);
    } else {
      writer.line(`${result.code} = ${value.code};`);
      if (ownNull !== undefined) writer.line(`${ownNull} = ${value.isNull ?? 'false'};`);
      if (display !== undefined && value.kind === 'integer')
        writer.line(`${display} = ${value.display ?? value.scale};`);
    }
    writer.line('} else {');
  });
  writer.line('}'.repeat(branches.length));
  return result;
}
