// What is compared: sqllogictest files of our own (test/slt), files of the SQLite project's corpus, and
// psql scripts such as PostgreSQL's regression tests. All become lists of statements.

import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { parseSlt } from '../sql/slt.ts';

export interface Script {
  /** Where it came from, below its directory. */
  readonly name: string;
  /** What it is about: the first comment of the file, or its name. */
  readonly feature: string;
  readonly statements: readonly Statement[];
}

export interface Statement {
  readonly sql: string;
  /** What follows a COPY … FROM STDIN in a psql script. */
  readonly copyData?: string;
}

export function sltScripts(directory: string): Script[] {
  return globSync('*.slt', { cwd: directory })
    .toSorted()
    .map((name) => {
      const text = readFileSync(join(directory, name), 'utf8');
      const statements = parseSlt(text)
        .filter(({ servers }) => servers.length === 2)
        .map(({ sql }) => ({ sql }));
      return { name, feature: titleOf(text) ?? basename(name, '.slt'), statements };
    });
}

function titleOf(text: string): string | undefined {
  return /^#\s*(.+?)\.?$/m.exec(text.split('\n', 1)[0])?.[1];
}

/** Files of the sqllogictest corpus; what they expect is not read, as both servers answer. */
export function corpusScripts(directory: string): Script[] {
  return globSync('**/*.test', { cwd: directory })
    .toSorted()
    .map((name) => ({
      name,
      feature: name.split('/').slice(0, 2).join('/'),
      statements: corpusStatements(readFileSync(join(directory, name), 'utf8')),
    }));
}

function corpusStatements(text: string): Statement[] {
  const statements: Statement[] = [];
  for (const block of text.split(/\r?\n\s*\r?\n/)) {
    const lines = block.split(/\r?\n/).filter((line) => !line.startsWith('#'));
    if (lines.some((line) => /^skipif postgresql|^onlyif (?!postgresql)/.test(line))) continue;
    const head = lines.findIndex((line) => /^(statement|query)\b/.test(line));
    if (head < 0) continue;
    const end = lines.indexOf('----', head);
    const sql = lines.slice(head + 1, end < 0 ? undefined : end).join('\n');
    if (sql.trim() !== '') statements.push({ sql });
  }
  return statements;
}

/**
 * psql scripts, in the order of a schedule beside the directory where there is one. Of the backslash
 * commands \set and \getenv are carried out, the others left out.
 */
export function psqlScripts(directory: string): Script[] {
  const names = scheduled(directory) ?? globSync('*.sql', { cwd: directory }).toSorted();
  return names.map((name) => ({
    name,
    feature: basename(name, '.sql'),
    statements: psqlStatements(readFileSync(join(directory, name), 'utf8'), {
      abs_srcdir: dirname(resolve(directory)),
      abs_builddir: dirname(resolve(directory)),
    }),
  }));
}

/** PostgreSQL's parallel_schedule: lines "test: a b c". */
function scheduled(directory: string): string[] | undefined {
  const schedule = join(directory, '..', 'parallel_schedule');
  if (!existsSync(schedule)) return undefined;
  const names = [...readFileSync(schedule, 'utf8').matchAll(/^test:(.*)$/gm)];
  return names
    .flatMap(([, list]) => list.trim().split(/\s+/))
    .map((name) => `${name}.sql`)
    .filter((name) => existsSync(join(directory, name)));
}

export function psqlStatements(text: string, variables: Record<string, string> = {}): Statement[] {
  const statements: Statement[] = [];
  const lines = text.split('\n');
  let pending = '';
  for (let line = 0; line < lines.length; line++) {
    if (pending.trim() === '' && /^\s*\\/.test(lines[line])) {
      assignVariable(lines[line], variables);
      continue;
    }
    pending += `${withVariables(lines[line], variables)}\n`;
    const { whole, rest } = splitStatements(pending.replace(/\\g(exec|set|desc)?\b.*$/m, ';'));
    pending = rest;
    for (const sql of whole) {
      if (!/^\s*copy\b[^;]*\bfrom\s+stdin\b/i.test(sql)) {
        statements.push({ sql });
        continue;
      }
      const data: string[] = [];
      while (++line < lines.length && lines[line] !== '\\.') data.push(lines[line]);
      statements.push({ sql, copyData: data.map((row) => `${row}\n`).join('') });
    }
  }
  return statements;
}

/** \set name parts…, \getenv name variable (whose names are those of PostgreSQL's own tests). */
function assignVariable(command: string, variables: Record<string, string>): void {
  const [word, name, ...parts] = command.trim().split(/\s+/);
  if (word === '\\getenv' && parts[0] !== undefined)
    variables[name] = variables[parts[0].replace(/^PG_/, '').toLowerCase()] ?? '';
  if (word !== '\\set' || name === undefined) return;
  variables[name] = parts
    .map((part) => withVariables(part, variables).replaceAll(/^'|'$/g, ''))
    .join('');
}

function withVariables(line: string, variables: Readonly<Record<string, string>>): string {
  return line.replaceAll(
    /(?<![:\w]):(['"]?)([A-Za-z_]\w*)\1/g,
    (whole, quote: string, name: string) =>
      name in variables ? `${quote}${variables[name]}${quote}` : whole,
  );
}

/** Cuts at semicolons that are outside of quotes, comments, brackets and BEGIN ATOMIC bodies. */
function splitStatements(text: string): { readonly whole: string[]; readonly rest: string } {
  const token =
    /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|[eE]'(?:[^'\\]|\\[\s\S]|'')*(?:'|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|\$([A-Za-z_]\w*)?\$[\s\S]*?(?:\$\1\$|$)|[A-Za-z_]\w*|[();]/g;
  const whole: string[] = [];
  let start = 0;
  let depth = 0;
  let atomic = 0;
  let previous = '';
  for (const match of text.matchAll(token)) {
    const [word] = match;
    const isOpen = match.index + word.length === text.length && !/^[\w();]+$/.test(word);
    if (isOpen && !isClosed(word)) return { whole, rest: text.slice(start) };
    const lower = word.toLowerCase();
    if (word === '(') depth++;
    else if (word === ')') depth = Math.max(0, depth - 1);
    else if (lower === 'atomic' && previous === 'begin') atomic++;
    else if (atomic > 0 && lower === 'case') atomic++;
    else if (atomic > 0 && lower === 'end') atomic--;
    else if (word === ';' && depth === 0 && atomic === 0) {
      const sql = text.slice(start, match.index).trim();
      if (sql !== '') whole.push(sql);
      start = match.index + 1;
    }
    if (/^\w+$/.test(word)) previous = lower;
  }
  return { whole, rest: text.slice(start) };
}

function isClosed(word: string): boolean {
  if (word.startsWith('--')) return word.endsWith('\n') || true;
  if (word.startsWith('/*')) return word.endsWith('*/');
  if (word.startsWith('$')) {
    const tag = word.slice(0, word.indexOf('$', 1) + 1);
    return word.length >= 2 * tag.length && word.endsWith(tag);
  }
  const quote = word.startsWith('"') ? '"' : "'";
  return word.length > 1 && word.endsWith(quote);
}
