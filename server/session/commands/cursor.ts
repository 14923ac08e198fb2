// DECLARE, FETCH, MOVE, CLOSE.

import type { ClosePortalStmt, DeclareCursorStmt, FetchStmt } from '@pgsql/types';
import { databaseError, type Datum } from '#common';
import { RowEncoder } from '../../protocol/row-encoder.ts';
import type { Command, CommandResult, Invocation } from '../command.ts';
import { bodyOf, type PhysicalPlan } from '#planner';
import { Cursor, type ScrollAbility } from '../cursor.ts';
import { cursorKeysOf, scansBackward } from '../cursor-plan.ts';
import { Portal } from '../portal.ts';
import { QueryExecution } from '../query-execution.ts';
import type { Session } from '../session.ts';
import { newParsedStatement } from '../inner-statement.ts';

/** Bits of DeclareCursorStmt.options (parsenodes.h). */
const cursorOption = {
  binary: 0x0001,
  scroll: 0x0002,
  noScroll: 0x0004,
  insensitive: 0x0008,
  asensitive: 0x0010,
  hold: 0x0020,
};
/** FETCH_ALL in the grammar's result: the largest count. */
const fetchAllMin = 2147483647;

export const declareCursorCommand: Command = {
  run: ({ session, statement, portal }: Invocation<DeclareCursorStmt>) => {
    const options = statement.options ?? 0;
    const hold = (options & cursorOption.hold) !== 0;
    const name = statement.portalname ?? '';
    const inner = newParsedStatement(portal.statement.parsed, statement.query!);
    const { parameterTypes } = portal.statement;
    const query = session.compiler.cursor(inner, portal.text, parameterTypes);
    if (!hold && !session.inTransactionBlock) {
      throw databaseError(
        'noActiveSqlTransaction',
        'DECLARE CURSOR can only be used in transaction blocks',
      );
    }
    if (session.portals.has(name))
      throw databaseError('duplicateCursor', `cursor "${name}" already exists`);
    if (query.bound?.command !== 'SELECT' && query.bound?.command !== 'VALUES') {
      throw databaseError(
        'invalidCursorDefinition',
        'DECLARE CURSOR must not contain data-modifying statements',
      );
    }
    if (hold && (bodyOf(statement.query, 'SelectStmt')?.lockingClause ?? []).length > 0) {
      throw databaseError(
        'featureNotSupported',
        'DECLARE CURSOR WITH HOLD ... FOR UPDATE is not supported',
        { detail: 'Holdable cursors must be READ ONLY.' },
      );
    }
    const plan = session.compiler.plan(query, portal.parameters);
    const formats = (options & cursorOption.binary) !== 0 ? [1] : [];
    const cursor = new Cursor(
      {
        name,
        portal: new Portal(name, query, portal.parameters, formats),
        scroll: scrolling(options, plan),
        hold,
        keys: cursorKeysOf(query.bound, plan),
        createdAt: session.server.clock.nowMicros(),
      },
      new QueryExecution(session, plan, portal.parameters, {
        recompile: () => session.compiler.recompiled(query),
      }),
    );
    session.cursors.add(cursor);
    cursor.options.portal.declared = cursor;
    return open(session, cursor);
  },
};

/** Without a word on it, a cursor scrolls back if its plan could be read backward. */
function scrolling(options: number, plan: PhysicalPlan): ScrollAbility {
  if ((options & cursorOption.scroll) !== 0) return 'all';
  if ((options & cursorOption.noScroll) !== 0) return 'none';
  return scansBackward(plan.root) ? 'recent' : 'none';
}

async function open(session: Session, cursor: Cursor): Promise<CommandResult> {
  try {
    await cursor.open();
    if (!session.block.inBlock) await cursor.materialize();
  } catch (error) {
    session.cursors.close(cursor.options.name);
    throw error;
  }
  return 'DECLARE CURSOR';
}

/** A portal of the protocol, read by FETCH and MOVE: both go on where the other stopped. */
export function portalCursor(session: Session, portal: Portal): Cursor {
  const { name, statement } = portal;
  if (!statement.isQuery) {
    throw databaseError('objectNotInPrerequisiteState', `portal "${name}" cannot be run`);
  }
  portal.execution ??= new QueryExecution(
    session,
    session.compiler.plan(statement, portal.parameters),
    portal.parameters,
    { recompile: () => session.compiler.recompiled(statement) },
  );
  portal.cursor ??= new Cursor(
    { name, portal, scroll: 'none', hold: false, createdAt: session.server.clock.nowMicros() },
    portal.execution,
  );
  return portal.cursor;
}

export const fetchCommand: Command = {
  run: (invocation: Invocation<FetchStmt>) => fetch(invocation),
  fields: (session: Session, statement: FetchStmt) => {
    const name = statement.portalname ?? '';
    // Running it says what is wrong with a portal that is no query.
    const isQuery = session.portals.get(name)?.statement.isQuery ?? true;
    return statement.ismove === true || !isQuery ? undefined : session.findCursor(name)?.fields;
  },
};

async function fetch(invocation: Invocation<FetchStmt>): Promise<CommandResult> {
  const { session, statement, output, simple } = invocation;
  const cursor = session.cursor(statement.portalname ?? '');
  const rows = await fetchRows(cursor, statement);
  session.requireSync(cursor.dependsOn);
  output.require(cursor.dependsOn);
  const tag = `FETCH ${rows.length}`;
  if (statement.ismove === true) return `MOVE ${rows.length}`;
  if (!simple) return { fields: cursor.fields, rows, tag };
  const formats = cursor.options.portal.resultFormats;
  output.describe(cursor.fields, formats);
  const encoder = new RowEncoder(
    cursor.fields.map((field) => field.typeOid),
    formats,
  );
  for (const row of rows) output.values(encoder, row);
  return tag;
}

function fetchRows(cursor: Cursor, statement: FetchStmt): Promise<Datum[][]> {
  // The grammar's result leaves out zero, which is also what an absent count means.
  const count = Number(statement.howMany ?? 0);
  const amount = Math.abs(count) >= fetchAllMin ? Infinity : Math.abs(count);
  switch (statement.direction) {
    case 'FETCH_BACKWARD':
      return cursor.move(count < 0 ? amount : -amount);
    case 'FETCH_ABSOLUTE':
      return cursor.absolute(count);
    case 'FETCH_RELATIVE':
      return cursor.relative(count);
    default:
      // The current row is read again.
      if (count === 0 && statement.ismove !== true && cursor.isOnRow)
        cursor.requireScroll(cursor.position);
      return cursor.move(count < 0 ? -amount : amount);
  }
}

export const closeCursorCommand: Command = {
  run: ({ session, statement, portal }: Invocation<ClosePortalStmt>) => {
    if (statement.portalname === undefined) {
      session.cursors.closeAll();
      return 'CLOSE CURSOR ALL';
    }
    if (session.portals.get(statement.portalname) === portal)
      throw databaseError('invalidCursorState', `cannot drop active portal "${portal.name}"`);
    session.closeCursor(statement.portalname);
    return 'CLOSE CURSOR';
  },
};
