// Arguments of bound cursors: OPEN c(1, 2) and OPEN c(b := 2, a := 1).

import { databaseError } from '#common';
import { parseStatements, type PlSql } from '#planner';
import type { Compiler, PlExpression } from './compiler.ts';
import type { Frame } from './frame.ts';
import type { VariableInfo } from './names.ts';

export function cursorArguments(
  variable: VariableInfo,
  given: PlSql | undefined,
  compiler: Compiler,
): (frame: Frame, parameters: readonly VariableInfo[]) => void {
  const { parameters } = variable.cursor!;
  if (given === undefined) {
    if (parameters.length > 0) {
      throw databaseError('syntaxError', `cursor "${variable.name}" has arguments`);
    }
    return () => undefined;
  }
  if (parameters.length === 0) {
    throw databaseError('syntaxError', `cursor "${variable.name}" has no arguments`);
  }
  const values = split(given.text);
  const places = new Map<number, PlExpression>();
  values.forEach((text, position) => {
    const named = /^\s*("(?:[^"]|"")+"|[A-Za-z_][\w$]*)\s*(?::=|=>)\s*/.exec(text);
    let place = position;
    if (named !== null) {
      const name = named[1].startsWith('"') ? named[1].slice(1, -1) : named[1].toLowerCase();
      place = parameters.findIndex((parameter) => parameter.name === name);
      if (place < 0) {
        throw databaseError(
          'syntaxError',
          `cursor "${variable.name}" has no argument named "${name}"`,
        );
      }
      if (places.has(place)) {
        throw databaseError(
          'syntaxError',
          `value for parameter "${name}" of cursor "${variable.name}" specified more than once`,
        );
      }
    }
    const expression = named === null ? text : text.slice(named[0].length);
    places.set(place, compiler.expression({ text: expression, offset: given.offset }));
  });
  if (values.length > parameters.length) {
    throw databaseError('syntaxError', `too many arguments for cursor "${variable.name}"`);
  }
  if (places.size < parameters.length) {
    throw databaseError('syntaxError', `not enough arguments for cursor "${variable.name}"`);
  }
  return (frame, infos) => {
    for (const [place, expression] of places) {
      const value = expression.evaluate(frame);
      frame.assign(infos[place], value, expression.type(frame));
    }
  };
}

/** Top-level commas; the grammar says where an expression ends. */
function split(text: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = text.indexOf(','); at >= 0; at = text.indexOf(',', at + 1)) {
    const part = text.slice(start, at);
    if (!isExpression(part)) continue;
    parts.push(part);
    start = at + 1;
  }
  parts.push(text.slice(start));
  return parts;
}

function isExpression(text: string): boolean {
  const plain = text.replace(/^\s*("(?:[^"]|"")+"|[A-Za-z_][\w$]*)\s*:=/, '');
  try {
    parseStatements(`SELECT (${plain})`);
    return true;
  } catch {
    return false;
  }
}
