// generate_series() over integers and numerics.

import { databaseError, Numeric, type Datum } from '#common';
import type { FunctionContext } from '../contract.ts';
import type { Family } from '../family.ts';

const cancelCheckMask = 0xfff;

function zeroStep(): Error {
  return databaseError('invalidParameterValue', 'step size cannot equal zero');
}

function* smallSeries(
  context: FunctionContext,
  start: number,
  stop: number,
  step: number,
): Iterable<Datum> {
  if (step === 0) throw zeroStep();
  let steps = 0;
  for (let value = start; step > 0 ? value <= stop : value >= stop; value += step) {
    if ((++steps & cancelCheckMask) === 0) context.checkCancel();
    yield value;
  }
}

function* wideSeries(
  context: FunctionContext,
  start: number | bigint,
  stop: number | bigint,
  step: number | bigint,
): Iterable<Datum> {
  if (step === 0) throw zeroStep();
  const last = BigInt(stop);
  const increment = BigInt(step);
  let steps = 0;
  for (let value = BigInt(start); step > 0 ? value <= last : value >= last; value += increment) {
    if ((++steps & cancelCheckMask) === 0) context.checkCancel();
    yield value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;
  }
}

function int8Series(
  context: FunctionContext,
  start: number | bigint,
  stop: number | bigint,
  step: number | bigint,
): Iterable<Datum> {
  // Beyond the safe integers by one step at most: the sums stay exact below 2^53.
  const small =
    typeof start === 'number' &&
    typeof stop === 'number' &&
    typeof step === 'number' &&
    Number.isSafeInteger(stop + step);
  return small ? smallSeries(context, start, stop, step) : wideSeries(context, start, stop, step);
}

function checkFinite(value: Numeric, name: string): void {
  if (value.isFinite) return;
  const kind = value.isNaN ? 'NaN' : 'infinity';
  throw databaseError('invalidParameterValue', `${name} value cannot be ${kind}`);
}

function* numericSeries(
  context: FunctionContext,
  start: Numeric,
  stop: Numeric,
  step: Numeric,
): Iterable<Datum> {
  checkFinite(start, 'start');
  checkFinite(stop, 'stop');
  checkFinite(step, 'step');
  if (step.isZero) throw zeroStep();
  let steps = 0;
  for (let value = start; value.compare(stop) * step.sign <= 0; value = value.add(step)) {
    if ((++steps & cancelCheckMask) === 0) context.checkCancel();
    yield value;
  }
}

export const seriesFamily: Family = {
  sets: {
    generate_series_int4: (context, start: number, stop: number) =>
      smallSeries(context, start, stop, 1),
    generate_series_step_int4: (context, start: number, stop: number, step: number) =>
      smallSeries(context, start, stop, step),
    generate_series_int8: (context, start: number | bigint, stop: number | bigint) =>
      int8Series(context, start, stop, 1),
    generate_series_step_int8: (
      context,
      start: number | bigint,
      stop: number | bigint,
      step: number | bigint,
    ) => int8Series(context, start, stop, step),
    generate_series_numeric: (context, start: Numeric, stop: Numeric) =>
      numericSeries(context, start, stop, Numeric.one),
    generate_series_step_numeric: (context, start: Numeric, stop: Numeric, step: Numeric) =>
      numericSeries(context, start, stop, step),
  },
};
