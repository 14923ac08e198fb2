// COPY: the command, and its FROM half: data from the client, or a file of the server.

import { createReadStream, type ReadStream } from 'node:fs';
import type { CopyStmt } from '@pgsql/types';
import { databaseError, notSupported, type Batch, type DatabaseError } from '#common';
import { CopyFrom, type ExecutionContext } from '#executor';
import { LockWait, StatementRestart } from '#storage';
import type { CopyReceiver } from '../../connection/message-handlers.ts';
import type { Command, Invocation } from '../command.ts';
import { nextTurn } from '../query-execution.ts';
import type { Session } from '../session.ts';
import { copyTo } from './copy-to.ts';
import { checkFile, checkKind, copyFileError, fileError, isFileError } from './server-files.ts';

export const copyCommand: Command = {
  run: (invocation: Invocation<CopyStmt>) => {
    const { statement, session } = invocation;
    if (statement.is_program === true) throw notSupported('COPY with PROGRAM');
    if (statement.filename !== undefined)
      checkFile(session, statement.filename, statement.is_from === true);
    return statement.is_from === true ? copyFrom(invocation) : copyTo(invocation);
  },
};

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
  let file: ReadStream | undefined;
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
    if (statement.filename !== undefined) checkKind(statement.filename);
    if (copy.isParquet) {
      await readParquet(session, copy, statement.filename!);
      await copy.finish();
      return `COPY ${copy.rowCount}`;
    }
    if (statement.filename === undefined) {
      output.copyIn({ binary: copy.binary, columnCount: copy.columnCount });
      invocation.startCopy(inbox);
    } else {
      file = readFile(statement.filename, inbox);
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
    file?.destroy();
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
    session.interrupt.newSlice();
    for (const chunk of chunks) {
      copy.push(chunk);
      await insertBatches(session, copy, false);
      await giveTurn(session, copy);
    }
  }
  copy.end();
  await insertBatches(session, copy, true);
}

async function readParquet(session: Session, copy: CopyFrom, file: string): Promise<void> {
  const { interrupt } = session;
  const batches = await copy
    .openParquet(file, session.executionContext([]))
    .catch((error: unknown) => {
      throw isFileError(error) ? copyFileError(error, 'reading', file) : error;
    });
  const stopListening = interrupt.onCancel(() => batches.close());
  try {
    for (;;) {
      const batch = await batches.next();
      if (batch === undefined) return;
      interrupt.newSlice();
      await insertBatch(session, copy, batch);
    }
  } catch (error) {
    // When reading was ended by a cancel, that is what the client hears of.
    interrupt.newSlice();
    interrupt.check();
    throw error;
  } finally {
    stopListening();
    batches.close();
  }
}

async function insertBatches(session: Session, copy: CopyFrom, atEnd: boolean): Promise<void> {
  while (copy.hasBatch(atEnd)) {
    await insertBatch(session, copy, copy.takeBatch());
  }
}

async function insertBatch(session: Session, copy: CopyFrom, batch: Batch): Promise<void> {
  const context: ExecutionContext = session.executionContext([]);
  await withRestarts(session, () => copy.insert(batch, context));
  await giveTurn(session, copy);
}

/** Lets the writer of a bulk load catch up, and others have their turn. */
async function giveTurn({ interrupt }: Session, copy: CopyFrom): Promise<void> {
  while (copy.isAhead) {
    await nextTurn();
    interrupt.newSlice();
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

function readFile(file: string, inbox: Inbox): ReadStream {
  const stream = createReadStream(file);
  let isOpen = false;
  stream.on('open', () => (isOpen = true));
  stream.on('data', (chunk) => {
    const wait = inbox.data(chunk as Buffer);
    if (wait === undefined) return;
    stream.pause();
    void wait.then(() => stream.resume());
  });
  stream.on('end', () => inbox.done());
  stream.on('error', (error: NodeJS.ErrnoException) =>
    inbox.fail(
      isOpen
        ? fileError(error, 'could not read from COPY file')
        : copyFileError(error, 'reading', file),
    ),
  );
  return stream;
}
