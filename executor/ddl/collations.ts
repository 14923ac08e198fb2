// CREATE, ALTER, DROP and COMMENT ON COLLATION, and the collations that columns and domains name.

import type { AlterCollationStmt, CollateClause, DefElem, DefineStmt, Node } from '@pgsql/types';
import {
  type CollationDescriptor,
  CollationOid,
  databaseError,
  icuCollator,
  type SqlType,
} from '#common';
import {
  definitionElements,
  elementText,
  isCollatable,
  listItems,
  resolveCollation,
  stringsOf,
  withCollation,
} from '#planner';
import { positionField } from './errors.ts';
import { checkWritableSchema, type DdlStatement, type NameInSchema } from './statement.ts';

const utf8Encoding = 6;
const parameters = [
  'from',
  'locale',
  'lc_collate',
  'lc_ctype',
  'provider',
  'deterministic',
  'version',
];

type Given = ReadonlyMap<string, DefElem>;

export function createCollation(ddl: DdlStatement, statement: DefineStmt): string {
  const parts = stringsOf(statement.defnames);
  const schema = ddl.creationSchema(parts.at(-2));
  const name = parts.at(-1) ?? '';
  checkWritableSchema(schema, name);
  const shape = shapeOf(ddl, readParameters(ddl, statement));
  const known = takenBy(ddl, { schema, name });
  if (known !== undefined) {
    const encoding = known.encoding === -1 ? '' : ' for encoding "UTF8"';
    const text = `collation "${name}"${encoding} already exists`;
    if (statement.if_not_exists !== true) throw databaseError('duplicateObject', text);
    ddl.notice(`${text}, skipping`);
    return 'CREATE COLLATION';
  }
  ddl.put({
    kind: 'collation',
    oid: ddl.allocateOid(),
    name,
    schemaOid: schema.oid,
    owner: ddl.context.currentRole.oid,
    ...shape,
  });
  return 'CREATE COLLATION';
}

function takenBy(
  ddl: DdlStatement,
  { schema, name }: NameInSchema,
): CollationDescriptor | undefined {
  ddl.changes.lockName(`collation ${schema.oid}`, name);
  return ddl.catalog.findCollation(schema.oid, name);
}

type Shape = Omit<CollationDescriptor, 'kind' | 'oid' | 'name' | 'schemaOid' | 'owner' | 'comment'>;

function readParameters(ddl: DdlStatement, statement: DefineStmt): Given {
  const given = new Map<string, DefElem>();
  for (const element of definitionElements(statement.definition)) {
    const name = element.defname ?? '';
    const position = positionField(ddl.position(element.location));
    if (!parameters.includes(name)) {
      throw databaseError('syntaxError', `collation attribute "${name}" not recognized`, position);
    }
    if (given.has(name))
      throw databaseError('syntaxError', 'conflicting or redundant options', position);
    given.set(name, element);
  }
  const refuse = (detail: string): never => {
    throw databaseError('syntaxError', 'conflicting or redundant options', { detail });
  };
  if (given.has('locale') && (given.has('lc_collate') || given.has('lc_ctype')))
    refuse('LOCALE cannot be specified together with LC_COLLATE or LC_CTYPE.');
  if (given.has('from') && given.size > 1)
    refuse('FROM cannot be specified together with any other options.');
  return given;
}

function shapeOf(ddl: DdlStatement, given: Given): Shape {
  const from = given.get('from');
  if (from !== undefined) return copied(ddl, from);
  const text = (name: string): string | undefined => {
    const element = given.get(name);
    return element === undefined ? undefined : elementText(element);
  };
  const provider = (text('provider') ?? 'libc').toLowerCase();
  if (provider !== 'icu' && provider !== 'libc') {
    throw invalid(`unrecognized collation provider: ${text('provider')}`);
  }
  const deterministic = isTrue(given.get('deterministic'), true);
  const locale = text('locale');
  if (provider === 'icu') {
    if (locale === undefined) throw invalid('parameter "locale" must be specified');
    checkIcu(locale);
    return { provider, deterministic, encoding: -1, icuLocale: locale };
  }
  const collate = text('lc_collate') ?? locale;
  const characterType = text('lc_ctype') ?? locale;
  if (collate === undefined) throw invalid('parameter "lc_collate" must be specified');
  if (characterType === undefined) throw invalid('parameter "lc_ctype" must be specified');
  if (!deterministic)
    throw notSupportedAs('nondeterministic collations not supported with this provider');
  for (const name of [collate, characterType]) checkLibc(name);
  return { provider, deterministic, encoding: utf8Encoding, collate, characterType };
}

function copied(ddl: DdlStatement, from: DefElem): Shape {
  const items = listItems(from.arg);
  const parts = items.length > 0 ? stringsOf(items) : [elementText(from) ?? ''];
  const source = findCollation(ddl, parts);
  if (source.oid === CollationOid.default) throw invalid('collation "default" cannot be copied');
  const { provider, deterministic, encoding, collate, characterType, icuLocale } = source;
  return {
    provider,
    deterministic,
    encoding,
    ...(collate === undefined ? {} : { collate }),
    ...(characterType === undefined ? {} : { characterType }),
    ...(icuLocale === undefined ? {} : { icuLocale }),
  };
}

function checkIcu(locale: string): void {
  try {
    const { tag, options } = icuCollator(locale);
    new Intl.Collator(tag, options).compare('a', 'b');
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw databaseError(
      'invalidParameterValue',
      `could not open collator for locale "${locale}": U_ILLEGAL_ARGUMENT_ERROR`,
    );
  }
}

/** The locales of libc that order by bytes, as everything does that is not ICU's. */
function checkLibc(name: string): void {
  if (/^(c|posix|c\.utf-?8)$/i.test(name)) return;
  throw databaseError(
    'invalidParameterValue',
    `could not create locale "${name}": No such file or directory`,
    {
      detail: `The operating system could not find any locale data for the locale name "${name}".`,
    },
  );
}

function isTrue(element: DefElem | undefined, otherwise: boolean): boolean {
  if (element === undefined) return otherwise;
  const text = elementText(element)?.toLowerCase() ?? 'true';
  if (['true', 'on', '1'].includes(text)) return true;
  if (['false', 'off', '0'].includes(text)) return false;
  throw databaseError('syntaxError', `${element.defname} requires a Boolean value`);
}

function invalid(message: string): Error {
  return databaseError('invalidObjectDefinition', message);
}

function notSupportedAs(message: string): Error {
  return databaseError('featureNotSupported', message);
}

// ---- names -----------------------------------------------------------------------------------------

export function findCollation(
  ddl: DdlStatement,
  parts: readonly string[],
  location?: number,
): CollationDescriptor {
  return resolveCollation(
    parts,
    { context: ddl.bindContext, searchPath: ddl.context.searchPath },
    ddl.position(location),
  );
}

/** One that a user has made, for ALTER, DROP and COMMENT. 42501 */
export function ownCollation(ddl: DdlStatement, object: Node | undefined): CollationDescriptor {
  const collation = findCollation(ddl, stringsOf(listItems(object)));
  ddl.requireOwner('collation', collation);
  return collation;
}

/** A column's or a domain's type with its COLLATE clause. 42804. */
export function typeWithCollation(
  ddl: DdlStatement,
  type: SqlType,
  clause: CollateClause | undefined,
): SqlType {
  if (clause === undefined) return type;
  const collation = findCollation(ddl, stringsOf(clause.collname), clause.location);
  if (!isCollatable(type)) {
    throw databaseError(
      'datatypeMismatch',
      `collations are not supported by type ${ddl.typeText(type)}`,
      positionField(ddl.position(clause.location)),
    );
  }
  return withCollation(type, collation.oid);
}

// ---- ALTER ----------------------------------------------------------------------------------------

/** Another name or schema, if it is free there. 42710. */
export function moveCollation(
  ddl: DdlStatement,
  collation: CollationDescriptor,
  place: { readonly name?: string; readonly schemaOid?: number },
): void {
  const moved = { ...collation, ...place };
  const schema = ddl.schemaByOid(moved.schemaOid);
  if (takenBy(ddl, { schema, name: moved.name }) !== undefined) {
    const encoding = moved.encoding === -1 ? '' : ' for encoding "UTF8"';
    throw databaseError(
      'duplicateObject',
      `collation "${moved.name}"${encoding} already exists in schema "${schema.name}"`,
    );
  }
  ddl.put(moved);
}

/** ALTER COLLATION … REFRESH VERSION: the version is that of the library in the process. */
export function refreshCollation(ddl: DdlStatement, statement: AlterCollationStmt): string {
  const collation = findCollation(ddl, stringsOf(statement.collname));
  if (collation.oid === CollationOid.default) {
    throw databaseError('invalidParameterValue', 'cannot refresh version of default collation');
  }
  ddl.requireOwner('collation', collation);
  ddl.notice('version has not changed');
  return 'ALTER COLLATION';
}
