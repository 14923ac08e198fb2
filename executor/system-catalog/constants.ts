// Rows of relations that are the same in every database (facts/generated/constants.ts), read by the
// input functions of their columns' types.

import { type Datum, defaultFormatSettings, typeInput } from '#common';
import { constantsText } from './facts/generated/constants.ts';
import type { SystemRelation } from './relations.ts';

let sections: ReadonlyMap<string, readonly string[]> | undefined;
const decoded = new Map<string, readonly (readonly Datum[])[]>();

/** Empty for a relation without constant rows. */
export function constantRows(relation: SystemRelation): readonly (readonly Datum[])[] {
  let rows = decoded.get(relation.name);
  if (rows === undefined) {
    sections ??= readSections();
    const inputs = relation.columns.map(({ type }) => typeInput(type.oid));
    rows = (sections.get(relation.name) ?? []).map((line) =>
      line
        .split('\t')
        .map((text, index) =>
          text === '\\N' ? null : inputs[index](text, -1, defaultFormatSettings),
        ),
    );
    decoded.set(relation.name, rows);
  }
  return rows;
}

function readSections(): Map<string, string[]> {
  const found = new Map<string, string[]>();
  let current: string[] = [];
  for (const line of constantsText.split('\n')) {
    if (line.startsWith('=')) {
      current = [];
      found.set(line.slice(1), current);
    } else current.push(line);
  }
  return found;
}
