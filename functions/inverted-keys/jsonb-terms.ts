// jsonb_ops: every key, string in an array, and other scalar of a document is a term. jsonb_path_ops:
// one term for each scalar together with the keys that lead to it, as a hash.

import {
  type ArrayValue,
  type Datum,
  encodeText,
  isJsonArray,
  type Jsonb,
  JsonObject,
  type JsonValue,
  type Numeric,
  TypeOid,
  valueKeyEncoder,
} from '#common';
import { hashBytes } from '../hashing.ts';
import type { InvertedClass } from './contract.ts';
import { existsTerms, matchTerms, type PathTerms } from './jsonpath-terms.ts';
import { allOf, anyOf, term, type TermQuery } from './term-query.ts';

/** Longer texts are kept as hashes. */
const textBytesMax = 125;

type Scalar = null | boolean | string | Numeric;

const encodeNumeric = valueKeyEncoder(TypeOid.numeric);

function hashOf(text: string): string {
  const bytes = Buffer.allocUnsafe(8);
  bytes.writeBigUInt64BE(BigInt.asUintN(64, hashBytes(Buffer.from(text), 1n)));
  return bytes.toString('latin1');
}

function textTerm(mark: 'k' | 's', text: string): string {
  if (text.length <= textBytesMax) return mark + encodeText(text);
  return mark.toUpperCase() + hashOf(text);
}

/** Keys, and strings as elements of an array, which ? looks for as well. */
const keyTerm = (name: string): string => textTerm('k', name);

function scalarTerm(value: Scalar): string {
  if (value === null) return 'z';
  if (typeof value === 'boolean') return value ? 't' : 'f';
  return typeof value === 'string' ? textTerm('s', value) : `n${encodeNumeric(value)}`;
}

function isScalar(value: JsonValue): value is Scalar {
  return !isJsonArray(value) && !(value instanceof JsonObject);
}

function documentTerms(document: JsonValue): Set<string> {
  const terms = new Set<string>();
  const element = (value: JsonValue): void => {
    if (typeof value === 'string') terms.add(keyTerm(value));
    else walk(value);
  };
  const walk = (value: JsonValue): void => {
    if (isScalar(value)) terms.add(scalarTerm(value));
    else if (value instanceof JsonObject) {
      for (const [name, member] of value.members) {
        terms.add(keyTerm(name));
        walk(member);
      }
    } else value.forEach(element);
  };
  // A document that is a scalar counts as an array of it.
  element(document);
  return terms;
}

function pathTerm(path: string, value: Scalar): string {
  return hashOf(`${path}${scalarTerm(value)}`);
}

function stepInto(path: string, name: string): string {
  return `${path}${JSON.stringify(name)}.`;
}

function pathTerms(document: JsonValue): Set<string> {
  const terms = new Set<string>();
  const walk = (value: JsonValue, path: string): void => {
    if (isScalar(value)) terms.add(pathTerm(path, value));
    else if (value instanceof JsonObject) {
      for (const [name, member] of value.members) walk(member, stepInto(path, name));
    } else for (const element of value) walk(element, path);
  };
  walk(document, '');
  return terms;
}

const keysAndValues: PathTerms = {
  key: (name) => term(keyTerm(name)),
  scalar: (_path, value) =>
    typeof value === 'string'
      ? anyOf([term(keyTerm(value)), term(scalarTerm(value))])
      : term(scalarTerm(value)),
  stepInto: () => undefined,
  start: undefined,
};

const pathsAndValues: PathTerms = {
  key: () => ({ kind: 'all' }),
  scalar: (path, value) => (path === undefined ? { kind: 'all' } : term(pathTerm(path, value))),
  stepInto: (path, name) => (path === undefined ? undefined : stepInto(path, name)),
  start: '',
};

const documentOf = (value: Datum): JsonValue => (value as Jsonb).value;

function keysOf(value: Datum): TermQuery[] {
  const names = (value as ArrayValue).elements.filter((name) => name !== null);
  return names.map((name) => term(keyTerm(name as string)));
}

export const jsonbClass: InvertedClass = {
  terms: (value) => documentTerms(documentOf(value)),
  queries: {
    '@>': (query) => allOf([...documentTerms(documentOf(query))].map(term)),
    '?': (query) => term(keyTerm(query as string)),
    '?|': (query) => anyOf(keysOf(query)),
    '?&': (query) => allOf(keysOf(query)),
    '@?': (query) => existsTerms(query as string, keysAndValues),
    '@@': (query) => matchTerms(query as string, keysAndValues),
  },
};

export const jsonbPathClass: InvertedClass = {
  terms: (value) => pathTerms(documentOf(value)),
  queries: {
    '@>': (query) => allOf([...pathTerms(documentOf(query))].map(term)),
    '@?': (query) => existsTerms(query as string, pathsAndValues),
    '@@': (query) => matchTerms(query as string, pathsAndValues),
  },
};
