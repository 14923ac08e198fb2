// COPY … FROM STDIN through node-postgres, which leaves the sub-protocol to its user.

import type { Client } from '../harness/client.ts';

interface CopyConnection {
  sendCopyFromChunk(chunk: Buffer): void;
  endCopyFrom(): void;
  query(text: string): void;
}

/** A query object as node-postgres drives it: submit() and one handler a message. */
class CopyIn {
  readonly done: Promise<string>;
  private readonly text: string;
  private readonly data: string;
  private readonly resolve: (tag: string) => void;
  private readonly reject: (error: Error) => void;
  private tag = '';

  constructor(text: string, data: string) {
    this.text = text;
    this.data = data;
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    this.done = promise;
    this.resolve = resolve;
    this.reject = reject;
  }

  submit(connection: CopyConnection): void {
    connection.query(this.text);
  }
  handleCopyInResponse(connection: CopyConnection): void {
    connection.sendCopyFromChunk(Buffer.from(this.data));
    connection.endCopyFrom();
  }
  handleCommandComplete(message: { readonly text: string }): void {
    this.tag = message.text;
  }
  handleError(error: Error): void {
    this.reject(error);
  }
  handleReadyForQuery(): void {
    this.resolve(this.tag);
  }
}

export async function from(client: Client, sql: string, data: string): Promise<string> {
  const query = new CopyIn(sql, data);
  client.query(query as never);
  return await query.done;
}
