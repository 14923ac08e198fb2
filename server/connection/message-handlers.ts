// What each client message does once a session exists: simple query, the extended protocol's
// Parse/Bind/Describe/Execute/Close/Sync/Flush, COPY's data, and errors. After an error in the extended
// protocol everything up to Sync is skipped.
//
// A handler returns undefined when it is done, or a promise when something must be waited for; the
// connection then handles nothing else until it settles.

import type { DatabaseError } from '#common';
import { databaseError, type Datum } from '#common';
import { protocolViolation, toDatabaseError } from '../errors.ts';
import { statementParametersMax } from '../limits.ts';
import type { Frame } from '../protocol/frame-reader.ts';
import { MessageReader } from '../protocol/message-reader.ts';
import { Backend, Frontend } from '../protocol/message-types.ts';
import {
  type NotificationFields,
  writeEmptyMessage,
  writeError,
  writeParameterDescription,
  writeReadyForQuery,
} from '../protocol/messages.ts';
import { decodeParameters } from '../protocol/parameters.ts';
import { describeFields } from '../protocol/row-description.ts';
import type { Portal } from '../session/portal.ts';
import type { Session } from '../session/session.ts';
import type { Connection } from './connection.ts';
import { FunctionCallOutput, FunctionCalls, writeFunctionResult } from './function-call.ts';
import { HeldNotifications } from './held-notifications.ts';
import { PortalOutput } from './portal-output.ts';
import { ReportedSettings } from './reported-settings.ts';

type Pending = Promise<void> | undefined;

export class MessageHandlers {
  /** Set when what has been written should leave soon (Sync, Flush, the end of a simple query). */
  flushWanted = false;
  private readonly connection: Connection;
  private readonly session: Session;
  private readonly reader = new MessageReader(Buffer.alloc(0));
  private readonly portalOutput: PortalOutput;
  private readonly notifications = new HeldNotifications();
  private readonly reportedSettings = new ReportedSettings();
  private skipToSync = false;
  /** COPY … FROM STDIN in progress: gets the data messages. */
  private copy: CopyReceiver | undefined;
  private statementText: string | undefined;
  private calls: FunctionCalls | undefined;

  constructor(connection: Connection, session: Session) {
    this.connection = connection;
    this.session = session;
    this.portalOutput = new PortalOutput(connection.output, session);
    session.attach({
      parameterStatus: (name, value) => this.reportedSettings.change(name, value),
      notice: (notice) => this.sendNotice(notice),
      notification: (notification) => this.notify(notification),
      terminate: (error) => connection.terminate(error),
      requireSync: (position) => connection.output.require(position),
    });
  }

  sendParameterStatuses(): void {
    this.reportedSettings.writeAll(this.connection.output.writer, this.session);
  }

  cancel(reason: DatabaseError): void {
    this.session.interrupt.cancel(reason);
  }

  close(): void {
    this.copy?.fail(
      databaseError(
        'connectionFailure',
        'unexpected EOF on client connection with an open transaction',
      ),
    );
    this.copy = undefined;
    this.session.close();
  }

  handle(frame: Frame): Pending {
    const { type } = frame;
    this.session.clientSent();
    if (this.copy !== undefined) return this.handleCopy(type, frame.body);
    if (this.skipToSync && type !== Frontend.sync && type !== Frontend.terminate) return undefined;
    try {
      this.reader.reset(frame.bytes, frame.start, frame.end);
      const pending = this.dispatch(type);
      return pending === undefined
        ? undefined
        : pending.catch((error: unknown) => this.failed(error, type));
    } catch (error) {
      return this.failed(error, type);
    }
  }

  private dispatch(type: number): Pending {
    switch (type) {
      case Frontend.bind:
        return this.bind();
      case Frontend.execute:
        return this.execute();
      case Frontend.sync:
        return this.sync();
      case Frontend.describe:
        return this.describe();
      case Frontend.parse:
        return this.parse();
      case Frontend.query:
        return this.query();
      case Frontend.close:
        return this.closeObject();
      case Frontend.flush:
        this.flushWanted = true;
        return undefined;
      case Frontend.terminate:
        this.connection.end();
        return undefined;
      case Frontend.copyData:
      case Frontend.copyDone:
      case Frontend.copyFail:
        // Left over from a COPY that failed: the protocol says to ignore them.
        return undefined;
      case Frontend.functionCall:
        return this.functionCall();
      default:
        throw databaseError('protocolViolation', `invalid frontend message type ${type}`, {
          severity: 'FATAL',
        });
    }
  }

  /** An error of one message: tells the client, fails the transaction, and skips to Sync where that is the rule. */
  private failed(cause: unknown, type: number): Pending {
    const error = toDatabaseError(cause);
    if (error.severity !== 'ERROR') {
      this.connection.fail(error);
      return undefined;
    }
    this.copy = undefined;
    this.session.statementFailed(error);
    this.sendError(error, this.statementText);
    if (type === Frontend.query || type === Frontend.functionCall) {
      this.readyForQuery();
      return undefined;
    }
    if (type === Frontend.sync) this.readyForQuery();
    else {
      this.skipToSync = true;
      // A client may wait for the error before it sends Sync.
      this.flushWanted = true;
    }
    return undefined;
  }

  private sendError(error: DatabaseError, statement: string | undefined): void {
    const { server, output } = this.connection;
    server.metrics.errors++;
    if (error.sqlState === 'XX000') {
      server.logger.error({ error: error.cause ?? error, statement }, 'internal error');
    } else {
      server.logger.debug({ sqlState: error.sqlState, message: error.message }, 'statement failed');
    }
    writeError(output.writer, Backend.errorResponse, error, {
      severity: error.severity,
      statement,
    });
  }

  private sendNotice(notice: DatabaseError & { readonly noticeSeverity?: string }): void {
    const severity = notice.noticeSeverity ?? 'NOTICE';
    writeError(this.connection.output.writer, Backend.noticeResponse, notice, {
      severity,
      statement: this.statementText,
    });
  }

  private notify(notification: NotificationFields): void {
    const { output } = this.connection;
    this.notifications.add(notification, output.writer);
    if (this.session.state === 'active' || this.session.block.inBlock) return;
    this.notifications.writeTo(output.writer);
    output.flush();
  }

  private readyForQuery(): void {
    const { output } = this.connection;
    if (!this.notifications.isEmpty && !this.session.block.inBlock)
      this.notifications.writeTo(output.writer);
    if (this.reportedSettings.hasChanges) this.reportedSettings.writeChanges(output.writer);
    writeReadyForQuery(output.writer, this.session.transactionStatus);
    this.session.becameIdle();
    this.flushWanted = true;
  }

  private query(): Pending {
    const text = this.reader.cString();
    this.reader.end();
    this.statementText = text;
    const pending = this.session.simpleQuery(text, this.portalOutput, (receiver) =>
      this.startCopy(receiver),
    );
    if (pending === undefined) {
      this.readyForQuery();
      return undefined;
    }
    return pending.then(() => {
      this.readyForQuery();
      this.afterWait();
    });
  }

  /** After a wait nobody else flushes. */
  private afterWait(): void {
    this.flushWanted = false;
    this.connection.output.flush();
  }

  private parse(): Pending {
    const { reader } = this;
    const name = reader.cString();
    const text = reader.cString();
    const count = reader.uint16();
    const oids: number[] = [];
    for (let index = 0; index < count; index++) oids.push(reader.uint32());
    reader.end();
    this.statementText = text;
    const pending = this.session.parse(name, text, oids);
    if (pending === undefined) {
      writeEmptyMessage(this.connection.output.writer, Backend.parseComplete);
      return undefined;
    }
    return pending.then(() =>
      writeEmptyMessage(this.connection.output.writer, Backend.parseComplete),
    );
  }

  private bind(): Pending {
    const { reader, session } = this;
    const portalName = reader.cString();
    const statement = session.preparedStatement(reader.cString());
    this.statementText = statement.text;
    const formatCount = reader.uint16();
    const formats = readFormats(reader, formatCount);
    const valueCount = reader.uint16();
    if (formatCount > 1 && formatCount !== valueCount) {
      throw protocolViolation(
        `bind message has ${formatCount} parameter formats but ${valueCount} parameters`,
      );
    }
    if (valueCount !== statement.parameterTypes.length) {
      throw protocolViolation(
        `bind message supplies ${valueCount} parameters, but prepared statement "${statement.name}" requires ${statement.parameterTypes.length}`,
      );
    }
    session.checkBind(portalName, statement);
    if (valueCount > statementParametersMax) throw protocolViolation('too many parameters');
    const values: Datum[] = decodeParameters(
      reader,
      formats,
      statement.parameterTypes,
      session.functions,
    );
    const resultFormats = readFormats(reader, reader.uint16());
    reader.end();
    session.bind(portalName, statement, values, resultFormats);
    writeEmptyMessage(this.connection.output.writer, Backend.bindComplete);
    return undefined;
  }

  private describe(): Pending {
    const { reader, session } = this;
    const { writer } = this.connection.output;
    const kind = reader.uint8();
    const name = reader.cString();
    reader.end();
    if (kind === 0x53) {
      const statement = session.preparedStatement(name);
      this.statementText = statement.text;
      session.checkDescribable(statement.statement);
      writeParameterDescription(
        writer,
        statement.parameterTypes.map((type) => type.oid),
      );
      describeFields(writer, session.resultFields(statement.statement), []);
    } else if (kind === 0x50) {
      const portal = session.portal(name);
      session.checkDescribable(portal.statement);
      describeFields(writer, portal.fields(), portal.resultFormats);
    } else {
      throw protocolViolation(`invalid DESCRIBE message subtype ${kind}`);
    }
    return undefined;
  }

  private execute(): Pending {
    const { reader } = this;
    const name = reader.cString();
    const maxRows = reader.int32();
    reader.end();
    const portal: Portal = this.session.portal(name);
    this.statementText = portal.text;
    return this.session.execute(portal, Math.max(maxRows, 0), this.portalOutput, (receiver) =>
      this.startCopy(receiver),
    );
  }

  private functionCall(): Pending {
    const { session } = this;
    const { output } = this.connection;
    session.checkNotFailed();
    this.calls ??= new FunctionCalls(session);
    const call = this.calls.read(this.reader);
    this.statementText = call.portal.text;
    const taken = new FunctionCallOutput(output, session);
    const finish = (): void => {
      session.commitImplicit();
      writeFunctionResult(output.writer, call, taken.result, session);
      this.readyForQuery();
    };
    const pending = session.execute(call.portal, 0, taken, (receiver) => this.startCopy(receiver));
    if (pending === undefined) {
      finish();
      return undefined;
    }
    return pending.then(() => {
      finish();
      this.afterWait();
    });
  }

  private closeObject(): Pending {
    const { reader, session } = this;
    const kind = reader.uint8();
    const name = reader.cString();
    reader.end();
    if (kind === 0x53) session.closeStatement(name);
    else if (kind === 0x50) session.closePortal(name);
    else throw protocolViolation(`invalid CLOSE message subtype ${kind}`);
    writeEmptyMessage(this.connection.output.writer, Backend.closeComplete);
    return undefined;
  }

  private sync(): Pending {
    this.reader.end();
    this.skipToSync = false;
    const pending = this.session.sync();
    if (pending === undefined) {
      this.readyForQuery();
      return undefined;
    }
    return pending.then(() => {
      this.readyForQuery();
      this.afterWait();
    });
  }

  /** True while data messages of a COPY go to its receiver although its statement is not done. */
  get copying(): boolean {
    return this.copy !== undefined;
  }

  /** The statement reads from the client: its data messages go to `receiver` until they end. */
  private startCopy(receiver: CopyReceiver): void {
    this.copy = receiver;
    this.connection.output.flush();
    this.connection.copyStarted();
  }

  private handleCopy(type: number, body: Buffer): Pending {
    const copy = this.copy!;
    switch (type) {
      case Frontend.copyData:
        return copy.data(body);
      case Frontend.copyDone:
        this.copy = undefined;
        copy.done();
        return undefined;
      case Frontend.copyFail:
        this.copy = undefined;
        copy.fail(
          databaseError('queryCanceled', `COPY from stdin failed: ${copyFailReason(body)}`),
        );
        return undefined;
      case Frontend.flush:
      case Frontend.sync:
        return undefined;
      case Frontend.terminate:
        this.connection.end();
        return undefined;
      default:
        this.copy = undefined;
        copy.fail(
          databaseError(
            'protocolViolation',
            `unexpected message type 0x${type.toString(16)} during COPY from stdin`,
          ),
        );
        return undefined;
    }
  }
}

/**
 * The reading end of COPY FROM STDIN. The statement's own promise settles after done() or fail(), or
 * earlier when the data are bad; the connection handles data messages meanwhile.
 */
export interface CopyReceiver {
  /** The bytes are valid during the call only. A promise asks for a pause. */
  data(chunk: Buffer): Pending;
  done(): void;
  fail(error: DatabaseError): void;
}

function copyFailReason(body: Buffer): string {
  const end = body.indexOf(0);
  return body.toString('utf8', 0, end < 0 ? body.length : end);
}

function readFormats(reader: MessageReader, count: number): number[] {
  const formats: number[] = [];
  for (let index = 0; index < count; index++) {
    const format = reader.int16();
    if (format !== 0 && format !== 1) {
      throw databaseError('invalidParameterValue', `unsupported format code: ${format}`);
    }
    formats.push(format);
  }
  return formats;
}
