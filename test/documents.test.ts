/**
 * Goal: what the documents name is there, so that a reader who follows them arrives.
 * Method: links of every Markdown file lead to a file, and to a heading where they name one; files of the
 * repository and npm scripts that stand in backticks exist.
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..');
const files = globSync('**/*.md', {
  cwd: root,
  exclude: (name) => ['node_modules', '.cache', 'lattice-data'].includes(name),
});
const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly scripts: Readonly<Record<string, string>>;
};
const sources = new Set(
  globSync('{common,functions,policy,storage,planner,executor,server,test,bench}/**', {
    cwd: root,
  }),
);

/** The anchor of each heading, as GitHub makes it. */
function anchors(text: string): Set<string> {
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading.toLowerCase());
  return new Set(
    headings.map((heading) => heading.replaceAll(/[^\p{L}\p{N}_\- ]/gu, '').replaceAll(' ', '-')),
  );
}

/** What a link names that is not there. */
function isBroken(file: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return false;
  const [path, anchor] = link.split('#');
  const target = path === '' ? join(root, file) : join(root, dirname(file), path);
  if (!existsSync(target)) return true;
  return anchor !== undefined && !anchors(readFileSync(target, 'utf8')).has(anchor);
}

/** A file's path, from the root, from the document's folder, or the end of one. */
function isMissing(file: string, path: string): boolean {
  if (existsSync(join(root, path)) || existsSync(join(root, dirname(file), path))) return false;
  return ![...sources].some((source) => source.endsWith(`/${path}`));
}

for (const file of files) {
  test(`${file} names what is there`, () => {
    const text = readFileSync(join(root, file), 'utf8');
    const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, words]) => words);
    const paths = code.filter((words) =>
      /^[\w-]+(?:\/[\w.-]+)*\/[\w.-]+\.(?:ts|slt|sql)$/.test(words),
    );
    const named = code.flatMap((words) =>
      [...words.matchAll(/\bnpm run (?:-s )?([\w:]+)/g)].map(([, script]) => script),
    );
    assert.deepEqual(
      links.filter((link) => isBroken(file, link)),
      [],
    );
    assert.deepEqual(
      paths.filter((path) => isMissing(file, path)),
      [],
    );
    assert.deepEqual(
      named.filter((script) => !(script in scripts)),
      [],
    );
  });
}
