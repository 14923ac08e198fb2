// pg_ndistinct, pg_dependencies and pg_mcv_list: what extended statistics hold, seen as text and never
// entered.

import { databaseError } from '../errors.ts';
import { typeIo, type AnyTypeIo } from './contract.ts';

const names = new Map<number, string>([
  [3361, 'pg_ndistinct'],
  [3402, 'pg_dependencies'],
  [5017, 'pg_mcv_list'],
]);

export const statisticsTexts: readonly [number, AnyTypeIo][] = [...names].map(([oid, name]) => {
  const refuse = (): never => {
    throw databaseError('featureNotSupported', `cannot accept a value of type ${name}`);
  };
  return [
    oid,
    typeIo<string>({
      input: refuse,
      receive: refuse,
      output: (value) => value,
      send: (value, writer) => writer.text(value),
    }),
  ];
});
