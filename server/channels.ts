// LISTEN and NOTIFY within the server: channels per database. A transaction's notifications are
// delivered when it commits, in order, each distinct one once.

import type { Session } from './session/session.ts';

interface Notification {
  readonly channel: string;
  readonly payload: string;
}

export class Channels {
  /** By database and channel. */
  private readonly listeners = new Map<string, Set<Session>>();
  private readonly pending = new Map<Session, Map<string, Notification>>();
  private readonly pendingListens = new Map<Session, (() => void)[]>();

  private key(session: Session, channel: string): string {
    return `${session.databaseName}\u0000${channel}`;
  }

  /** Takes effect at commit, as in PostgreSQL. */
  listen(session: Session, channel: string): void {
    this.later(session, () => {
      const key = this.key(session, channel);
      const listeners = this.listeners.get(key) ?? new Set<Session>();
      listeners.add(session);
      this.listeners.set(key, listeners);
    });
  }

  unlisten(session: Session, channel: string): void {
    this.later(session, () => this.remove(session, this.key(session, channel)));
  }

  unlistenAll(session: Session): void {
    this.later(session, () => this.forget(session));
  }

  private later(session: Session, action: () => void): void {
    session.block.require();
    const actions = this.pendingListens.get(session) ?? [];
    actions.push(action);
    this.pendingListens.set(session, actions);
  }

  private remove(session: Session, key: string): void {
    const listeners = this.listeners.get(key);
    listeners?.delete(session);
    if (listeners?.size === 0) this.listeners.delete(key);
  }

  notify(session: Session, channel: string, payload: string): void {
    session.block.require();
    const notifications = this.pending.get(session) ?? new Map<string, Notification>();
    notifications.set(`${channel}\u0000${payload}`, { channel, payload });
    this.pending.set(session, notifications);
  }

  transactionEnded(session: Session, committed: boolean): void {
    const actions = this.pendingListens.get(session);
    const notifications = this.pending.get(session);
    if (actions === undefined && notifications === undefined) return;
    this.pendingListens.delete(session);
    this.pending.delete(session);
    if (!committed) return;
    for (const action of actions ?? []) action();
    for (const { channel, payload } of notifications?.values() ?? []) {
      for (const listener of this.listeners.get(this.key(session, channel)) ?? []) {
        listener.notify(channel, payload, session.processId);
      }
    }
  }

  /** The session's transaction has notified or (un)listened. */
  isPending(session: Session): boolean {
    return this.pendingListens.has(session) || this.pending.has(session);
  }

  channelsOf(session: Session): string[] {
    const prefix = this.key(session, '');
    const names: string[] = [];
    for (const [key, listeners] of this.listeners) {
      if (key.startsWith(prefix) && listeners.has(session)) names.push(key.slice(prefix.length));
    }
    return names;
  }

  /** The session is gone. */
  forget(session: Session): void {
    for (const key of [...this.listeners.keys()]) this.remove(session, key);
  }
}
