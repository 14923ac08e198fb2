// LISTEN, NOTIFY, UNLISTEN. Notifications are sent when their transaction commits.

import type { ListenStmt, NotifyStmt, UnlistenStmt } from '@pgsql/types';
import { databaseError } from '#common';
import { nameBytesMax } from '../../limits.ts';
import type { Command, Invocation } from '../command.ts';
import type { Session } from '../session.ts';

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
    notify(session, statement.conditionname ?? '', statement.payload ?? '');
    return 'NOTIFY';
  },
};

/** NOTIFY and pg_notify(). */
export function notify(session: Session, channel: string, payload: string): void {
  if (channel === '') throw databaseError('invalidParameterValue', 'channel name cannot be empty');
  if (Buffer.byteLength(channel) > nameBytesMax)
    throw databaseError('invalidParameterValue', 'channel name too long');
  if (Buffer.byteLength(payload) > payloadBytesMax)
    throw databaseError('invalidParameterValue', 'payload string too long');
  session.server.channels.notify(session, channel, payload);
}

export const unlistenCommand: Command = {
  run: ({ session, statement }: Invocation<UnlistenStmt>) => {
    if (statement.conditionname === undefined) session.server.channels.unlistenAll(session);
    else session.server.channels.unlisten(session, statement.conditionname);
    return 'UNLISTEN';
  },
};
