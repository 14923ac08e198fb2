// Blocks: declarations, statements one after another, and handlers. A block with handlers is a
// sub-transaction: what it wrote is undone before a handler runs.

import { DatabaseError, databaseError, type Datum } from '#common';
import type { PlBlock, PlDeclaration, PlStatement } from '#planner';
import type { Work } from '../host.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { matcher } from './conditions.ts';
import { completeContext, frameLine, lineError } from './context.ts';
import { sqlType, TypeOid } from '#common';
import { type Frame, nullAssigned, Outcome } from './frame.ts';
import { Names, type VariableInfo } from './names.ts';

interface Step {
  readonly line: number;
  readonly phase: string;
  readonly run: Run;
}

/** Statements in order; an outcome other than `next` ends them. */
export function compileBody(statements: readonly PlStatement[], compiler: Compiler): Run {
  const steps: Step[] = [];
  for (const statement of statements) {
    if (statement.kind === 'null') continue;
    const { line } = statement;
    steps.push({
      line,
      ...lineError(line, () => compiler.grammar.statement(statement, compiler)),
    });
  }
  return (frame) => runSteps(steps, frame);
}

function* runSteps(steps: readonly Step[], frame: Frame): Work<Outcome> {
  for (const { line, phase, run } of steps) {
    frame.line = line;
    frame.phase = phase;
    let outcome = frame.pace === 'waiting' ? undefined : run(frame);
    if (outcome === undefined) {
      // A statement that meets a lock at once is undone, waits, and runs again.
      const mark = frame.host.mark();
      do {
        try {
          outcome = run(frame);
        } catch (signal) {
          const wait = frame.host.waitFor(signal, mark);
          if (wait === undefined) throw signal;
          yield wait;
        }
      } while (outcome === undefined);
    }
    if (typeof outcome === 'object') outcome = yield* outcome;
    if (outcome !== Outcome.next) return outcome;
  }
  return Outcome.next;
}

export function compileBlock(block: PlBlock, compiler: Compiler): Run {
  const names = new Names(compiler.names, block.label);
  return compiler.within(names, () => {
    const initializers = block.declarations.flatMap((declaration) => {
      const run = compiler.at(declaration.line, () => declare(declaration, compiler));
      return run === undefined ? [] : [run];
    });
    const initialize = (frame: Frame): void => {
      const { line, phase } = frame;
      for (const run of initializers) run(frame);
      frame.line = line;
      frame.phase = phase;
    };
    const body =
      block.handlers === undefined
        ? compileBody(block.body, compiler)
        : compileHandlers(block, block.handlers, compiler);
    const { label } = block;
    return function* (frame): Work<Outcome> {
      frame.phase = 'during statement block local variable initialization';
      const outerLine = frame.line;
      frame.line = 0;
      initialize(frame);
      frame.line = outerLine;
      frame.phase = 'statement block';
      const result = body(frame);
      const outcome = typeof result === 'object' ? yield* result : result;
      if (outcome === Outcome.exit && label !== undefined && frame.exitLabel === label) {
        frame.exitLabel = undefined;
        return Outcome.next;
      }
      return outcome;
    };
  });
}

function declare(
  declaration: PlDeclaration,
  compiler: Compiler,
): ((frame: Frame) => void) | undefined {
  const { name } = declaration;
  switch (declaration.kind) {
    case 'alias': {
      const found = compiler.names.find(declaration.target);
      if (found === undefined || found.rest.length > 0) {
        throw databaseError(
          'undefinedObject',
          `variable "${declaration.target.join('.')}" does not exist`,
        );
      }
      compiler.add(name, found.variable);
      return undefined;
    }
    case 'cursor':
      return declareCursor(declaration, compiler);
    case 'variable':
      return declareVariable(declaration, compiler);
  }
}

function declareVariable(
  declaration: Extract<PlDeclaration, { kind: 'variable' }>,
  compiler: Compiler,
): (frame: Frame) => void {
  const { name, constant, notNull, initial } = declaration;
  const type = compiler.typeWithCollation(declaration.type, declaration.collation);
  if (type.oid === TypeOid.trigger || type.oid === TypeOid.void) {
    throw databaseError(
      'featureNotSupported',
      `variable "${name}" has pseudo-type ${declaration.type}`,
    );
  }
  const value = initial === undefined ? undefined : compiler.expression(initial);
  const variable = compiler.declare(name, type, { constant, notNull });
  compiler.add(name, variable);
  return (frame) => {
    if (value === undefined) {
      frame.values[variable.index] = null;
      // A domain may refuse null.
      if (type.oid !== TypeOid.record && !variable.isRow && type.oid >= 16384)
        frame.assign(variable, null, sqlType(TypeOid.unknown));
      return;
    }
    const given = value.evaluate(frame);
    if (given === null && notNull) throw nullAssigned(name);
    frame.assign(variable, given, value.type(frame));
  };
}

function declareCursor(
  declaration: Extract<PlDeclaration, { kind: 'cursor' }>,
  compiler: Compiler,
): (frame: Frame) => void {
  const { name, parameters } = declaration;
  const names = new Names(compiler.names, name);
  const infos = parameters.map((parameter): VariableInfo => {
    const info = compiler.declare(parameter.name, compiler.type(parameter.type));
    names.add(parameter.name, info);
    return info;
  });
  const variable = compiler.declare(name, sqlType(TypeOid.refcursor), {
    cursor: { declaration, parameters: infos, names },
  });
  compiler.add(name, variable);
  return (frame) => {
    // As its name says until it is opened; unlike in other variables, a value stays over a loop.
    frame.values[variable.index] = name;
  };
}

interface Handler {
  readonly matches: (state: string) => boolean;
  readonly body: Run;
}

function compileHandlers(
  block: PlBlock,
  handlers: NonNullable<PlBlock['handlers']>,
  compiler: Compiler,
): Run {
  const body = compileBody(block.body, compiler);
  const names = new Names(compiler.names, undefined);
  const text = sqlType(TypeOid.text);
  const state = compiler.declare('sqlstate', text, { constant: true });
  const message = compiler.declare('sqlerrm', text, { constant: true });
  names.add('sqlstate', state);
  names.add('sqlerrm', message);
  const compiled = compiler.within(names, () =>
    handlers.map((handler): Handler => {
      const matchers = compiler.at(handler.line, () => handler.conditions.map(matcher));
      return {
        matches: (code) => matchers.some((matches) => matches(code)),
        body: compileBody(handler.body, compiler),
      };
    }),
  );
  return function* (frame): Work<Outcome> {
    const { host } = frame;
    const mark = host.mark();
    frame.handlerDepth++;
    let handler: Handler | undefined;
    let caught: DatabaseError;
    try {
      const result = body(frame);
      const outcome = typeof result === 'object' ? yield* result : result;
      frame.handlerDepth--;
      return outcome;
    } catch (error) {
      frame.handlerDepth--;
      if (host.isSignal(error) || !(error instanceof DatabaseError)) throw error;
      handler = compiled.find(({ matches }) => matches(error.sqlState));
      if (handler === undefined || error.severity !== 'ERROR') throw error;
      caught = error;
    }
    completeContext(caught, [frameLine(frame), ...frame.calls.callLines()]);
    for (const run of frame.openRuns) run.forget(mark.storage);
    host.rollbackTo(mark);
    const outer = [frame.values[state.index], frame.values[message.index]] as const;
    frame.values[state.index] = caught.sqlState;
    frame.values[message.index] = caught.message;
    frame.caught.push(caught);
    try {
      const result = handler.body(frame);
      return typeof result === 'object' ? yield* result : result;
    } finally {
      frame.caught.pop();
      restore(frame, state, outer[0]);
      restore(frame, message, outer[1]);
    }
  };
}

function restore(frame: Frame, variable: VariableInfo, value: Datum): void {
  frame.values[variable.index] = value;
}
