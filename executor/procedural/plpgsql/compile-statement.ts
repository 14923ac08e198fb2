// From statements to closures: the table of all kinds, and those that are simple.

import { databaseError, type Datum, sqlType, TypeOid } from '#common';
import type { PlStatement } from '#planner';
import type { Work } from '../host.ts';
import { compileAssignment } from './compile-assignment.ts';
import { compileBlock, compileBody } from './compile-block.ts';
import { compileClose, compileFetch, compileOpen } from './compile-cursor.ts';
import { compileDiagnostics } from './compile-diagnostics.ts';
import { compileFor, compileForeach, compileLoop } from './compile-loop.ts';
import { compileRaise } from './compile-raise.ts';
import { compileReturn, compileReturnNext, compileReturnQuery } from './compile-return.ts';
import { compileCall, compileExecute, compilePerform, compileSql } from './compile-sql.ts';
import type { CompiledStatement, Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { Outcome, type Frame } from './frame.ts';

export function compileStatement(statement: PlStatement, compiler: Compiler): CompiledStatement {
  switch (statement.kind) {
    case 'block':
      return { phase: 'statement block', run: compileBlock(statement, compiler) };
    case 'assign':
      return { phase: 'assignment', run: compileAssignment(statement, compiler) };
    case 'if':
      return { phase: 'IF', run: compileIf(statement, compiler) };
    case 'case':
      return { phase: 'CASE', run: compileCase(statement, compiler) };
    case 'loop':
      return {
        phase: statement.condition === undefined ? 'LOOP' : 'WHILE',
        run: compileLoop(statement, compiler),
      };
    case 'for':
      return { phase: forPhases[statement.source.kind], run: compileFor(statement, compiler) };
    case 'foreach':
      return { phase: 'FOREACH over array', run: compileForeach(statement, compiler) };
    case 'exit':
    case 'continue':
      return { phase: statement.kind.toUpperCase(), run: compileExit(statement, compiler) };
    case 'return':
      return { phase: 'RETURN', run: compileReturn(statement, compiler) };
    case 'returnNext':
      return { phase: 'RETURN NEXT', run: compileReturnNext(statement, compiler) };
    case 'returnQuery':
      return { phase: 'RETURN QUERY', run: compileReturnQuery(statement, compiler) };
    case 'raise':
      return { phase: 'RAISE', run: compileRaise(statement, compiler) };
    case 'assert':
      return { phase: 'ASSERT', run: compileAssert(statement, compiler) };
    case 'perform':
      return { phase: 'PERFORM', run: compilePerform(statement, compiler) };
    case 'call':
      return {
        phase: /^\s*do/i.test(statement.statement.text) ? 'DO' : 'CALL',
        run: compileCall(statement, compiler),
      };
    case 'sql':
      return { phase: 'SQL statement', run: compileSql(statement, compiler) };
    case 'execute':
      return { phase: 'EXECUTE', run: compileExecute(statement, compiler) };
    case 'open':
      return { phase: 'OPEN', run: compileOpen(statement, compiler) };
    case 'fetch':
      return {
        phase: statement.into === undefined ? 'MOVE' : 'FETCH',
        run: compileFetch(statement, compiler),
      };
    case 'close':
      return { phase: 'CLOSE', run: compileClose(statement, compiler) };
    case 'diagnostics':
      return {
        phase: statement.stacked ? 'GET STACKED DIAGNOSTICS' : 'GET DIAGNOSTICS',
        run: compileDiagnostics(statement, compiler),
      };
    case 'commit':
    case 'rollback':
      return { phase: statement.kind.toUpperCase(), run: compileTransaction(statement) };
    case 'null':
      return { phase: 'NULL', run: () => Outcome.next };
  }
}

const forPhases = {
  integers: 'FOR with integer loop variable',
  query: 'FOR over SELECT rows',
  dynamic: 'FOR over EXECUTE statement',
  cursor: 'FOR over cursor',
} as const;

type Statement<Kind extends PlStatement['kind']> = Extract<PlStatement, { readonly kind: Kind }>;

function compileIf(statement: Statement<'if'>, compiler: Compiler): Run {
  const branches = statement.branches.map((branch) => ({
    holds: compiler.condition(branch.condition),
    body: compileBody(branch.body, compiler),
  }));
  const otherwise = compileBody(statement.otherwise, compiler);
  return (frame) => {
    for (const { holds, body } of branches) if (holds(frame)) return body(frame);
    return otherwise(frame);
  };
}

function compileCase(statement: Statement<'case'>, compiler: Compiler): Run {
  const { operand } = statement;
  const otherwise =
    statement.otherwise === undefined ? undefined : compileBody(statement.otherwise, compiler);
  const branches = statement.branches.map((branch) => {
    // CASE x WHEN a, b: one of the list, as PostgreSQL asks it.
    const text =
      operand === undefined ? branch.when.text : `(${operand.text}) IN (${branch.when.text})`;
    return {
      holds: compiler.condition({ text, offset: branch.when.offset }),
      body: compileBody(branch.body, compiler),
    };
  });
  return (frame) => {
    for (const { holds, body } of branches) if (holds(frame)) return body(frame);
    if (otherwise !== undefined) return otherwise(frame);
    throw databaseError('caseNotFound', 'case not found', {
      hint: 'CASE statement is missing ELSE part.',
    });
  };
}

function compileExit(statement: Statement<'exit' | 'continue'>, compiler: Compiler): Run {
  const { kind, label, condition } = statement;
  checkExit(statement, compiler);
  const holds = condition === undefined ? undefined : compiler.condition(condition);
  const outcome = kind === 'exit' ? Outcome.exit : Outcome.continue;
  return (frame: Frame) => {
    if (holds !== undefined && !holds(frame)) return Outcome.next;
    frame.exitLabel = label;
    return outcome;
  };
}

function checkExit({ kind, label }: Statement<'exit' | 'continue'>, compiler: Compiler): void {
  const level = label === undefined ? undefined : compiler.names.findLabel(label);
  if (label !== undefined && level === undefined) {
    throw databaseError(
      'syntaxError',
      `there is no label "${label}" attached to any block or loop enclosing this statement`,
    );
  }
  if (kind === 'continue' && level !== undefined && !level.isLoop) {
    throw databaseError('syntaxError', `block label "${label}" cannot be used in CONTINUE`);
  }
  if (label === undefined && !insideLoop(compiler)) {
    throw databaseError(
      'syntaxError',
      kind === 'exit'
        ? 'EXIT cannot be used outside a loop, unless it has a label'
        : 'CONTINUE cannot be used outside a loop',
    );
  }
}

function insideLoop(compiler: Compiler): boolean {
  for (let names: typeof compiler.names | undefined = compiler.names; names; names = names.parent) {
    if (names.isLoop) return true;
  }
  return false;
}

function compileAssert(statement: Statement<'assert'>, compiler: Compiler): Run {
  const holds = compiler.condition(statement.condition);
  const message =
    statement.message === undefined
      ? undefined
      : compiler.converted(statement.message, sqlType(TypeOid.text));
  return (frame) => {
    if (frame.host.setting('plpgsql.check_asserts') === 'off' || holds(frame)) return Outcome.next;
    const text: Datum = message?.(frame) ?? null;
    throw databaseError('assertFailure', text === null ? 'assertion failed' : (text as string));
  };
}

function compileTransaction(statement: Statement<'commit' | 'rollback'>): Run {
  return function* (frame): Work<Outcome> {
    if (!frame.mayEndTransaction || frame.handlerDepth > 0) {
      const isNested = frame.mayEndTransaction && frame.handlerDepth > 0;
      const verb = statement.kind === 'commit' ? 'commit' : 'roll back';
      throw databaseError(
        'invalidTransactionTermination',
        isNested
          ? `cannot ${verb} while a subtransaction is active`
          : 'invalid transaction termination',
      );
    }
    for (const run of frame.calls.openRuns()) yield* run.materialize();
    frame.host.endTransaction(statement.kind, statement.chain);
    return Outcome.next;
  };
}
