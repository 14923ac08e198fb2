// RETURN, RETURN NEXT and RETURN QUERY.

import { databaseError, type Datum, RecordValue, type SqlType, TypeOid } from '#common';
import type { PlStatement } from '#planner';
import type { Work } from '../host.ts';
import { attempt } from '../statement-run.ts';
import { openRows } from './compile-loop.ts';
import type { Run } from './compiled-function.ts';
import type { Compiler } from './compiler.ts';
import { dynamicStatement } from './dynamic-statement.ts';
import { type Frame, Outcome } from './frame.ts';
import type { VariableInfo } from './names.ts';
import { compositeColumns } from './row-columns.ts';
import { valueThen } from './value-then.ts';

type Statement<Kind extends PlStatement['kind']> = Extract<PlStatement, { readonly kind: Kind }>;

export function compileReturn(statement: Statement<'return'>, compiler: Compiler): Run {
  const { value } = statement;
  checkReturn(value !== undefined, compiler);
  if (value === undefined) return () => Outcome.return;
  const expression = compiler.expression(value);
  const finish = (frame: Frame, result: Datum): Outcome => {
    frame.result = result;
    frame.resultType = expression.type(frame);
    return Outcome.return;
  };
  return (frame) => valueThen(frame, expression, finish);
}

function checkReturn(hasValue: boolean, compiler: Compiler): void {
  const refuse = (message: string, hint?: string): never => {
    throw databaseError('datatypeMismatch', message, hint === undefined ? {} : { hint });
  };
  if (compiler.returnsSet) {
    if (hasValue) {
      refuse(
        'RETURN cannot have a parameter in function returning set',
        'Use RETURN NEXT or RETURN QUERY.',
      );
    }
    return;
  }
  if (compiler.outputs.length > 0) {
    if (hasValue) refuse('RETURN cannot have a parameter in function with OUT parameters');
    return;
  }
  if (compiler.kind === 'procedure' || compiler.kind === 'block') {
    if (hasValue)
      throw databaseError('syntaxError', 'RETURN cannot have a parameter in a procedure');
    return;
  }
  if (compiler.resultType.oid === TypeOid.void) {
    if (hasValue) refuse('RETURN cannot have a parameter in function returning void');
    return;
  }
  if (!hasValue) throw databaseError('syntaxError', 'missing expression at or near ";"');
}

/** OUT parameters as one value: the only one itself, several as a record. */
export function outputValue(frame: Frame, outputs: readonly VariableInfo[]): Datum {
  if (outputs.length === 1) return frame.values[outputs[0].index];
  const values = outputs.map((output) => frame.values[output.index]);
  return new RecordValue(
    outputs.map((output) => frame.types[output.index].oid),
    values,
    outputs.map((output) => output.name),
  );
}

export function compileReturnNext(statement: Statement<'returnNext'>, compiler: Compiler): Run {
  const { value } = statement;
  if (!compiler.returnsSet) {
    throw databaseError('datatypeMismatch', 'cannot use RETURN NEXT in a non-SETOF function');
  }
  const { outputs } = compiler;
  if (value === undefined) {
    if (outputs.length === 0)
      throw databaseError('syntaxError', 'missing expression at or near ";"');
    return (frame) => {
      frame.rows.push(outputValue(frame, outputs));
      return Outcome.next;
    };
  }
  if (outputs.length > 0) {
    throw databaseError(
      'datatypeMismatch',
      'RETURN NEXT cannot have a parameter in function with OUT parameters',
    );
  }
  const expression = compiler.expression(value);
  const { resultType } = compiler;
  return (frame) => {
    const given = expression.evaluate(frame);
    frame.rows.push(resultRow(frame, given, expression.type(frame), resultType));
    return Outcome.next;
  };
}

function resultRow(frame: Frame, value: Datum, type: SqlType, result: SqlType): Datum {
  const columns = compositeColumns(frame, result.oid);
  if (columns === undefined) {
    if (result.oid === TypeOid.record) {
      if (!(value instanceof RecordValue) && value !== null) {
        throw databaseError(
          'datatypeMismatch',
          'cannot return non-composite value from function returning composite type',
        );
      }
      return value;
    }
    return frame.casts.convert(value, type, result);
  }
  if (value instanceof RecordValue) {
    if (value.fields.length !== columns.length) {
      throw databaseError('datatypeMismatch', 'wrong record type supplied in RETURN NEXT', {
        detail: `Number of returned columns (${value.fields.length}) does not match expected column count (${columns.length}).`,
      });
    }
    return frame.casts.convertRecord(value, columns);
  }
  if (value !== null) {
    throw databaseError(
      'datatypeMismatch',
      'cannot return non-composite value from function returning composite type',
    );
  }
  return new RecordValue(
    columns.map((column) => column.type.oid),
    columns.map(() => null),
    columns.map((column) => column.name),
  );
}

export function compileReturnQuery(statement: Statement<'returnQuery'>, compiler: Compiler): Run {
  if (!compiler.returnsSet) {
    throw databaseError('datatypeMismatch', 'cannot use RETURN QUERY in a non-SETOF function');
  }
  const { names, outputs, resultType } = compiler;
  const fixed = statement.isDynamic ? undefined : compiler.statement(statement.query);
  const dynamic = statement.isDynamic
    ? dynamicStatement(statement.query, statement.using, compiler)
    : undefined;
  return function* (frame): Work<Outcome> {
    frame.names = names;
    const opened =
      dynamic === undefined
        ? { statement: fixed!, scope: frame }
        : yield* attempt(frame, () => dynamic(frame));
    const rows = yield* openRows(frame, opened.statement, opened.scope);
    const expected = expectedColumns(frame, resultType, outputs);
    let count = 0;
    try {
      if (expected !== undefined) checkColumns(frame, rows.types, expected);
      for (;;) {
        const row = yield* rows.next();
        if (row === undefined) break;
        count++;
        frame.rows.push(asRow(row, rows, expected, resultType));
      }
    } finally {
      rows.close();
    }
    frame.rowCount = count;
    frame.found = count > 0;
    return Outcome.next;
  };
}

interface Expected {
  readonly name: string;
  readonly type: SqlType;
}

/** What the rows of the function consist of; undefined: a plain record, whatever it is. */
function expectedColumns(
  frame: Frame,
  result: SqlType,
  outputs: readonly VariableInfo[],
): readonly Expected[] | undefined {
  if (outputs.length > 0) {
    return outputs.map(({ name, index }) => ({ name, type: frame.types[index] }));
  }
  const columns = compositeColumns(frame, result.oid);
  if (columns !== undefined) return columns;
  if (result.oid === TypeOid.record) return frame.expectedColumns;
  return [{ name: '', type: result }];
}

function checkColumns(
  frame: Frame,
  types: readonly SqlType[],
  expected: readonly Expected[],
): void {
  const message = 'structure of query does not match function result type';
  if (types.length !== expected.length) {
    throw databaseError('datatypeMismatch', message, {
      detail: `Number of returned columns (${types.length}) does not match expected column count (${expected.length}).`,
    });
  }
  types.forEach((type, position) => {
    if (type.oid === expected[position].type.oid) return;
    const { calls } = frame;
    throw databaseError('datatypeMismatch', message, {
      detail: `Returned type ${calls.typeName(type)} does not match expected type ${calls.typeName(expected[position].type)} in column ${position + 1}.`,
    });
  });
}

function asRow(
  row: readonly Datum[],
  rows: { readonly names: readonly string[]; readonly types: readonly SqlType[] },
  expected: readonly Expected[] | undefined,
  result: SqlType,
): Datum {
  if (expected?.length === 1 && result.oid !== TypeOid.record && expected[0].name === '')
    return row[0];
  const names = expected?.map((column) => column.name) ?? rows.names;
  const isScalar = expected?.length === 1 && result.oid === expected[0].type.oid;
  if (isScalar) return row[0];
  return new RecordValue(
    rows.types.map((type) => type.oid),
    row,
    names,
  );
}

/** What a function without RETURN returns, or fails with. */
export function finishResult(frame: Frame, outcome: Outcome): Datum {
  const { compiled } = frame;
  if (compiled.outputs.length > 0 && !compiled.returnsSet)
    return outputValue(frame, compiled.outputs);
  if (outcome !== Outcome.return && needsReturn(compiled)) {
    frame.line = 0;
    frame.phase = '';
    throw databaseError(
      'functionExecutedNoReturnStatement',
      'control reached end of function without RETURN',
    );
  }
  if (compiled.kind === 'trigger') return frame.result;
  if (compiled.resultType.oid === TypeOid.void || compiled.kind !== 'function') return '';
  return returnedValue(frame, compiled.resultType);
}

function needsReturn(compiled: Frame['compiled']): boolean {
  if (compiled.kind === 'trigger') return true;
  return compiled.kind === 'function' && compiled.resultType.oid !== TypeOid.void;
}

function returnedValue(frame: Frame, type: SqlType): Datum {
  const { result } = frame;
  frame.phase = "while casting return value to function's return type";
  frame.line = 0;
  const columns = compositeColumns(frame, type.oid);
  const isRow = columns !== undefined || type.oid === TypeOid.record;
  if (!isRow) return frame.casts.convert(result, frame.resultType, type);
  if (result === null) return null;
  if (!(result instanceof RecordValue)) {
    throw databaseError(
      'datatypeMismatch',
      'cannot return non-composite value from function returning composite type',
    );
  }
  if (columns === undefined) return result;
  if (result.fields.length !== columns.length) {
    throw databaseError(
      'datatypeMismatch',
      'returned record type does not match expected record type',
      {
        detail: `Number of returned columns (${result.fields.length}) does not match expected column count (${columns.length}).`,
      },
    );
  }
  return frame.casts.convertRecord(result, columns);
}
