// What stands after a routine's signature: LANGUAGE, AS, volatility, STRICT, SECURITY, COST, ROWS, SET.

import type { CreateFunctionStmt, DefElem, Node, VariableSetStmt } from '@pgsql/types';
import { databaseError, notSupported, type RoutineDescriptor, type RoutineLanguage } from '#common';
import { internalFunction } from '#functions';
import { accessDenied, bodyOf, listItems, nodeText, stringsOf } from '#planner';
import type { DdlStatement } from './statement.ts';

export type RoutineOptions = Pick<
  RoutineDescriptor,
  | 'language'
  | 'strict'
  | 'volatility'
  | 'securityDefiner'
  | 'leakproof'
  | 'parallel'
  | 'cost'
  | 'rows'
  | 'settings'
  | 'body'
  | 'standardBody'
  | 'searchPath'
>;

export type ChangedOptions = {
  -readonly [Key in keyof RoutineOptions]?: RoutineOptions[Key];
};

export function routineOptions(
  ddl: DdlStatement,
  statement: CreateFunctionStmt,
  shape: { readonly returnsSet: boolean; readonly isProcedure: boolean },
): RoutineOptions {
  const given = new Set<string>();
  const changed: ChangedOptions = {};
  let language: string | undefined;
  let body: string | undefined;
  for (const node of statement.options ?? []) {
    const option = bodyOf(node, 'DefElem')!;
    const name = option.defname ?? '';
    if (given.has(name) && name !== 'set') {
      throw databaseError('syntaxError', 'conflicting or redundant options', position(ddl, option));
    }
    given.add(name);
    if (name === 'language') language = nodeText(option.arg!)?.toLowerCase();
    else if (name === 'as') body = bodyText(option);
    else if (name === 'window') checkWindow(ddl, option, shape.isProcedure);
    else if (name === 'transform') throw notSupported('CREATE FUNCTION … TRANSFORM');
    else applyOption(option, changed, shape, ddl);
  }
  const standard = statement.sql_body;
  const languageName = languageOf(language, standard !== undefined);
  if (body === undefined && standard === undefined) {
    throw databaseError('invalidFunctionDefinition', 'no function body specified');
  }
  if (body !== undefined && standard !== undefined) {
    throw databaseError('invalidFunctionDefinition', 'duplicate function body specified');
  }
  if (standard !== undefined && languageName !== 'sql') {
    throw databaseError(
      'invalidFunctionDefinition',
      'inline SQL function body only valid for language SQL',
    );
  }
  if (languageName === 'internal') checkInternal(ddl, body ?? '');
  if (changed.rows !== undefined && changed.rows > 0 && !shape.returnsSet) {
    throw databaseError(
      'invalidParameterValue',
      'ROWS is not applicable when function does not return a set',
    );
  }
  const { settings } = changed;
  return {
    language: languageName,
    strict: changed.strict ?? false,
    volatility: changed.volatility ?? 'volatile',
    securityDefiner: changed.securityDefiner ?? false,
    leakproof: changed.leakproof ?? false,
    parallel: changed.parallel ?? 'unsafe',
    cost: changed.cost ?? 100,
    rows: changed.rows ?? (shape.returnsSet ? 1000 : 0),
    body: body ?? '',
    ...(standard === undefined
      ? {}
      : { standardBody: standardText(ddl, standard), searchPath: ddl.context.searchPath }),
    ...(settings === undefined || Object.keys(settings).length === 0 ? {} : { settings }),
  };
}

function position(ddl: DdlStatement, option: DefElem): { position?: number } {
  const at = ddl.position(option.location);
  return at === undefined ? {} : { position: at };
}

/** Which functions may be replaced by one is the caller's to say. 42P13 */
function checkWindow(ddl: DdlStatement, option: DefElem, isProcedure: boolean): void {
  if (!isProcedure) return;
  throw databaseError(
    'invalidFunctionDefinition',
    'invalid attribute in procedure definition',
    position(ddl, option),
  );
}

function languageOf(name: string | undefined, isStandard: boolean): RoutineLanguage {
  if (name === undefined) {
    if (isStandard) return 'sql';
    throw databaseError('invalidFunctionDefinition', 'no language specified');
  }
  if (name === 'sql' || name === 'plpgsql' || name === 'internal') return name;
  if (name === 'c') throw notSupported('functions in language c');
  throw databaseError(
    'undefinedObject',
    `language "${name}" does not exist`,
    /^pl(perlu?|pythonu?|python3u?|tcl|tclu)$/.test(name)
      ? { hint: 'Use CREATE EXTENSION to load the language into the database.' }
      : {},
  );
}

/** 42501, 42883. */
function checkInternal(ddl: DdlStatement, name: string): void {
  if (!ddl.context.currentRole.superuser) throw accessDenied('language', 'internal');
  if (internalFunction(name) !== undefined) return;
  throw databaseError('undefinedFunction', `there is no built-in function named "${name}"`);
}

function bodyText(option: DefElem): string {
  const items = listItems(option.arg);
  if (items.length > 1) throw notSupported('functions in object files');
  return nodeText(items[0] ?? option.arg!) ?? '';
}

/** The text of a SQL-standard body as it was written: everything from RETURN or BEGIN ATOMIC on. */
function standardText(ddl: DdlStatement, _body: Node): string {
  const { sql, start, end } = ddl.parsed;
  const text = sql.slice(start, end);
  const found = [...text.matchAll(/\b(begin\s+atomic|return)\b/gi)];
  const last = found.find((match) => /atomic/i.test(match[0])) ?? found.at(-1);
  return text
    .slice(last?.index ?? 0)
    .trim()
    .replace(/;$/, '');
}

export function applyOption(
  option: DefElem,
  changed: ChangedOptions,
  shape: { readonly isProcedure: boolean },
  ddl: DdlStatement,
): void {
  const name = option.defname ?? '';
  const refused = ['volatility', 'strict', 'leakproof', 'cost', 'rows', 'support', 'parallel'];
  if (shape.isProcedure && refused.includes(name)) {
    throw databaseError(
      'invalidFunctionDefinition',
      'invalid attribute in procedure definition',
      position(ddl, option),
    );
  }
  const truth = booleanOf(option.arg);
  switch (name) {
    case 'volatility':
      changed.volatility = nodeText(option.arg!) as RoutineOptions['volatility'];
      return;
    case 'strict':
      changed.strict = truth;
      return;
    case 'security':
      changed.securityDefiner = truth;
      return;
    case 'leakproof':
      changed.leakproof = truth;
      return;
    case 'cost':
      changed.cost = positive(option, 'COST');
      return;
    case 'rows':
      changed.rows = positive(option, 'ROWS');
      return;
    case 'parallel': {
      const value = nodeText(option.arg!) ?? '';
      if (value !== 'safe' && value !== 'restricted' && value !== 'unsafe') {
        throw databaseError(
          'invalidParameterValue',
          'parameter "parallel" must be SAFE, RESTRICTED, or UNSAFE',
        );
      }
      changed.parallel = value;
      return;
    }
    case 'set':
      changed.settings = withSetting(changed.settings, bodyOf(option.arg, 'VariableSetStmt')!, ddl);
      return;
    default:
      throw notSupported(`routine option ${name.toUpperCase()}`);
  }
}

function booleanOf(node: Node | undefined): boolean {
  const boolean = bodyOf(node, 'Boolean');
  if (boolean !== undefined) return boolean.boolval === true;
  const integer = bodyOf(node, 'Integer');
  return integer === undefined || (integer.ival ?? 0) !== 0;
}

function positive(option: DefElem, name: string): number {
  const integer = bodyOf(option.arg, 'Integer');
  const float = bodyOf(option.arg, 'Float');
  const value = integer === undefined ? Number(float?.fval ?? NaN) : (integer.ival ?? 0);
  if (value > 0) return value;
  throw databaseError('invalidParameterValue', `${name} must be positive`);
}

function withSetting(
  settings: Readonly<Record<string, string>> | undefined,
  statement: VariableSetStmt,
  ddl: DdlStatement,
): Readonly<Record<string, string>> | undefined {
  const name = statement.name ?? '';
  if (statement.kind === 'VAR_RESET_ALL') return undefined;
  const { [name]: _old, ...rest } = settings ?? {};
  if (statement.kind === 'VAR_RESET' || statement.kind === 'VAR_SET_DEFAULT') return rest;
  if (statement.kind === 'VAR_SET_CURRENT') {
    const current = ddl.context.functions.setting(name);
    return current === undefined ? rest : { ...rest, [name]: current };
  }
  const values = (statement.args ?? []).map((node) => settingValue(node));
  return { ...rest, [name]: values.join(', ') };
}

function settingValue(node: Node): string {
  const literal = bodyOf(node, 'A_Const');
  if (literal?.sval !== undefined) return literal.sval.sval ?? '';
  if (literal?.ival !== undefined) return String(literal.ival.ival ?? 0);
  if (literal?.fval !== undefined) return literal.fval.fval ?? '';
  if (literal?.boolval !== undefined) return literal.boolval.boolval === true ? 'true' : 'false';
  const cast = bodyOf(node, 'TypeCast');
  return cast?.arg === undefined ? stringsOf([node]).join('.') : settingValue(cast.arg);
}
