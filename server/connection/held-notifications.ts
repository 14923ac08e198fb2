// Notifications that arrive while the session is at work or in a transaction block: its client gets them when it is
// idle again, before ReadyForQuery.

import type { ByteWriter } from '#common';
import { notificationsHeldMax } from '../limits.ts';
import { writeNotification, type NotificationFields } from '../protocol/messages.ts';

export class HeldNotifications {
  private held: NotificationFields[] = [];

  get isEmpty(): boolean {
    return this.held.length === 0;
  }

  add(notification: NotificationFields, writer: ByteWriter): void {
    this.held.push(notification);
    if (this.held.length >= notificationsHeldMax) this.writeTo(writer);
  }

  writeTo(writer: ByteWriter): void {
    for (const notification of this.held) writeNotification(writer, notification);
    this.held = [];
  }
}
