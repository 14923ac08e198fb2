// How a session reaches its client outside of replies; the connection implements it.

import type { DatabaseError } from '#common';
import type { LogPosition } from '#storage';
import type { Notice } from './notice.ts';

export interface ClientChannel {
  parameterStatus(name: string, value: string): void;
  notice(notice: Notice): void;
  notification(notification: {
    readonly processId: number;
    readonly channel: string;
    readonly payload: string;
  }): void;
  terminate(error: DatabaseError): void;
  /** Replies wait until the log is synced up to a position. */
  requireSync(position: LogPosition): void;
}
