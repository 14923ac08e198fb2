// The functions that read and show type modifiers: numerictypmodin('{10,2}') is what numeric(10,2) keeps,
// numerictypmodout() shows it again. Intervals with fields are left to the parser.

import { type ArrayValue, databaseError, notSupported } from '#common';
import type { FunctionContext, ScalarImplementation } from '../contract.ts';
import type { Family } from '../family.ts';

type Scalars = Readonly<Record<string, ScalarImplementation>>;

const headerBytes = 4;
const lengthMax = 10_485_760;
const bitsMax = 83_886_080;
const precisionMax = 1000;
const fractionDigits = 6;
const anyFields = 0x7fff;
const noPrecision = 0xffff;

function numbers({ elements }: ArrayValue): number[] {
  return elements.map((text) => {
    const value = Number(text);
    if (text !== null && Number.isInteger(value)) return value;
    const shown = typeof text === 'string' ? text : '';
    const message = `invalid input syntax for type integer: "${shown}"`;
    throw databaseError('invalidTextRepresentation', message);
  });
}

function invalid(message: string): never {
  throw databaseError('invalidParameterValue', message);
}

function one(given: ArrayValue): number {
  const values = numbers(given);
  return values.length === 1 ? values[0] : invalid('invalid type modifier');
}

/** Of types whose modifier is a length. */
function lengths(type: string, name: string, added: number, max: number): Scalars {
  return {
    [`${type}typmodin`]: (_context: FunctionContext, given: ArrayValue) => {
      const length = one(given);
      if (length < 1) invalid(`length for type ${name} must be at least 1`);
      if (length > max) invalid(`length for type ${name} cannot exceed ${max}`);
      return length + added;
    },
    [`${type}typmodout`]: (_context: FunctionContext, modifier: number) =>
      modifier < added ? '' : `(${modifier - added})`,
  };
}

/** Of times and timestamps: more digits than there are become as many as there are, with a warning. */
function fractions(type: string, name: string, zone: string): Scalars {
  const shown = (digits: number): string =>
    `${name}(${digits})${zone === ' with time zone' ? zone.toUpperCase() : ''}`;
  return {
    [`${type}typmodin`]: (context: FunctionContext, given: ArrayValue) => {
      const digits = one(given);
      if (digits < 0) invalid(`${shown(digits)} precision must not be negative`);
      if (digits <= fractionDigits) return digits;
      const message = `${shown(digits)} precision reduced to maximum allowed, ${fractionDigits}`;
      context.notice('WARNING', message);
      return fractionDigits;
    },
    [`${type}typmodout`]: (_context: FunctionContext, modifier: number) =>
      modifier < 0 ? zone : `(${modifier})${zone}`,
  };
}

function numericModifier(given: ArrayValue): number {
  const [precision, scale = 0, ...others] = numbers(given);
  if (others.length > 0 || precision === undefined) invalid('invalid NUMERIC type modifier');
  if (precision < 1 || precision > precisionMax)
    invalid(`NUMERIC precision ${precision} must be between 1 and ${precisionMax}`);
  if (scale < -precisionMax || scale > precisionMax)
    invalid(`NUMERIC scale ${scale} must be between -${precisionMax} and ${precisionMax}`);
  return ((precision << 16) | (scale & 0x7ff)) + headerBytes;
}

function numericText(modifier: number): string {
  if (modifier < headerBytes) return '';
  const value = modifier - headerBytes;
  const scale = ((value & 0x7ff) ^ 1024) - 1024;
  return `(${(value >> 16) & 0xffff},${scale})`;
}

/** Of one number it is a precision, all fields included. */
function intervalModifier(given: ArrayValue): number {
  const [fields, precision] = numbers(given);
  if (precision !== undefined) throw notSupported('intervaltypmodin() with fields and a precision');
  return fields === anyFields ? -1 : (fields << 16) | noPrecision;
}

export const typeModifierFamily: Family = {
  scalars: {
    ...lengths('bpchar', 'char', headerBytes, lengthMax),
    ...lengths('varchar', 'varchar', headerBytes, lengthMax),
    ...lengths('bit', 'bit', 0, bitsMax),
    ...lengths('varbit', 'bit varying', 0, bitsMax),
    ...fractions('time', 'TIME', ' without time zone'),
    ...fractions('timetz', 'TIME', ' with time zone'),
    ...fractions('timestamp', 'TIMESTAMP', ' without time zone'),
    ...fractions('timestamptz', 'TIMESTAMP', ' with time zone'),
    numerictypmodin: (_context, given: ArrayValue) => numericModifier(given),
    numerictypmodout: (_context, modifier: number) => numericText(modifier),
    intervaltypmodin: (_context, given: ArrayValue) => intervalModifier(given),
  },
};
