// What a connection sends. Messages collect in one buffer; flush() hands it to the socket once the
// commit log is synced up to everything the bytes depend on, so no client learns of a commit (its own
// or one that it read) that a crash could undo.
//
// Invariants: bytes leave in the order written; a buffer given to the socket is not touched again
// until the socket has taken it.

import type { Socket } from 'node:net';
import { ByteWriter } from '#common';
import type { LogPosition } from '#storage';
import { outputChunkBytes, outputHighWaterBytes } from '../limits.ts';

/** The part of storage that output waits for. */
export interface SyncGate {
  readonly syncedPosition: LogPosition;
  whenSynced(position: LogPosition): Promise<void>;
}

export class Output {
  readonly writer = new ByteWriter();
  private socket: Socket;
  private readonly gate: SyncGate;
  private dependsOn: LogPosition = 0;
  private waitingForSync = false;
  private flushWanted = false;
  private closed = false;
  private drainWaiters: (() => void)[] = [];
  private syncWaiters: (() => void)[] = [];

  constructor(socket: Socket, gate: SyncGate) {
    this.socket = socket;
    this.gate = gate;
  }

  /** After TLS is up, the bytes go through the TLS socket. */
  replaceSocket(socket: Socket): void {
    this.socket = socket;
  }

  /** What is written from now on (and before the next flush) must not be seen before `position` is synced. */
  require(position: LogPosition): void {
    if (position > this.dependsOn) this.dependsOn = position;
  }

  flush(): void {
    if (this.closed || this.writer.position === 0) return;
    if (this.waitingForSync) {
      this.flushWanted = true;
      return;
    }
    if (this.dependsOn > this.gate.syncedPosition) {
      this.waitingForSync = true;
      this.flushWanted = true;
      this.gate.whenSynced(this.dependsOn).then(this.synced, this.destroy);
      return;
    }
    this.send();
  }

  private readonly synced = (): void => {
    this.waitingForSync = false;
    if (this.flushWanted) {
      this.flushWanted = false;
      this.flush();
    }
    if (!this.waitingForSync) this.wake(this.syncWaiters);
  };

  private send(): void {
    const { writer, socket } = this;
    if (socket.destroyed) return;
    if (writer.position >= outputChunkBytes) {
      socket.write(writer.take());
      return;
    }
    socket.write(writer.view());
    // The kernel took all of it at once, so the buffer may be used again.
    if (socket.writableLength === 0) writer.reset();
    else writer.take();
  }

  /** Called while rows are produced: hands over full chunks. True: wait for drained() before going on. */
  pressure(): boolean {
    if (this.writer.position >= outputChunkBytes) this.flush();
    return this.socket.writableLength + this.writer.position > outputHighWaterBytes;
  }

  /** Resolves when the client has read enough, or the connection is gone. */
  drained(): Promise<void> {
    if (this.closed || this.socket.destroyed) return Promise.resolve();
    this.flush();
    if (this.waitingForSync) {
      return new Promise<void>((resolve) => this.syncWaiters.push(resolve)).then(() =>
        this.drained(),
      );
    }
    if (this.socket.writableLength <= outputChunkBytes) return Promise.resolve();
    return new Promise<void>((resolve) => {
      this.drainWaiters.push(resolve);
      if (this.drainWaiters.length === 1) this.socket.once('drain', this.onDrain);
    });
  }

  private readonly onDrain = (): void => this.wake(this.drainWaiters);

  private wake(waiters: (() => void)[]): void {
    for (const resolve of waiters.splice(0)) resolve();
  }

  /** Sends what is left and ends the socket. */
  end(): void {
    if (this.closed) return;
    const finish = (): void => {
      this.closed = true;
      if (this.writer.position > 0 && !this.socket.destroyed) this.socket.write(this.writer.take());
      this.socket.end();
    };
    if (this.dependsOn > this.gate.syncedPosition)
      this.gate.whenSynced(this.dependsOn).then(finish, this.destroy);
    else finish();
  }

  /** The socket is gone: nobody waits any longer. */
  readonly destroy = (): void => {
    this.closed = true;
    this.socket.destroy();
    this.wake(this.drainWaiters);
    this.wake(this.syncWaiters);
  };
}
