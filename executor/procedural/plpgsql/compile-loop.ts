// LOOP, WHILE, FOR and FOREACH.

import {
  ArrayValue,
  databaseError,
  type Datum,
  elementTypeOf,
  sqlType,
  type SqlType,
  TypeOid,
} from '#common';
import type { PlStatement } from '#planner';
import { again } from '../../contract.ts';
import type { Work } from '../host.ts';
import { InnerStatement } from '../inner-statement.ts';
import { attempt, QueryRun } from '../statement-run.ts';
import { assignTo } from './assign-value.ts';
import { compileBody } from './compile-block.ts';
import { assignRow, type IntoTarget, compileTargets } from './into.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { dynamicStatement } from './dynamic-statement.ts';
import { withStatement } from './context.ts';
import { openBound } from './compile-cursor.ts';
import { type Frame, Outcome } from './frame.ts';
import { Names } from './names.ts';

type Loop = Extract<PlStatement, { readonly kind: 'loop' }>;
type For = Extract<PlStatement, { readonly kind: 'for' }>;
type Foreach = Extract<PlStatement, { readonly kind: 'foreach' }>;

/** What a loop does after its body ended in some way. */
type Next = 'again' | 'leave' | 'out';

function afterBody(outcome: Outcome, label: string | undefined, frame: Frame): Next {
  if (outcome === Outcome.next) return 'again';
  if (outcome === Outcome.return) return 'out';
  const { exitLabel } = frame;
  if (exitLabel !== undefined && exitLabel !== label) return 'out';
  frame.exitLabel = undefined;
  return outcome === Outcome.exit ? 'leave' : 'again';
}

export function compileLoop(statement: Loop, compiler: Compiler): Run {
  const { label, condition, line } = statement;
  const phase = condition === undefined ? 'LOOP' : 'WHILE';
  return compiler.within(new Names(compiler.names, label, true), () => {
    const holds = condition === undefined ? undefined : compiler.condition(condition);
    const body = compileBody(statement.body, compiler);
    return function* (frame): Work<Outcome> {
      for (;;) {
        frame.line = line;
        frame.phase = phase;
        if (holds !== undefined && !(yield* attempt(frame, () => holds(frame))))
          return Outcome.next;
        if (endsTurn(frame)) yield again;
        const result = body(frame);
        const outcome = typeof result === 'object' ? yield* result : result;
        const next = afterBody(outcome, label, frame);
        if (next === 'out') return outcome;
        if (next === 'leave') return Outcome.next;
      }
    };
  });
}

/** Rounds between two looks at the clock. */
const roundsPerLook = 32;

/** Between two rounds: cancellation; true when it is others' turn, where one can be given. */
function endsTurn(frame: Frame): boolean {
  if (++frame.rounds % roundsPerLook !== 0) return false;
  frame.host.functions.checkCancel();
  return frame.pace !== 'atOnce' && frame.host.sliceOver();
}

export function compileFor(statement: For, compiler: Compiler): Run {
  const { source } = statement;
  switch (source.kind) {
    case 'integers':
      return compileIntegers(statement, source, compiler);
    case 'cursor':
      return compileCursorLoop(statement, source, compiler);
    case 'query':
    case 'dynamic':
      return compileRows(statement, source, compiler);
  }
}

function compileIntegers(
  statement: For,
  source: Extract<For['source'], { kind: 'integers' }>,
  compiler: Compiler,
): Run {
  const { label, line } = statement;
  const integer = sqlType(TypeOid.int4);
  const lower = compiler.converted(source.lower, integer);
  const upper = compiler.converted(source.upper, integer);
  const step = source.step === undefined ? undefined : compiler.converted(source.step, integer);
  const names = new Names(compiler.names, label, true);
  const variable = compiler.declare(source.variable, integer);
  names.add(source.variable, variable);
  const body = compiler.within(names, () => compileBody(statement.body, compiler));
  return function* (frame): Work<Outcome> {
    const from = bound(yield* attempt(frame, () => lower(frame)), 'lower bound');
    const to = bound(yield* attempt(frame, () => upper(frame)), 'upper bound');
    const by = step === undefined ? 1 : bound(yield* attempt(frame, () => step(frame)), 'BY value');
    if (by <= 0) {
      throw databaseError(
        'invalidParameterValue',
        'BY value of FOR loop must be greater than zero',
      );
    }
    let any = false;
    const direction = source.reverse ? -by : by;
    for (let value = from; source.reverse ? value >= to : value <= to; value += direction) {
      any = true;
      frame.values[variable.index] = value;
      if (endsTurn(frame)) yield again;
      const result = body(frame);
      const outcome = typeof result === 'object' ? yield* result : result;
      const next = afterBody(outcome, label, frame);
      if (next === 'again') continue;
      frame.found = true;
      return next === 'out' ? outcome : Outcome.next;
    }
    frame.line = line;
    frame.found = any;
    return Outcome.next;
  };
}

function bound(value: Datum, what: string): number {
  if (typeof value === 'number') return value;
  throw databaseError('nullValueNotAllowed', `${what} of FOR loop cannot be null`);
}

/** Rows of anything, one round each. */
interface RowSource {
  next(): Work<readonly Datum[] | undefined>;
  readonly names: readonly string[];
  readonly types: readonly SqlType[];
  close(): void;
}

function* loopRows(
  frame: Frame,
  rows: RowSource,
  options: {
    readonly statement: For;
    readonly target: IntoTarget;
    readonly body: Run;
    readonly phase: string;
  },
): Work<Outcome> {
  const { statement, target, body, phase } = options;
  let any = false;
  try {
    for (;;) {
      const row = yield* rows.next();
      if (row === undefined) break;
      any = true;
      assignRow(frame, target, { values: row, names: rows.names, types: rows.types });
      if (endsTurn(frame)) yield again;
      const result = body(frame);
      const outcome = typeof result === 'object' ? yield* result : result;
      const next = afterBody(outcome, statement.label, frame);
      frame.line = statement.line;
      frame.phase = phase;
      if (next === 'again') continue;
      frame.found = true;
      return next === 'out' ? outcome : Outcome.next;
    }
  } finally {
    rows.close();
  }
  if (!any) assignRow(frame, target, { values: undefined, names: rows.names, types: rows.types });
  frame.found = any;
  return Outcome.next;
}

function compileRows(
  statement: For,
  source: Extract<For['source'], { kind: 'query' | 'dynamic' }>,
  compiler: Compiler,
): Run {
  const { label } = statement;
  const target = compileTargets(source.targets, compiler);
  const open =
    source.kind === 'query'
      ? openQuery(source.query.text, compiler)
      : openDynamic(source, compiler);
  const phase = source.kind === 'query' ? 'FOR over SELECT rows' : 'FOR over EXECUTE statement';
  const names = new Names(compiler.names, label, true);
  const body = compiler.within(names, () => compileBody(statement.body, compiler));
  return function* (frame): Work<Outcome> {
    const rows = yield* open(frame);
    return yield* loopRows(frame, rows, { statement, target, body, phase });
  };
}

type Open = (frame: Frame) => Work<RowSource>;

function openQuery(text: string, compiler: Compiler): Open {
  const statement = InnerStatement.parse(text);
  const { names } = compiler;
  return (frame) => {
    frame.names = names;
    return openRows(frame, statement);
  };
}

function openDynamic(
  source: Extract<For['source'], { kind: 'dynamic' }>,
  compiler: Compiler,
): Open {
  const dynamic = dynamicStatement(source.query, source.using, compiler);
  return function* (frame): Work<RowSource> {
    const { statement, scope } = yield* attempt(frame, () => dynamic(frame));
    return yield* openRows(frame, statement, scope);
  };
}

export function* openRows(
  frame: Frame,
  statement: InnerStatement,
  scope: Parameters<typeof attempt>[0] = frame,
): Work<RowSource> {
  if (commandsWithRows.has(statement.node)) return yield* openCommand(scope, statement);
  if (!statement.isQuery) {
    throw databaseError(
      'invalidCursorDefinition',
      `cannot open ${statement.text.trim().split(/\s/)[0].toUpperCase()} query as cursor`,
    );
  }
  const { run, prepared } = yield* attempt(scope, function* () {
    try {
      const ready = statement.prepare(scope);
      if (ready.bound.results.length === 0 && !isSelect(ready.bound.command)) {
        throw databaseError(
          'invalidCursorDefinition',
          `cannot open ${ready.bound.command} query as cursor`,
        );
      }
      const opened = new QueryRun(scope, ready.plan);
      if (!ready.plan.readOnly) yield* opened.materialize();
      return { run: opened, prepared: ready };
    } catch (error) {
      throw withStatement(error, statement.text);
    }
  });
  frame.openRuns.add(run);
  return {
    *next() {
      try {
        return yield* run.next();
      } catch (error) {
        throw withStatement(error, statement.text);
      }
    },
    names: prepared.bound.results.map((column) => column.name),
    types: prepared.bound.results.map((column) => column.type),
    close() {
      frame.openRuns.delete(run);
      run.close();
    },
  };
}

const commandsWithRows = new Set(['ExplainStmt', 'VariableShowStmt']);

function* openCommand(
  scope: Parameters<typeof attempt>[0],
  statement: InnerStatement,
): Work<RowSource> {
  const result = yield* scope.host.runCommand(statement.parsed, scope);
  const rows = (result?.rows ?? []).values();
  return {
    // oxlint-disable-next-line eslint/require-yield -- there is nothing to wait for
    *next() {
      const { value } = rows.next();
      return value === undefined ? undefined : [...value];
    },
    names: (result?.columns ?? []).map(({ name }) => name),
    types: (result?.columns ?? []).map(({ type }) => sqlType(type)),
    close() {},
  };
}

function isSelect(command: string): boolean {
  return command === 'SELECT' || command === 'VALUES';
}

function compileCursorLoop(
  statement: For,
  source: Extract<For['source'], { kind: 'cursor' }>,
  compiler: Compiler,
): Run {
  const { label } = statement;
  const cursor = compiler.names.find([source.cursor]);
  if (cursor === undefined) {
    throw databaseError('syntaxError', `syntax error at or near "${source.cursor}"`);
  }
  if (cursor.variable.cursor === undefined) {
    throw databaseError(
      'syntaxError',
      cursor.variable.type.oid === TypeOid.refcursor
        ? 'cursor FOR loop must use a bound cursor variable'
        : `"${source.cursor}" is not a known variable`,
    );
  }
  const open = openBound(cursor.variable, source.arguments, compiler);
  const names = new Names(compiler.names, label, true);
  const [name] = source.target.names;
  const row = compiler.declare(name, sqlType(TypeOid.record));
  names.add(name, row);
  const target: IntoTarget = { row: { variable: row, rest: [] }, list: [] };
  const body = compiler.within(names, () => compileBody(statement.body, compiler));
  return function* (frame): Work<Outcome> {
    const portal = yield* open(frame, undefined);
    const opened = frame.host.cursor(portal);
    const rows: RowSource = {
      *next() {
        const [next] = yield* opened!.fetch({ kind: 'forward', count: 1 });
        return next;
      },
      names: opened?.columns.map((column) => column.name) ?? [],
      types: opened?.columns.map((column) => sqlType(column.type)) ?? [],
      close() {
        frame.host.closeCursor(portal);
      },
    };
    const phase = 'FOR over cursor';
    return yield* loopRows(frame, rows, { statement, target, body, phase });
  };
}

export function compileForeach(statement: Foreach, compiler: Compiler): Run {
  const { label, slice } = statement;
  const array = compiler.expression(statement.array);
  const [first] = statement.targets;
  const target = compiler.target(first);
  const names = new Names(compiler.names, label, true);
  const body = compiler.within(names, () => compileBody(statement.body, compiler));
  const list =
    statement.targets.length > 1 ? compileTargets(statement.targets, compiler) : undefined;
  return function* (frame): Work<Outcome> {
    const value = yield* attempt(frame, () => array.evaluate(frame));
    if (value === null)
      throw databaseError('nullValueNotAllowed', 'FOREACH expression must not be null');
    const type = array.type(frame);
    if (!(value instanceof ArrayValue)) {
      throw databaseError(
        'datatypeMismatch',
        'FOREACH expression must yield an array, not type ' + frame.calls.typeName(type),
      );
    }
    const element = sqlType(elementTypeOf(type.oid), type.typmod);
    const itemType = slice === 0 ? element : type;
    checkSlice(value, slice);
    let any = false;
    for (const item of slices(value, slice)) {
      any = true;
      if (list === undefined) assignTo(frame, target, item, itemType);
      else assignRow(frame, list, { values: undefined, names: [], types: [], record: item });
      if (endsTurn(frame)) yield again;
      const result = body(frame);
      const outcome = typeof result === 'object' ? yield* result : result;
      const next = afterBody(outcome, label, frame);
      if (next === 'again') continue;
      frame.found = true;
      return next === 'out' ? outcome : Outcome.next;
    }
    frame.found = any;
    return Outcome.next;
  };
}

function checkSlice(array: ArrayValue, slice: number): void {
  const dimensions = array.dimensions.length;
  if (slice >= 0 && slice <= dimensions) return;
  if (array.elements.length === 0) return;
  throw databaseError(
    'arraySubscriptError',
    `slice dimension (${slice}) is out of the valid range 0..${dimensions}`,
  );
}

/** Elements, or arrays of the last `slice` dimensions. */
function slices(array: ArrayValue, slice: number): readonly Datum[] {
  if (slice === 0) return array.elements;
  const inner = array.dimensions.slice(array.dimensions.length - slice);
  const size = inner.reduce((product, dimension) => product * dimension.length, 1);
  const result: Datum[] = [];
  for (let at = 0; at < array.elements.length; at += size) {
    result.push(new ArrayValue(array.elementType, inner, array.elements.slice(at, at + size)));
  }
  return result;
}
