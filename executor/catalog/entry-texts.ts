// The texts of regoper, regoperator, regconfig and regdictionary, both ways (regproc.c).

import { databaseError, type Entry, type NamedEntry } from '#common';
import { entryName, entryNamed, operatorTitle } from './entry-names.ts';
import { type CatalogNames, splitName } from './names.ts';

const classes = {
  configuration: 'textSearchConfiguration',
  dictionary: 'textSearchDictionary',
} as const;

/** undefined: there is none. 42725: the name alone means several operators. */
export function namedEntryOid(
  names: CatalogNames,
  kind: NamedEntry,
  text: string,
): number | undefined {
  if (kind === 'configuration' || kind === 'dictionary')
    return entryNamed(names, classes[kind], splitName(text))?.oid;
  if (kind === 'operatorTitle') return operatorWithTypes(names, text);
  const found = operatorsNamed(names, operatorParts(text));
  if (found.length > 1)
    throw databaseError('ambiguousFunction', `more than one operator named ${text}`);
  return found[0]?.oid;
}

/** Operators' names are signs, so only a schema before them can hold letters. */
function operatorParts(text: string): string[] {
  const dot = text.lastIndexOf('.');
  const name = text.slice(dot + 1).trim();
  return dot < 0 ? [name] : [...splitName(text.slice(0, dot)), name];
}

function operatorsNamed(names: CatalogNames, parts: readonly string[]): Entry<'operator'>[] {
  const { catalog } = names;
  const name = parts.at(-1);
  const path = parts.length > 1 ? [parts.at(-2)!] : names.searchPath;
  const schemas = new Set(path.map((each) => catalog.findSchema(each)?.oid));
  return [...catalog.allEntries('operator')].filter(
    (entry) => entry.name === name && schemas.has(entry.schemaOid),
  );
}

function operatorWithTypes(names: CatalogNames, text: string): number | undefined {
  const open = text.indexOf('(');
  if (open < 0 || !text.trimEnd().endsWith(')')) {
    throw databaseError('invalidTextRepresentation', 'expected a left parenthesis');
  }
  const types = text
    .slice(open + 1, text.lastIndexOf(')'))
    .split(',')
    .map((each) => operandType(names, each.trim()));
  if (types.length !== 2) {
    throw databaseError(
      types.length < 2 ? 'undefinedParameter' : 'tooManyArguments',
      types.length < 2 ? 'missing argument' : 'too many arguments',
      types.length < 2
        ? { hint: 'Use NONE to denote the missing argument of a unary operator.' }
        : {},
    );
  }
  const [left, right] = types;
  const parts = operatorParts(text.slice(0, open));
  return entryNamed(names, 'operator', parts, (name) => `${name}(${left},${right})`)?.oid;
}

function operandType(names: CatalogNames, text: string): number {
  if (text.toLowerCase() === 'none') return 0;
  const oid = names.typeOid(text);
  if (oid !== undefined) return oid;
  throw databaseError('undefinedObject', `type "${text}" does not exist`);
}

export function namedEntryText(
  names: CatalogNames,
  kind: NamedEntry,
  oid: number,
): string | undefined {
  if (kind === 'configuration' || kind === 'dictionary') {
    const entry = names.catalog.entryByOid(classes[kind], oid);
    return entry === undefined ? undefined : entryName(names, entry);
  }
  const operator = names.catalog.entryByOid('operator', oid);
  if (operator === undefined) return undefined;
  if (kind === 'operatorTitle') return operatorTitle(names, operator);
  if (operatorsNamed(names, [operator.name]).length === 1) return operator.name;
  return `${names.catalog.schemaByOid(operator.schemaOid)?.name ?? ''}.${operator.name}`;
}
