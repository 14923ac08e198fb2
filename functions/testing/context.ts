// A FunctionContext for tests: fixed clock, no catalog, no session.

import { defaultFormatSettings } from '#common';
import type { FunctionContext } from '../contract.ts';

const absent = (): never => {
  throw new Error('not in this test');
};

export const testContext: FunctionContext = {
  ...defaultFormatSettings,
  transactionTimestamp: 0,
  statementTimestamp: 0,
  clockTimestamp: () => 0,
  random: () => 0.5,
  setSeed: () => {},
  randomBytes: (length) => new Uint8Array(length),
  currentUser: 'postgres',
  sessionUser: 'postgres',
  databaseName: 'postgres',
  searchPath: ['public'],
  sequences: { next: absent, current: absent, last: absent, set: absent },
  catalog: {
    relationOid: absent,
    typeOid: absent,
    schemaOid: absent,
    roleOid: absent,
    relationName: () => undefined,
    typeName: () => undefined,
    schemaName: () => undefined,
    roleName: () => undefined,
    call: absent,
  },
  setting: () => undefined,
  setSetting: (_name, value) => value,
  notice: () => {},
  checkCancel: () => {},
  backendPid: 1,
  transactionId: () => 1,
  sleep: () => {},
};
