// Whole numbers and decimals: addition, subtraction, multiplication, division and remainder in doubles.
// A kernel is used only where interval arithmetic over the bounds of its operands proves every
// intermediate result exact (below 2^53), or where the type's own range check makes it so: a product of
// two int4 may be rounded, but then it is out of int4's range by far.

import { type CallExpression, databaseError, type DatabaseError, TypeOid } from '#common';
import { functionRegistry } from '#functions';
import type { ColumnBindings } from './column-bindings.ts';
import { type CompiledValue, type IntegerValue, numberBounds } from './compiled-value.ts';
import type { ExpressionCompiler } from './expression-compiler.ts';

export const safeMax = Number.MAX_SAFE_INTEGER;

type Operation = '+' | '-' | '*' | '/' | '%' | 'negate' | 'same' | 'days';

/** pg_proc.prosrc of the functions, by what they do. */
const operations = new Map<string, Operation>();
function declare(operation: Operation, names: string): void {
  for (const name of names.split(' ')) operations.set(name, operation);
}
declare(
  '+',
  'int2pl int4pl int8pl int24pl int42pl int28pl int82pl int48pl int84pl numeric_add date_pli',
);
declare(
  '-',
  'int2mi int4mi int8mi int24mi int42mi int28mi int82mi int48mi int84mi numeric_sub date_mii date_mi',
);
declare(
  '*',
  'int2mul int4mul int8mul int24mul int42mul int28mul int82mul int48mul int84mul numeric_mul',
);
declare('/', 'int2div int4div int8div int24div int42div int28div int82div int48div int84div');
declare('%', 'int2mod int4mod int8mod');
declare('negate', 'int2um int4um int8um numeric_uminus');
declare(
  'same',
  'int48 int28 i2toi4 int4_numeric int8_numeric int2_numeric oidtoi8 int2up int4up int8up numeric_uplus',
);
declare('days', 'date_timestamp');

const microsPerDay = 86_400_000_000;
/** Days since 2000-01-01 of the first and the last date. */
const firstDate = -2451545;
const lastDate = 2145031948;

export function operationOf(expression: CallExpression): Operation | undefined {
  const signature = functionRegistry.functionByOid(expression.functionOid);
  return signature === undefined ? undefined : operations.get(signature.implementation);
}

export function integerKernelKnown(expression: CallExpression): boolean {
  return operationOf(expression) !== undefined;
}

export function integerKernel(
  compiler: ExpressionCompiler,
  expression: CallExpression,
  columns: ColumnBindings,
): CompiledValue | undefined {
  const operation = operationOf(expression);
  if (operation === undefined) return undefined;
  const operands: IntegerValue[] = [];
  for (const argument of expression.arguments) {
    const operand = compiler.compile(argument, columns);
    if (operand.kind !== 'integer') return undefined;
    operands.push(operand);
  }
  const kernel = new IntegerKernel(compiler, expression);
  const [left, right] = operands;
  switch (operation) {
    case 'same':
      return left;
    case 'negate':
      return kernel.negate(left);
    case 'days':
      return kernel.days(left);
    case '*':
      return kernel.multiply(left, right);
    case '+':
    case '-':
      return kernel.add(operation, left, right);
    default:
      return kernel.divide(operation, left, right);
  }
}

interface Result {
  readonly text: string;
  readonly isNull: string | undefined;
  readonly scale: number;
  readonly min: number;
  readonly max: number;
  readonly display?: string | undefined;
}

class IntegerKernel {
  private readonly compiler: ExpressionCompiler;
  private readonly resultType: number;

  constructor(compiler: ExpressionCompiler, expression: CallExpression) {
    this.compiler = compiler;
    this.resultType = expression.type.oid;
  }

  negate(value: IntegerValue): CompiledValue | undefined {
    return this.result({
      text: `0 - ${value.code}`,
      isNull: value.isNull,
      scale: value.scale,
      min: -value.max,
      max: -value.min,
      display: value.display,
    });
  }

  days(value: IntegerValue): CompiledValue | undefined {
    return this.result({
      text: `${value.code} * ${microsPerDay} + 0`,
      isNull: value.isNull,
      scale: 0,
      min: value.min * microsPerDay,
      max: value.max * microsPerDay,
    });
  }

  add(operation: '+' | '-', left: IntegerValue, right: IntegerValue): CompiledValue | undefined {
    const scale = Math.max(left.scale, right.scale);
    const first = rescaled(this.compiler, left, scale);
    const second = rescaled(this.compiler, right, scale);
    if (first === undefined || second === undefined) return undefined;
    return this.result({
      text: `${first.code} ${operation} ${second.code}`,
      isNull: this.anyNull(left, right),
      scale,
      min: operation === '+' ? first.min + second.min : first.min - second.max,
      max: operation === '+' ? first.max + second.max : first.max - second.min,
      display: this.display(left, right, (one, other) => `Math.max(${one}, ${other})`),
    });
  }

  multiply(left: IntegerValue, right: IntegerValue): CompiledValue | undefined {
    const products = [
      left.min * right.min,
      left.min * right.max,
      left.max * right.min,
      left.max * right.max,
    ];
    return this.result({
      // A product with a zero may be -0, which is no value of ours.
      text: `${left.code} * ${right.code} + 0`,
      isNull: this.anyNull(left, right),
      scale: left.scale + right.scale,
      min: Math.min(...products),
      max: Math.max(...products),
      display: this.display(left, right, (one, other) => `${one} + ${other}`),
    });
  }

  divide(operation: '/' | '%', left: IntegerValue, right: IntegerValue): CompiledValue | undefined {
    if (left.scale !== 0 || right.scale !== 0) return undefined;
    const { writer } = this.compiler;
    const isNull = this.anyNull(left, right);
    const value = writer.fresh();
    writer.line(`let ${value} = 0;`);
    writer.open(isNull === undefined ? '' : `if (!${isNull})`);
    const fail = writer.bindObject(failDivision);
    writer.line(`if (${right.code} === 0) ${fail}();`);
    const quotient = `${left.code} ${operation} ${right.code}`;
    writer.line(`${value} = ${operation === '/' ? `Math.trunc(${quotient})` : quotient} + 0;`);
    writer.close();
    const largest = Math.max(Math.abs(left.min), Math.abs(left.max));
    return this.result({ text: value, isNull, scale: 0, min: -largest, max: largest });
  }

  /** undefined when doubles may not hold the result exactly. */
  private result(result: Result): CompiledValue | undefined {
    const { writer } = this.compiler;
    const { isNull, scale, display } = result;
    const range = numberBounds(this.resultType);
    if (range !== undefined) {
      const [low, high] = range;
      if (result.min < low || result.max > high) return this.checked(result, low, high);
    } else if (result.min < -safeMax || result.max > safeMax) return undefined;
    if (this.resultType === TypeOid.date && (result.min < firstDate || result.max > lastDate))
      return undefined;
    const code = writer.declare(result.text);
    return { kind: 'integer', code, isNull, scale, min: result.min, max: result.max, display };
  }

  private checked(result: Result, low: number, high: number): CompiledValue {
    const { writer } = this.compiler;
    const { isNull } = result;
    const code = writer.declare(result.text);
    const fail = writer.bindObject(low === -32768 ? failSmallint : failInteger);
    const outside = `${code} < ${low} || ${code} > ${high}`;
    writer.line(
      isNull === undefined
        ? `if (${outside}) ${fail}();`
        : `if (!${isNull} && (${outside})) ${fail}();`,
    );
    const min = Math.max(result.min, low);
    return { kind: 'integer', code, isNull, scale: 0, min, max: Math.min(result.max, high) };
  }

  private anyNull(left: IntegerValue, right: IntegerValue): string | undefined {
    return eitherNull(this.compiler, left.isNull, right.isNull);
  }

  private display(
    left: IntegerValue,
    right: IntegerValue,
    combine: (left: string, right: string) => string,
  ): string | undefined {
    if (left.display === undefined && right.display === undefined) return undefined;
    const text = combine(left.display ?? `${left.scale}`, right.display ?? `${right.scale}`);
    return this.compiler.writer.declare(text);
  }
}

export function eitherNull(
  compiler: ExpressionCompiler,
  left: string | undefined,
  right: string | undefined,
): string | undefined {
  if (left === undefined || left === right) return right;
  if (right === undefined) return left;
  return compiler.writer.declare(`${left} || ${right}`);
}

/** The value with more digits after the point; undefined when it might not stay exact. */
export function rescaled(
  compiler: ExpressionCompiler,
  value: IntegerValue,
  scale: number,
): IntegerValue | undefined {
  if (value.scale === scale) return value;
  const factor = 10 ** (scale - value.scale);
  const min = value.min * factor;
  const max = value.max * factor;
  if (min < -safeMax || max > safeMax || factor > safeMax) return undefined;
  const display = value.display ?? `${value.scale}`;
  const code = compiler.writer.declare(`${value.code} * ${factor}`);
  return { kind: 'integer', code, isNull: value.isNull, scale, min, max, display };
}

function failInteger(): DatabaseError {
  throw databaseError('numericValueOutOfRange', 'integer out of range');
}

function failSmallint(): DatabaseError {
  throw databaseError('numericValueOutOfRange', 'smallint out of range');
}

function failDivision(): DatabaseError {
  throw databaseError('divisionByZero', 'division by zero');
}
