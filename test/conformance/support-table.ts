// The part of docs/sql.md that is made from the tests: what is compared with PostgreSQL, file by file,
// and what answers 0A000. Everything between the two markers is written by
// `npm run conformance -- --write`.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sltScripts } from './sources.ts';
import { unsupported } from './unsupported.ts';

const document = join(import.meta.dirname, '..', '..', 'docs', 'sql.md');
const begin = '<!-- made by npm run conformance -- --write -->';
const end = '<!-- end -->';

export function supportTable(): string {
  const compared = sltScripts(join(import.meta.dirname, '..', 'slt')).map(
    ({ name, feature, statements }) => `| ${feature} | ${statements.length} | \`${name}\` |`,
  );
  const refused = unsupported.map(({ feature }) => `- ${feature}`);
  return [
    begin,
    '### Compared with PostgreSQL, statement by statement',
    '',
    '| feature | statements | file in test/slt |',
    '| --- | --- | --- |',
    ...compared,
    '',
    '### Not supported (SQLSTATE 0A000, the message names the feature)',
    '',
    ...refused,
    end,
  ].join('\n');
}

/** docs/sql.md as it is, and as it should be. */
export function documentTexts(): { readonly actual: string; readonly expected: string } {
  const actual = readFileSync(document, 'utf8');
  const from = actual.indexOf(begin);
  const to = actual.indexOf(end);
  if (from < 0 || to < from) throw new Error('docs/sql.md has lost its markers');
  const expected = actual.slice(0, from) + supportTable() + actual.slice(to + end.length);
  return { actual, expected };
}

export function writeSupportTable(): void {
  writeFileSync(document, documentTexts().expected);
}
