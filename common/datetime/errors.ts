// Errors of date and time input, in PostgreSQL's wording (DateTimeParseError).

import { type DatabaseError, databaseError } from '../errors.ts';

export type DateTimeProblem =
  | 'format'
  | 'fieldOverflow'
  /** Month or day out of range, perhaps because of the order of the fields. */
  | 'orderOverflow'
  | 'intervalOverflow'
  | 'zoneOverflow';

/** Carries a problem from the depth of the decoder to where the whole text is known. */
export class DateTimeProblemSignal extends Error {
  readonly problem: DateTimeProblem;
  constructor(problem: DateTimeProblem) {
    super(problem);
    this.problem = problem;
  }
}

export function dateTimeError(
  problem: DateTimeProblem,
  text: string,
  typeName: string,
): DatabaseError {
  switch (problem) {
    case 'fieldOverflow':
      return databaseError(
        'datetimeFieldOverflow',
        `date/time field value out of range: "${text}"`,
      );
    case 'orderOverflow':
      return databaseError(
        'datetimeFieldOverflow',
        `date/time field value out of range: "${text}"`,
        {
          hint: 'Perhaps you need a different "datestyle" setting.',
        },
      );
    case 'intervalOverflow':
      return databaseError('intervalFieldOverflow', `interval field value out of range: "${text}"`);
    case 'zoneOverflow':
      return databaseError(
        'invalidTimeZoneDisplacementValue',
        `time zone displacement out of range: "${text}"`,
      );
    default:
      return databaseError(
        'invalidDatetimeFormat',
        `invalid input syntax for type ${typeName}: "${text}"`,
      );
  }
}

/** Runs a decoder; its problems become errors that quote the text. */
export function withText<Value>(text: string, typeName: string, decode: () => Value): Value {
  try {
    return decode();
  } catch (error) {
    if (error instanceof DateTimeProblemSignal) throw dateTimeError(error.problem, text, typeName);
    throw error;
  }
}

export function timestampOutOfRange(): DatabaseError {
  return databaseError('datetimeFieldOverflow', 'timestamp out of range');
}

export function dateOutOfRange(): DatabaseError {
  return databaseError('datetimeFieldOverflow', 'date out of range');
}

export function intervalOutOfRange(): DatabaseError {
  return databaseError('datetimeFieldOverflow', 'interval out of range');
}
