// What PostgreSQL says about a statement without running it: Parse and Describe of the extended
// protocol.

import type { Connection } from 'pg';

export interface Description {
  /** "name:type oid/type modifier" per result column. */
  readonly columns: readonly string[];
  readonly parameters: readonly number[];
  readonly error: DescribedError | undefined;
}

export interface DescribedError {
  readonly sqlState: string;
  readonly message: string;
  /** Zero-based, in characters. */
  readonly position: number | undefined;
  readonly detail: string | undefined;
  readonly hint: string | undefined;
}

interface FieldMessage {
  readonly name: string;
  readonly dataTypeID: number;
  readonly dataTypeModifier: number;
}

interface ErrorMessage {
  readonly code: string;
  readonly message: string;
  readonly position?: string;
  readonly detail?: string;
  readonly hint?: string;
}

/** A query object for pg's client that only describes. */
export class DescribeQuery {
  readonly text: string;
  readonly done: Promise<Description>;
  private resolve: (description: Description) => void = () => {};
  private columns: string[] = [];
  private parameters: readonly number[] = [];
  private error: DescribedError | undefined;

  constructor(text: string) {
    this.text = text;
    this.done = new Promise((resolve) => {
      this.resolve = resolve;
    });
  }

  submit(connection: Connection): void {
    const stream = connection as unknown as {
      parse(query: object, more: boolean): void;
      describe(message: object, more: boolean): void;
      sync(): void;
      removeAllListeners(event: string): void;
      once(event: string, listener: (message: { dataTypeIDs: number[] }) => void): void;
    };
    stream.removeAllListeners('parameterDescription');
    stream.once('parameterDescription', (message) => {
      this.parameters = message.dataTypeIDs;
    });
    stream.parse({ text: this.text, name: '', types: [] }, true);
    stream.describe({ type: 'S', name: '' }, true);
    stream.sync();
  }

  handleRowDescription(message: { readonly fields: readonly FieldMessage[] }): void {
    this.columns = message.fields.map(
      (field) => `${field.name}:${field.dataTypeID}/${field.dataTypeModifier}`,
    );
  }

  handleError(error: ErrorMessage): void {
    this.error = {
      sqlState: error.code,
      message: error.message,
      position: error.position === undefined ? undefined : Number(error.position) - 1,
      detail: error.detail,
      hint: error.hint,
    };
    // The client forgets a query that failed; nothing more comes for it.
    this.handleReadyForQuery();
  }

  handleReadyForQuery(): void {
    const { columns, parameters, error } = this;
    this.resolve({ columns, parameters, error });
  }
}
