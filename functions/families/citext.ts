// The functions of the contrib module citext: comparisons of folded texts, and text functions that do not
// look at case.

import { mapPieces, ModuleTypeOid } from '#common';
import type {
  AggregateImplementation,
  ScalarImplementation,
  SetImplementation,
} from '../contract.ts';
import type { Entry, Family } from '../family.ts';
import { extremeOf } from './aggregate-extremes.ts';
import { extremes, named, of } from './comparison-operators.ts';
import { hashFamily } from './hash.ts';
import { likeFamily } from './text-like.ts';
import { regexFamily } from './regex.ts';

type Call = (...args: unknown[]) => never;

/** A function of another family, which is no polymorphic one. */
function scalarOf(family: Family, name: string): Call {
  return family.scalars![name] as unknown as Call;
}

function setOf(name: string): Call {
  return regexFamily.sets![name] as unknown as Call;
}

/** Flags with "i" in front, as citext's SQL functions put it. */
const ignoring = (flags: string | null): string | null =>
  flags === null || flags.includes('c') ? flags : `i${flags}`;

const withFlags =
  (call: Call, at: number): ScalarImplementation =>
  (context, ...args: unknown[]) => {
    const given = [...args];
    given[at] = ignoring((given[at] as string | undefined) ?? '');
    return call(context, ...given);
  };

const rowsWithFlags = (call: Call): SetImplementation =>
  withFlags(call, 2) as unknown as SetImplementation;

const escaped = (text: string): string => text.replace(/[^\p{L}\p{N}_]/gu, '\\$&');

function find(text: string, wanted: string): number {
  return text.toLowerCase().indexOf(wanted.toLowerCase());
}

/** Positions count characters from 1. */
function position(text: string, wanted: string): number {
  const at = find(text, wanted);
  return at < 0 ? 0 : [...text.slice(0, at)].length + 1;
}

function replaceAll(text: string, from: string, to: string): string {
  if (from === '') return text;
  return text.replace(new RegExp(escaped(from), 'giu'), () => to);
}

function splitPart(text: string, separator: string, field: number): string {
  const parts = separator === '' ? [text] : text.split(new RegExp(escaped(separator), 'iu'));
  return parts[field > 0 ? field - 1 : parts.length + field] ?? '';
}

/** Both cases of each character are replaced. */
function translate(text: string, from: string, to: string): string {
  const targets = [...to];
  const map = new Map<string, string>();
  [...from].forEach((character, at) => {
    for (const form of [character.toLowerCase(), character.toUpperCase()])
      if (!map.has(form)) map.set(form, targets[at] ?? '');
  });
  return mapPieces(text, (piece) =>
    Array.from(piece, (character) => map.get(character) ?? character).join(''),
  );
}

/** Operators between citext and citext or text. */
function matching(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const right of ['citext', 'text']) {
    entries[`texticlike(citext,${right})`] = scalarOf(likeFamily, 'texticlike');
    entries[`texticnlike(citext,${right})`] = scalarOf(likeFamily, 'texticnlike');
    entries[`texticregexeq(citext,${right})`] = scalarOf(regexFamily, 'texticregexeq');
    entries[`texticregexne(citext,${right})`] = scalarOf(regexFamily, 'texticregexne');
  }
  return entries;
}

const folded =
  (call: Call): ScalarImplementation =>
  (context, text: string, ...rest: unknown[]) =>
    call(context, text.toLowerCase(), ...rest);

/** The byte order of folded texts is the order of all of them. */
function patternOrder(): Record<string, ScalarImplementation> {
  const entries: Record<string, ScalarImplementation> = {};
  for (const suffix of ['lt', 'le', 'gt', 'ge', 'cmp'])
    entries[`citext_pattern_${suffix}`] = order[suffix];
  return entries;
}

const order = of(ModuleTypeOid.citext);
const replaceRegex = scalarOf(regexFamily, 'textregexreplace');

const scalars: Record<string, Entry<ScalarImplementation>> = {
  ...named('citext_', order, 'citext_cmp'),
  ...patternOrder(),
  ...extremes('citext_', ModuleTypeOid.citext),
  ...matching(),
  'citext(bool)': (_context, value: boolean) => String(value),
  'citext(bpchar)': (_context, text: string) => text.replace(/ +$/, ''),
  'citext(inet)': (_context, address: { toString(): string }) => {
    const text = address.toString();
    return text.includes('/') ? text : `${text}/${text.includes(':') ? 128 : 32}`;
  },
  citext_hash: folded(scalarOf(hashFamily, 'hashtext')),
  citext_hash_extended: folded(scalarOf(hashFamily, 'hashtextextended')),
  'citextsend(citext)': (_context, text: string) => new Uint8Array(Buffer.from(text)),
  'regexp_match(citext,citext)': withFlags(scalarOf(regexFamily, 'regexp_match'), 2),
  'regexp_match(citext,citext,text)': withFlags(scalarOf(regexFamily, 'regexp_match'), 2),
  'regexp_replace(citext,citext,text)': withFlags(replaceRegex, 3),
  'regexp_replace(citext,citext,text,text)': withFlags(replaceRegex, 3),
  'regexp_split_to_array(citext,citext)': withFlags(
    scalarOf(regexFamily, 'regexp_split_to_array'),
    2,
  ),
  'regexp_split_to_array(citext,citext,text)': withFlags(
    scalarOf(regexFamily, 'regexp_split_to_array'),
    2,
  ),
  'replace(citext,citext,citext)': (_context, text: string, from: string, to: string) =>
    replaceAll(text, from, to),
  'split_part(citext,citext,int4)': (_context, text: string, separator: string, field: number) =>
    splitPart(text, separator, field),
  'strpos(citext,citext)': (_context, text: string, wanted: string) => position(text, wanted),
  'translate(citext,citext,text)': (_context, text: string, from: string, to: string) =>
    translate(text, from, to),
};

const sets: Record<string, SetImplementation> = {
  'regexp_matches(citext,citext)': rowsWithFlags(setOf('regexp_matches')),
  'regexp_matches(citext,citext,text)': rowsWithFlags(setOf('regexp_matches')),
  'regexp_split_to_table(citext,citext)': rowsWithFlags(setOf('regexp_split_to_table')),
  'regexp_split_to_table(citext,citext,text)': rowsWithFlags(setOf('regexp_split_to_table')),
};

const aggregates: Record<string, AggregateImplementation> = {
  'min(citext)': extremeOf('min', ModuleTypeOid.citext),
  'max(citext)': extremeOf('max', ModuleTypeOid.citext),
};

export const citextFamily: Family = { scalars, sets, aggregates };
