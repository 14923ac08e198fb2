// Text to statements: bounds, PostgreSQL's grammar, and on a syntax error LatticeSQL's extension
// pass. Positions: the grammar counts UTF-8 bytes, clients and errors count UTF-16 units here (the
// protocol converts them to characters); every offset is into the text that the client sent.

import type { Node } from '@pgsql/types';
import { databaseError } from '#common';
import { liftExtensions, type LiftedExtensions } from './extension/lift.ts';
import type { TemporalClause } from './extension/system-time.ts';
import { checkNesting } from './nesting.ts';
import { parseWithGrammar, type GrammarError } from './parser-instance.ts';

/** Bytes between two offsets that characterOffsets() remembers. */
const bytesPerOffset = 256;

export interface ParsedStatement {
  readonly statement: Node;
  /** The whole text that was sent; this statement is sql.slice(start, end). */
  readonly sql: string;
  readonly start: number;
  readonly end: number;
  /** FOR SYSTEM_TIME clauses by the byte location of the RangeVar that they follow. */
  readonly temporalClauses: ReadonlyMap<number, TemporalClause>;
  /** UTF-16 offset in `sql` of a node's `location` (bytes; absent means 0; negative: unknown). */
  positionOf(location: number | undefined): number | undefined;
}

/** Statements of a query string in order; empty ones are left out. Throws 42601, 54000, 54001, 22021. */
export function parseStatements(sql: string): ParsedStatement[] {
  checkText(sql);
  checkNesting(sql);
  const parsed = parseWithGrammar(sql);
  if (!('message' in parsed)) return statementsOf(sql, parsed, noTemporalClauses);
  const lifted = liftExtensions(sql, (text) => parseWithGrammar(text));
  if (lifted === undefined) throw syntaxError(sql, parsed);
  return afterLifting(sql, parsed, lifted);
}

const noTemporalClauses: ReadonlyMap<number, TemporalClause> = new Map();

function afterLifting(
  sql: string,
  original: GrammarError,
  lifted: LiftedExtensions,
): ParsedStatement[] {
  if ('message' in lifted.result) {
    // The text is wrong apart from its extension clauses; the blanked text has the same offsets.
    throw syntaxError(sql, lifted.result);
  }
  const temporalClauses = lifted.attach(lifted.result);
  if (temporalClauses === undefined) throw syntaxError(sql, original);
  return statementsOf(sql, lifted.result, temporalClauses);
}

function statementsOf(
  sql: string,
  result: {
    readonly stmts?: readonly { stmt?: Node; stmt_location?: number; stmt_len?: number }[];
  },
  temporalClauses: ReadonlyMap<number, TemporalClause>,
): ParsedStatement[] {
  const positionOf = positionMap(sql);
  const statements: ParsedStatement[] = [];
  for (const raw of result.stmts ?? []) {
    if (raw.stmt === undefined) continue;
    const location = raw.stmt_location ?? 0;
    const start = positionOf(location) ?? 0;
    const end =
      raw.stmt_len === undefined ? sql.length : (positionOf(location + raw.stmt_len) ?? sql.length);
    statements.push({ statement: raw.stmt, sql, start, end, temporalClauses, positionOf });
  }
  return statements;
}

function positionMap(sql: string): (location: number | undefined) => number | undefined {
  let offsets: ((location: number) => number) | undefined;
  const ascii = isAscii(sql);
  return (location) => {
    if (location === undefined) return 0;
    if (location < 0) return undefined;
    if (ascii) return location;
    offsets ??= characterOffsets(Buffer.from(sql, 'utf8'));
    return offsets(location);
  };
}

/** UTF-16 offsets by UTF-8 offset, with one remembered for every so many bytes: long texts have many locations. */
function characterOffsets(bytes: Buffer): (location: number) => number {
  const known = new Uint32Array(Math.ceil(bytes.length / bytesPerOffset));
  let characters = 0;
  for (let at = 0; at < bytes.length; at++) {
    if (at % bytesPerOffset === 0) known[at / bytesPerOffset] = characters;
    characters += charactersBegun(bytes[at]);
  }
  return (location) => {
    const end = Math.min(location, bytes.length);
    const place = Math.min(Math.floor(end / bytesPerOffset), known.length - 1);
    let offset = known[place];
    for (let at = place * bytesPerOffset; at < end; at++) offset += charactersBegun(bytes[at]);
    return offset;
  };
}

/** UTF-16 units of the character that a byte begins; none for the bytes that continue one. */
function charactersBegun(byte: number): number {
  if ((byte & 0xc0) === 0x80) return 0;
  return byte >= 0xf0 ? 2 : 1;
}

function isAscii(text: string): boolean {
  for (let offset = 0; offset < text.length; offset++) {
    if (text.charCodeAt(offset) >= 128) return false;
  }
  return true;
}

function checkText(sql: string): void {
  const zero = sql.indexOf('\0');
  if (zero >= 0) {
    throw databaseError(
      'characterNotInRepertoire',
      'invalid byte sequence for encoding "UTF8": 0x00',
    );
  }
  if (!sql.isWellFormed()) {
    throw databaseError(
      'characterNotInRepertoire',
      'invalid byte sequence for encoding "UTF8": 0xed',
    );
  }
}

function syntaxError(sql: string, error: GrammarError): Error {
  return databaseError(stateOf(error.message), error.message, {
    position: unitsOf(sql, error.character),
  });
}

/** What the grammar refuses is a syntax error, except for what it says that it does not implement. */
function stateOf(message: string): 'syntaxError' | 'featureNotSupported' | 'windowingError' {
  if (/^frame (start|end)/.test(message)) return 'windowingError';
  return /(not yet implemented|not supported|not implemented)$/.test(message)
    ? 'featureNotSupported'
    : 'syntaxError';
}

/** Code points to UTF-16 units. */
function unitsOf(sql: string, characters: number): number {
  let offset = 0;
  for (let count = 0; count < characters && offset < sql.length; count++) {
    offset += (sql.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1;
  }
  return offset;
}
