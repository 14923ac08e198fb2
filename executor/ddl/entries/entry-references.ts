// Entries as DROP, COMMENT and the general forms of ALTER name them: by a name, by an access method and a
// name, or by types.

import type { DefElem, Node, RoleSpec } from '@pgsql/types';
import { type DatabaseError, databaseError, type EntryClass, type EntryDescriptor } from '#common';
import { bindTypeNode, bodyOf, listItems, nodeText, stringsOf } from '#planner';
import { entryClasses } from '../../catalog/entry-classes.ts';
import { entryNamed } from '../../catalog/entry-names.ts';
import { functionWith } from '../../catalog/function-name.ts';
import { CatalogNames } from '../../catalog/names.ts';
import { schemaDoesNotExist } from '../errors.ts';
import type { DdlStatement } from '../statement.ts';

export interface EntryReference {
  readonly name: EntryClass;
  /** undefined: it does not exist. */
  readonly entry: EntryDescriptor | undefined;
  /** What to raise then. */
  readonly missing: () => DatabaseError;
  /** The notice of IF EXISTS, where it is not the error's text. */
  readonly skipped?: string;
}

/** 3F000 for a schema that does not exist, and what reading types may raise. */
export function referredEntry(ddl: DdlStatement, name: EntryClass, node: Node): EntryReference {
  switch (name) {
    case 'operator':
      return operatorReference(ddl, node);
    case 'operatorClass':
    case 'operatorFamily': {
      const [method, ...parts] = stringsOf(listItems(node));
      return inMethod(ddl, name, { method, parts });
    }
    case 'cast': {
      const [source, target] = listItems(node).map((each) => typeOf(ddl, each));
      const written = listItems(node).map((each) =>
        stringsOf(bodyOf(each, 'TypeName')?.names).join('.'),
      );
      const words = `from type ${ddl.typeText({ oid: source, typmod: -1 })} to type ${ddl.typeText({ oid: target, typmod: -1 })}`;
      return {
        name,
        entry: ddl.catalog.findEntry('cast', 0, `${source} ${target}`),
        missing: () => databaseError('undefinedObject', `cast ${words} does not exist`),
        skipped: `cast from type ${written[0]} to type ${written[1]} does not exist, skipping`,
      };
    }
    case 'transform': {
      const [typeNode, languageNode] = listItems(node);
      const type = typeOf(ddl, typeNode);
      const languageName = nodeText(languageNode) ?? '';
      const language = requireNamed(ddl, 'language', languageName);
      const words = `transform for type ${ddl.typeText({ oid: type, typmod: -1 })} language "${languageName}"`;
      return {
        name,
        entry: ddl.catalog.findEntry('transform', 0, `${type} ${language.oid}`),
        missing: () => databaseError('undefinedObject', `${words} does not exist`),
      };
    }
    default: {
      const parts = 'List' in node ? stringsOf(listItems(node)) : [nodeText(node) ?? ''];
      return named(ddl, name, parts);
    }
  }
}

export function namesOf(ddl: DdlStatement): CatalogNames {
  return new CatalogNames(ddl.catalog, ddl.context.searchPath);
}

function named(ddl: DdlStatement, name: EntryClass, parts: readonly string[]): EntryReference {
  const { noun } = entryClasses[name];
  return {
    name,
    entry: lookUp(ddl, name, parts),
    missing: () => databaseError('undefinedObject', `${noun} "${parts.join('.')}" does not exist`),
  };
}

function lookUp<Class extends EntryClass>(
  ddl: DdlStatement,
  name: Class,
  parts: readonly string[],
  keyOf?: (name: string) => string,
): ReturnType<typeof entryNamed<Class>> {
  requireSchema(ddl, name, parts);
  const known = parts.at(-2) === 'pg_temp' ? [ddl.context.temporarySchema, parts.at(-1)!] : parts;
  return entryNamed(namesOf(ddl), name, known, keyOf);
}

function requireSchema(ddl: DdlStatement, name: EntryClass, parts: readonly string[]): void {
  if (!entryClasses[name].inSchema || parts.length < 2) return;
  const schema = parts.at(-2)!;
  if (schema !== 'pg_temp' && ddl.catalog.findSchema(schema) === undefined)
    throw schemaDoesNotExist(schema);
}

/** An entry of a class without further parts to its name. 42704. */
export function requireNamed<Class extends EntryClass>(
  ddl: DdlStatement,
  name: Class,
  text: string | readonly string[],
): NonNullable<ReturnType<typeof entryNamed<Class>>> {
  const parts = typeof text === 'string' ? [text] : text;
  const found = lookUp(ddl, name, parts);
  if (found !== undefined) return found;
  throw databaseError(
    'undefinedObject',
    `${entryClasses[name].noun} "${parts.join('.')}" does not exist`,
  );
}

/** An operator class or family of an access method. */
export function inMethod<Class extends 'operatorClass' | 'operatorFamily'>(
  ddl: DdlStatement,
  name: Class,
  { method, parts }: { readonly method: string; readonly parts: readonly string[] },
): EntryReference & { readonly entry: ReturnType<typeof entryNamed<Class>> } {
  const { oid } = requireNamed(ddl, 'accessMethod', method);
  return {
    name,
    entry: lookUp(ddl, name, parts, (text) => `${oid} ${text}`),
    missing: () =>
      databaseError(
        'undefinedObject',
        `${entryClasses[name].noun} "${parts.join('.')}" does not exist for access method "${method}"`,
      ),
  };
}

/** 0 for NONE. */
export function typeOf(ddl: DdlStatement, node: Node | undefined): number {
  const name = bodyOf(node, 'TypeName');
  return name === undefined ? 0 : bindTypeNode(name, ddl.bindContext).oid;
}

function operatorReference(ddl: DdlStatement, node: Node): EntryReference {
  const { objname, objargs = [] } = bodyOf(node, 'ObjectWithArgs')!;
  const [left, right] = objargs.map((each) => typeOf(ddl, each));
  return operatorOf(ddl, stringsOf(objname), left, right);
}

/** 42883 names the operator with its types. */
export function operatorOf(
  ddl: DdlStatement,
  parts: readonly string[],
  left: number,
  right: number,
): EntryReference & { readonly entry: ReturnType<typeof entryNamed<'operator'>> } {
  if (right === 0) {
    throw databaseError('syntaxError', 'postfix operators are not supported');
  }
  const text = (oid: number): string => ddl.typeText({ oid, typmod: -1 });
  const title =
    left === 0
      ? `${parts.join('.')} ${text(right)}`
      : `${text(left)} ${parts.join('.')} ${text(right)}`;
  return {
    name: 'operator',
    entry: lookUp(ddl, 'operator', parts, (name) => `${name}(${left},${right})`),
    missing: () => databaseError('undefinedFunction', `operator does not exist: ${title}`),
    skipped: `operator ${parts.join('.')} does not exist, skipping`,
  };
}

/** The oid of a function by name and exact types; 42883. */
export function requireFunction(
  ddl: DdlStatement,
  parts: readonly string[],
  types: readonly number[],
): number {
  const found = functionWith(namesOf(ddl), parts, types);
  if (found !== undefined) return found;
  const shown = types.map((oid) => ddl.typeText({ oid, typmod: -1 })).join(', ');
  throw databaseError('undefinedFunction', `function ${parts.join('.')}(${shown}) does not exist`);
}

/** The role of a user mapping; 0 for PUBLIC. */
export function mappedRole(ddl: DdlStatement, spec: RoleSpec): number {
  return spec.roletype === 'ROLESPEC_PUBLIC' ? 0 : ddl.roleOf(spec).oid;
}

/** A function's name as an option's argument: the grammar reads it as a type's. */
export function functionNames({ arg }: DefElem): readonly string[] {
  if (arg === undefined) return [];
  const name = bodyOf(arg, 'TypeName');
  if (name !== undefined) return stringsOf(name.names);
  return 'List' in arg ? stringsOf(listItems(arg)) : [nodeText(arg) ?? ''];
}
