// Command tags of queries, as CommandComplete carries them.

/** INSERT has a second number, which was once an oid. */
export function queryTag(command: string, rows: number): string {
  if (command === 'INSERT') return `INSERT 0 ${rows}`;
  return `${command === 'VALUES' ? 'SELECT' : command} ${rows}`;
}
