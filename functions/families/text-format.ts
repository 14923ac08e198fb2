// Functions that build text from values of any type: concat, format, quoting, and || with non-text.

import {
  databaseError,
  type DatabaseError,
  type Datum,
  quoteIdentifier,
  quoteLiteral,
  typeOutput,
  type TypeOutput,
  characterLength,
  TypeOid,
} from '#common';
import type { CallTypes, FunctionContext, ScalarImplementation } from '../contract.ts';
import { forTypes, type Family, type TypedImplementation } from '../family.ts';
import { checkLength } from './text.ts';

/** Output functions of the arguments from `first` on; a variadic array's elements share the last. */
function outputs(types: CallTypes, first: number): (index: number) => TypeOutput {
  const functions = types.argumentTypes.slice(first).map((type) => typeOutput(type));
  const last = functions.at(-1);
  return (index) => functions[index] ?? last!;
}

function concat(types: CallTypes): ScalarImplementation {
  const outputOf = outputs(types, 0);
  return (context: FunctionContext, ...values: Datum[]) => {
    let text = '';
    for (const [index, value] of values.entries()) {
      if (value !== null) text += outputOf(index)(value, context);
    }
    checkLength(text.length);
    return text;
  };
}

function concatWithSeparator(types: CallTypes): ScalarImplementation {
  const outputOf = outputs(types, 1);
  return (context: FunctionContext, separator: string | null, ...values: Datum[]) => {
    if (separator === null) return null;
    const parts: string[] = [];
    for (const [index, value] of values.entries()) {
      if (value !== null) parts.push(outputOf(index)(value, context));
    }
    return parts.join(separator);
  };
}

function formatError(message: string, hint?: string): DatabaseError {
  return databaseError('invalidParameterValue', message, hint === undefined ? {} : { hint });
}

const specifier = /%(?:(%)|(?:(\d+)\$)?(-*)(?:(\d+)|\*(?:(\d+)\$)?)?([\s\S]?))/gu;
const starWidth = /\*/;

interface FormatArguments {
  readonly values: readonly Datum[];
  readonly outputOf: (index: number) => TypeOutput;
  next: number;
}

function takeArgument(
  args: FormatArguments,
  position: string | undefined,
): { value: Datum; index: number } {
  if (position !== undefined && Number(position) === 0) {
    throw formatError('format specifies argument 0, but arguments are numbered from 1');
  }
  const index = position === undefined ? args.next : Number(position) - 1;
  if (index >= args.values.length) throw formatError('too few arguments for format()');
  args.next = index + 1;
  return { value: args.values[index]!, index };
}

function formatOne(
  context: FunctionContext,
  args: FormatArguments,
  match: readonly (string | undefined)[],
): string {
  const [whole, percent, position, dashes, width, widthPosition, conversion] = match;
  if (percent !== undefined) return '%';
  let left = dashes !== '';
  let columns = width === undefined ? 0 : Number(width);
  if (starWidth.test(whole!.slice(0, -1))) {
    const { value } = takeArgument(args, widthPosition);
    columns = value === null ? 0 : Number(value);
    if (columns < 0) {
      left = true;
      columns = -columns;
    }
  }
  if (conversion === '' || conversion === undefined) {
    throw formatError('unterminated format() type specifier', 'For a single "%" use "%%".');
  }
  if (!'sIL'.includes(conversion)) {
    throw formatError(
      `unrecognized format() type specifier "${conversion}"`,
      'For a single "%" use "%%".',
    );
  }
  const { value, index } = takeArgument(args, position);
  const text = convert(conversion, value === null ? null : args.outputOf(index)(value, context));
  const missing = columns - characterLength(text);
  checkLength(columns);
  if (missing <= 0) return text;
  return left ? text + ' '.repeat(missing) : ' '.repeat(missing) + text;
}

function convert(conversion: string, text: string | null): string {
  if (conversion === 's') return text ?? '';
  if (conversion === 'L') return text === null ? 'NULL' : quoteLiteral(text);
  if (text === null) {
    throw databaseError(
      'nullValueNotAllowed',
      'null values cannot be formatted as an SQL identifier',
    );
  }
  return quoteIdentifier(text);
}

function format(types: CallTypes): ScalarImplementation {
  const outputOf = outputs(types, 1);
  return (context: FunctionContext, pattern: string | null, ...values: Datum[]) => {
    if (pattern === null) return null;
    const args: FormatArguments = { values, outputOf, next: 0 };
    const text = pattern.replace(specifier, (...match: (string | undefined)[]) =>
      formatOne(context, args, match),
    );
    checkLength(text.length);
    return text;
  };
}

function catenate(position: 0 | 1): TypedImplementation<ScalarImplementation> {
  return forTypes((types) => {
    const type = types.argumentTypes[position];
    // As a cast to text has it, which spells booleans out.
    const output =
      type === TypeOid.bool
        ? (value: Datum) => (value === true ? 'true' : 'false')
        : typeOutput(type);
    return position === 0
      ? (context: FunctionContext, left: Datum, right: string) => output(left, context) + right
      : (context: FunctionContext, left: string, right: Datum) => left + output(right, context);
  });
}

function quoteAny(nullText: string | null): TypedImplementation<ScalarImplementation> {
  return forTypes((types) => {
    const output = typeOutput(types.argumentTypes[0]);
    return (context: FunctionContext, value: Datum) =>
      value === null ? nullText : quoteLiteral(output(value, context));
  });
}

export const textFormatFamily: Family = {
  scalars: {
    text_concat: forTypes(concat),
    text_concat_ws: forTypes(concatWithSeparator),
    text_format: forTypes(format),
    text_format_nv: forTypes(format),
    'textanycat(text,anynonarray)': catenate(1),
    'anytextcat(anynonarray,text)': catenate(0),
    quote_ident: (_context, text: string) => quoteIdentifier(text),
    quote_literal: (_context, text: string) => quoteLiteral(text),
    quote_nullable: (_context, text: string | null) =>
      text === null ? 'NULL' : quoteLiteral(text),
    'quote_literal(anyelement)': quoteAny(null),
    'quote_nullable(anyelement)': quoteAny('NULL'),
  },
};
