// Stored expressions without the parentheses that SQL's precedence makes needless: the "pretty" form
// of pg_get_expr(), pg_get_indexdef() and pg_get_constraintdef() (isSimpleNode() in ruleutils.c).

type Part = string | Group;

interface Group {
  readonly parts: Part[];
}

export function prettyText(sql: string): string {
  const root = parse(sql);
  const only = root.parts.length === 1 ? root.parts[0] : undefined;
  return print(typeof only === 'object' ? only : root);
}

/** Texts between parentheses; quoted parts are never looked into. */
function parse(sql: string): Group {
  const stack: Group[] = [{ parts: [] }];
  const pattern = /'(?:[^']|'')*'|"(?:[^"]|"")*"|[()]|[^'"()]+/g;
  for (const [token] of sql.matchAll(pattern)) {
    const { parts } = stack.at(-1)!;
    if (token === '(') {
      const group: Group = { parts: [] };
      parts.push(group);
      stack.push(group);
    } else if (token === ')' && stack.length > 1) stack.pop();
    else parts.push(token);
  }
  return stack[0];
}

const connective = (group: Group): 'AND' | 'OR' | undefined => {
  for (const part of group.parts) {
    if (typeof part !== 'string') continue;
    const match = /\b(AND|OR)\b/.exec(part.startsWith("'") || part.startsWith('"') ? '' : part);
    if (match !== null) return match[1] as 'AND' | 'OR';
  }
  return undefined;
};

function print(group: Group): string {
  const outer = connective(group);
  return group.parts
    .map((part, position) => {
      if (typeof part === 'string') return part;
      const before = group.parts[position - 1];
      const after = group.parts[position + 1];
      const inner = print(part);
      const isCall =
        typeof before === 'string' &&
        /[\w"]$/.test(before) &&
        !/\b(AND|OR|NOT|IN|ANY|ALL|SOME)$/.test(before);
      if (isCall) return `(${inner})`;
      if (isCast(after) && isSimple(part)) return inner;
      return isOperand(before, after) && isNeedless(part, outer) ? inner : `(${inner})`;
    })
    .join('');
}

function isCast(after: Part | undefined): boolean {
  return typeof after === 'string' && after.startsWith('::');
}

/** A name or a literal, possibly cast. */
function isSimple(group: Group): boolean {
  return group.parts.every(
    (part) => typeof part === 'string' && /^(?:[\w."]+|'(?:[^']|'')*'|::[\w ]+)+$/.test(part),
  );
}

/** Between AND and OR, or at the ends of the text. */
function isOperand(before: Part | undefined, after: Part | undefined): boolean {
  const begins =
    before === undefined || (typeof before === 'string' && /\b(AND|OR) $/.test(before));
  const ends = after === undefined || (typeof after === 'string' && /^ (AND|OR)\b/.test(after));
  return begins && ends;
}

function isNeedless(part: Group, outer: 'AND' | 'OR' | undefined): boolean {
  if (outer === undefined) return false;
  const inner = connective(part);
  return inner === undefined || inner === outer || inner === 'AND';
}
