// The shape of a command: a statement that the session itself carries out (everything that is neither
// a query nor DDL). The list is in commands/index.ts.

import type { Datum } from '#common';
import type { CopyReceiver } from '../connection/message-handlers.ts';
import type { PortalOutput } from '../connection/portal-output.ts';
import type { FieldDescription } from '../protocol/messages.ts';
import type { Portal } from './portal.ts';
import type { Session } from './session.ts';

export interface Invocation<Statement = unknown> {
  readonly session: Session;
  readonly portal: Portal;
  /** The content of the AST node. */
  readonly statement: Statement;
  readonly output: PortalOutput;
  /** True: the client expects a RowDescription before rows (simple protocol). */
  readonly simple: boolean;
  readonly maxRows: number;
  /** The implicit transaction commits after this statement. */
  readonly endsTransaction?: boolean;
  readonly startCopy: (receiver: CopyReceiver) => void;
}

/** Rows that a command computed at once, for the driver to send. */
export interface CommandRows {
  readonly fields: readonly FieldDescription[];
  readonly rows: readonly (readonly Datum[])[];
  readonly tag: string;
}

/** The tag, or rows with a tag. undefined: the command has written its own reply. */
export type CommandResult = string | CommandRows | undefined;

export interface Command {
  readonly run: (invocation: Invocation<never>) => CommandResult | Promise<CommandResult>;
  /** Result columns, for Describe; absent: none. */
  readonly fields?: (session: Session, statement: never) => readonly FieldDescription[] | undefined;
  /** Allowed while the transaction is failed. */
  readonly inFailedTransaction?: boolean;
  /** Needs no transaction of its own. */
  readonly withoutTransaction?: boolean;
}
