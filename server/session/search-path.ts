// The search path as a list of schema names: quoted identifiers, "$user", and the implicit schemas
// pg_temp and pg_catalog, which are searched first unless the path names them.

/** Splits the setting's text; undefined when it is malformed. */
export function parseSearchPath(text: string): string[] | undefined {
  const names: string[] = [];
  let rest = text.trim();
  if (rest === '') return names;
  for (;;) {
    const quoted = /^"((?:[^"]|"")*)"\s*/.exec(rest);
    const plain = quoted === null ? /^([^\s,"]+)\s*/.exec(rest) : null;
    const match = quoted ?? plain;
    if (match === null) return undefined;
    names.push(quoted === null ? match[1].toLowerCase() : match[1].replaceAll('""', '"'));
    rest = rest.slice(match[0].length);
    if (rest === '') return names;
    if (!rest.startsWith(',')) return undefined;
    rest = rest.slice(1).trimStart();
  }
}

export interface SearchPathFacts {
  readonly currentUser: string;
  readonly temporarySchema: string | undefined;
  /** … and is open to the user. */
  exists(schema: string): boolean;
}

/** The schemas that are searched, in order. The first that is not implicit is where CREATE puts objects. */
export function effectiveSearchPath(setting: string, facts: SearchPathFacts): string[] {
  const path: string[] = [];
  for (const name of parseSearchPath(setting) ?? []) {
    const schema =
      name === '$user' ? facts.currentUser : name === 'pg_temp' ? facts.temporarySchema : name;
    if (schema !== undefined && !path.includes(schema) && facts.exists(schema)) path.push(schema);
  }
  if (!path.includes('pg_catalog')) path.unshift('pg_catalog');
  const { temporarySchema } = facts;
  if (temporarySchema !== undefined && !path.includes(temporarySchema))
    path.unshift(temporarySchema);
  return path;
}
