// pg_backend_memory_contexts: the spaces of the JavaScript heap, which all sessions share.

import { getHeapSpaceStatistics, getHeapStatistics } from 'node:v8';
import type { Datum } from '#common';
import type { Session } from '../session.ts';
import type { Row } from './row.ts';

export function memoryRows(): Row[] {
  const heap = getHeapStatistics();
  const top = row('TopMemoryContext', null, 0, {
    total: heap.total_heap_size,
    used: heap.used_heap_size,
    free: heap.total_heap_size - heap.used_heap_size,
  });
  const spaces = getHeapSpaceStatistics().map((space) =>
    row(space.space_name, 'TopMemoryContext', 1, {
      total: space.space_size,
      used: space.space_used_size,
      free: space.space_available_size,
    }),
  );
  return [top, ...spaces];
}

/** pg_log_backend_memory_contexts(): into the server's own log; all sessions share the heap. */
export function logMemory(session: Session, [pid]: readonly Datum[]): boolean {
  const { server } = session;
  if (server.sessions.get(Number(pid)) === undefined) {
    const message = `PID ${Number(pid)} is not a PostgreSQL server process`;
    session.functions.notice('WARNING', message);
    return false;
  }
  server.logger.info({ pid, memory: memoryRows() }, 'memory contexts');
  return true;
}

function row(
  name: string,
  parent: string | null,
  level: number,
  bytes: { readonly total: number; readonly used: number; readonly free: number },
): Row {
  return {
    name,
    ident: null,
    parent,
    level,
    total_bytes: bytes.total,
    total_nblocks: 1,
    free_bytes: bytes.free,
    free_chunks: 0,
    used_bytes: bytes.used,
  };
}
