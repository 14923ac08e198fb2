// A portal: a statement with its parameters, ready to run or part way through its rows. Cursors are
// portals with a name of their own.

import type { Datum } from '#common';
import type { FieldDescription } from '../protocol/messages.ts';
import { RowEncoder } from '../protocol/row-encoder.ts';
import type { Cursor } from './cursor.ts';
import type { CachedStatement } from './plan-cache.ts';
import type { QueryExecution } from './query-execution.ts';

export type PortalState = 'ready' | 'active' | 'done' | 'failed';

export class Portal {
  readonly name: string;
  readonly statement: CachedStatement;
  readonly parameters: readonly Datum[];
  readonly resultFormats: readonly number[];
  state: PortalState = 'ready';
  /** Its place among the portals that the session has made (portals.ts). */
  ordinal = 0;
  execution: QueryExecution | undefined;
  /** DECLARE has made this portal: its rows are the cursor's. */
  declared: Cursor | undefined;
  /** FETCH or MOVE has named this portal. */
  cursor: Cursor | undefined;
  /** Rows that a command has computed (SHOW, EXPLAIN, EXECUTE …), and how many have been sent. */
  computed: ComputedResult | undefined;
  /** Rows of the query, once it is done. */
  rowCount = 0;
  /** The tag of anything else. */
  tag: string | undefined;
  private encoderCache: RowEncoder | undefined;

  constructor(
    name: string,
    statement: CachedStatement,
    parameters: readonly Datum[],
    resultFormats: readonly number[],
  ) {
    this.name = name;
    this.statement = statement;
    this.parameters = parameters;
    this.resultFormats = resultFormats;
  }

  get text(): string {
    return this.statement.text;
  }

  fields(): readonly FieldDescription[] | undefined {
    return this.statement.fields;
  }

  encoder(): RowEncoder {
    return (this.encoderCache ??= encoderOf(this.statement, this.resultFormats));
  }

  close(): void {
    this.execution?.close();
    this.execution = undefined;
    this.cursor = undefined;
    this.computed = undefined;
    if (this.state !== 'failed') this.state = 'done';
  }
}

/** All in text, as most clients want their results, is made once a statement. */
function encoderOf(statement: CachedStatement, formats: readonly number[]): RowEncoder {
  const { fields, textEncoder } = statement;
  if (formats.length > 0) return new RowEncoder(typesOf(fields), formats);
  if (textEncoder !== undefined && textEncoder.fields === fields) return textEncoder.encoder;
  const encoder = new RowEncoder(typesOf(fields), formats);
  statement.textEncoder = { fields, encoder };
  return encoder;
}

function typesOf(fields: readonly FieldDescription[] | undefined): number[] {
  return (fields ?? []).map((field) => field.typeOid);
}

export interface ComputedResult {
  readonly fields: readonly FieldDescription[];
  readonly rows: readonly (readonly Datum[])[];
  sent: number;
  readonly tag: string;
}
