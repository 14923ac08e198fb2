// Notices: messages below an error that go to the client.

import { DatabaseError, type ErrorFields } from '#common';

const ranks: Record<string, number> = {
  debug5: 1,
  debug4: 2,
  debug3: 3,
  debug2: 4,
  debug1: 5,
  debug: 4,
  log: 6,
  info: 100,
  notice: 7,
  warning: 8,
  error: 9,
};

export class Notice extends DatabaseError {
  readonly noticeSeverity: string;
  constructor(severity: string, sqlState: string, message: string, fields: ErrorFields = {}) {
    super(sqlState, message, fields);
    this.noticeSeverity = severity.toUpperCase();
  }
}

export function noticeOf(
  severity: string,
  sqlState: string,
  message: string,
  fields: ErrorFields = {},
): Notice {
  return new Notice(severity, sqlState, message, fields);
}

/** client_min_messages decides; INFO always goes. */
export function isWanted(severity: string, minimum: string): boolean {
  return (ranks[severity.toLowerCase()] ?? 7) >= (ranks[minimum] ?? 7);
}
