// One client connection: the socket, the messages cut from it, and their order. Messages are handled
// one after another; while one of them waits (a lock, an executor thread, a slow reader) the rest stay
// in the input buffer, and the socket is paused when that grows. What a message means is decided in
// message-handlers.ts; before a session exists, in handshake.ts.
//
// Invariants: at most one message is being handled, except that the data messages of a COPY are handled
// while its statement waits for them; after a fatal error nothing more is read.

import type { Socket } from 'node:net';
import type { DatabaseError } from '#common';
import { toDatabaseError } from '../errors.ts';
import { authenticationBytesMax, authenticationTimeoutMs, inputHighWaterBytes } from '../limits.ts';
import { Frame, FrameReader } from '../protocol/frame-reader.ts';
import { Backend } from '../protocol/message-types.ts';
import { writeError } from '../protocol/messages.ts';
import type { Server } from '../server.ts';
import { Handshake } from './handshake.ts';
import { flushSoon } from './flush-queue.ts';
import type { MessageHandlers } from './message-handlers.ts';
import { Output } from './output.ts';
import { withSharedInput } from './shared-input.ts';

/** Longest time one connection may keep the thread while others wait, in milliseconds. */
const sliceMs = 2;
const messagesPerLook = 8;

export class Connection {
  readonly server: Server;
  readonly output: Output;
  readonly remoteAddress: string;
  socket: Socket;
  private readonly reader = new FrameReader(authenticationBytesMax);
  private readonly frame = new Frame();
  private readonly handshake: Handshake;
  private handlers: MessageHandlers | undefined;
  /** A message is being handled and has returned a promise. */
  private busy = false;
  /** A data message of a COPY is. */
  private copyBusy = false;
  private paused = false;
  private ended = false;
  private onClosed: (() => void) | undefined;
  private readonly authenticationTimer: NodeJS.Timeout;

  constructor(server: Server, socket: Socket) {
    this.server = server;
    this.socket = socket;
    this.remoteAddress = socket.remoteAddress ?? '';
    this.output = new Output(socket, server.storage);
    this.handshake = new Handshake(this);
    this.authenticationTimer = setTimeout(() => this.destroy(), authenticationTimeoutMs);
    this.authenticationTimer.unref();
    this.listen(socket);
  }

  private listen(socket: Socket): void {
    socket.setNoDelay(true);
    socket.on('data', this.onData);
    this.listenForEnd(socket);
  }

  private listenForEnd(socket: Socket): void {
    socket.on('error', this.onSocketGone);
    socket.on('close', this.onSocketGone);
    socket.on('end', this.onSocketGone);
  }

  /** Errors of a socket that something else carries on are noticed there, too. */
  private ignore(socket: Socket): void {
    socket.off('data', this.onData);
    socket.off('close', this.onSocketGone);
    socket.off('end', this.onSocketGone);
  }

  /** TLS is negotiated: from now on the plain socket carries the TLS socket. */
  upgrade(tls: Socket): void {
    this.ignore(this.socket);
    this.socket = tls;
    this.output.replaceSocket(tls);
    this.listen(tls);
  }

  /** Bytes sent before TLS is up would be believed without protection. */
  get hasUnreadInput(): boolean {
    return !this.reader.isEmpty;
  }

  get session(): MessageHandlers | undefined {
    return this.handlers;
  }

  /** The start-up packet has been read; typed messages follow. */
  startupRead(): void {
    this.reader.startupDone();
  }

  /** Authenticated: hands the connection to the message handlers. */
  ready(handlers: MessageHandlers): void {
    clearTimeout(this.authenticationTimer);
    this.reader.allowFullMessages();
    this.handlers = handlers;
    const accepted = this.socket;
    const faster = withSharedInput(accepted, this.onInput);
    if (faster === undefined) return;
    this.ignore(accepted);
    this.socket = faster;
    this.output.replaceSocket(faster);
    this.listenForEnd(faster);
  }

  private readonly onData = (chunk: Buffer): void => this.onInput(chunk, chunk.length);

  /** The first `length` bytes have arrived; they may be overwritten after the call. */
  private readonly onInput = (input: Buffer, length: number): void => {
    if (this.ended) return;
    this.reader.push(input, length);
    if (this.mayHandle) {
      this.drain();
    } else if (!this.paused && this.reader.bufferedBytes > inputHighWaterBytes) {
      this.paused = true;
      this.socket.pause();
    }
    this.reader.keep();
    this.server.busyPoll.handled(this);
  };

  private get mayHandle(): boolean {
    return this.busy ? this.handlers?.copying === true && !this.copyBusy : true;
  }

  /** A statement has begun to read COPY data; what the client has sent already is waiting. */
  copyStarted(): void {
    setImmediate(this.drain);
  }

  private readonly drain = (): void => {
    let deadline = 0;
    let handled = 0;
    try {
      while (!this.ended && this.mayHandle && this.reader.next(this.frame)) {
        const copying = this.handlers?.copying === true;
        const pending = this.handleFrame();
        if (pending !== undefined) {
          this.wait(pending, copying);
          continue;
        }
        // A few messages are always handled; the clock is asked only when more of them have come.
        if (++handled % messagesPerLook !== 0) continue;
        const now = performance.now();
        if (deadline === 0) deadline = now + sliceMs;
        else if (now > deadline) {
          this.wait(new Promise<void>((resolve) => setImmediate(resolve)), copying);
        }
      }
    } catch (error) {
      this.fail(error);
      return;
    }
    this.flushIfWanted();
  };

  private wait(pending: Promise<void>, copying: boolean): void {
    if (copying) this.copyBusy = true;
    else this.busy = true;
    pending.then(() => this.resume(copying), this.fail);
  }

  private flushIfWanted(): void {
    if (this.handlers === undefined) {
      this.output.flush();
      return;
    }
    if (!this.handlers.flushWanted) return;
    this.handlers.flushWanted = false;
    flushSoon(this.output);
  }

  private handleFrame(): Promise<void> | undefined {
    if (this.handlers === undefined) return this.handshake.handle(this.frame);
    return this.handlers.handle(this.frame);
  }

  private resume(copying: boolean): void {
    if (copying) this.copyBusy = false;
    else this.busy = false;
    if (this.paused) {
      this.paused = false;
      this.socket.resume();
    }
    this.drain();
  }

  /** Ends the connection with an error: protocol violations, failed logins, defects. */
  readonly fail = (cause: unknown): void => {
    if (this.ended) return;
    const error = toDatabaseError(cause);
    const severity = error.severity === 'ERROR' ? 'FATAL' : error.severity;
    if (error.sqlState === 'XX000')
      this.server.logger.error({ error: error.cause ?? error }, 'internal error');
    else
      this.server.logger.debug(
        { sqlState: error.sqlState, message: error.message },
        'connection ended',
      );
    writeError(this.output.writer, Backend.errorResponse, error, {
      severity,
      statement: undefined,
    });
    this.end();
  };

  /** The server is going down, or an administrator ended the session. */
  terminate(error: DatabaseError): void {
    this.handlers?.cancel(error);
    if (this.busy) setTimeout(() => this.fail(error), 50).unref();
    else this.fail(error);
  }

  /** Sends what is left and closes. */
  end(): void {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.authenticationTimer);
    this.output.end();
    this.release();
    // A client that does not read must not keep the socket.
    setTimeout(() => this.socket.destroy(), 5000).unref();
  }

  destroy(): void {
    this.onSocketGone();
  }

  private readonly onSocketGone = (): void => {
    clearTimeout(this.authenticationTimer);
    this.ended = true;
    this.output.destroy();
    this.release();
  };

  private release(): void {
    this.server.busyPoll.forget(this);
    this.handlers?.close();
    this.handlers = undefined;
    const closed = this.onClosed;
    this.onClosed = undefined;
    closed?.();
  }

  whenClosed(action: () => void): void {
    this.onClosed = action;
  }
}
