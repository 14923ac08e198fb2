// The statements that a session keeps under names, by Parse or by PREPARE: one store for both, bounded by the bytes of
// their texts.

import { databaseError, type SqlType } from '#common';
import type { ServerClock } from '../clock.ts';
import { preparedStatementBytesMax } from '../limits.ts';
import type { CachedStatement } from './plan-cache.ts';

export interface PreparedStatement {
  readonly name: string;
  readonly text: string;
  readonly statement: CachedStatement;
  readonly parameterTypes: readonly SqlType[];
  readonly fromSql: boolean;
  readonly preparedAt: number;
}

export class PreparedStatements {
  private readonly clock: ServerClock;
  private readonly byName = new Map<string, PreparedStatement>();
  private bytes = 0;

  constructor(clock: ServerClock) {
    this.clock = clock;
  }

  /** In the order in which they were prepared. */
  all(): Iterable<PreparedStatement> {
    return this.byName.values();
  }

  find(name: string): PreparedStatement | undefined {
    return this.byName.get(name);
  }

  /** 26000. */
  require(name: string): PreparedStatement {
    const prepared = this.byName.get(name);
    if (prepared === undefined) {
      const message =
        name === ''
          ? 'unnamed prepared statement does not exist'
          : `prepared statement "${name}" does not exist`;
      throw databaseError('invalidSqlStatementName', message);
    }
    return prepared;
  }

  /** 42P05. */
  requireFree(name: string): void {
    if (!this.byName.has(name)) return;
    throw databaseError(
      'duplicatePreparedStatement',
      `prepared statement "${name}" already exists`,
    );
  }

  /** In the place of one of the same name. */
  add(options: {
    readonly name: string;
    readonly text: string;
    readonly statement: CachedStatement;
    readonly fromSql: boolean;
  }): void {
    const { name, text, statement, fromSql } = options;
    this.close(name);
    this.bytes += text.length;
    if (this.bytes > preparedStatementBytesMax) {
      this.bytes -= text.length;
      throw databaseError('outOfMemory', 'too many prepared statements in this session', {
        hint: 'Close prepared statements that are no longer needed (DEALLOCATE).',
      });
    }
    const preparedAt = this.clock.nowMicros();
    this.byName.set(name, {
      name,
      text,
      statement,
      parameterTypes: statement.parameterTypes,
      fromSql,
      preparedAt,
    });
  }

  close(name: string): void {
    const prepared = this.byName.get(name);
    if (prepared === undefined) return;
    this.bytes -= prepared.text.length;
    this.byName.delete(name);
  }

  closeAll(): void {
    this.byName.clear();
    this.bytes = 0;
  }
}
