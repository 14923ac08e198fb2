// idle_session_timeout and idle_in_transaction_session_timeout: a session that waits for its client too
// long is ended. Nothing is armed, and two comparisons are paid, while both are off.

import { databaseError, type DatabaseError } from '#common';
import type { Settings } from './settings/settings.ts';

export class IdleTimeout {
  private readonly settings: Settings;
  private readonly expired: (error: DatabaseError) => void;
  private timer: NodeJS.Timeout | undefined;
  private settingsVersion = -1;
  private sessionMs = 0;
  private transactionMs = 0;

  constructor(settings: Settings, expired: (error: DatabaseError) => void) {
    this.settings = settings;
    this.expired = expired;
  }

  /** The client's turn. */
  start(inTransaction: boolean): void {
    if (this.settingsVersion !== this.settings.version) this.readSettings();
    this.stop();
    const delayMs = inTransaction ? this.transactionMs : this.sessionMs;
    if (delayMs === 0) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.expired(timeoutError(inTransaction));
    }, delayMs);
  }

  /** The client has sent something, or is gone. */
  stop(): void {
    if (this.timer === undefined) return;
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private readSettings(): void {
    this.settingsVersion = this.settings.version;
    this.sessionMs = this.settings.milliseconds('idle_session_timeout');
    this.transactionMs = this.settings.milliseconds('idle_in_transaction_session_timeout');
  }
}

function timeoutError(inTransaction: boolean): DatabaseError {
  return inTransaction
    ? databaseError(
        'idleInTransactionSessionTimeout',
        'terminating connection due to idle-in-transaction timeout',
        { severity: 'FATAL' },
      )
    : databaseError('idleSessionTimeout', 'terminating connection due to idle-session timeout', {
        severity: 'FATAL',
      });
}
