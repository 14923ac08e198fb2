// LISTEN, NOTIFY, UNLISTEN. Notifications are sent when their transaction commits.

import type { ListenStmt, NotifyStmt, UnlistenStmt } from '@pgsql/types';
import { databaseError } from '#common';
import type { Command, Invocation } from '../command.ts';

/** PostgreSQL's limit: a payload must be shorter than 8000 bytes. */
const payloadBytesMax = 7999;

export const listenCommand: Command = {
  run: ({ session, statement }: Invocation<ListenStmt>) => {
    session.server.channels.listen(session, statement.conditionname ?? '');
    return 'LISTEN';
  },
};

export const notifyCommand: Command = {
  run: ({ session, statement }: Invocation<NotifyStmt>) => {
    const payload = statement.payload ?? '';
    if (Buffer.byteLength(payload) > payloadBytesMax) {
      throw databaseError('invalidParameterValue', 'payload string too long');
    }
    session.server.channels.notify(session, statement.conditionname ?? '', payload);
    return 'NOTIFY';
  },
};

export const unlistenCommand: Command = {
  run: ({ session, statement }: Invocation<UnlistenStmt>) => {
    if (statement.conditionname === undefined) session.server.channels.unlistenAll(session);
    else session.server.channels.unlisten(session, statement.conditionname);
    return 'UNLISTEN';
  },
};
