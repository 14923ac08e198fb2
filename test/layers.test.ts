/**
 * Goal: the layers that docs/ARCHITECTURE.md promises are the ones that the compiler enforces.
 * Method: read the table and compare it with every folder's tsconfig references; then read the import
 * specifiers of all source files, for the two rules that the compiler cannot see (no path into another
 * folder, no import of the folder's own index.ts).
 */
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

const root = path.join(import.meta.dirname, '..');
const layers = readLayerTable(readFileSync(path.join(root, 'docs/ARCHITECTURE.md'), 'utf8'));
const documentFolders = ['deploy', 'docs'];
const measuringFolders = ['test', 'bench'];
const readmeLinesMax = 30;

test('the table has a row for every TypeScript project, and the root builds them all', () => {
  const projects = globSync('*/tsconfig.json', { cwd: root }).map((file) => path.dirname(file));
  assert.deepEqual([...layers.keys()].sort(), projects.sort());
  assert.deepEqual(readReferences('tsconfig.json').sort(), [...layers.keys()].sort());
});

for (const [folder, imports] of layers) {
  test(`${folder} references exactly its row of the table`, () => {
    assert.deepEqual(readReferences(`${folder}/tsconfig.json`).sort(), [...imports].sort());
  });

  test(`${folder} crosses other folders by name only, and does not import its own index.ts`, () => {
    const offences = listSources(folder).flatMap((file) =>
      listSpecifiers(file)
        .filter((specifier) => specifier.startsWith('.') && !isWithin(folder, file, specifier))
        .map((specifier) => `${file}: ${specifier}`),
    );
    assert.deepEqual(offences, []);
  });
}

test('no folder may import a folder that may import it', () => {
  const visiting = new Set<string>();
  const visit = (folder: string): void => {
    assert.ok(!visiting.has(folder), `cycle through ${[...visiting].join(' → ')}`);
    visiting.add(folder);
    for (const next of layers.get(folder) ?? assert.fail(`${folder} has no row`)) visit(next);
    visiting.delete(folder);
  };
  for (const folder of layers.keys()) visit(folder);
});

test('every code folder is importable by its name', () => {
  const manifest: unknown = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  assert.ok(typeof manifest === 'object' && manifest !== null && 'imports' in manifest);
  const expected = [...layers.keys()]
    .filter((folder) => !measuringFolders.includes(folder))
    .map((folder) => [`#${folder}`, `./${folder}/index.ts`]);
  assert.deepEqual(manifest.imports, Object.fromEntries(expected));
});

for (const folder of [...layers.keys(), ...documentFolders]) {
  test(`${folder} has a README.md of at most ${readmeLinesMax} lines`, () => {
    const file = path.join(root, folder, 'README.md');
    assert.ok(existsSync(file), `${folder}/README.md is missing`);
    const lineCount = readFileSync(file, 'utf8').trimEnd().split('\n').length;
    assert.ok(lineCount <= readmeLinesMax, `${folder}/README.md has ${lineCount} lines`);
  });
}

/** The rows of the "Layers" section: folder name to the names that it may import. */
function readLayerTable(markdown: string): Map<string, string[]> {
  const section = /^## Layers$(.*?)(?=^## |$(?![\s\S]))/ms.exec(markdown)?.[1];
  assert.ok(section !== undefined, 'docs/ARCHITECTURE.md has no section "Layers"');
  const rows = new Map<string, string[]>();
  for (const row of section.matchAll(/^\| `(\w+)` \|[^|]*\|([^|]*)\|$/gm)) {
    const [, folder, imports] = row;
    assert.ok(folder !== undefined && imports !== undefined);
    rows.set(folder, imports.match(/\w+/g) ?? []);
  }
  assert.ok(rows.size > 0, 'the table of layers has no rows');
  return rows;
}

/** The folder names that a tsconfig references. */
function readReferences(file: string): string[] {
  const config: unknown = JSON.parse(readFileSync(path.join(root, file), 'utf8'));
  assert.ok(typeof config === 'object' && config !== null && 'references' in config);
  assert.ok(Array.isArray(config.references));
  return config.references.map((reference: { path: string }) => path.basename(reference.path));
}

function listSources(folder: string): string[] {
  return globSync('**/*.ts', { cwd: path.join(root, folder) }).map((file) =>
    path.join(folder, file),
  );
}

/** Every module specifier in a file: static and dynamic imports, and re-exports. */
function listSpecifiers(file: string): string[] {
  const text = readFileSync(path.join(root, file), 'utf8');
  const pattern =
    /^(?:import|export)\b[^;'"]*?['"]([^'"\n]+)['"]|\bimport\(\s*['"]([^'"\n]+)['"]/gm;
  return [...text.matchAll(pattern)].map((match) => match[1] ?? match[2] ?? '');
}

/** Whether a relative import stays inside its folder and is not the folder's own index.ts. */
function isWithin(folder: string, file: string, specifier: string): boolean {
  const target = path.join(path.dirname(file), specifier);
  if (measuringFolders.includes(folder)) return true;
  return target.startsWith(`${folder}${path.sep}`) && target !== path.join(folder, 'index.ts');
}
