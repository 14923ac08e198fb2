// CURRENT_TIMESTAMP and its kin (PostgreSQL manual, 9.9.5): the transaction's start in the session's
// time zone, computed with the same functions that casts use.

import { type Datum, type SqlValueExpression, TypeOid, notSupported } from '#common';
import { functionRegistry } from '#functions';
import { scalarImplementation } from './calls.ts';
import type { Evaluator, ExpressionEnvironment } from './environment.ts';

const microsPerSecond = 1_000_000;
const currentSchemaOid = 1402;

export function compileSqlValue(
  expression: SqlValueExpression,
  environment: ExpressionEnvironment,
): Evaluator {
  const precision = expression.type.typmod;
  switch (expression.name) {
    case 'current_user':
    case 'current_role':
      return () => environment.functions.currentUser;
    case 'session_user':
      return () => environment.functions.sessionUser;
    case 'current_catalog':
      return () => environment.functions.databaseName;
    case 'current_schema': {
      const implementation = scalarImplementation(currentSchemaOid);
      return () => implementation(environment.functions);
    }
    case 'current_timestamp':
      return () => roundToPrecision(environment.functions.transactionTimestamp, precision);
    case 'localtimestamp':
      return converted(TypeOid.timestamp, environment, precision);
    case 'localtime':
      return converted(TypeOid.time, environment, precision);
    case 'current_time':
      return converted(TypeOid.timetz, environment, precision);
    case 'current_date':
      return converted(TypeOid.date, environment, -1);
  }
}

function roundToPrecision(micros: number, precision: number): number {
  if (precision < 0 || precision >= 6) return micros;
  const unit = microsPerSecond / 10 ** precision;
  return Math.round(micros / unit) * unit;
}

function converted(
  target: number,
  environment: ExpressionEnvironment,
  precision: number,
): Evaluator {
  const cast = functionRegistry.castBetween(TypeOid.timestamptz, target);
  if (cast === undefined || cast.functionOid === 0)
    throw notSupported('this date/time value function');
  const implementation = scalarImplementation(cast.functionOid);
  return (): Datum =>
    implementation(
      environment.functions,
      roundToPrecision(environment.functions.transactionTimestamp, precision),
    );
}
