// Comments on built-in objects, from PostgreSQL's own pg_description (facts/generated/descriptions.ts).

import { descriptionsText } from './facts/generated/descriptions.ts';

export interface Description {
  readonly oid: number;
  readonly catalogOid: number;
  readonly text: string;
}

let all: readonly Description[] | undefined;
let byObject: Map<string, string> | undefined;

export function builtinDescriptions(): readonly Description[] {
  all ??= descriptionsText.split('\n').map((line) => {
    const [oid, catalogOid, text] = line.split('\t');
    return { oid: Number(oid), catalogOid: Number(catalogOid), text };
  });
  return all;
}

/** catalogOid undefined: of any catalog. */
export function builtinDescription(oid: number, catalogOid?: number): string | undefined {
  if (catalogOid === undefined)
    return builtinDescriptions().find((description) => description.oid === oid)?.text;
  byObject ??= new Map(
    builtinDescriptions().map((each) => [`${each.catalogOid}.${each.oid}`, each.text]),
  );
  return byObject.get(`${catalogOid}.${oid}`);
}
