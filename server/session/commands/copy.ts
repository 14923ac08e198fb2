// COPY … FROM STDIN, COPY … TO STDOUT, and files of the server for superusers.

import { createReadStream, createWriteStream } from 'node:fs';
import { once } from 'node:events';
import { isAbsolute } from 'node:path';
import type { CopyStmt } from '@pgsql/types';
import { databaseError, notSupported, type Batch, type DatabaseError, type Datum } from '#common';
import { CopyFrom, CopyTo, type ExecutionContext } from '#executor';
import { hasPrivilegesOf, PredefinedRole } from '#planner';
import { LockWait, StatementRestart, type LogPosition } from '#storage';
import type { CopyReceiver } from '../../connection/message-handlers.ts';
import type { PortalOutput } from '../../connection/portal-output.ts';
import type { Command, Invocation } from '../command.ts';
import { nextTurn, QueryExecution } from '../query-execution.ts';
import type { RowTarget } from '../row-target.ts';
import type { Session } from '../session.ts';

export const copyCommand: Command = {
  run: (invocation: Invocation<CopyStmt>) => {
    const { statement, session } = invocation;
    if (statement.is_program === true) throw notSupported('COPY with PROGRAM');
    if (statement.filename !== undefined)
      checkFile(session, statement.filename, statement.is_from === true);
    return statement.is_from === true ? copyFrom(invocation) : copyTo(invocation);
  },
};

function checkFile(session: Session, file: string, isFrom: boolean): void {
  const role = isFrom ? PredefinedRole.readServerFiles : PredefinedRole.writeServerFiles;
  if (!hasPrivilegesOf(session.catalog(), session.currentUser.oid, role)) {
    const [name, doing] = isFrom
      ? ['pg_read_server_files', 'COPY from']
      : ['pg_write_server_files', 'COPY to'];
    const message = `must be superuser or have privileges of the ${name} role to ${doing} a file`;
    throw databaseError('insufficientPrivilege', message, {
      hint: "Anyone can COPY to stdout or from stdin. psql's \\copy command also works for anyone.",
    });
  }
  if (!isAbsolute(file))
    throw databaseError('invalidName', 'relative path not allowed for COPY to file');
}

/** Bytes that may wait before the client is made to wait. */
const inboxBytesMax = 1 << 20;
/** Messages are collected in blocks of this size, so that rows are cut and decoded many at a time. */
const blockBytes = 1 << 17;

/** What the client (or a file) has sent and the statement has not read yet. */
class Inbox implements CopyReceiver {
  private blocks: Buffer[] = [];
  private block = Buffer.allocUnsafeSlow(blockBytes);
  private used = 0;
  private bytes = 0;
  private finished = false;
  private failure: DatabaseError | undefined;
  private wake: (() => void) | undefined;
  private room: (() => void)[] = [];

  data(chunk: Buffer): Promise<void> | undefined {
    this.append(chunk);
    this.bytes += chunk.length;
    this.notify();
    if (this.bytes < inboxBytesMax) return undefined;
    return new Promise((resolve) => this.room.push(resolve));
  }

  private append(chunk: Buffer): void {
    if (this.used + chunk.length > this.block.length) this.closeBlock();
    if (chunk.length >= blockBytes) {
      this.blocks.push(Buffer.from(chunk));
      return;
    }
    chunk.copy(this.block, this.used);
    this.used += chunk.length;
  }

  private closeBlock(): void {
    if (this.used === 0) return;
    this.blocks.push(this.block.subarray(0, this.used));
    this.block = Buffer.allocUnsafeSlow(blockBytes);
    this.used = 0;
  }

  done(): void {
    this.finished = true;
    this.notify();
  }

  fail(error: DatabaseError): void {
    this.failure = error;
    this.notify();
    this.release();
  }

  private notify(): void {
    this.wake?.();
    this.wake = undefined;
  }

  private release(): void {
    for (const resolve of this.room.splice(0)) resolve();
  }

  /** All that has come; undefined at the end. */
  async take(): Promise<Buffer[] | undefined> {
    while (this.bytes === 0 && !this.finished && this.failure === undefined) {
      await new Promise<void>((resolve) => (this.wake = resolve));
      // What arrives in the same turn is taken together.
      await nextTurn();
    }
    if (this.failure !== undefined) throw this.failure;
    if (this.bytes === 0) return undefined;
    this.closeBlock();
    const { blocks } = this;
    this.blocks = [];
    this.bytes = 0;
    this.release();
    return blocks;
  }
}

async function copyFrom(invocation: Invocation<CopyStmt>): Promise<string> {
  const { session, statement, output } = invocation;
  const transaction = session.block.require();
  if (transaction.readOnly) {
    throw databaseError(
      'readOnlySqlTransaction',
      'cannot execute COPY FROM in a read-only transaction',
    );
  }
  session.block.hadStatement = true;
  const inbox = new Inbox();
  const stopListening = session.interrupt.onCancel((reason) => inbox.fail(reason));
  transaction.beginStatement();
  let copy = newCopy(invocation);
  try {
    await beginCopy(invocation, copy);
    while (!copy.isCurrent(session.catalog())) {
      // The table was changed while the statement waited for its lock.
      copy.abort();
      copy = newCopy(invocation);
      await beginCopy(invocation, copy);
    }
    if (statement.filename === undefined) {
      output.copyIn({ binary: copy.binary, columnCount: copy.columnCount });
      invocation.startCopy(inbox);
    } else {
      readFile(statement.filename, inbox);
    }
    await readAll(session, copy, inbox);
    await copy.finish();
    return `COPY ${copy.rowCount}`;
  } catch (error) {
    copy.abort();
    copy.nameSchema(error);
    throw error;
  } finally {
    stopListening();
  }
}

function newCopy({ session, statement }: Invocation<CopyStmt>): CopyFrom {
  const context = session.executionContext([]);
  return new CopyFrom(statement, session.compiler.bindContext(undefined), context);
}

async function beginCopy(invocation: Invocation<CopyStmt>, copy: CopyFrom): Promise<void> {
  const { session } = invocation;
  const bulk = {
    fresh: session.database.isOwnTree(session, copy.tableOid),
    lastStatement: invocation.endsTransaction === true && !session.block.inBlock,
  };
  await withRestarts(session, () => copy.begin(session.executionContext([]), bulk));
}

async function readAll(session: Session, copy: CopyFrom, inbox: Inbox): Promise<void> {
  for (;;) {
    const chunks = await inbox.take();
    if (chunks === undefined) break;
    for (const chunk of chunks) {
      copy.push(chunk);
      await insertBatches(session, copy, false);
      await giveTurn(session, copy);
    }
  }
  copy.end();
  await insertBatches(session, copy, true);
}

async function insertBatches(session: Session, copy: CopyFrom, atEnd: boolean): Promise<void> {
  while (copy.hasBatch(atEnd)) {
    const batch: Batch = copy.takeBatch();
    const context: ExecutionContext = session.executionContext([]);
    await withRestarts(session, () => copy.insert(batch, context));
    await giveTurn(session, copy);
  }
}

/** Lets the writer of a bulk load catch up, and others have their turn. */
async function giveTurn({ interrupt }: Session, copy: CopyFrom): Promise<void> {
  while (copy.isAhead) {
    await nextTurn();
    interrupt.check();
  }
  if (!interrupt.sliceOver()) return;
  await nextTurn();
  interrupt.newSlice();
  interrupt.check();
}

/** Runs a step of the COPY; when it has to wait for a lock, its writes are undone and it runs again. */
async function withRestarts(session: Session, step: () => void): Promise<void> {
  const transaction = session.block.require();
  const savepoint = transaction.savepoint();
  for (;;) {
    try {
      step();
      return;
    } catch (signal) {
      if (!(signal instanceof LockWait) && !(signal instanceof StatementRestart)) throw signal;
      transaction.rollbackTo(savepoint);
      if (signal instanceof LockWait) await session.interrupt.waitFor(signal);
      transaction.beginStatement();
    }
  }
}

function readFile(file: string, inbox: Inbox): void {
  const stream = createReadStream(file);
  stream.on('data', (chunk) => {
    const wait = inbox.data(chunk as Buffer);
    if (wait === undefined) return;
    stream.pause();
    void wait.then(() => stream.resume());
  });
  stream.on('end', () => inbox.done());
  stream.on('error', (error: NodeJS.ErrnoException) =>
    inbox.fail(fileError(error, 'reading', file)),
  );
}

function fileError(error: NodeJS.ErrnoException, doing: string, file: string): DatabaseError {
  const reason = error.code === 'ENOENT' ? 'No such file or directory' : error.message;
  return databaseError(
    error.code === 'ENOSPC' ? 'diskFull' : 'ioError',
    `could not open file "${file}" for ${doing}: ${reason}`,
  );
}

/** Rows of a COPY TO, as CopyData messages. */
class CopyRows implements RowTarget {
  private readonly copy: CopyTo;
  private readonly output: PortalOutput;
  /** Goes out with the first row, as clients of the binary format expect it. */
  private binaryHeader: Uint8Array | undefined;
  rowCount = 0;

  constructor(copy: CopyTo, output: PortalOutput) {
    this.copy = copy;
    this.output = output;
    if (copy.binary) this.binaryHeader = copy.header();
    else if (copy.header().length > 0) output.copyData(copy.header());
  }
  private send(bytes: Uint8Array): void {
    const header = this.binaryHeader;
    this.binaryHeader = undefined;
    this.output.copyData(header === undefined ? bytes : Buffer.concat([header, bytes]));
  }
  end(): void {
    if (this.copy.binary) this.send(this.copy.trailer());
  }
  rows(
    batch: Batch,
    range: { readonly from: number; readonly to: number },
    ordinals: readonly number[],
  ): void {
    for (let row = range.from; row < range.to; row++) {
      this.send(this.copy.rows(batch, { from: row, to: row + 1 }, ordinals));
    }
    this.rowCount += range.to - range.from;
  }
  values(row: readonly Datum[]): void {
    this.send(this.copy.values(row));
    this.rowCount++;
  }
  require(position: LogPosition): void {
    this.output.require(position);
  }
  pressure(): boolean {
    return this.output.pressure();
  }
  drained(): Promise<void> {
    return this.output.drained();
  }
}

async function copyTo(invocation: Invocation<CopyStmt>): Promise<string> {
  const { session, statement, output, portal } = invocation;
  const copy = new CopyTo(statement, portal.statement.parsed, {
    bind: session.compiler.bindContext(undefined),
    settings: session.functions,
  });
  session.block.hadStatement = true;
  const execution = new QueryExecution(session, copy.plan, []);
  if (statement.filename !== undefined) return copyToFile(statement.filename, copy, execution);
  output.copyOut({ binary: copy.binary, columnCount: copy.columnCount });
  const target = new CopyRows(copy, output);
  await execution.fetch(target, Infinity);
  target.end();
  output.copyDone();
  return `COPY ${target.rowCount}`;
}

async function copyToFile(file: string, copy: CopyTo, execution: QueryExecution): Promise<string> {
  const stream = createWriteStream(file);
  await new Promise<void>((resolve, reject) => {
    stream.once('open', () => resolve());
    stream.once('error', (error: NodeJS.ErrnoException) =>
      reject(fileError(error, 'writing', file)),
    );
  });
  let rowCount = 0;
  const write = (bytes: Uint8Array): void => {
    stream.write(Buffer.from(bytes));
  };
  write(copy.header());
  await execution.fetch(
    {
      rows: (batch, range, ordinals) => {
        write(copy.rows(batch, range, ordinals));
        rowCount += range.to - range.from;
      },
      values: (row) => {
        write(copy.values(row));
        rowCount++;
      },
      require: () => {},
      pressure: () => stream.writableNeedDrain,
      drained: async () => {
        await once(stream, 'drain');
      },
    },
    Infinity,
  );
  write(copy.trailer());
  await new Promise<void>((resolve, reject) => {
    stream.once('error', (error: NodeJS.ErrnoException) =>
      reject(fileError(error, 'writing', file)),
    );
    stream.end(() => resolve());
  });
  return `COPY ${rowCount}`;
}
