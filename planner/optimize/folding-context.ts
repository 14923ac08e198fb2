// The world as a function sees it that is evaluated at plan time: only immutable functions are, so
// whatever they might ask of a session is refused, and the call is left for execution.

import { defaultFormatSettings } from '#common';
import type { FunctionContext } from '#functions';

function refuse(): never {
  throw new Error('not available while planning');
}

export const foldingContext: FunctionContext = {
  ...defaultFormatSettings,
  transactionTimestamp: Number.NaN,
  statementTimestamp: Number.NaN,
  clockTimestamp: refuse,
  random: refuse,
  setSeed: refuse,
  randomBytes: refuse,
  currentUser: '',
  sessionUser: '',
  databaseName: '',
  searchPath: [],
  sequences: { next: refuse, current: refuse, last: refuse, set: refuse },
  catalog: {
    relationOid: refuse,
    typeOid: refuse,
    compositeFields: refuse,
    checkDomain: refuse,
    schemaOid: refuse,
    roleOid: refuse,
    relationName: refuse,
    typeName: refuse,
    schemaName: refuse,
    roleName: refuse,
    call: refuse,
  },
  setting: refuse,
  setSetting: refuse,
  notice: refuse,
  // A loop that is long enough to ask is left for execution, where it can be cancelled.
  checkCancel: refuse,
  backendPid: 0,
  transactionId: refuse,
  sleep: refuse,
};
