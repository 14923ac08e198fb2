// Messages below an error that DDL sends.

import { DatabaseError, type ErrorFields } from '#common';
import type { ExecutionContext } from '../contract.ts';

/** A notice as the session expects it: an error object with a severity of its own. */
class UtilityNotice extends DatabaseError {
  readonly noticeSeverity: string;
  constructor(severity: string, sqlState: string, message: string, fields: ErrorFields) {
    super(sqlState, message, fields);
    this.noticeSeverity = severity;
  }
}

export function sendNotice(
  context: ExecutionContext,
  message: string,
  fields: ErrorFields = {},
  sqlState = '00000',
): void {
  context.session.notice(new UtilityNotice('NOTICE', sqlState, message, fields));
}

export function sendWarning(
  context: ExecutionContext,
  message: string,
  fields: ErrorFields = {},
  sqlState = '01000',
): void {
  context.session.notice(new UtilityNotice('WARNING', sqlState, message, fields));
}

export function sendInfo(context: ExecutionContext, message: string): void {
  context.session.notice(new UtilityNotice('INFO', '00000', message, {}));
}
