// The open sessions: limits on their number, cancel requests by process id and secret, shutdown.

import { randomInt } from 'node:crypto';
import { databaseError } from '#common';
import { cancelError } from './session/interrupt.ts';
import type { Session } from './session/session.ts';

export class Sessions {
  private readonly byProcessId = new Map<number, Session>();
  private nextProcessId = 1;
  readonly max: number;

  constructor(max: number) {
    this.max = max;
  }

  get count(): number {
    return this.byProcessId.size;
  }

  /** Raises 53300 when there is no room. */
  newIdentity(): { readonly processId: number; readonly secret: number } {
    if (this.byProcessId.size >= this.max) {
      throw databaseError('tooManyConnections', 'sorry, too many clients already', {
        severity: 'FATAL',
      });
    }
    while (this.byProcessId.has(this.nextProcessId)) this.advance();
    const processId = this.nextProcessId;
    this.advance();
    return { processId, secret: randomInt(-2147483648, 2147483647) };
  }

  private advance(): void {
    this.nextProcessId = this.nextProcessId >= 0x7ffffffe ? 1 : this.nextProcessId + 1;
  }

  add(session: Session): void {
    this.byProcessId.set(session.processId, session);
    session.use.sessions++;
  }

  remove(session: Session): void {
    if (this.byProcessId.delete(session.processId)) session.use.sessionMs += session.ageMs;
  }

  all(): Iterable<Session> {
    return this.byProcessId.values();
  }

  get(processId: number): Session | undefined {
    return this.byProcessId.get(processId);
  }

  /** Sessions connected to a database, one not counted. */
  countIn(databaseOid: number, except: Session): number {
    let count = 0;
    for (const session of this.byProcessId.values()) {
      if (session !== except && session.database.descriptor.oid === databaseOid) count++;
    }
    return count;
  }

  /** A cancel request; a wrong secret does nothing and says nothing. */
  cancel(processId: number, secret: number): void {
    const session = this.byProcessId.get(processId);
    if (session !== undefined && session.secret === secret) session.interrupt.cancel(cancelError());
  }
}
