// Statements by text: parsed, bound, optimized and compiled once, shared by all sessions of a database.
// Least recently used ones go when the byte budget is exceeded. An entry is valid for one version of
// the catalog and the session state that binding reads (search path, user, formats).

import type { Datum, SqlType } from '#common';
import type { BoundQuery, LiftedLiteral, ParsedStatement, PhysicalPlan } from '#planner';
import type { StatementEntry } from '../observability/statement-statistics.ts';
import { planCacheBytesMax } from '../limits.ts';
import type { FieldDescription } from '../protocol/messages.ts';
import type { RowEncoder } from '../protocol/row-encoder.ts';

/** What is known of one statement; the later stages are filled in when first needed. */
export interface CachedStatement {
  readonly text: string;
  readonly parsed: ParsedStatement;
  /** The AST node's type, e.g. "SelectStmt". */
  readonly node: string;
  readonly isQuery: boolean;
  /** Bound queries only. */
  bound: BoundQuery | undefined;
  plan: PhysicalPlan | undefined;
  /** Values of the parameters that a costly plan was made for. */
  estimatedFor: readonly Datum[] | undefined;
  /** How often it has come out the same for other values. */
  steadyPlans: number;
  /** The role whose privileges were checked for the plan. */
  plannedFor: number;
  catalogVersion: number;
  /** Where row policies are part of it: the environment that they were bound in. */
  boundIn: string | undefined;
  parameterTypes: readonly SqlType[];
  /** Literals that were lifted out of the text, as it was first bound. */
  literals?: readonly LiftedLiteral[];
  /** Where its executions are counted, once they are. */
  counted: StatementEntry | undefined;
  /** A cursor's query: its last results are keys that its client does not see. */
  readonly forCursor?: boolean;
  /** undefined: no rows are returned. */
  fields: readonly FieldDescription[] | undefined;
  /** Writes rows of these fields as text, once it has been asked for. */
  textEncoder?: {
    readonly fields: readonly FieldDescription[] | undefined;
    readonly encoder: RowEncoder;
  };
}

interface Entry {
  readonly statements: readonly CachedStatement[];
  readonly bytes: number;
}

/** Estimate of what a statement keeps alive: tree and plan are some twenty times the text. */
const bytesPerCharacter = 40;
const bytesPerEntry = 4096;

export class PlanCache {
  private readonly entries = new Map<string, Entry>();
  private bytes = 0;
  private readonly bytesMax: number;

  constructor(bytesMax: number = planCacheBytesMax) {
    this.bytesMax = bytesMax;
  }

  get(key: string): readonly CachedStatement[] | undefined {
    const entry = this.entries.get(key);
    if (entry === undefined) return undefined;
    // Re-insertion keeps the map in order of use; it is skipped while the cache is far from full.
    if (this.bytes * 2 > this.bytesMax) {
      this.entries.delete(key);
      this.entries.set(key, entry);
    }
    return entry.statements;
  }

  set(key: string, statements: readonly CachedStatement[]): void {
    const bytes = bytesPerEntry * statements.length + key.length * bytesPerCharacter;
    if (bytes > this.bytesMax / 8) return;
    this.delete(key);
    this.entries.set(key, { statements, bytes });
    this.bytes += bytes;
    for (const oldest of this.entries.keys()) {
      if (this.bytes <= this.bytesMax) break;
      this.delete(oldest);
    }
  }

  delete(key: string): void {
    const entry = this.entries.get(key);
    if (entry === undefined) return;
    this.entries.delete(key);
    this.bytes -= entry.bytes;
  }

  clear(): void {
    this.entries.clear();
    this.bytes = 0;
  }
}
