// RAISE: a message to the client, or an error.

import { DatabaseError, databaseError, type Datum, sqlType, TypeOid } from '#common';
import type { PlRaise } from '#planner';
import type { Run } from './compiled-function.ts';
import { valueText } from '../../expression/text-conversion.ts';
import type { Compiler, Evaluate, PlExpression } from './compiler.ts';
import { statesOf } from './conditions.ts';
import { frameLine } from './context.ts';
import { type Frame, Outcome } from './frame.ts';

const text = sqlType(TypeOid.text);

export function compileRaise(statement: PlRaise, compiler: Compiler): Run {
  const { level, condition, message } = statement;
  const isBare = condition === undefined && message === undefined && statement.options.length === 0;
  if (isBare) return (frame) => raiseAgain(frame);
  const state = condition === undefined ? undefined : statesOf(condition)[0];
  const parameters = statement.parameters.map((each) => shown(compiler.expression(each)));
  const options = statement.options.map(({ name, value }) => ({
    name,
    evaluate: compiler.converted(value, text),
  }));
  return (frame) => {
    const given = optionValues(options, frame, {
      conditionGiven: condition !== undefined,
      messageGiven: message !== undefined,
    });
    const code = given.get('errcode') === undefined ? state : codeOf(given.get('errcode')!);
    const primary =
      message === undefined
        ? (given.get('message') ?? conditionText(condition) ?? code ?? 'P0001')
        : formatted(message, parameters, frame);
    const detail = given.get('detail');
    const hint = given.get('hint');
    const fields = {
      ...(detail === undefined ? {} : { detail }),
      ...(hint === undefined ? {} : { hint }),
      ...named('column', given.get('column')),
      ...named('constraint', given.get('constraint')),
      ...named('dataType', given.get('datatype')),
      ...named('table', given.get('table')),
      ...named('schema', given.get('schema')),
    };
    if (level === 'exception') throw new DatabaseError(code ?? 'P0001', primary, fields);
    const where = [frameLine(frame), ...frame.calls.callLines()].join('\n');
    const fallback = level === 'warning' ? '01000' : '00000';
    frame.host.notice(level, new DatabaseError(code ?? fallback, primary, { ...fields, where }));
    return Outcome.next;
  };
}

/** A value as its type's output shows it. */
function shown(expression: PlExpression): Evaluate {
  return (frame) => {
    const value = expression.evaluate(frame);
    return value === null
      ? null
      : valueText(value, expression.type(frame).oid, frame.host.functions);
  };
}

function named(name: string, value: string | undefined): Record<string, string> {
  return value === undefined ? {} : { [name]: value };
}

function raiseAgain(frame: Frame): never {
  const error = frame.caught.at(-1);
  if (error === undefined) {
    throw databaseError(
      'stackedDiagnosticsAccessedWithoutActiveHandler',
      'RAISE without parameters cannot be used outside an exception handler',
    );
  }
  throw error;
}

function conditionText(condition: string | undefined): string | undefined {
  return condition?.replace(/^sqlstate:/, '');
}

function optionValues(
  options: readonly { readonly name: string; readonly evaluate: Evaluate }[],
  frame: Frame,
  known: { readonly conditionGiven: boolean; readonly messageGiven: boolean },
): Map<string, string> {
  const values = new Map<string, string>();
  for (const { name, evaluate } of options) {
    const isTwice =
      values.has(name) ||
      (name === 'errcode' && known.conditionGiven) ||
      (name === 'message' && known.messageGiven);
    const value = evaluate(frame);
    if (value === null) {
      throw databaseError('nullValueNotAllowed', 'RAISE statement option cannot be null');
    }
    if (isTwice) {
      throw databaseError('syntaxError', `RAISE option already specified: ${name.toUpperCase()}`);
    }
    values.set(name, value as string);
  }
  return values;
}

/** A SQLSTATE, or a condition's name. */
function codeOf(text_: string): string {
  return /^[0-9A-Z]{5}$/.test(text_) ? text_ : statesOf(text_)[0];
}

/** % is the next parameter, %% a per cent sign. */
function formatted(message: string, parameters: readonly Evaluate[], frame: Frame): string {
  let next = 0;
  return message.replaceAll(/%%|%/g, (match) => {
    if (match === '%%') return '%';
    const value: Datum = parameters[next++](frame);
    return value === null ? '<NULL>' : (value as string);
  });
}
