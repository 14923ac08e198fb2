// A connection that sends whatever bytes a test wants and collects what comes back.

import { connect as connectSocket, type Socket } from 'node:net';
import { once } from 'node:events';

export interface Message {
  readonly type: string;
  readonly body: Buffer;
}

export class RawConnection {
  readonly socket: Socket;
  private received = Buffer.alloc(0);
  private waiting: (() => void)[] = [];
  closed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => {
      this.received = Buffer.concat([this.received, chunk]);
      this.wake();
    });
    socket.on('close', () => {
      this.closed = true;
      this.wake();
    });
    socket.on('error', () => {});
  }

  static async open(port: number): Promise<RawConnection> {
    const socket = connectSocket(port, '127.0.0.1');
    await once(socket, 'connect');
    return new RawConnection(socket);
  }

  /** Connects and goes through start-up without a password. */
  static async login(port: number): Promise<RawConnection> {
    const connection = await RawConnection.open(port);
    connection.socket.write(startupPacket({ user: 'postgres', database: 'postgres' }));
    await connection.until('Z');
    return connection;
  }

  private wake(): void {
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** The next message, or undefined when the server has closed the connection. */
  async next(): Promise<Message | undefined> {
    for (;;) {
      if (this.received.length >= 5) {
        const length = this.received.readInt32BE(1);
        if (this.received.length >= length + 1) {
          const type = String.fromCharCode(this.received[0]);
          const body = this.received.subarray(5, length + 1);
          this.received = this.received.subarray(length + 1);
          return { type, body };
        }
      }
      if (this.closed) return undefined;
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Messages up to and including one of this type; fewer when the connection ends. */
  async until(type: string): Promise<Message[]> {
    const messages: Message[] = [];
    for (;;) {
      const message = await this.next();
      if (message === undefined) return messages;
      messages.push(message);
      if (message.type === type) return messages;
    }
  }

  send(type: string, body: Buffer | string = ''): void {
    this.socket.write(frame(type, Buffer.from(body)));
  }

  destroy(): void {
    this.socket.destroy();
  }
}

export function frame(type: string, body: Buffer): Buffer {
  const header = Buffer.alloc(5);
  header.write(type, 0, 'latin1');
  header.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([header, body]);
}

export function startupPacket(parameters: Readonly<Record<string, string>>): Buffer {
  const fields = Object.entries(parameters).flatMap(([name, value]) => [name, value]);
  const body = Buffer.from(`${fields.join('\0')}\0\0`);
  const header = Buffer.alloc(8);
  header.writeInt32BE(body.length + 8, 0);
  header.writeInt32BE(196_608, 4);
  return Buffer.concat([header, body]);
}

/** Fields of an ErrorResponse by their letters. */
export function errorFields(message: Message): Record<string, string> {
  const fields: Record<string, string> = {};
  for (const part of message.body.toString('utf8').split('\0')) {
    if (part !== '') fields[part[0]] = part.slice(1);
  }
  return fields;
}
